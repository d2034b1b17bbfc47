// A card for each target: its query, how true it is, what to blame.

import type { Reason, Result } from "varsigma";
import { copyButton, h } from "../dom.js";
import { PIPELINES, TARGETS, pipelinesOf, targetOf } from "../lists.js";
import { type Page, complaint, fidelity, lineButton } from "../page.js";
import type { Converted } from "../protocol.js";
import type { Choice } from "../state.js";

export interface Queries {
  show(converted: Converted[]): void;
}

interface Card {
  readonly element: HTMLElement;
  show(converted: Converted): void;
}

export function queries(root: HTMLElement, page: Page, changed: () => void): Queries {
  let cards: Card[] = [];
  const grid = h("div.cards");
  const add = h("select.add", { "aria-label": "Add a target", id: "add-target" });
  add.append(h("option", { value: "" }, "Add a target…"), ...TARGETS.map(({ name, title }) => h("option", { value: name }, title)));
  add.addEventListener("change", () => {
    if (!add.value) return;
    page.state.choices.push({ target: add.value });
    add.value = "";
    rebuild();
    changed();
  });
  root.replaceChildren(grid, h("div.after-cards", {}, add));

  function rebuild(): void {
    const { choices } = page.state;
    cards = choices.map((choice) =>
      card(page, choice, changed, () => {
        choices.splice(choices.indexOf(choice), 1);
        rebuild();
        changed();
        add.focus();
      }),
    );
    grid.replaceChildren(...cards.map(({ element }) => element));
  }
  rebuild();
  return {
    show(converted) {
      if (cards.length !== page.state.choices.length) rebuild();
      for (const [at, one] of converted.entries()) cards[at]?.show(one);
    },
  };
}

let number = 0;

function card(page: Page, choice: Choice, changed: () => void, remove: () => void): Card {
  const id = `card-${++number}`;
  const target = targetOf(choice.target);
  const title = target?.title ?? choice.target;
  const mark = h("span.mark");
  const body = h("div.card-body");
  let text = "";
  let last = "";
  const copy = copyButton(() => text, `the query for ${title}`);
  const settings = h("div.settings", { id: `${id}-settings`, hidden: true });
  const count = h("span.count");
  const toggle = h(
    "button.quiet",
    {
      type: "button",
      "aria-expanded": "false",
      "aria-controls": settings.id,
      onclick: () => {
        settings.hidden = !settings.hidden;
        toggle.setAttribute("aria-expanded", String(!settings.hidden));
        if (!settings.hidden && settings.childElementCount === 0) fill();
      },
    },
    "Options",
    count,
    h("span.unseen", {}, ` of ${title}`),
  );
  const tally = () => {
    const set = Object.keys(choice.options ?? {}).length + (choice.pipelines?.length ?? 0) + (choice.compat ? 1 : 0);
    count.textContent = set > 0 ? ` ${set}` : "";
  };
  const set = () => {
    tally();
    changed();
  };
  const fill = () => settings.replaceChildren(...fields(id, choice, set));
  tally();

  const formats = h("select.format", { "aria-label": `Format for ${title}` });
  for (const format of target?.formats ?? []) {
    formats.append(h("option", { value: format.name, title: format.title }, format.name));
  }
  formats.value = choice.format ?? target?.formats[0]?.name ?? "";
  formats.addEventListener("change", () => {
    if (formats.value === target?.formats[0]?.name) delete choice.format;
    else choice.format = formats.value;
    changed();
  });

  const element = h(
    "section.card",
    { "aria-labelledby": id },
    h(
      "header",
      {},
      h("h2", { id }, title),
      mark,
      h(
        "div.tools",
        {},
        (target?.formats.length ?? 0) > 1 && formats,
        toggle,
        copy,
        h("button.quiet.remove", { type: "button", "aria-label": `Remove ${title}`, title: "Remove", onclick: remove }, "×"),
      ),
    ),
    settings,
    body,
  );
  return {
    element,
    show(converted) {
      // Most keystrokes change nothing of most queries.
      const now = JSON.stringify(converted);
      if (now === last) return;
      last = now;
      if ("failure" in converted) {
        text = "";
        mark.replaceChildren(h("span.fidelity", { "data-fidelity": "none" }, "no query"));
        body.replaceChildren(h("p.failure", {}, converted.failure.message));
      } else {
        text = shown(converted.result);
        const ok = text !== "";
        mark.replaceChildren(ok ? fidelity(converted.result.fidelity) : h("span.fidelity", { "data-fidelity": "none" }, "no query"));
        body.replaceChildren(...contents(page, converted.result, text, title));
      }
      copy.disabled = text === "";
    },
  };
}

