// The page: a rule on the left, what becomes of it on the right.

import type { Diagnostic } from "varsigma";
import { announce, byId, debounced, h } from "./dom.js";
import { editor } from "./editor.js";
import { Engine } from "./engine.js";
import type { Page, View } from "./page.js";
import { SAMPLES } from "./samples.js";
import { splitter } from "./splitter.js";
import { type State, type Tab, fromFragment, initial, toFragment } from "./state.js";
import { tabs } from "./tabs.js";
import { theme } from "./theme.js";
import { diff } from "./views/diff.js";
import { events } from "./views/events.js";
import { examples } from "./views/examples.js";
import { explain } from "./views/explain.js";
import { lint } from "./views/lint.js";
import { document_ } from "./views/page.js";
import { queries } from "./views/queries.js";

declare const WORKER_NAME: string;

theme();
splitter();
const engine = new Engine(WORKER_NAME);
const state: State = (await fromFragment(location.hash)) ?? initial();

const save = debounced(250, async () => {
  history.replaceState(null, "", `#${await toFragment(state)}`);
});

let tab: Tab = state.tab;
const page: Page = {
  engine,
  state,
  saved: save,
  reveal: (place) => {
    byId("rule").scrollIntoView({ block: "nearest" });
    rule.reveal(place);
  },
  explain(code) {
    state.code = code;
    if (tab === "explain") void views.explain.show();
    else choice.choose("explain", true);
    save();
  },
};

const rule = editor(byId("editor"), "The rule", state.rule, engine, (text) => {
  state.rule = text;
  save();
  update();
}, page.explain);

const lints = lint(byId("panel-lint"), page);
const cards = queries(byId("panel-queries"), page, () => {
  save();
  void convert();
});
const tried = events(byId("panel-events"), page);
const compared = diff(byId("panel-diff"), page);
const explained = explain(byId("panel-explain"), page);
const views: Record<Tab, View> = {
  queries: { show: () => convert() },
  events: tried,
  examples: examples(byId("panel-examples"), page, (json) => {
    tried.set(json);
    choice.choose("events", true);
  }),
  diff: compared,
  lint: { show() {} },
  explain: explained,
  page: document_(byId("panel-page"), page),
};

const choice = tabs((chosen) => {
  tab = chosen;
  state.tab = chosen;
  save();
  void views[chosen].show();
});

/** Where a measurement looks: how long it took from a change to the queries that are shown. */
declare global {
  interface Window {
    varsigmaTimes?: number[];
  }
}

async function convert(begin = performance.now()): Promise<void> {
  const answer = await engine.latest("convert", { rule: state.rule, choices: state.choices });
  if (!answer) return;
  cards.show(answer.converted);
  const took = performance.now() - begin;
  (window.varsigmaTimes ??= []).push(took);
  byId("time").textContent = `${took.toFixed(took < 10 ? 1 : 0)} ms`;
  byId("time").title = `${answer.milliseconds.toFixed(1)} ms of it in the library, for ${state.choices.length} targets`;
}

async function check(): Promise<void> {
  const found = await engine.latest("lint", { rule: state.rule });
  if (!found) return;
  rule.mark(found);
  lints.show(found);
  explained.found(found);
  counted(found);
}

function counted(found: Diagnostic[]): void {
  const of = (severity: string) => found.filter((diagnostic) => diagnostic.severity === severity).length;
  const [errors, warnings, notes] = [of("error"), of("warning"), of("note")];
  const plural = (count: number, word: string) => (count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`);
  const text = [plural(errors, "error"), plural(warnings, "warning"), plural(notes, "note")].filter(Boolean).join(", ");
  const status = byId("status");
  status.textContent = text || "no problems";
  status.dataset.severity = errors ? "error" : warnings ? "warning" : "none";
  byId("tab-lint-count").textContent = found.length > 0 ? String(found.length) : "";
  say(text || "no problems");
}
const sayLater = debounced(900, () => announce(toSay));
let toSay = "";
const say = (text: string) => {
  toSay = text;
  sayLater();
};

/** The rule changed: queries at once, the rest after them. What lint says never keeps the next keystroke
 * waiting, which is why it waits for a pause. */
function update(): void {
  const begin = performance.now();
  void convert(begin);
  checkLater();
  if (tab !== "queries") shownLater();
}
const checkLater = debounced(80, () => void check());
const shownLater = debounced(60, () => void views[tab].show());

byId("status").addEventListener("click", () => choice.choose("lint", true));

const samples = byId<HTMLSelectElement>("samples");
for (const [at, { name }] of SAMPLES.entries()) samples.append(h("option", { value: String(at) }, name));
samples.addEventListener("change", () => {
  const sample = SAMPLES[Number(samples.value)];
  samples.value = "";
  if (!sample) return;
  tried.set(sample.events);
  compared.set(sample.before);
  rule.set(sample.rule);
});

const share = byId<HTMLButtonElement>("share");
share.addEventListener("click", async () => {
  const address = new URL(`#${await toFragment(state)}`, location.href).href;
  history.replaceState(null, "", address);
  const label = share.querySelector("span")!;
  try {
    await navigator.clipboard.writeText(address);
    label.textContent = "Link copied";
  } catch {
    label.textContent = "It is in the address";
  }
  announce(label.textContent);
  setTimeout(() => (label.textContent = "Share"), 1800);
});

addEventListener("hashchange", async () => {
  const other = await fromFragment(location.hash);
  if (!other) return;
  Object.assign(state, other);
  tried.set(state.events);
  compared.set(state.before);
  rule.set(state.rule);
  choice.choose(state.tab);
  void convert();
});

choice.choose(state.tab);
if (tab !== "queries") void convert();
void check();
document.documentElement.dataset.ready = "";

if ("serviceWorker" in navigator && (location.protocol === "https:" || location.hostname === "localhost" || location.hostname === "127.0.0.1")) {
  void navigator.serviceWorker.register("sw.js");
}
