// The document of the rule.

import { copyButton, h } from "../dom.js";
import { rendered } from "../markdown.js";
import { type Page, type View, empty, failed } from "../page.js";

export function document_(root: HTMLElement, page: Page): View {
  let markdown = "";
  const article = h("article.prose");
  const template = h("select", { id: "page-template" }, h("option", { value: "modern" }, "modern"), h("option", { value: "document" }, "document"));
  template.value = page.state.template;
  template.addEventListener("change", () => {
    page.state.template = template.value as "modern" | "document";
    page.saved();
    void show();
  });
  const source = h("input", { type: "checkbox", id: "page-source" });
  source.addEventListener("change", () => shown());
  root.replaceChildren(
    h(
      "div.bar",
      {},
      h("div.field.inline", {}, h("label", { htmlFor: "page-template" }, "Template"), template),
      h("div.tools", {}, h("label.check", {}, source, h("span", {}, "Markdown")), copyButton(() => markdown, "the page")),
    ),
    article,
  );

  function shown(): void {
    if (markdown === "") article.replaceChildren(empty("There is no page of this rule."));
    else if (source.checked) article.replaceChildren(h("pre.query", { tabIndex: 0, "aria-label": "Markdown" }, markdown));
    else article.replaceChildren(rendered(markdown));
  }
  async function show(): Promise<void> {
    try {
      const pages = await page.engine.latest("page", { rule: page.state.rule, choices: page.state.choices, template: page.state.template });
      if (!pages) return;
      markdown = pages.join("\n\n---\n\n");
      shown();
    } catch (error) {
      article.replaceChildren(failed(error));
    }
  }
  return { show };
}
