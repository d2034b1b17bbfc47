// The interface, as index.d.ts describes it. What the module takes and gives is JSON.

import { VarsigmaError, caller } from "./error.js";
import * as wasm from "./wasm/varsigma.js";

export { VarsigmaError };

const call = caller(wasm);
const parsed = (work) => JSON.parse(call(work));

/** `text`, `{path, text}`, or a list of these, as the module takes them. */
function files(rules) {
  const file = (rule) => {
    const { path = "", text } = typeof rule === "string" ? { text: rule } : (rule ?? {});
    if (typeof text !== "string" || typeof path !== "string") {
      throw new TypeError("expected rules as a text, as {path, text}, or as a list of these");
    }
    // Half of a surrogate pair is no text in UTF-8.
    return { path: path.toWellFormed(), text: text.toWellFormed() };
  };
  return JSON.stringify((Array.isArray(rules) ? rules : [rules]).map(file));
}

/** Events as the module takes them: JSON as it is, objects as JSON. */
function events(given) {
  return typeof given === "string" ? given : JSON.stringify(given);
}

function one(text) {
  if (typeof text !== "string") {
    throw new TypeError("expected a text");
  }
  return text.toWellFormed();
}

/** Handles of the module, which their owner may free before the garbage collector does. */
class Handle {
  free() {
    this.handle?.free();
    this.handle = undefined;
  }
}
if (Symbol.dispose) {
  Handle.prototype[Symbol.dispose] = Handle.prototype.free;
}

export class Compiler extends Handle {
  #collectErrors;

  constructor(target, settings = {}) {
    super();
    const { collectErrors = false, ...others } = settings;
    this.#collectErrors = collectErrors;
    const handle = call(() => new wasm.Compiler(JSON.stringify({ ...others, target: one(target) })));
    // It is no part of what is shown of the object.
    Object.defineProperty(this, "handle", { value: handle, writable: true });
  }

  compile(rules) {
    const result = parsed(() => this.handle.compile(files(rules)));
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    if (errors.length > 0 && !this.#collectErrors) {
      throw new VarsigmaError(
        { code: errors[0].code, message: errors.map(line).join("\n"), diagnostics: result.diagnostics },
        result,
      );
    }
    return result;
  }

  get format() {
    return this.handle.format;
  }

  get extension() {
    return this.handle.extension;
  }
}

/** `rule.yml:4:1: unknown key (VS0802)`, with what to do below it. */
function line({ code, message, path, place, help }) {
  const name = path ?? "rule";
  const where = place ? `${name}:${place.line}:${place.column}: ` : path ? `${name}: ` : "";
  return [`${where}${message} (${code})`, ...help.map((help) => `  help: ${help}`)].join("\n");
}

export function convert(rules, target, settings = {}) {
  const compiler = new Compiler(target, settings);
  try {
    return compiler.compile(rules);
  } finally {
    compiler.free();
  }
}

export class RuleSet extends Handle {
  constructor(rules) {
    super();
    Object.defineProperty(this, "handle", { value: new wasm.RuleSet(one(rules)), writable: true });
    this.rules = JSON.parse(this.handle.rules());
    this.diagnostics = JSON.parse(this.handle.diagnostics());
  }

  match(event) {
    return this.matchAll(single(event))[0];
  }

  matchAll(given) {
    return parsed(() => this.handle.match(events(given)));
  }

  explain(event) {
    return this.explainAll(single(event))[0];
  }

  explainAll(given) {
    return parsed(() => this.handle.explain(events(given)));
  }
}

function single(event) {
  if (event === null || typeof event !== "object" || Array.isArray(event)) {
    throw new TypeError("expected an event as an object");
  }
  return event;
}

export function lint(rules, { path = "" } = {}) {
  return parsed(() => wasm.lint(path, one(rules)));
}

export function witness(rules, { limit = 24 } = {}) {
  return parsed(() => wasm.witness(one(rules), limit));
}

export function diff(before, after) {
  return parsed(() => wasm.diff(one(before), one(after)));
}

export function page(rules, { targets = [], template = "document" } = {}) {
  if (template !== "document" && template !== "modern") {
    throw new TypeError("expected the template `document` or `modern`");
  }
  const [file, ...others] = JSON.parse(files(rules));
  if (!file || others.length > 0) {
    throw new TypeError("expected one text, or one {path, text}");
  }
  const sections = targets.map((target) => (typeof target === "string" ? { target } : target));
  return parsed(() => wasm.page(JSON.stringify(file), JSON.stringify(sections), template === "modern"));
}

export function readEvents(given) {
  const bytes = typeof given === "string" ? new TextEncoder().encode(given) : given;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError("expected events as a text or as bytes");
  }
  return parsed(() => wasm.readEvents(bytes));
}

export const targets = () => parsed(() => wasm.targets());
export const pipelines = () => parsed(() => wasm.pipelines());
export const modifiers = () => parsed(() => wasm.modifiers());
export const codes = () => parsed(() => wasm.codes());
export const explain = (code) => JSON.parse(wasm.explain(one(code)) ?? "null");
export const names = ({ product, category, service } = {}) =>
  parsed(() => wasm.names(product, category, service));
export const version = () => wasm.version();
