// The rule beside another version of it: broader or narrower, and the event that shows it.

import type { Comparison, Meaning } from "varsigma";
import { announce, h } from "../dom.js";
import { type Editor, editor } from "../editor.js";
import { type Page, type View, empty, failed, problem } from "../page.js";

const RELATIONS: Record<Meaning["relation"], [sign: string, text: string]> = {
  equal: ["=", "Both match the same events"],
  broader: ["⊃", "The rule matches more than before"],
  narrower: ["⊂", "The rule matches less than before"],
  changed: ["≠", "Each matches an event that the other does not"],
  unknown: ["?", "How they relate is not known"],
};

export interface Diff extends View {
  set(before: string): void;
}

export function diff(root: HTMLElement, page: Page): Diff {
  const results = h("div.results", { "aria-live": "polite" });
  const host = h("div.editor.second");
  const take = h("button.quiet", { type: "button", onclick: () => before?.set(page.state.rule) }, "Take the rule as it is now");
  root.replaceChildren(h("div.bar", {}, h("h2", {}, "Before"), take), host, results);
  let before: Editor | undefined;

  async function show(): Promise<void> {
    before ??= editor(host, "The version before", page.state.before, page.engine, (text) => {
      page.state.before = text;
      page.saved();
      void show();
    }, page.explain);
    if (page.state.before.trim() === "") {
      before.mark([]);
      results.replaceChildren(empty("Paste another version of the rule above. What is claimed of the two is proven, or shown by an event."));
      return;
    }
    try {
      const answer = await page.engine.latest("diff", { before: page.state.before, after: page.state.rule });
      if (!answer) return;
      before.mark(answer.before);
      results.replaceChildren(
        ...answer.before.map((diagnostic) => problem(page, diagnostic)),
        ...answer.rules.map(compared),
      );
      announce(answer.rules.map(({ meaning }) => (meaning ? RELATIONS[meaning.relation][1] : "")).join(", "));
    } catch (error) {
      results.replaceChildren(failed(error));
    }
  }
  return {
    show,
    set(text) {
      page.state.before = text;
      if (before && before.text() !== text) before.set(text);
    },
  };
}

function compared({ title, before, after, meaning }: Comparison): HTMLElement {
  if (!meaning) {
    const text = !before ? "is new" : !after ? "is gone" : "has an error in one version";
    return h("section.comparison", {}, h("h2", {}, title ?? "A rule"), h("p", {}, `The rule ${text}.`));
  }
  const [sign, text] = RELATIONS[meaning.relation];
  return h(
    "section.comparison",
    { "data-relation": meaning.relation },
    h("h2", {}, h("span.sign", { "aria-hidden": "true" }, sign), text),
    title && h("p.quiet-text", {}, title),
    meaning.why && h("p", {}, sentence(meaning.why)),
    meaning.edits.length > 0 && h("ul.edits", {}, ...meaning.edits.map(({ text }) => h("li", {}, text))),
    ...shown("Only the rule as it is now matches this", meaning.gained),
    ...shown("Only the version before matches this", meaning.lost),
  );
}

const sentence = (clause: string) => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

function shown(heading: string, event: unknown): HTMLElement[] {
  if (event === undefined || event === null) return [];
  return [h("h3", {}, heading), h("pre.json", { tabIndex: 0, "aria-label": heading }, JSON.stringify(event, null, 2))];
}
