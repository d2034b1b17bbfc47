// What the views are given.

import type { Diagnostic, Fidelity, Place } from "varsigma";
import { h } from "./dom.js";
import type { Engine } from "./engine.js";
import type { State } from "./state.js";

export interface Page {
  readonly engine: Engine;
  readonly state: State;
  /** The state was changed: the address is to say so. */
  saved(): void;
  /** Shows a place of the rule. */
  reveal(place: Place): void;
  /** Shows what a code means. */
  explain(code: string): void;
}

/** A tab: it is shown when it is chosen, and again when the rule changes while it is. */
export interface View {
  show(): void | Promise<void>;
}

const SIGNS: Record<Fidelity, [sign: string, about: string]> = {
  exact: ["=", "It matches exactly the events that the rule describes."],
  broader: ["⊃", "It may match more than the rule."],
  narrower: ["⊂", "It may miss some of what the rule matches."],
  approximate: ["≈", "It may match more, and miss some."],
};

export function fidelity(value: Fidelity): HTMLElement {
  const [sign, about] = SIGNS[value];
  return h("span.fidelity", { "data-fidelity": value, title: about }, h("span.sign", { "aria-hidden": "true" }, sign), value);
}

export const lineButton = (page: Page, place: Place): HTMLButtonElement =>
  h("button.link.line", { type: "button", onclick: () => page.reveal(place) }, `line ${place.line}`);

const codeButton = (page: Page, code: string): HTMLButtonElement =>
  h("button.link.code", { type: "button", onclick: () => page.explain(code), title: "What does this mean?" }, code);

/** A diagnostic with its carets. */
export function problem(page: Page, diagnostic: Diagnostic): HTMLElement {
  const { severity, code, message, place, help, text } = diagnostic;
  // The first line of the text says what the heading does.
  const [, ...carets] = text.split("\n").filter((line) => !/^ *= help: /.test(line) && !/^ *\|?$/.test(line) && !/^ *--> ?/.test(line));
  return h(
    "article.problem",
    { "data-severity": severity },
    h("h3", {}, h("span.severity", {}, severity), " ", message, " ", codeButton(page, code), place && " ", place && lineButton(page, place)),
    carets.length > 0 && h("pre.carets", { tabIndex: 0, "aria-label": "The place in the rule" }, carets.join("\n")),
    ...help.map((help) => h("p.help", {}, help)),
  );
}

/** The same in a line, for where carets are too much. */
export function complaint(page: Page, { severity, code, message, place }: Diagnostic): HTMLElement {
  return h("li", { "data-severity": severity }, h("span.severity", {}, severity), " ", message, " ", codeButton(page, code), place && " ", place && lineButton(page, place));
}

export const empty = (...text: (string | Node)[]): HTMLElement => h("p.empty", {}, ...text);

/** What a view shows where the engine failed. */
export function failed(error: unknown): HTMLElement {
  return h("p.failure", {}, error instanceof Error ? error.message : String(error));
}
