/**
 * varsigma compiles Sigma detection rules into the queries of SIEMs.
 *
 * In Node the module is ready when the import is. Browsers load it first: `await init()`.
 */

/**
 * Loads the WebAssembly module, in browsers: from beside the package's files, or what is given (its
 * address, a response, its bytes, a compiled module). In Node it does nothing.
 */
export default function init(
  module?: string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module,
): Promise<void>;

/** A file: `path` names it in messages, and nothing is read. */
export interface File {
  path?: string;
  text: string;
}

/** Rules as YAML: a text, a file, or several that may refer to one another. */
export type Rules = string | File | readonly (string | File)[];

/** How true a query is to its rule: it may match more (`broader`), miss some (`narrower`), or both. */
export type Fidelity = "exact" | "broader" | "narrower" | "approximate";

/** What a compiler is to be like. */
export interface Settings {
  /** The output format; the target's first where none is given. */
  format?: string;
  /** Options of the target. */
  options?: Readonly<Record<string, string | number | boolean>>;
  /** Processing pipelines: built-in ones by name, or files in pySigma's format. */
  pipelines?: readonly (string | File)[];
  /** Prints what another converter prints, its faults included. */
  compat?: "pysigma" | "sigmac";
  /** Makes an error of every query that is not exact. */
  strict?: boolean;
  /** The columns of the tables that rules are asked of: a mapping of Elasticsearch, JSON or TOML. */
  schema?: string;
  /** Backend files of your own; `ours.toml` is the target `ours`. */
  backends?: readonly File[];
  /** Gives a result in which rules have errors, in place of throwing the first. */
  collectErrors?: boolean;
}

/** A place in a text. Lines and columns count from 1; `text.slice(start, end)` is what is there. */
export interface Place {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  start: number;
  end: number;
}

/** An error, a warning or a note. */
export interface Diagnostic {
  /** Its code, which {@link explain} explains: `VS0301`. */
  code: string;
  severity: "error" | "warning" | "note";
  /** What is wrong: `expected X, found Y`. */
  message: string;
  /** The file; missing for a text without a name. */
  path?: string;
  /** The primary place; missing where there is none. */
  place?: Place;
  /** All places, the primary one first. */
  labels: { place: Place; text: string }[];
  /** What to do, a clause each. */
  help: string[];
  /** What to write in place of something deprecated. */
  replacement?: { condition: string; name: string | null; document: string };
  /** All of it for people, with carets. */
  text: string;
}

/** Why a query is not exact. */
export interface Reason {
  path?: string;
  fidelity: Exclude<Fidelity, "exact">;
  /** In a clause: ``a phrase is found only between word breaks``. */
  text: string;
  /** The value of the rule that it is about. */
  place: Place;
}

/** One query. */
export interface Query {
  text: string;
  fidelity: Fidelity;
  reasons: Reason[];
}

/** What became of one rule. */
export interface RuleResult {
  /** The file's path; empty for a text without a name. */
  path: string;
  id: string | null;
  title: string | null;
  place: Place;
  /** One a condition; none where it failed. */
  queries: Query[];
  fidelity: Fidelity;
  /** Why it failed. */
  error: Diagnostic | null;
  diagnostics: Diagnostic[];
  /** It has no queries of its own: it is a filter, or correlations use it. */
  isPart: boolean;
}

/** What became of rules. */
export interface Result {
  /** The queries of all rules, in order. */
  queries: string[];
  /** The one document of all queries, where the format or a pipeline makes one. */
  document: string | null;
  /** How true the queries are, all together. */
  fidelity: Fidelity;
  /** Why queries are not exact, in the rules' order. */
  reasons: Reason[];
  /** Everything there is to say: of pipelines, then of the rules in the order of their texts. */
  diagnostics: Diagnostic[];
  rules: RuleResult[];
}

/** What is thrown where something is wrong with rules, settings or events. */
export class VarsigmaError extends Error {
  /** The code of the first diagnostic. */
  readonly code: string;
  readonly diagnostics: Diagnostic[];
  /** What became of the rules, where some of several failed. */
  readonly result: Result | null;
}

/**
 * Converts rules into the queries of a target.
 *
 * @throws {@link VarsigmaError} if there is no such target, format, option or pipeline, or a rule has
 *   an error. With `collectErrors` a rule's error is in the result.
 */
export function convert(rules: Rules, target: string, settings?: Settings): Result;

/** Compiles rules for one target, in one format: made once, for any number of rules. */
export class Compiler {
  constructor(target: string, settings?: Settings);
  compile(rules: Rules): Result;
  /** The format in force. */
  readonly format: string;
  /** The ending of the format's files, without a dot. */
  readonly extension: string;
  /** Frees its memory now; the garbage collector does so later. */
  free(): void;
}

/** A rule by its names. */
export interface RuleName {
  id: string | null;
  title: string;
  place: Place;
}

/** A part of a condition, and how it fared. */
export interface Trace {
  /** Did it hold? */
  held: boolean;
  /** What it asks: `Image: '*\cmd.exe'`, or how its parts are joined. */
  what: string;
  /** Where its value is in the rule; missing for groups. */
  place?: Place;
  /** Of a test the values that it saw; null where the event has no such field. */
  seen?: string[] | null;
  parts?: Trace[];
}

