// The interface, as index.d.ts describes it. What the module takes and gives is JSON.

import { VarsigmaError, caller } from "./error.js";
import * as wasm from "./wasm/varsigma.js";

export { VarsigmaError };

const call = caller(wasm);
const parsed = (work) => JSON.parse(call(work));

function found(value) {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value !== null && typeof value === "object") {
    return isObject(value) ? "an object" : `a \`${Object.prototype.toString.call(value).slice(8, -1)}\``;
  }
  const text = String(value);
  return text.length > 60 || typeof value === "function" ? `a ${typeof value}` : `\`${text}\``;
}

const wrong = (what, value) => new TypeError(`expected ${what}, found ${found(value)}`);

/** Makes a check of values: they are taken if `holds`, and well formed as UTF-8 if they are texts. */
const kind = (what, holds) => (value, name) => {
  if (!holds(value)) throw wrong(`${name} as ${what}`, value);
  // Half of a surrogate pair is no text in UTF-8.
  return typeof value === "string" ? value.toWellFormed() : value;
};

const text = kind("a text", (value) => typeof value === "string");
const flag = kind("`true` or `false`", (value) => typeof value === "boolean");
// A `Map` and a `Date` are objects whose values no key has.
const isObject = (value) => Object.prototype.toString.call(value) === "[object Object]";
const object = kind("an object", isObject);
const array = kind("a list", Array.isArray);
const choice = (...all) => kind(`\`${all.join("` or `")}\``, (value) => all.includes(value));
const option = kind(
  "a text, a number or a boolean",
  (value) => ["string", "boolean"].includes(typeof value) || Number.isFinite(value),
);
const list = (of) => (value, name) => Array.from(array(value, name), (one) => of(one, `each of ${name}`));

/** Settings, each of the kind that is `known` of it. */
function settings(given, known, name = "the settings") {
  const taken = {};
  for (const [key, value] of Object.entries(object(given, name))) {
    if (!Object.hasOwn(known, key)) {
      throw new TypeError(`expected \`${Object.keys(known).join("`, `")}\` in ${name}, found \`${key}\``);
    }
    if (value !== undefined) taken[key] = known[key](value, `\`${key}\``);
  }
  return taken;
}

/** The same with a key that has to be there. */
const having = (required, known) => (value, name) => {
  const taken = settings(value, known, name);
  text(taken[required], `\`${required}\` of ${name}`);
  return taken;
};

const named = having("text", { path: text, text });
const COMPILER = {
  format: text,
  options: (given, name) => {
    const all = Object.entries(object(given, name)).filter(([, value]) => value !== undefined);
    return Object.fromEntries(all.map(([key, value]) => [key, option(value, `\`${key}\``)]));
  },
  pipelines: list((value, name) => (typeof value === "string" ? text : named)(value, name)),
  compat: choice("pysigma", "sigmac"),
  strict: flag,
  schema: text,
  backends: list(named),
};
const section = having("target", { ...COMPILER, target: text });
const PAGE = {
  targets: list((value, name) => (typeof value === "string" ? { target: text(value, name) } : section(value, name))),
  template: choice("document", "modern"),
};

function limited(value) {
  if (typeof value !== "number") throw wrong("`limit` as a number", value);
  if (!Number.isInteger(value) || value < 1 || value > 256) {
    throw new RangeError(`expected \`limit\` from 1 to 256, found \`${value}\``);
  }
  return value;
}

/** `text`, `{path, text}`, or a list of these, as a list of files. */
function files(rules) {
  const file = (rule) => {
    if (typeof rule === "string") return { path: "", text: rule.toWellFormed() };
    if (!isObject(rule)) throw wrong("rules as a text, as {path, text}, or as a list of these", rule);
    return { path: "", ...named(rule, "a file of rules") };
  };
  return Array.from(Array.isArray(rules) ? rules : [rules], file);
}

/** Events as the module takes them: their JSON, and whether it is that of objects. */
function events(given) {
  if (typeof given === "string") return [given, false];
  // A line of a log is a text.
  const isEvent = (event) => typeof event === "string" || isObject(event);
  const every = Array.isArray(given) && Array.from(given, isEvent).every(Boolean);
  if (!every) throw wrong("events as a text or as a list of objects", given);
  const json = JSON.stringify(given);
  // Half of a surrogate pair, which is no text in UTF-8, is an escape there; `\\\\` is a backslash.
  if (!/\\ud[89a-f]/.test(json)) return [json, true];
  return [json.replace(/\\\\|\\ud[89a-f]../g, (found) => (found === "\\\\" ? found : "\ufffd")), true];
}

