import { defineConfig } from "vite";

/** Files by their content: what is in one never changes, so that it may be kept for ever. */
const hashed = (folder: string) => ({
  entryFileNames: `${folder}/[name]-[hash].js`,
  chunkFileNames: `${folder}/[name]-[hash].js`,
  assetFileNames: `${folder}/[name]-[hash][extname]`,
});

export default defineConfig({
  appType: "spa",
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false, // the folder keeps a placeholder of its own
    assetsInlineLimit: 0, // a data: address is no source of the policy
    modulePreload: false,
    reportCompressedSize: false,
    license: { fileName: "licenses.txt" },
    rolldownOptions: { output: hashed("assets") },
  },
  // A folder of its own, since the policy that lets it compile WebAssembly goes by folder.
  worker: { format: "es", rolldownOptions: { output: hashed("worker") } },
});
