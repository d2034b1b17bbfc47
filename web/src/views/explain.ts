// What codes mean: those of this rule first.

import type { Diagnostic } from "varsigma";
import { h } from "../dom.js";
import { CODES } from "../lists.js";
import { rendered } from "../markdown.js";
import { type Page, type View, empty, failed } from "../page.js";

export interface Explain extends View {
  /** The codes that the rule has now. */
  found(diagnostics: Diagnostic[]): void;
}

export function explain(root: HTMLElement, page: Page): Explain {
  const list = h("ul.codes", { "aria-label": "Codes" });
  const article = h("article.prose", { "aria-live": "polite" });
  const filter = h("input", { type: "search", id: "code-filter", placeholder: "VS0301, or a word", spellcheck: false });
  filter.addEventListener("input", () => listed());
  root.replaceChildren(
    h("div.explain", {}, h("div.index", {}, h("label", { htmlFor: "code-filter" }, "Find a code"), filter, list), article),
  );
  let ofRule: string[] = [];

  function listed(): void {
    const wanted = filter.value.trim().toLowerCase();
    const fits = ({ code, title }: { code: string; title: string }) => `${code} ${title}`.toLowerCase().includes(wanted);
    const fitting = CODES.filter(fits);
    const isOfRule = ({ code }: { code: string }) => ofRule.includes(code);
    const items = [...fitting.filter(isOfRule), ...fitting.filter((code) => !isOfRule(code))].map((entry) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            "aria-current": entry.code === page.state.code ? "true" : undefined,
            onclick: () => page.explain(entry.code),
          },
          h("code", {}, entry.code),
          h("span", {}, entry.title),
          isOfRule(entry) && h("em", {}, "in this rule"),
        ),
      ),
    );
    list.replaceChildren(...items);
  }

  return {
    async show() {
      const { state } = page;
      listed();
      const code = state.code || ofRule[0];
      if (!code) {
        article.replaceChildren(empty("Choose a code: what it means, with an example and what to do."));
        return;
      }
      try {
        const answer = await page.engine.latest("explain", { code });
        if (answer === undefined) return;
        if (answer === null) {
          article.replaceChildren(empty(`There is no code ${code}.`));
          return;
        }
        article.replaceChildren(h("h2", {}, h("code", {}, answer.code), " ", answer.title), rendered(answer.explanation));
      } catch (error) {
        article.replaceChildren(failed(error));
      }
    },
    found(diagnostics) {
      ofRule = [...new Set(diagnostics.map(({ code }) => code))];
    },
  };
}
