// `node examples.mjs DOCUMENT FOLDER`: writes the blocks of JavaScript of a document as a test each.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [document, folder] = process.argv.slice(2);
const blocks = [...readFileSync(document, "utf8").matchAll(/^```js\n(.*?)^```$/gms)];
if (blocks.length < 3) throw new Error(`${document} has ${blocks.length} examples: where are they?`);
for (const [at, [, block]] of blocks.entries()) {
  writeFileSync(join(folder, `example-${at + 1}.test.mjs`), block);
}
