// Builds the page: `node build.mjs PACKAGE FOLDER`, from the package of bindings/js and the formats beside
// it, into a folder of static files. Names have the hash of what they hold, but for the page and its service worker.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [pack, folder] = process.argv.slice(2).map((path) => resolve(path));
if (!pack || !folder) {
  console.error("usage: node build.mjs PACKAGE FOLDER");
  process.exit(2);
}
const formats = join(pack, "../formats");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const hashed = (name, bytes) => {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  return name.replace(/(\.\w+)$/, `-${hash}$1`);
};

async function written(name, bytes) {
  const own = hashed(name, bytes);
  await writeFile(join(folder, own), bytes);
  return own;
}

const { codes, modifiers, pipelines, targets, version } = await import(pathToFileURL(join(pack, "node.js")));
const lists = {
  version: version(),
  targets: targets(),
  pipelines: pipelines(),
  modifiers: modifiers().flatMap(({ names, about }) => names.slice(0, 1).map((name) => ({ name, about }))),
  codes: codes().map(({ code, title }) => ({ code, title })),
};

const listed = {
  name: "lists",
  setup(build) {
    build.onResolve({ filter: /^varsigma-lists$/ }, ({ path }) => ({ path, namespace: "lists" }));
    build.onLoad({ filter: /.*/, namespace: "lists" }, () => ({ contents: JSON.stringify(lists), loader: "json" }));
  },
};

async function bundle(entry, define) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [`src/${entry}`],
    alias: { varsigma: join(pack, "browser.js"), "varsigma-formats": join(formats, "formats.js") },
    bundle: true,
    define,
    format: "esm",
    legalComments: "none",
    loader: { ".woff2": "dataurl" },
    minify: true,
    plugins: [listed],
    target: "es2022",
    write: false,
    external: ["*.woff2"],
  });
  return outputFiles[0].contents;
}

const wasm = await written("varsigma.wasm", await readFile(join(pack, "wasm/varsigma_bg.wasm")));
const formatsWasm = await written("formats.wasm", await readFile(join(formats, "wasm/varsigma_bg.wasm")));
const names = { WASM_NAME: JSON.stringify(wasm), FORMATS_NAME: JSON.stringify(formatsWasm) };
const worker = await written("worker.js", await bundle("worker.ts", names));
const main = await written("main.js", await bundle("main.ts", { WORKER_NAME: JSON.stringify(worker) }));

const fonts = [];
for (const [family, name, weights] of [
  ["Plex Sans", "ibm-plex-sans", [400, 500, 600]],
  ["Plex Mono", "ibm-plex-mono", [400, 500]],
]) {
  const from = join(here, "node_modules/@fontsource", name);
  for (const weight of weights) {
    const file = await written(`${name}-${weight}.woff2`, await readFile(join(from, `files/${name}-latin-${weight}-normal.woff2`)));
    fonts.push({ family, weight, file });
  }
  await copyFile(join(from, "LICENSE"), join(folder, `${name}.LICENSE.txt`));
}
const faces = fonts.map(
  ({ family, weight, file }) => `@font-face{font-family:"${family}";font-weight:${weight};font-display:swap;src:url(${file}) format("woff2")}`,
);
const css = Buffer.from(`${faces.join("\n")}\n${(await bundle("style.css", {})).toString() && new TextDecoder().decode(await bundle("style.css", {}))}`);
const style = await written("style.css", css);

const head = [
  `<link rel="preload" href="${fonts[0].file}" as="font" type="font/woff2" crossorigin>`,
  `<link rel="stylesheet" href="${style}">`,
  `<script type="module" src="${main}"></script>`,
];
const html = (await readFile(join(here, "index.html"), "utf8")).replace("<!-- files -->", head.join("\n"));
await writeFile(join(folder, "index.html"), html);
for (const name of await readdir(join(here, "static"))) {
  await copyFile(join(here, "static", name), join(folder, name));
}

// The service worker keeps all files of this build, and forgets those of others.
const files = (await readdir(folder)).filter((name) => !name.endsWith(".LICENSE.txt")).sort();
const digest = createHash("sha256").update(html).digest("hex").slice(0, 10);
const sw = (await readFile(join(here, "src/sw.js"), "utf8"))
  .replace("__VERSION__", JSON.stringify(digest))
  .replace("__FILES__", JSON.stringify(["./", ...files]));
await writeFile(join(folder, "sw.js"), sw);
