import { opened } from "./fragment.js";
import { render } from "preact";
import { App } from "./app.js";
import { startLanguage } from "./i18n/index.js";
import { applyTheme } from "./theme.js";

async function start(): Promise<void> {
  applyTheme();
  await startLanguage();
  const page = document.getElementById("page");
  if (page !== null) {
    render(<App opened={opened} />, page); // takes over what stands there, so that nothing is painted twice
  }
}

void start();
