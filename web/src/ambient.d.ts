declare module "varsigma-lists" {
  const lists: {
    version: string;
    targets: import("varsigma").Target[];
    pipelines: { name: string; title: string; priority: number; targets: string[] }[];
    modifiers: { name: string; about: string }[];
    codes: { code: string; title: string }[];
  };
  export default lists;
}

/** The module's file beside the worker, by the name that the build gave it. */
declare const WASM_NAME: string;

/** The same of the module that reads events of every format. */
declare const FORMATS_NAME: string;
