// Markdown as elements. What a rule says ends up in it, so nothing is trusted.

import DOMPurify from "dompurify";
import { marked } from "marked";

export function rendered(markdown: string): DocumentFragment {
  const html = marked.parse(markdown, { async: false, gfm: true });
  const fragment = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "img", "svg", "math", "iframe", "video", "audio"],
    FORBID_ATTR: ["style", "id", "class", "name"],
  });
  for (const link of fragment.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  for (const wide of fragment.querySelectorAll("pre, table")) {
    // A keyboard has to be able to scroll it.
    const box = document.createElement("div");
    box.className = "wide";
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", wide.tagName === "PRE" ? "Code" : "Table");
    wide.replaceWith(box);
    box.append(wide);
  }
  return fragment;
}
