// What is thrown.

export class VarsigmaError extends Error {
  constructor({ code, message, diagnostics }, result = null) {
    super(message);
    this.name = "VarsigmaError";
    this.code = code;
    this.diagnostics = diagnostics;
    this.result = result;
  }
}

/** Calls a module. What it throws is the JSON of an error, or what was wrong with an argument. */
export const caller = (wasm) => (work) => {
  try {
    return work();
  } catch (thrown) {
    if (typeof thrown === "string") {
      throw thrown.startsWith("{") ? new VarsigmaError(JSON.parse(thrown)) : new TypeError(thrown);
    }
    if (thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError) {
      const reason = wasm.lastPanic() || thrown.message;
      throw new VarsigmaError({
        code: "VS0003",
        message: `varsigma failed: ${reason} (VS0003)\n  help: report this fault of varsigma, with the rule`,
        diagnostics: [],
      });
    }
    throw thrown;
  }
};
