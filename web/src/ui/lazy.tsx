import { type ComponentType, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/index.js";
import { Button } from "./button.js";
import { Notice } from "./notice.js";

type Loaded<Props> = { readonly default: ComponentType<Props> };

/** Makes a component of one that is loaded when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<Loaded<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [state, setState] = useState<"loading" | "failed" | "there">(loaded ? "there" : "loading");
    useEffect(() => {
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
    return state === "failed" ? <LoadFailed /> : <p class="quiet">{t("common.loading")}</p>;
  };
}

function LoadFailed() {
  return (
    <Notice kind="error">
      <p>{t("common.load_failed")}</p>
      <Button onClick={() => location.reload()}>{t("common.reload")}</Button>
    </Notice>
  );
}
