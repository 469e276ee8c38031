import { useState } from "preact/hooks";
import { formatBytes, t } from "../../i18n/index.js";
import { announce, Button } from "../../ui/index.js";
import { safeName, shorten } from "./file-name.js";
import { ImagePreview } from "./image-preview.js";
import { save } from "./save.js";
import { imageTypeOf } from "./image-type.js";
import type { Secret } from "./state.js";

interface Props {
  readonly secret: Secret;
  readonly onSeen: () => void;
}

const shownName = 44; // characters

/** A file with its name and size, to save. An image can also be shown. */
export function FileSecret({ secret, onSeen }: Props) {
  const { data, meta } = secret;
  const name = safeName(meta.name);
  const [saved, setSaved] = useState(false);
  const [showing, setShowing] = useState(false);
  const image = imageTypeOf(data);

  const keep = (): void => {
    save(data, name);
    setSaved(true);
    announce(t("open.saved", { name }));
    onSeen();
  };
  return (
    <div class="file-secret">
      <p class="file">
        <bdi class="file-name">{shorten(name, shownName)}</bdi>{" "}
        <span class="file-size">{formatBytes(data.length)}</span>
      </p>
      {image && showing && <ImagePreview data={data} type={image} onSeen={onSeen} />}
      <div class="actions">
        <Button kind="primary" onClick={keep}>
          {t("open.save")}
        </Button>
        {image && !showing && <Button onClick={() => setShowing(true)}>{t("open.image.show")}</Button>}
      </div>
      <p class="hint">{saved ? t("open.saved", { name: shorten(name, shownName) }) : t("open.file.warning")}</p>
    </div>
  );
}