/** A rule and an event. */
export interface Explained {
  rule: RuleName;
  matches: boolean;
  /** One a condition; the rule matches where one of them holds. */
  conditions: Trace[];
}

/**
 * Events: objects, each of which is one event as it is, or their JSON: one after another, one a line,
 * or in an array. What wraps events is taken off in JSON, as {@link readEvents} does, and is a part of
 * the event in objects.
 */
export type Events = string | readonly object[];

/** Rules, prepared for many events. */
export class RuleSet {
  constructor(rules: string);
  /** The rules that are asked. */
  readonly rules: RuleName[];
  /** What is wrong with the rules, and why some are not asked: correlations are about many events. */
  readonly diagnostics: Diagnostic[];
  /** The rules that match an event, in their order. */
  match(event: object): RuleName[];
  /** The same for each of many events. */
  matchAll(events: Events): RuleName[][];
  /** Why each rule matches an event, or doesn't. */
  explain(event: object): Explained[];
  /** The same for each of many events. */
  explainAll(events: Events): Explained[][];
  /** Frees its memory now; the garbage collector does so later. */
  free(): void;
}

/**
 * Reads events as files hold them (JSON, lines of a log), and gives them as rules see them: what
 * wraps them taken off, records of Windows flat.
 */
export function readEvents(events: string | Uint8Array): object[];

/** What is wrong with rules, and what is most likely not meant. */
export function lint(rules: string, settings?: { path?: string }): Diagnostic[];

/** An event that was made for a rule. */
export interface Witness {
  /** Does the rule match it? Of a correlation: does it fire on the sequence? */
  matches: boolean;
  /** What it is there for: `Image: in other case`. */
  about: string;
  event: Record<string, unknown>;
  /** The rule's id, or else its title. */
  rule: string;
  /** Of a correlation the number of the sequence that the event is part of. */
  sequence?: number;
}

/**
 * Events that rules must match, and near misses that they must not: `limit` for each condition, from
 * 1 to 256. Of correlations they are sequences of events. Filters in the text are joined to its rules.
 */
export function witness(
  rules: string,
  settings?: { limit?: number },
): { events: Witness[]; diagnostics: Diagnostic[] };

/** How the events that two versions of a rule match relate. */
export interface Meaning {
  relation: "equal" | "broader" | "narrower" | "changed" | "unknown";
  /** Why it is not known, or how it is proven. */
  why?: string;
  /** An event that the new version alone matches; of a correlation, a list of them. */
  gained?: unknown;
  /** An event that the old version alone matched. */
  lost?: unknown;
  /** What was edited, in a reviewer's words. */
  edits: { text: string }[];
}

/** A rule in two versions. */
export interface Comparison {
  id: string | null;
  title: string | null;
  /** Is it in the old version, and in the new one? */
  before: boolean;
  after: boolean;
  /** Null where it is new, gone or has an error. */
  meaning: Meaning | null;
}

/** Compares rules with a new version of them: what is claimed is proven, or shown by an event. */
export function diff(before: string, after: string): Comparison[];

/** Makes a page of each rule, as Markdown: what it finds, what it needs, its queries. */
export function page(
  rules: string | File,
  settings?: {
    /** A section for each; `splunk` in the words of the founding document if none is given. */
    targets?: readonly (string | ({ target: string } & Omit<Settings, "collectErrors">))[];
    template?: "document" | "modern";
  },
): { pages: string[]; diagnostics: Diagnostic[] };

/** A target: an engine, by the language that it searches with. */
export interface Target {
  name: string;
  title: string;
  about: string;
  /** Other names that it is known as. */
  aliases: string[];
  /** What `compat` it has. */
  compat: ("pysigma" | "sigmac")[];
  /** The first is taken where none is asked for. `isWhole`: one document for all queries. */
  formats: { name: string; title: string; extension: string; isWhole: boolean }[];
  /** `values` is empty where any is taken. */
  options: { name: string; about: string; default: string; values: string[] }[];
}

/** The targets that come with the library. */
export function targets(): Target[];

/** The pipelines that come with the library; `targets` is empty where it is for all. */
export function pipelines(): { name: string; title: string; priority: number; targets: string[] }[];

/** The value modifiers of rules, the usual spelling first. */
export function modifiers(): { names: string[]; about: string }[];

/** What a code of diagnostics means: Markdown. */
export interface Explanation {
  code: string;
  title: string;
  explanation: string;
}

/** What a code means; null if there is none of that number. */
export function explain(code: string): Explanation | null;

/** Every code. */
export function codes(): Explanation[];

/** Names for editors that complete them. */
export interface Names {
  products: string[];
  categories: string[];
  services: string[];
  /** The fields of the log source that was given. */
  fields: string[];
}

/** The names of log sources and, of the one that is given, its fields. */
export function names(logsource?: { product?: string; category?: string; service?: string }): Names;

/** The library's version. */
export function version(): string;
