import { readFile } from "node:fs/promises";
import { defineConfig, type Plugin } from "vite";

/** Files by their content: what is in one never changes, so that it may be kept for ever. */
const hashed = (folder: string) => ({
  entryFileNames: `${folder}/[name]-[hash].js`,
  chunkFileNames: `${folder}/[name]-[hash].js`,
  assetFileNames: `${folder}/[name]-[hash][extname]`,
});

/** Leaves in en.json what the first screen says, and puts the rest into en.json?later. */
function splitTexts(): Plugin {
  return {
    name: "split-texts",
    enforce: "pre",
    async load(id) {
      const [path = "", query] = id.split("?");
      if (!path.endsWith("/i18n/en.json")) {
        return undefined;
      }
      const texts = Object.entries(JSON.parse(await readFile(path, "utf8")) as object);
      const part = texts.filter(([key]) => /^(common|create|meter|problem)\./.test(key) === (query !== "later"));
      return { code: JSON.stringify(Object.fromEntries(part)), moduleType: "json" };
    },
  };
}

export default defineConfig({
  appType: "spa",
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [splitTexts()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false, // the folder keeps a placeholder of its own
    assetsInlineLimit: 0, // a data: address is no source of the policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: "licenses.txt" },
    rolldownOptions: { output: hashed("assets") },
  },
  // A folder of its own, since the policy that lets it compile WebAssembly goes by folder.
  worker: { format: "es", rolldownOptions: { output: hashed("worker") } },
});
