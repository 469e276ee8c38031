import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vite";
import page from "../../vite.config.js";

/** Built as the page is, but for the place. */
export default mergeConfig(
  page,
  defineConfig({
    root: fileURLToPath(new URL(".", import.meta.url)),
    publicDir: false,
    build: { outDir: fileURLToPath(new URL("../.build/lab", import.meta.url)), emptyOutDir: true },
  }),
);
