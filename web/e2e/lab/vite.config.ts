import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vite";
import page from "../../vite.config.js";

/** The configuration of the page, for another folder. */
export default mergeConfig(
  page,
  defineConfig({
    root: fileURLToPath(new URL(".", import.meta.url)),
    publicDir: false,
    build: { outDir: fileURLToPath(new URL("../.build/lab", import.meta.url)), emptyOutDir: true },
  }),
);
