import { t } from "../i18n/index.js";
import { Heading } from "../ui/index.js";

/** Seals a secret and hands out its link. */
export function CreateScreen() {
  return (
    <>
      <Heading focus={false}>{t("common.new")}</Heading>
      <p class="lead">{t("common.lead")}</p>
    </>
  );
}

export default CreateScreen;
