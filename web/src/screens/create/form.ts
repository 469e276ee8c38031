import type { Config } from "../../api/index.js";
import { formatBytes, t } from "../../i18n/index.js";
import { loadItem } from "../../shared/storage.js";
import { type Content, isEmpty, metaOf, room, sizeOf } from "./content.js";

/** The name under which the device stores the operator's key, if the person asks for it. */
export const keyName = "create-key";

/** The values of the form. Every change makes a new object. */
export interface Form extends Content {
  /** In seconds. Undefined until chosen, which means the server's default. */
  readonly ttl?: number;
  readonly views?: number;
  readonly passphrase: string;
  /** The operator's key, where the server requires one to create secrets. */
  readonly key: string;
  readonly rememberKey: boolean;
}

export type FieldName = "content" | "passphrase" | "key";

/** Why the form cannot be sealed or sent. */
export interface Refusal {
  /** The field to change. Missing when no field is wrong. */
  readonly field?: FieldName;
  readonly text: string;
  /** The person must sign in first. */
  readonly signIn?: boolean;
}

/** Returns the form at the start, with the stored key. */
export function emptyForm(): Form {
  const key = loadItem(keyName);
  return { text: "", passphrase: "", key, rememberKey: key !== "" };
}

/** Checks a form before it is sealed. Returns undefined when nothing is wrong. */
export function check(form: Form, config: Config): Refusal | undefined {
  if (isEmpty(form)) {
    return { field: "content", text: t("create.empty") };
  }
  return excess(form, config) ?? missing(form, config);
}

/** Returns a refusal when the content is larger than the server accepts. */
export function excess(form: Content, config: Config): Refusal | undefined {
  const size = sizeOf(form);
  const most = room(config.max_envelope, metaOf(form));
  return size > most
    ? { field: "content", text: t("create.too_large", { size: formatBytes(size), limit: formatBytes(most) }) }
    : undefined;
}

function missing(form: Form, config: Config): Refusal | undefined {
  if (config.require_passphrase && form.passphrase === "") {
    return { field: "passphrase", text: t("create.passphrase_required") };
  }
  if (config.create === "key" && !/^[\x21-\x7e]+$/.test(form.key)) {
    return { field: "key", text: t("create.key_missing") };
  }
  return undefined;
}
