import type { Config } from "../../api/index.js";
import { formatBytes, t } from "../../i18n/index.js";
import { type Content, isEmpty, metaOf, sizeOf } from "./content.js";
import { room } from "./sizes.js";

/** What the person has typed and chosen. A new object for every change. */
export interface Form extends Content {
  /** In seconds; the server's default until something is chosen. */
  readonly ttl?: number;
  readonly views?: number;
  readonly passphrase: string;
  /** The operator's key to create secrets, where one is wanted. */
  readonly key: string;
  readonly rememberKey: boolean;
}

export type FieldName = "content" | "passphrase" | "key";

/** Why it cannot be sealed or sent, and which field to change; none when it is nobody's fault. */
export interface Refusal {
  readonly field?: FieldName;
  readonly text: string;
  /** It takes a sign-in first. */
  readonly signIn?: boolean;
}

/** Returns what is wrong with a form, before anything is sealed. */
export function check(form: Form, config: Config): Refusal | undefined {
  if (isEmpty(form)) {
    return { field: "content", text: t("create.empty") };
  }
  return excess(form, config) ?? missing(form, config);
}

/** Returns the refusal of what is larger than the server takes. */
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
  if (/\p{Surrogate}/u.test(form.passphrase)) {
    return { field: "passphrase", text: t("create.passphrase_invalid") };
  }
  if (config.create === "key" && !/^[\x21-\x7e]+$/.test(form.key)) {
    return { field: "key", text: t("create.key_missing") };
  }
  return undefined;
}
