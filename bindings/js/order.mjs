// `node order.mjs MODULE.wasm NAMED.wasm`: gives each function of a module without names a name that
// says where it should lie: beside the functions that it shares most with. gzip looks 32 KiB back.

import { readFileSync, writeFileSync } from "node:fs";

/** How far back gzip looks, less what a function itself may fill. */
const WINDOW = 30_000;
/** The texts that are compared have so many bytes; of them, one in SAMPLE counts. */
const LENGTH = 6;
const SAMPLE = 2;
/** What more functions than these share says nothing about where any of them should lie. */
const MOST = 400;
/** A small function shares all it has with many, so that size counts as this much more. */
const SMALL = 500;

/** A number of WebAssembly's at a place, and the place behind it. */
function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function written(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

/** The sections by their numbers: where each begins and ends. */
function sections(bytes) {
  const found = new Map();
  for (let at = 8; at < bytes.length; ) {
    const [size, begin] = number(bytes, at + 1);
    found.set(bytes[at], [begin, begin + size]);
    at = begin + size;
  }
  return found;
}

/** How many functions are imported; what wasm-bindgen makes imports nothing else. */
function imported(bytes, [begin]) {
  let [count, at] = number(bytes, begin);
  for (let left = count; left > 0; left--) {
    for (const _ of ["module", "name"]) {
      const [length, text] = number(bytes, at);
      at = text + length;
    }
    if (bytes[at] !== 0) throw new Error("expected imports of functions only");
    at = number(bytes, at + 1)[1];
  }
  return count;
}

function bodies(bytes, [begin]) {
  let [count, at] = number(bytes, begin);
  return Array.from({ length: count }, () => {
    const [size, body] = number(bytes, at);
    at = body + size;
    return bytes.subarray(body, at);
  });
}

/** The texts of each function that others have, too, as numbers; and who has each. */
function shared(functions) {
  const holders = new Map();
  functions.forEach((body, index) => {
    for (let at = 0; at + LENGTH <= body.length; at++) {
      let hash = 0;
      for (let k = at; k < at + LENGTH; k++) hash = Math.imul(hash ^ body[k], 0x01000193) + 0x3c6ef372;
      hash ^= hash >>> 15;
      if (hash % SAMPLE !== 0) continue;
      const held = holders.get(hash);
      if (held === undefined) holders.set(hash, [index]);
      else if (held.at(-1) !== index) held.push(index);
    }
  });
  const texts = functions.map(() => []);
  const kept = [...holders.values()].filter((held) => held.length > 1 && held.length <= MOST);
  kept.forEach((held, text) => held.forEach((index) => texts[index].push(text)));
  return { holders: kept, texts };
}

/** From the first on, always the function that shares most, by its size, with what lies before it. */
function order(functions) {
  const { holders, texts } = shared(functions);
  const seen = new Uint16Array(holders.length);
  const score = new Float64Array(functions.length);
  const found = [];
  let size = 0;
  let oldest = 0;
  for (let next = 0; next >= 0; ) {
    const taken = next;
    score[taken] = Number.NEGATIVE_INFINITY;
    found.push(taken);
    for (const text of texts[taken]) {
      if (seen[text]++ === 0) for (const index of holders[text]) score[index]++;
    }
    size += functions[taken].length;
    for (; size > WINDOW && oldest < found.length - 1; oldest++) {
      size -= functions[found[oldest]].length;
      for (const text of texts[found[oldest]]) {
        if (--seen[text] === 0) for (const index of holders[text]) score[index]--;
      }
    }
    next = -1;
    let best = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < functions.length; index++) {
      const own = score[index] / (functions[index].length + SMALL);
      if (own > best) [next, best] = [index, own];
    }
  }
  return found;
}

const [path, named] = process.argv.slice(2);
const bytes = readFileSync(path);
const found = sections(bytes);
const imports = imported(bytes, found.get(2));
const entries = order(bodies(bytes, found.get(10)))
  .map((index, place) => [index + imports, `f${String(place).padStart(6, "0")}`])
  .sort(([one], [other]) => one - other)
  .map(([index, name]) => Buffer.concat([written(index), written(name.length), Buffer.from(name)]));
const names = Buffer.concat([written(entries.length), ...entries]);
const content = Buffer.concat([Buffer.from("\x04name\x01"), written(names.length), names]);
writeFileSync(named, Buffer.concat([bytes, Buffer.of(0), written(content.length), content]));
