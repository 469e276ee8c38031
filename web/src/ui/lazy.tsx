import { type ComponentType, h } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { Button } from "./button.js";
import { Notice } from "./notice.js";

type Loaded<Props> = { readonly default: ComponentType<Props> };

/** Returns a component that loads another one when it is first shown, and shows a placeholder until then. */
export function lazy<Props extends object>(
  load: () => Promise<Loaded<Props>>,
  Placeholder: ComponentType = Loading,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [state, setState] = useState<"loading" | "failed" | "there">(loaded ? "there" : "loading");
    useLayoutEffect(() => {
      load().then(
        (module) => {
          loaded = module.default;
          setState("there");
        },
        () => setState("failed"),
      );
    }, []);
    if (state === "there" && loaded) {
      return h(loaded, props);
    }
    return state === "failed" ? <LoadFailed /> : <Placeholder />;
  };
}

function Loading() {
  return <p class="quiet">{t("common.loading")}</p>;
}

function LoadFailed() {
  return (
    <Notice kind="error">
      <p>{t("common.load_failed")}</p>
      <Button onClick={() => location.reload()}>{t("common.reload")}</Button>
    </Notice>
  );
}