const one = (rules) => text(rules, "rules");

/** Handles of the module, which their owner may free before the garbage collector does. */
class Handle {
  free() {
    this.handle?.free();
    this.handle = undefined;
  }
}

function live({ handle }) {
  if (!handle) throw new TypeError("expected what is in use, found what `free()` freed");
  return handle;
}

if (Symbol.dispose) {
  Handle.prototype[Symbol.dispose] = Handle.prototype.free;
}

export class Compiler extends Handle {
  #collectErrors;

  constructor(target, given = {}) {
    super();
    const { collectErrors = false, ...others } = settings(given, { ...COMPILER, collectErrors: flag });
    this.#collectErrors = collectErrors;
    const all = JSON.stringify({ ...others, target: text(target, "the target") });
    const handle = call(() => new wasm.Compiler(all));
    // It is no part of what is shown of the object.
    Object.defineProperty(this, "handle", { value: handle, writable: true });
  }

  compile(rules) {
    const given = JSON.stringify(files(rules));
    const result = parsed(() => live(this).compile(given));
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
    return live(this).format;
  }

  get extension() {
    return live(this).extension;
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
  #rules;

  constructor(rules) {
    super();
    const handle = call(() => new wasm.RuleSet(one(rules)));
    Object.defineProperty(this, "handle", { value: handle, writable: true });
    this.#rules = parsed(() => handle.rules());
    this.rules = this.#rules.map((_, number) => this.#named(number));
    this.diagnostics = parsed(() => handle.diagnostics());
  }

  /** The rule of a number, for its owner to keep. */
  #named(number) {
    const { place, ...rule } = this.#rules[number];
    return { ...rule, place: { ...place } };
  }

  match(event) {
    return this.matchAll([single(event)])[0];
  }

  matchAll(given) {
    const asked = events(given);
    const matching = parsed(() => live(this).match(...asked));
    return matching.map((rules) => rules.map((rule) => this.#named(rule)));
  }

  explain(event) {
    return this.explainAll([single(event)])[0];
  }

  explainAll(given) {
    const asked = events(given);
    const explained = parsed(() => live(this).explain(...asked));
    return explained.map((rules) => rules.map(({ rule, ...others }) => ({ rule: this.#named(rule), ...others })));
  }
}

function single(event) {
  return object(event, "an event");
}

export function lint(rules, given = {}) {
  const { path = "" } = settings(given, { path: text });
  return parsed(() => wasm.lint(path, one(rules)));
}

export function witness(rules, given = {}) {
  const { limit = 24 } = settings(given, { limit: limited });
  return parsed(() => wasm.witness(one(rules), limit));
}

export function diff(before, after) {
  return parsed(() => wasm.diff(one(before), one(after)));
}

export function page(rules, given = {}) {
  const { targets = [], template = "document" } = settings(given, PAGE);
  const [file, ...others] = files(rules);
  if (!file || others.length > 0) {
    throw wrong("one text, or one {path, text}", rules);
  }
  const [rule, sections] = [JSON.stringify(file), JSON.stringify(targets)];
  return parsed(() => wasm.page(rule, sections, template === "modern"));
}

export function readEvents(given) {
  const bytes = typeof given === "string" ? new TextEncoder().encode(given) : given;
  if (!(bytes instanceof Uint8Array)) {
    throw wrong("events as a text or as bytes", given);
  }
  return parsed(() => wasm.readEvents(bytes));
}

export const targets = () => parsed(() => wasm.targets());
export const pipelines = () => parsed(() => wasm.pipelines());
export const modifiers = () => parsed(() => wasm.modifiers());
export const codes = () => parsed(() => wasm.codes());
export const explain = (code) => JSON.parse(call(() => wasm.explain(text(code, "the code"))) ?? "null");
export const version = () => wasm.version();

export function names(given = {}) {
  const { product, category, service } = settings(given, { product: text, category: text, service: text });
  return parsed(() => wasm.names(product, category, service));
}
