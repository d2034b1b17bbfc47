// `node deflate.mjs PACKAGE.tgz FOLDER`: compresses a package again, by zopfli, which takes its time to
// find the shortest form that every gunzip reads. The folder keeps what was made of packages seen before.

import zopfli from "@gfx/zopfli";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

// More rounds take off less than a thousandth.
const ROUNDS = 5;
const [path, folder] = process.argv.slice(2);
const archive = gunzipSync(readFileSync(path));
const kept = join(folder, `${createHash("sha256").update(archive).digest("hex").slice(0, 16)}.tgz`);
if (!existsSync(kept)) {
  const packed = Buffer.from(await zopfli.gzipAsync(archive, { numiterations: ROUNDS }));
  if (!gunzipSync(packed).equals(archive)) throw new Error(`${path}: zopfli changed it`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${kept}.new`, packed);
  renameSync(`${kept}.new`, kept);
}
writeFileSync(path, readFileSync(kept));
