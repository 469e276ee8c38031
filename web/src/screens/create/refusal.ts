import { ApiError } from "../../api/index.js";
import { EnvelopeError } from "../../format/errors.js";
import { t } from "../../i18n/index.js";
import { problemText } from "../../shared/problem-text.js";
import { NoWorker } from "../../worker/task.js";
import { Unreadable } from "./content.js";
import type { Refusal } from "./form.js";

/** A part of the page could not be loaded. Nothing was sent. */
export class NotLoaded extends Error {
  override readonly name = "NotLoaded";
}

/** Explains an error. Policy is the server's rule for who may create, if known. */
export function refusalOf(error: unknown, policy: "anyone" | "key" | "entra" | undefined): Refusal {
  if (error instanceof ApiError) {
    return refusalOfCall(error, policy);
  }
  if (error instanceof NoWorker) {
    return { field: "passphrase", text: t("common.no_worker") };
  }
  if (error instanceof EnvelopeError && error.slug === "passphrase") {
    return { field: "passphrase", text: t("create.passphrase_invalid") };
  }
  if (error instanceof NotLoaded) {
    return { text: t("create.not_loaded") };
  }
  return error instanceof Unreadable ? { field: "content", text: t("create.unreadable") } : { text: t("create.failed") };
}

function refusalOfCall(error: ApiError, policy: "anyone" | "key" | "entra" | undefined): Refusal {
  const refused = error.status === 401 || error.status === 403;
  if (refused && policy === "key") {
    return { field: "key", text: t("create.key_wrong") };
  }
  if (refused && policy === "entra") {
    return { text: t("create.sign_in"), signIn: true };
  }
  return { text: problemText(error) };
}

/** Reports whether the same draft may still be accepted, so that it must be sent again unchanged. */
export function mayBeAccepted(error: unknown): boolean {
  const passing = ["offline", "unreachable", "timeout", "rate-limited", "unavailable", "full", "unauthorized", "forbidden"];
  return error instanceof ApiError && (passing.includes(error.problem) || error.status === 401);
}
