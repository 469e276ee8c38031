import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));
const budget = 30 * 1024; // bytes of HTML, scripts and styles, compressed by gzip

async function builtFiles(): Promise<Map<string, string | Uint8Array>> {
  const built = await build({ root, logLevel: "error", build: { write: false } });
  assert.ok("output" in built);
  return new Map(built.output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
}

const files = await builtFiles();

test("the first load fits its budget", (context) => {
  const html = String(files.get("index.html"));
  const linked = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, name = ""]) => name);
  assert.ok(linked.length >= 2, html);
  const sizes = ["index.html", ...linked].map((name) => [name, gzipSync(files.get(name) ?? "").length] as const);
  const sum = sizes.reduce((all, [, size]) => all + size, 0);
  context.diagnostic(`${sum} of ${budget} bytes: ${sizes.map(([name, size]) => `${name} ${size}`).join(", ")}`);
  assert.ok(sum <= budget, `${sum} bytes`);
});

test("the HTML names every import of the first load, so that they load in parallel", () => {
  const html = String(files.get("index.html"));
  for (const [name, source] of files) {
    if (html.includes(`"/${name}"`) && name.endsWith(".js")) {
      for (const [, imported = ""] of String(source).matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) {
        assert.ok(html.includes(`"/assets/${imported}"`), `${name} imports ${imported}`);
      }
    }
  }
});

test("the build contains nothing that the policy forbids, and no path of this machine", () => {
  for (const [name, source] of files) {
    const text = String(source);
    assert.ok(!/\beval\(|new Function\(|document\.write/.test(text), name);
    assert.ok(!text.includes(root) && !text.includes("sourceMappingURL"), name);
  }
  assert.doesNotMatch(String(files.get("index.html")), /<style|style=|<script(?![^>]*src=)|\son\w+=/);
});

test("only the Worker compiles WebAssembly, and it has its own folder", () => {
  const names = [...files].filter(([, source]) => /WebAssembly\.(compile|instantiate)/.test(String(source))).map(([name]) => name);
  assert.equal(names.length, 1);
  assert.match(names.join(), /^worker\//);
});
