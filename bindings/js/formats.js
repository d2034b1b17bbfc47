// The module that reads events of every format: `await init()` fetches it from beside this file, or
// takes what it is given.

import { caller } from "./error.js";
import load, * as wasm from "./wasm/varsigma.js";

const call = caller(wasm);

export default async function init(module) {
  await load(module === undefined ? undefined : { module_or_path: module });
}

export const readEvents = (bytes) => JSON.parse(call(() => wasm.readEvents(bytes)));
