// What is wrong with the rule, and what is most likely not meant.

import type { Diagnostic } from "varsigma";
import { type Page, empty, problem } from "../page.js";

export function lint(root: HTMLElement, page: Page): { show(diagnostics: Diagnostic[]): void } {
  return {
    show(diagnostics) {
      const problems = diagnostics.map((diagnostic) => problem(page, diagnostic));
      root.replaceChildren(...(problems.length > 0 ? problems : [empty("Nothing to say: the rule is well formed, and follows the conventions.")]));
    },
  };
}
