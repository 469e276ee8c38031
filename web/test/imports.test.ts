import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { test } from "node:test";

const source = new URL("../../src/", import.meta.url);

/** The folders that each folder may import, besides itself. */
const layers: Readonly<Record<string, readonly string[]>> = {
  format: [],
  api: ["format"],
  worker: ["format"],
  i18n: ["shared/storage.ts"],
  ui: ["i18n"],
  shared: ["format", "api", "worker", "i18n", "ui"],
  screens: ["format", "api", "worker", "i18n", "ui", "shared"],
  app: ["api", "i18n", "ui", "shared", "screens"],
};

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /(?<!\.d)\.tsx?$/.test(path));

/** The imports of each file, static and dynamic, of values and of types. */
const imports = new Map(files.map((path) => [path, importsOf(path, readFileSync(new URL(path, source), "utf8"))]));

function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(/\b(?:from|import|import\()\s*"(\.[^"?]*\.js)(?:\?[^"]*)?"/g)].map(([, specifier = ""]) => {
    const target = join(dirname(path), specifier).replace(/\.js$/, "");
    const file = files.find((each) => each === `${target}.ts` || each === `${target}.tsx`);
    assert.ok(file, `${path} imports ${specifier}`);
    return file;
  });
}

/** Returns the folder of a file. Each screen counts as a folder. */
function folderOf(path: string): string {
  return path.split("/").slice(0, path.startsWith("screens/") ? 2 : 1).join("/");
}

/** Returns a path that leads from a file back to itself. */
function circleOf(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(path)) {
      return [...above.slice(above.indexOf(path)), path];
    }
    const circle = done.has(path)
      ? undefined
      : (graph.get(path) ?? []).reduce<readonly string[] | undefined>((found, next) => found ?? visit(next, [...above, path]), undefined);
    done.add(path);
    return circle;
  };
  return [...graph.keys()].reduce<readonly string[] | undefined>((found, path) => found ?? visit(path, []), undefined);
}

test("no file imports itself through others", () => {
  assert.equal(circleOf(imports), undefined);
  assert.ok([...imports.values()].flat().length > 200, "the imports are read");
});

test("a circle of imports is found", () => {
  assert.deepEqual(circleOf(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", ["d"]], ["d", ["b"]]])), ["b", "c", "d", "b"]);
  assert.equal(circleOf(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), undefined);
});

test("folders import only the layers below them, and screens never each other", () => {
  const wrong = [...imports].flatMap(([path, targets]) => {
    const folder = folderOf(path);
    const allowed = layers[folder.split("/")[0] ?? ""] ?? [];
    const fits = (target: string): boolean =>
      folderOf(target) === folder || allowed.includes(target) || allowed.some((layer) => target.startsWith(`${layer}/`));
    return targets.filter((target) => !fits(target)).map((target) => `${path} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});
