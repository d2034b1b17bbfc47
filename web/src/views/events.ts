// Events that are pasted or dropped: which of them match, and why.

import type { Explained, Trace } from "varsigma";
import { announce, byId, debounced, h } from "../dom.js";
import { type Page, type View, empty, failed, lineButton, problem } from "../page.js";

export interface Events extends View {
  /** Shows these events. */
  set(json: string): void;
}

/** No more than this is kept in the address. */
const MOST_KEPT = 64 * 1024;

/** A file that is no longer than this, and a text, can be edited. */
const MOST_EDITED = 1 << 20;

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

export function events(root: HTMLElement, page: Page): Events {
  const results = h("div.results", { "aria-live": "polite" });
  const area = h("textarea", {
    id: "events-text",
    spellcheck: false,
    autocapitalize: "off",
    rows: 10,
    placeholder: 'Paste events, or drop a file (EVTX, too): {"Image": "C:\\\\Windows\\\\System32\\\\cmd.exe"}',
  });
  /** A file's bytes, if it is not a text to be edited. */
  let file: { name: string; bytes: Uint8Array } | undefined;
  const chosen = h("p.file", { hidden: true });
  const picker = h("input", { type: "file", id: "events-file", accept: ".json,.jsonl,.ndjson,.evtx,.xml,.csv,.tsv,.log,.txt,.gz,.zst" });
  picker.addEventListener("change", () => picker.files?.[0] && void take(picker.files[0]));
  area.addEventListener("input", () => {
    drop();
    page.state.events = area.value.length <= MOST_KEPT ? area.value : "";
    page.saved();
    later();
  });
  const drop = () => {
    file = undefined;
    chosen.hidden = true;
  };

  async function take(given: File): Promise<void> {
    const bytes = new Uint8Array(await given.arrayBuffer());
    const text = bytes.length <= MOST_EDITED ? textOf(bytes) : undefined;
    if (text === undefined) {
      file = { name: given.name, bytes };
      chosen.textContent = `${given.name}, ${bytes.length.toLocaleString("en")} bytes`;
      chosen.hidden = false;
    } else {
      drop();
      area.value = text;
      page.state.events = area.value.length <= MOST_KEPT ? area.value : "";
      page.saved();
    }
    await show();
  }

  const panel = byId("panel-events");
  panel.addEventListener("dragover", (event) => {
    event.preventDefault();
    panel.classList.add("dropping");
  });
  panel.addEventListener("dragleave", () => panel.classList.remove("dropping"));
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    panel.classList.remove("dropping");
    const dropped = event.dataTransfer?.files[0];
    if (dropped) void take(dropped);
  });

  root.replaceChildren(
    h("div.input", {}, h("div.bar", {}, h("label", { htmlFor: "events-text" }, "Events"), h("label.pick", { htmlFor: "events-file" }, "Open a file", picker)), area, chosen),
    results,
  );
  area.value = page.state.events;

  async function show(): Promise<void> {
    const given = file?.bytes ?? area.value;
    if (given.length === 0) {
      results.replaceChildren(empty("Which of these events does the rule match? Paste events or drop a file (JSON, Windows event logs, XML, tables, syslog and others), or take the examples that were made for the rule."));
      return;
    }
    try {
      const answer = await page.engine.latest("events", { rule: page.state.rule, events: given });
      if (!answer) return;
      const { matching, total } = answer;
      const summary = `${matching} of ${total} ${total === 1 ? "event matches" : "events match"}`;
      results.replaceChildren(
        h("p.summary", {}, summary),
        ...answer.diagnostics.map((diagnostic) => problem(page, diagnostic)),
        ...answer.events.map(({ number, event, rules }, at) => shown(page, event, rules, number, at === 0)),
        total > answer.events.length ? empty(`${answer.events.length} of ${total} are shown, those that match before others.`) : "",
      );
      announce(summary);
    } catch (error) {
      results.replaceChildren(failed(error));
    }
  }
  const later = debounced(120, () => void show());
  return {
    show,
    set(json) {
      drop();
      area.value = json;
      page.state.events = json;
      page.saved();
    },
  };
}

function shown(page: Page, event: unknown, rules: Explained[], number: number, open: boolean): HTMLElement {
  const matches = rules.some((rule) => rule.matches);
  const names = rules.filter((rule) => rule.matches).map(({ rule }) => rule.title);
  const details = h("details.event", { "data-matches": String(matches), open });
  details.append(
    h("summary", {}, h("span.verdict", {}, matches ? "match" : "no match"), h("span.number", {}, `event ${number}`), h("span.names", {}, names.join(", "))),
    h("pre.json", { tabIndex: 0, "aria-label": `Event ${number}` }, JSON.stringify(event, null, 2)),
    ...rules.map(({ rule, matches, conditions }) =>
      h(
        "div.why",
        {},
        h("h3", {}, rules.length > 1 ? `${rule.title}: ` : "", matches ? "why it matches" : "why it does not match"),
        ...conditions.map((trace) => h("ul.trace", {}, part(page, trace))),
      ),
    ),
  );
  return details;
}

function part(page: Page, trace: Trace): HTMLLIElement {
  const parts = trace.parts ?? [];
  const seen = trace.seen === undefined ? [] : trace.seen === null ? ["the field is missing"] : trace.seen.length === 0 ? ["no text"] : trace.seen;
  const isTest = trace.seen !== undefined;
  return h(
    "li",
    { "data-held": String(trace.held) },
    h("span.held", {}, trace.held ? "✓" : "✗", h("span.unseen", {}, trace.held ? " held" : " failed")),
    " ",
    isTest ? h("code", {}, trace.what) : trace.what,
    isTest && h("span.seen", {}, " saw ", ...seen.map((value) => h(trace.seen?.length ? "code" : "em", {}, value))),
    trace.place && " ",
    trace.place && lineButton(page, trace.place),
    parts.length > 0 && h("ul", {}, ...parts.map((trace) => part(page, trace))),
  );
}
