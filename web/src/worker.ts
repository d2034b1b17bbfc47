// The library runs here, so that the page never waits for it.

import load, {
  Compiler,
  RuleSet,
  VarsigmaError,
  diff,
  explain,
  lint,
  names,
  page,
  readEvents,
  witness,
} from "varsigma";
import loadFormats, { readEvents as readFormats } from "varsigma-formats";
import type { Answer, Asked, Converted, Failure, Given, Question, Told } from "./protocol.js";
import type { Choice } from "./state.js";

const ready = load(new URL(WASM_NAME, self.location.href));

/** The module that reads events of every format, fetched when the first file that is not JSON comes. */
let formats: Promise<void> | undefined;

function withFormats(): Promise<void> {
  formats ??= loadFormats(new URL(FORMATS_NAME, self.location.href)).catch((error: unknown) => {
    // A network that was away may be back.
    formats = undefined;
    throw error;
  });
  return formats;
}

async function read(events: string | Uint8Array): Promise<object[]> {
  const bytes = typeof events === "string" ? new TextEncoder().encode(events) : events;
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const first = bytes.subarray(mark).find((byte) => !" \t\r\n".includes(String.fromCharCode(byte)));
  if (first === undefined || "{[".includes(String.fromCharCode(first))) return readEvents(bytes);
  await withFormats();
  return readFormats(bytes);
}

/** So many events are shown: those that match before others. */
const MOST_SHOWN = 200;
/** So many are asked at once. */
const HANDFUL = 1000;

/** Compilers are made once for what they are asked to be. */
const compilers = new Map<string, Compiler>();
const MOST_COMPILERS = 64;

function compiler(choice: Choice): Compiler {
  const key = JSON.stringify(choice);
  let known = compilers.get(key);
  if (!known) {
    const { target, ...settings } = choice;
    known = new Compiler(target, { ...settings, collectErrors: true });
    if (compilers.size >= MOST_COMPILERS) {
      const [oldest, unused] = compilers.entries().next().value!;
      compilers.delete(oldest);
      unused.free();
    }
    compilers.set(key, known);
  }
  return known;
}

function failure(error: unknown): Failure {
  if (error instanceof VarsigmaError) {
    const { code, message, diagnostics } = error;
    // After a trap nothing that the module holds is to be trusted.
    if (code === "VS0003") compilers.clear();
    return { code, message, diagnostics };
  }
  return { code: "", message: error instanceof Error ? error.message : String(error), diagnostics: [] };
}

function converted(rule: string, choice: Choice): Converted {
  try {
    return { result: compiler(choice).compile(rule) };
  } catch (error) {
    return { failure: failure(error) };
  }
}

const answers: { [Q in Question]: (given: Given<Q>) => Answer<Q> | Promise<Answer<Q>> } = {
  convert({ rule, choices }) {
    const begin = performance.now();
    const all = choices.map((choice) => converted(rule, choice));
    return { converted: all, milliseconds: performance.now() - begin };
  },
  lint: ({ rule }) => lint(rule),
  async events({ rule, events }) {
    const all = await read(events);
    const set = new RuleSet(rule);
    try {
      const matches: boolean[] = [];
      for (let from = 0; from < all.length; from += HANDFUL) {
        const matched = set.matchAll(all.slice(from, from + HANDFUL));
        for (const rules of matched) matches.push(rules.length > 0);
      }
      const numbers = [...all.keys()];
      const [matching, others] = [numbers.filter((at) => matches[at]), numbers.filter((at) => !matches[at])];
      const chosen = all.length <= MOST_SHOWN ? numbers : [...matching, ...others].slice(0, MOST_SHOWN);
      const explained = set.explainAll(chosen.map((at) => all[at]!));
      const shown = chosen.map((at, place) => ({ number: at + 1, event: all[at]!, rules: explained[place]! }));
      return { total: all.length, matching: matching.length, events: shown, diagnostics: set.diagnostics };
    } finally {
      set.free();
    }
  },
  witness: ({ rule }) => witness(rule, { limit: 24 }),
  diff({ before, after }) {
    const errors = (rule: string) => lint(rule).filter(({ severity }) => severity === "error");
    return { rules: diff(before, after), before: errors(before), after: errors(after) };
  },
  page: ({ rule, choices, template }) => page(rule, { targets: choices, template }).pages,
  names: (source) => names(source),
  explain: ({ code }) => explain(code),
};

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  const { number, question, given } = data;
  let told: Told;
  try {
    await ready;
    const answer = await (answers[question] as (given: unknown) => unknown)(given);
    told = { number, answer };
  } catch (error) {
    told = { number, failure: failure(error) };
  }
  self.postMessage(told);
};
