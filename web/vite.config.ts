import { readFile } from "node:fs/promises";
import { defineConfig, type Plugin } from "vite";

/** Names of files with a hash of their content, so that browsers can cache them forever. */
const hashed = (folder: string) => ({
  entryFileNames: `${folder}/[name]-[hash].js`,
  chunkFileNames: `${folder}/[name]-[hash].js`,
  assetFileNames: `${folder}/[name]-[hash][extname]`,
});

/** Splits en.json: the texts of the first screen stay, the others move to en.json?later. */
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
 * Puts the style sheet before the scripts, because the first paint needs it, and removes the white
 * space between elements, so that rendering moves nothing that is already painted.
 */
function shapeHtml(): Plugin {
  const handler = (html: string): string =>
    html.replace(/(\s*<script[^]*?)(\s*<link rel="stylesheet"[^>]*>)/, "$2$1").replace(/>\s+</g, "><");
  return { name: "shape-html", transformIndexHtml: { order: "post", handler } };
}

/** Writes licenses.txt with the license of every dependency. */
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
    emptyOutDir: false, // the folder contains .keep
    assetsInlineLimit: 0, // the policy allows no data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: hashed("assets") },
  },
  // The Worker has its own folder, because the policy that allows WebAssembly applies to a folder.
  worker: { format: "es", rolldownOptions: { output: hashed("worker") } },
});
