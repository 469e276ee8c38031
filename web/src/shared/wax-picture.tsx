import "./wax-picture.css";

const outline =
  "M192.4 104C193 111.6 189.8 120.1 186.9 127.3C184.1 134.5 179.2 140.9 175.1 147.4C171 153.9 167.4 160.7 162.3 166.3C157.2 172 151.2 177.7 144.5 181.1C137.8 184.6 129.6 185.5 122.2 186.9C114.8 188.3 107.5 189.2 100 189.5C92.5 189.8 84.5 190.5 77.3 188.8C70 187.1 63.8 182.4 56.5 179.3C49.3 176.2 39.7 175.1 33.9 170.1C28 165.1 24.5 156.6 21.6 149.3C18.7 142 17.7 133.9 16.7 126.3C15.6 118.8 15.5 111.5 15.2 104C14.9 96.5 13.4 88.4 15.1 81.2C16.8 74.1 21.8 67.7 25.5 61C29.1 54.3 32 46.6 37 41C42 35.3 48.8 30.6 55.6 27C62.3 23.5 70.1 22.4 77.5 19.9C84.9 17.5 92.4 12.7 100 12.2C107.6 11.7 116.2 14 123.3 16.9C130.5 19.8 137 25 142.9 29.6C148.9 34.3 153.7 39.7 159.2 44.8C164.7 49.9 171.6 54.2 175.7 60.3C179.7 66.4 180.8 74.3 183.6 81.6C186.4 88.9 191.9 96.4 192.4 104Z";
const keyhole = "M100 72a15 15 0 0 1 8.4 27.4L114 128H86l5.6-28.6A15 15 0 0 1 100 72Z";
const crack = "104 0 96 34 108 62 94 92 106 118 95 146 104 170 98 200";

/** A picture of sealing wax, whole or broken in two. Only one per page: its parts have ids. */
export function WaxPicture({ broken }: { readonly broken: boolean }) {
  return (
    <svg class="wax-picture" viewBox="-14 -14 228 228" aria-hidden="true" focusable="false">
      <defs>
        <clipPath id="wax-left">
          <polygon points={`-20 -20 104 -20 ${crack} 98 220 -20 220`} />
        </clipPath>
        <clipPath id="wax-right">
          <polygon points={`220 -20 104 -20 ${crack} 98 220 220 220`} />
        </clipPath>
        <radialGradient id="wax-light" cx="0.34" cy="0.26" r="0.85">
          <stop class="wax-shine" offset="0" />
          <stop class="wax-clear" offset="0.45" />
          <stop class="wax-shade" offset="1" />
        </radialGradient>
      </defs>
      <circle class="wax-track" cx="100" cy="104" r="102" />
      <circle class="wax-ring" cx="100" cy="104" r="102" pathLength="1" />
      {broken ? (
        <>
          <g class="wax-half wax-left">
            <Half clip="url(#wax-left)" />
          </g>
          <g class="wax-half wax-right">
            <Half clip="url(#wax-right)" />
          </g>
        </>
      ) : (
        <g class="wax-half">
          <Half />
        </g>
      )}
    </svg>
  );
}

function Half({ clip }: { readonly clip?: string }) {
  return (
    <g clip-path={clip}>
      <path class="wax-body" d={outline} />
      <path fill="url(#wax-light)" d={outline} />
      <circle class="wax-groove" cx="100" cy="104" r="62" />
      <circle class="wax-ridge" cx="100.8" cy="105.4" r="62" />
      <circle class="wax-field" cx="100" cy="104" r="58" />
      <path class="wax-ridge wax-sign-edge" d={keyhole} transform="translate(1 5.6)" />
      <path class="wax-sign" d={keyhole} transform="translate(0 4)" />
    </g>
  );
}
