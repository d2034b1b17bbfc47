// `node size.mjs PACKAGE.tgz MODULE…`: prints what the package weighs as npm sends it, and the modules as
// a web server does; fails where that is too much.

import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const MOST = { package: 1_500_000, module: 1_250_000 };
const shown = (count) => `${(count / 1e6).toFixed(2)} MB`;
const [archive, ...modules] = process.argv.slice(2);
let failed = false;

function check(what, size, most) {
  if (size <= most) return;
  console.error(`${what}: expected at most ${shown(most)}, found ${shown(size)}`);
  failed = true;
}

const packed = readFileSync(archive).length;
console.log(`${basename(archive)}: ${shown(packed)}`);
check(archive, packed, MOST.package);
for (const path of modules) {
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  }).length;
  const name = basename(dirname(dirname(path)));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  console.log(`${name}: ${shown(bytes.length)}, gzip ${shown(gzip)}, brotli ${shown(brotli)}`);
  check(path, brotli, MOST.module);
}
process.exitCode = failed ? 1 : 0;
