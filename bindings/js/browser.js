// Browsers: `await init()` fetches the module from beside this file, or takes what it is given.

import load from "./wasm/varsigma.js";

export * from "./api.js";

export default async function init(module) {
  await load(module === undefined ? undefined : { module_or_path: module });
}
