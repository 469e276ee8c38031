import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/index.js";

interface Props {
  readonly text: string;
  readonly label: string;
}

interface Picture {
  /** The length of a side in modules, with the quiet zone. */
  readonly size: number;
  readonly path: string;
}

/** A QR code, always dark on light, because not all readers accept inverted codes. */
export function QrCode({ text, label }: Props) {
  const [picture, setPicture] = useState<Picture | "failed">();
  useEffect(() => {
    draw(text).then(setPicture, () => setPicture("failed"));
  }, [text]);
  if (picture === "failed") {
    return <p class="error">{t("common.load_failed")}</p>;
  }
  return (
    <svg class="qr" viewBox={`0 0 ${picture?.size ?? 1} ${picture?.size ?? 1}`} role="img" aria-label={label}>
      <path d={picture?.path} />
    </svg>
  );
}

async function draw(text: string): Promise<Picture> {
  const { encode } = await import("uqr");
  const { size, data } = encode(text, { border: 4 });
  const modules = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: modules.join("") };
}
