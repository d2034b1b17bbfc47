// Node: the module is beside this file, and is ready when the import is.

import { readFileSync } from "node:fs";
import { initSync } from "./wasm/varsigma.js";

initSync({ module: readFileSync(new URL("./wasm/varsigma_bg.wasm", import.meta.url)) });

export * from "./api.js";

/** Browsers have to load the module first. Here there is nothing left to do. */
export default async function init() {}