const shown = (result: Result): string => result.document ?? result.queries.join("\n\n");

function contents(page: Page, result: Result, text: string, title: string): HTMLElement[] {
  const elements: HTMLElement[] = [];
  if (text) elements.push(h("pre.query", { tabIndex: 0, role: "region", "aria-label": `The query for ${title}` }, text));
  const reasons = unique(result.reasons);
  if (reasons.length > 0) {
    const items = reasons.map((reason) =>
      h("li", { "data-fidelity": reason.fidelity }, h("span.which", {}, reason.fidelity), " ", reason.text, " ", lineButton(page, reason.place)),
    );
    elements.push(h("ul.reasons", { "aria-label": "Why it is not exact" }, ...items));
  }
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    elements.push(h("ul.complaints", { "aria-label": "Why there is no query" }, ...errors.map((error) => complaint(page, error))));
  }
  return elements;
}

function unique(reasons: Reason[]): Reason[] {
  const seen = new Set<string>();
  return reasons.filter(({ text, place }) => {
    const key = `${text} ${place.start}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** The form of a card: options, pipelines, profile. */
function fields(id: string, choice: Choice, changed: () => void): HTMLElement[] {
  const target = targetOf(choice.target);
  const rows: HTMLElement[] = [];
  for (const option of target?.options ?? []) {
    const control = `${id}-option-${option.name}`;
    const set = (value: string) => {
      const options = { ...choice.options };
      if (value === option.default || value === "") delete options[option.name];
      else options[option.name] = value;
      if (Object.keys(options).length > 0) choice.options = options;
      else delete choice.options;
      changed();
    };
    const value = choice.options?.[option.name] ?? option.default;
    const input =
      option.values.length > 0
        ? h("select", { id: control }, ...option.values.map((value) => h("option", { value }, value)))
        : h("input", { id: control, type: "text", spellcheck: false, placeholder: option.default });
    input.value = option.values.length > 0 ? value : (choice.options?.[option.name] ?? "");
    input.addEventListener(option.values.length > 0 ? "change" : "input", () => set(input.value));
    rows.push(h("div.field", {}, h("label", { htmlFor: control }, option.name), input, h("p.about", {}, option.about)));
  }
  if (target && target.compat.length > 0) {
    const control = `${id}-compat`;
    const input = h("select", { id: control }, h("option", { value: "" }, "native"), ...target.compat.map((value) => h("option", { value }, value)));
    input.value = choice.compat ?? "";
    input.addEventListener("change", () => {
      if (input.value) choice.compat = input.value as "sigmac" | "pysigma";
      else delete choice.compat;
      changed();
    });
    rows.push(h("div.field", {}, h("label", { htmlFor: control }, "compat"), input, h("p.about", {}, "whose queries: its own, or those that another converter prints")));
  }
  const pipelines = target ? pipelinesOf(target.name) : PIPELINES;
  const boxes = pipelines.map(({ name, title }) => {
    const box = h("input", { type: "checkbox", checked: choice.pipelines?.includes(name) ?? false });
    box.addEventListener("change", () => {
      const others = (choice.pipelines ?? []).filter((known) => known !== name);
      const all = box.checked ? [...others, name] : others;
      if (all.length > 0) choice.pipelines = all;
      else delete choice.pipelines;
      changed();
    });
    return h("label.check", { title }, box, h("span", {}, name));
  });
  rows.push(h("fieldset.pipelines", {}, h("legend", {}, "pipelines"), ...boxes));
  return rows;
}
