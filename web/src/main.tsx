import { opened } from "./fragment.js";
import { render } from "preact";
import { App } from "./app.js";
import { startLanguage } from "./i18n/index.js";
import "./style/tokens.css";
import "./style/base.css";
import "./style/ui.css";
import "./style/create.css";
import { applyTheme } from "./theme.js";

async function start(): Promise<void> {
  applyTheme();
  await startLanguage();
  const page = document.getElementById("page");
  page?.replaceChildren();
  if (page !== null) {
    render(<App opened={opened} />, page);
  }
}

void start();
