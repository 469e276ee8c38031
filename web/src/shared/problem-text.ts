import { ApiError } from "../api/problem.js";
import { formatSpan, t } from "../i18n/index.js";
import { NoWorker } from "../worker/task.js";

/** Returns a text that explains an error and names the next step. */
export function problemText(error: unknown): string {
  if (error instanceof ApiError) {
    return textOf(error);
  }
  return t(error instanceof NoWorker ? "common.no_worker" : "problem.unknown");
}

function textOf({ problem, details }: ApiError): string {
  const text = t(`problem.${problem}`, { field: details.detail ?? details.field ?? "…" });
  const wait = details.retry_after ?? 0;
  return wait > 0 ? `${text} ${t("problem.wait", { relative: formatSpan(Date.now() / 1000 + wait) })}` : text;
}
