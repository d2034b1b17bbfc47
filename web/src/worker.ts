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
import type { Answer, Asked, Converted, Failure, Given, Question, Told } from "./protocol.js";
import type { Choice } from "./state.js";

const ready = load(new URL(WASM_NAME, self.location.href));

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

const answers: { [Q in Question]: (given: Given<Q>) => Answer<Q> } = {
  convert({ rule, choices }) {
    const begin = performance.now();
    const all = choices.map((choice) => converted(rule, choice));
    return { converted: all, milliseconds: performance.now() - begin };
  },
  lint: ({ rule }) => lint(rule),
  events({ rule, events }) {
    const set = new RuleSet(rule);
    try {
      const read = readEvents(events);
      const explained = set.explainAll(read);
      const paired = read.map((event, at) => ({ event, rules: explained[at]! }));
      return { events: paired, diagnostics: set.diagnostics };
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
    const answer = (answers[question] as (given: unknown) => unknown)(given);
    told = { number, answer };
  } catch (error) {
    told = { number, failure: failure(error) };
  }
  self.postMessage(told);
};
