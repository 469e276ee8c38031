import { useEffect, useState } from "preact/hooks";
import type { Bytes } from "../../format/bytes.js";
import { t } from "../../i18n/index.js";
import { Button } from "../../ui/index.js";
import { afterPaint, useHiding } from "./on-screen.js";
import { createUrl, revoke } from "./save.js";
import type { ImageType } from "./image-type.js";

interface Props {
  readonly data: Bytes;
  readonly type: ImageType;
  readonly onSeen: () => void;
}

const minute = 60_000;

/** Shows an image in an img element, which runs no script, with the type of its bytes. */
export function ImagePreview({ data, type, onSeen }: Props) {
  const [url, setUrl] = useState<string>();
  const [state, setState] = useState<"loading" | "painted" | "failed">("loading");
  const { hidden, show } = useHiding(minute);
  useEffect(() => {
    const made = createUrl(new Blob([data], { type }));
    setUrl(made);
    return () => revoke(made);
  }, [data, type]);
  useEffect(() => (state === "painted" ? afterPaint(onSeen) : undefined), [state]);

  if (state === "failed") {
    return (
      <p class="error" role="alert">
        {t("open.image.failed")}
      </p>
    );
  }
  if (hidden) {
    return (
      <p class="cover">
        {t("open.text.hidden")} <Button onClick={show}>{t("open.text.show")}</Button>
      </p>
    );
  }
  return (
    <img
      class="preview"
      src={url}
      alt={t("open.image.label")}
      decoding="async"
      onLoad={() => setState("painted")}
      onError={() => setState(url === undefined ? "loading" : "failed")}
    />
  );
}
