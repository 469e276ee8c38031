import { t } from "../../i18n/index.js";
import { Notice } from "../../ui/index.js";

const back = "?signed-in";

/** The address of the sign-in with Entra ID. It opens in a new tab, so that this one keeps what was typed. */
export const signInAddress = `/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(`/${back}`)}`;

/** Tells the person to close the tab of the sign-in. */
export function SignedIn() {
  return location.search === back ? (
    <Notice kind="good">
      <p>{t("create.signed_in")}</p>
    </Notice>
  ) : null;
}
