// Makes what ../static holds of npm: editor.js, htmx.js, the licences of all that is in them, and the record of it.
// Run by `make assets` after `npm ci`; a test compares the record with the files, so that none is changed alone.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const STATIC = "../static/";
const LICENCES = "licences.txt";

const built = await build({
  entryPoints: { editor: "editor.js" },
  outdir: STATIC,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // they stand in licences.txt, whole
  metafile: true,
});
writeFileSync(`${STATIC}htmx.js`, readFileSync("node_modules/htmx.org/dist/htmx.min.js"));

const inside = Object.keys(built.metafile.outputs[`${STATIC}editor.js`].inputs).map((path) => packageOf(path));
const packages = [...new Set(["htmx.org", ...inside.filter(Boolean)])].sort();
writeFileSync(STATIC + LICENCES, packages.map(licence).join("\n"));
const record = {
  bundles: hashes(STATIC, ["editor.js", "htmx.js", LICENCES]),
  sources: hashes("", readdirSync(".").filter((name) => /\.js(on)?$/.test(name)).sort()),
  packages: Object.fromEntries(packages.map((name) => [name, manifest(name)]).map(([name, { version, license }]) => [name, `${version} ${license}`])),
};
writeFileSync(`${STATIC}assets.json`, JSON.stringify(record, null, 2) + "\n");

function packageOf(path) {
  return path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
}

function manifest(name) {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
}

function licence(name) {
  const folder = `node_modules/${name}/`;
  const file = readdirSync(folder).find((found) => /^licen[cs]e/i.test(found));
  const { version, license } = manifest(name);
  if (!file || !existsSync(folder + file)) throw new Error(`${name} ${version}: no licence text beside it; its terms: ${license}`);
  return `${name} ${version}\n\n${readFileSync(folder + file, "utf8").trim()}\n`;
}

function hashes(folder, files) {
  const hash = (file) => createHash("sha256").update(readFileSync(folder + file)).digest("hex");
  return Object.fromEntries(files.map((file) => [file, hash(file)]));
}
