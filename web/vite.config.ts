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
      const part = texts.filter(([key]) => /^(common|create|meter|problem|open\.looking)\./.test(key) === (query !== "later"));
      return { code: JSON.stringify(Object.fromEntries(part)), moduleType: "json" };
    },
  };
}

/**
 * Names the style before the scripts, since it alone stands between a slow network and the first
 * paint, and leaves no blanks that the script would have to move what is painted for.
 */
function shapeHtml(): Plugin {
  const handler = (html: string): string =>
    html.replace(/(\s*<script[^]*?)(\s*<link rel="stylesheet"[^>]*>)/, "$2$1").replace(/>\s+</g, "><");
  return { name: "shape-html", transformIndexHtml: { order: "post", handler } };
}

/** Writes licenses.txt, of everything that the page or its Worker is built of. */
function licenses(): Plugin {
  return {
    name: "licenses",
    async generateBundle() {
      const own = JSON.parse(await readFile(new URL("package.json", import.meta.url), "utf8")) as { dependencies: Record<string, string> };
      const texts = Object.entries(own.dependencies).map(async ([name, version]) => {
        return `${name} ${version}\n\n${await readFile(new URL(`node_modules/${name}/LICENSE`, import.meta.url), "utf8")}`;
      });
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: (await Promise.all(texts)).join("\n\n") });
    },
  };
}

export default defineConfig({
  appType: "spa",
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [splitTexts(), shapeHtml(), licenses()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false, // the folder keeps a placeholder of its own
    assetsInlineLimit: 0, // a data: address is no source of the policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: hashed("assets") },
  },
  // A folder of its own, since the policy that lets it compile WebAssembly goes by folder.
  worker: { format: "es", rolldownOptions: { output: hashed("worker") } },
});
