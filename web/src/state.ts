// What the page shows, and the fragment of its address that says so.
//
// `#1.` and the state as JSON, compressed (raw deflate), in base64url: a link is a bug report.

import { SAMPLES } from "./samples.js";

/** A target, as a card of queries asks for it. */
export interface Choice {
  target: string;
  format?: string;
  options?: Record<string, string>;
  pipelines?: string[];
  compat?: "sigmac" | "pysigma";
}

export const TABS = ["queries", "events", "examples", "diff", "lint", "explain", "page"] as const;
export type Tab = (typeof TABS)[number];

export interface State {
  rule: string;
  choices: Choice[];
  tab: Tab;
  /** JSON of the tab *events*. */
  events: string;
  /** The version that the tab *diff* compares with. */
  before: string;
  /** The code that the tab *explain* shows. */
  code: string;
  template: "modern" | "document";
}

export function initial(): State {
  const [sample] = SAMPLES;
  return {
    rule: sample.rule,
    choices: [{ target: "splunk" }, { target: "kusto", pipelines: ["microsoft_xdr"] }, { target: "kql" }, { target: "postgres" }],
    tab: "queries",
    events: sample.events,
    before: sample.before,
    code: "",
    template: "modern",
  };
}

const FORM = "1.";

async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array<ArrayBuffer>> {
  const response = new Response(new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>));
  return new Uint8Array(await response.arrayBuffer());
}

export async function toFragment(state: State): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const packed = await through(bytes as Uint8Array<ArrayBuffer>, new CompressionStream("deflate-raw"));
  let text = "";
  for (const byte of packed) text += String.fromCharCode(byte);
  return FORM + btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The state that a fragment says, or nothing where it says none. Whatever is not of the right type is left out. */
export async function fromFragment(fragment: string): Promise<State | undefined> {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith(FORM)) return undefined;
  try {
    const packed = atob(text.slice(FORM.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(packed, (c) => c.charCodeAt(0));
    const json = new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
    return checked(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function checked(given: Partial<State>): State {
  const state = initial();
  for (const key of ["rule", "events", "before", "code"] as const) {
    if (typeof given[key] === "string") state[key] = given[key];
  }
  if (TABS.includes(given.tab as Tab)) state.tab = given.tab as Tab;
  if (given.template === "document") state.template = "document";
  if (Array.isArray(given.choices)) {
    state.choices = given.choices.filter((choice) => typeof choice?.target === "string").map(checkedChoice);
  }
  return state;
}

function checkedChoice({ target, format, options, pipelines, compat }: Choice): Choice {
  const choice: Choice = { target };
  if (typeof format === "string") choice.format = format;
  if (options && typeof options === "object") {
    const pairs = Object.entries(options).filter(([, value]) => typeof value === "string");
    choice.options = Object.fromEntries(pairs);
  }
  if (Array.isArray(pipelines)) choice.pipelines = pipelines.filter((name) => typeof name === "string");
  if (compat === "sigmac" || compat === "pysigma") choice.compat = compat;
  return choice;
}
