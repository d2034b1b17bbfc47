// `node size.mjs MODULE`: prints what a module weighs as it is sent, and fails where that is too much.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const MOST = 1_500_000;
const bytes = readFileSync(process.argv[2]);
const gzip = gzipSync(bytes, { level: 9 }).length;
const brotli = brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
}).length;
const shown = (count) => `${(count / 1e6).toFixed(2)} MB`;
console.log(`wasm: ${shown(bytes.length)}, gzip ${shown(gzip)}, brotli ${shown(brotli)}`);
if (brotli > MOST) {
  console.error(`expected at most ${shown(MOST)} compressed by brotli`);
  process.exit(1);
}
