// Events that were made for the rule: what it must match, and near misses.

import type { Witness } from "varsigma";
import { copyButton, h } from "../dom.js";
import { type Page, type View, empty, failed, problem } from "../page.js";

export function examples(root: HTMLElement, page: Page, use: (json: string) => void): View {
  return {
    async show() {
      try {
        const answer = await page.engine.latest("witness", { rule: page.state.rule });
        if (!answer) return;
        const { events, diagnostics } = answer;
        const lines = events.map(({ event }) => JSON.stringify(event)).join("\n");
        const all = sequences(events);
        const groups = [all.filter(([{ matches }]) => matches), all.filter(([{ matches }]) => !matches)] as const;
        root.replaceChildren(
          h(
            "div.bar",
            {},
            h("p.summary", {}, `${groups[0].length} that it must match, ${groups[1].length} near misses`),
            h("div.tools", {}, h("button.quiet", { type: "button", disabled: events.length === 0, onclick: () => use(lines) }, "Try them"), copyButton(() => lines, "all events")),
          ),
          ...diagnostics.map((diagnostic) => problem(page, diagnostic)),
          ...(events.length === 0 ? [empty("There are no events for this rule.")] : []),
          ...groups.flatMap((group, at) => (group.length === 0 ? [] : [h("h2", {}, at === 0 ? "It must match" : "It must not match"), h("ul.witnesses", {}, ...group.map(witness))])),
        );
      } catch (error) {
        root.replaceChildren(failed(error));
      }
    },
  };
}

/** An event, or the events of a sequence. */
type Example = [Witness, ...Witness[]];

/** The sequences for correlations are one example each. */
function sequences(events: Witness[]): Example[] {
  const found: Example[] = [];
  for (const event of events) {
    const last = found.at(-1);
    if (event.sequence !== undefined && last?.[0].sequence === event.sequence && last[0].rule === event.rule) last.push(event);
    else found.push([event]);
  }
  return found;
}

function witness(events: Example): HTMLElement {
  const [{ matches, about, sequence }] = events;
  // A sequence has an event a line.
  const json = events.map(({ event }) => (sequence === undefined ? JSON.stringify(event, null, 2) : JSON.stringify(event))).join("\n");
  return h("li", { "data-matches": String(matches) }, h("h3", {}, about), h("pre.json", { tabIndex: 0, "aria-label": about }, json));
}
