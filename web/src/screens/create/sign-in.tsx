import { t } from "../../i18n/index.js";
import { Notice } from "../../ui/index.js";

const back = "?signed-in";

/** Where Entra ID's sign-in begins. It opens in a tab of its own, so that what was typed stays in this one. */
export const signInAddress = `/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(`/${back}`)}`;

/** In the tab of the sign-in: says that it can be closed. */
export function SignedIn() {
  return location.search === back ? (
    <Notice kind="good">
      <p>{t("create.signed_in")}</p>
    </Notice>
  ) : null;
}
