import { opened } from "./fragment.js";
import { render } from "preact";
import { App } from "./app.js";
import { startLanguage } from "./i18n/index.js";
import "./style/tokens.css";
import "./style/base.css";
import "./style/ui.css";
import { applyTheme } from "./theme.js";

applyTheme();
await startLanguage();
const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<App opened={opened} />, page);
}
