import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Config } from "../../api/index.js";
import { formatBytes, t } from "../../i18n/index.js";
import { announce, Button, Field, type Tied } from "../../ui/index.js";
import { type Content, metaOf, room } from "./content.js";
import { newPassword } from "./generate.js";
import { useDrop } from "./use-drop.js";

interface Props {
  readonly content: Content;
  readonly config: Config | undefined;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<Content>) => void;
}

/** The field for a text that is typed or pasted, or a file that is pasted, dropped or chosen. */
export function ContentField({ content, config, error, onChange }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [many, setMany] = useState(false);
  const limit = config && formatBytes(room(config.max_envelope, metaOf({ text: "" })));

  function take(files: FileList): void {
    const [file] = files;
    setMany(files.length > 1);
    if (file && files.length === 1) {
      onChange({ file });
      announce(t("create.file_taken", { name: file.name }));
    }
  }

  const over = useDrop(take);
  useLayoutEffect(() => area.current?.focus(), [content.file]);

  return (
    <div class={over ? "content over" : "content"}>
      <Field
        label={t("create.secret")}
        hint={limit ? t("create.limit", { limit }) : t("create.limit_unknown")}
        error={many ? t("create.one_file") : error}
      >
        {(tied) => (
          <div class="desk">
            {content.file ? (
              <FileCard tied={tied} file={content.file} text={content.text !== ""} onRemove={() => onChange({ file: undefined })} />
            ) : (
              <Area tied={tied} area={area} text={content.text} onText={(text) => onChange({ text })} onFiles={take} />
            )}
            <div class="row">
              <Chooser onFiles={take} />
              {!content.file && (
                <Button kind="quiet" onClick={() => insert(area.current, newPassword())}>
                  {t("create.generate")}
                </Button>
              )}
            </div>
          </div>
        )}
      </Field>
    </div>
  );
}

interface AreaProps {
  readonly tied: Tied;
  readonly area: { current: HTMLTextAreaElement | null };
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onFiles: (files: FileList) => void;
}

function Area({ tied, area, text, onText, onFiles }: AreaProps) {
  return (
    <textarea
      {...tied}
      ref={area}
      rows={5}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      value={text}
      onInput={(event) => onText(event.currentTarget.value)}
      onPaste={(event) => {
        const { files, types } = event.clipboardData ?? { files: undefined, types: [] };
        // Office programs copy a picture of the text as well.
        if (files && files.length > 0 && !types.includes("text/plain")) {
          event.preventDefault();
          onFiles(files);
        }
      }}
    />
  );
}

interface FileCardProps {
  readonly tied: Tied;
  readonly file: File;
  /** Whether there is also a text, which comes back when the file is removed. */
  readonly text: boolean;
  readonly onRemove: () => void;
}

/** The file that will be sent. */
function FileCard({ tied, file, text, onRemove }: FileCardProps) {
  return (
    <div class="file" {...tied} role="group" tabIndex={-1}>
      <p class="file-name">
        <bdi>{file.name}</bdi>
      </p>
      <p class="hint">{formatBytes(file.size)}</p>
      {text && <p class="hint">{t("create.text_waits")}</p>}
      <Button kind="quiet" onClick={onRemove}>
        {t("create.remove")}
      </Button>
    </div>
  );
}

function Chooser({ onFiles }: { readonly onFiles: (files: FileList) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind="quiet" onClick={() => input.current?.click()}>
        {t("create.choose")}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="file"
        onChange={({ currentTarget }) => {
          if (currentTarget.files) {
            onFiles(currentTarget.files);
          }
          currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
    </>
  );
}

/** Inserts a text at the cursor, as typing it would. */
function insert(area: HTMLTextAreaElement | null, text: string): void {
  if (area) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
    announce(t("create.generated"));
  }
}
