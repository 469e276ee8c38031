import type { Ref } from "preact";
import { useHold } from "./use-hold.js";

interface Props {
  readonly label: string;
  readonly describedBy: string;
  /** Broken: it was opened, and something is under way. */
  readonly broken: boolean;
  readonly onHeld: () => void;
  readonly onEarly: () => void;
  readonly button: Ref<HTMLButtonElement>;
}

const wax =
  "M131.2 19.8C141.7 23 153.9 28 161.5 35.7C169.2 43.4 172.5 55.8 176.9 66.2C181.3 76.6 186.7 86.9 188 98.1C189.3 109.2 189.2 122.9 184.8 133C180.4 143.1 169.7 151 161.4 158.8C153.1 166.5 144.9 174.1 135 179.6C125.1 185.2 113 191.9 102 192C91 192.1 78.9 185.4 68.8 180.2C58.8 174.9 50.5 168 41.9 160.7C33.4 153.4 22.4 146.1 17.6 136.3C12.8 126.5 12.5 113.1 13 101.9C13.5 90.7 17.2 80 20.8 69.2C24.3 58.4 27 45.4 34.3 37.1C41.6 28.8 53.9 22.8 64.6 19.5C75.2 16.1 87.1 17 98.2 17C109.3 17.1 120.6 16.7 131.2 19.8Z";
const keyhole = "M100 72a15 15 0 0 1 8.4 27.4L114 128H86l5.6-28.6A15 15 0 0 1 100 72Z";
const crack = "104 0 96 34 108 62 94 92 106 118 95 146 104 170 98 200";

/** The wax seal on a secret: pressed until its ring is full, it breaks. */
export function Seal({ label, describedBy, broken, onHeld, onEarly, button }: Props) {
  const handlers = useHold({ onHeld, onEarly });
  return (
    <button
      type="button"
      ref={button}
      class={broken ? "seal broken" : "seal"}
      aria-describedby={describedBy}
      aria-disabled={broken}
      data-testid="seal"
      {...(broken ? {} : handlers)}
    >
      <svg class="seal-picture" viewBox="-14 -14 228 228" aria-hidden="true" focusable="false">
        <defs>
          <clipPath id="seal-left">
            <polygon points={`-20 -20 104 -20 ${crack} 98 220 -20 220`} />
          </clipPath>
          <clipPath id="seal-right">
            <polygon points={`220 -20 104 -20 ${crack} 98 220 220 220`} />
          </clipPath>
          <radialGradient id="seal-light" cx="0.34" cy="0.26" r="0.85">
            <stop class="seal-shine" offset="0" />
            <stop class="seal-clear" offset="0.45" />
            <stop class="seal-shade" offset="1" />
          </radialGradient>
        </defs>
        <circle class="seal-track" cx="100" cy="104" r="102" />
        <circle class="seal-ring" cx="100" cy="104" r="102" pathLength="1" />
        <g class="seal-half seal-left">
          <Wax clip="url(#seal-left)" />
        </g>
        <g class="seal-half seal-right">
          <Wax clip="url(#seal-right)" />
        </g>
      </svg>
      <span class="seal-label">{label}</span>
    </button>
  );
}

function Wax({ clip }: { readonly clip: string }) {
  return (
    <g clip-path={clip}>
      <path class="seal-wax" d={wax} />
      <path fill="url(#seal-light)" d={wax} />
      <circle class="seal-groove" cx="100" cy="104" r="62" />
      <circle class="seal-ridge" cx="100.8" cy="105.4" r="62" />
      <circle class="seal-field" cx="100" cy="104" r="58" />
      <path class="seal-ridge seal-sign-edge" d={keyhole} transform="translate(1 5.6)" />
      <path class="seal-sign" d={keyhole} transform="translate(0 4)" />
    </g>
  );
}
