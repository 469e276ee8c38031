import "./fragment.js";
import { render } from "preact";
import { browserApi } from "../api/discover.js";
import { startLanguage } from "../i18n/index.js";
import { App } from "./app.js";
import { loadAhead } from "./route.js";
import { applyTheme } from "./theme.js";

async function start(): Promise<void> {
  loadAhead(location.pathname);
  browserApi().catch(() => undefined); // a later call discovers it again
  applyTheme();
  await startLanguage();
  const page = document.getElementById("page");
  if (page !== null) {
    render(<App />, page); // reuses the elements of index.html, so that nothing is painted twice
  }
}

void start();
