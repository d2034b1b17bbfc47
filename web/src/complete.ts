// What can be written where the cursor is.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import type { Engine } from "./engine.js";
import { MODIFIERS } from "./lists.js";

const option = (labels: readonly string[], type: string, apply?: (label: string) => string): Completion[] =>
  labels.map((label) => ({ label, type, ...(apply ? { apply: apply(label) } : {}) }));

const ATTRIBUTES = [
  "title", "id", "name", "status", "description", "references", "author", "date", "modified", "tags",
  "logsource", "detection", "correlation", "filter", "fields", "falsepositives", "level", "license", "related",
];
const BELOW: Record<string, readonly string[]> = {
  logsource: ["category", "product", "service", "definition"],
  detection: ["condition", "selection", "filter", "keywords"],
  correlation: ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"],
};
const VALUES: Record<string, readonly string[]> = {
  status: ["stable", "test", "experimental", "deprecated", "unsupported"],
  level: ["informational", "low", "medium", "high", "critical"],
  type: ["event_count", "value_count", "temporal", "temporal_ordered"],
};

/** The text of the document between `---` that a place is in. */
function documentOf(text: string, at: number): string {
  const begin = text.lastIndexOf("\n---", at - 1);
  const end = text.indexOf("\n---", at);
  return text.slice(begin < 0 ? 0 : begin + 1, end < 0 ? undefined : end);
}

const valueOf = (text: string, key: string) =>
  new RegExp(`^ +${key}: *['"]?([\\w.-]+)`, "m").exec(text)?.[1];

/** The names of the detections of a document. */
function detections(text: string): string[] {
  const section = /^detection:[^\n]*\n((?:[ \t]+[^\n]*\n|\s*\n)*)/m.exec(`${text}\n`)?.[1] ?? "";
  const indent = /^( +)\S/.exec(section)?.[1] ?? "  ";
  const names = [...section.matchAll(new RegExp(`^${indent}([\\w-]+):`, "gm"))].map(([, name]) => name!);
  return names.filter((name) => name !== "condition");
}

export function completions(engine: Engine): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { state, pos } = context;
    const line = state.doc.lineAt(pos);
    const before = line.text.slice(0, pos - line.from);
    const text = documentOf(state.doc.toString(), pos);
    const word = /[\w.-]*$/.exec(before)![0];
    const from = pos - word.length;
    if (!context.explicit && word === "" && !before.endsWith("|")) return null;
    const found = (options: Completion[]): CompletionResult => ({ from, options, validFor: /^[\w.-]*$/ });
    const source = {
      product: valueOf(text, "product"),
      category: valueOf(text, "category"),
      service: valueOf(text, "service"),
    };

    if (/^\s*(?:- )?[\w.-]+(?:\|[\w]+)*\|\w*$/.test(before)) {
      return found(MODIFIERS.map(({ name, about }) => ({ label: name, type: "modifier", info: about })));
    }
    if (/^\s*condition:/.test(before)) {
      const names = detections(text);
      const groups = [...new Set(names.filter((name) => name.includes("_")).map((name) => `${name.replace(/_[^_]*$/, "")}_*`))];
      return found([
        ...option(names, "detection"),
        ...option(["and", "or", "not"], "operator"),
        ...option(groups.flatMap((group) => [`1 of ${group}`, `all of ${group}`]).concat("1 of them", "all of them"), "operator"),
      ]);
    }
    const key = /^\s*([\w-]+):\s+['"]?[\w.-]*$/.exec(before)?.[1];
    if (key === "product" || key === "category" || key === "service") {
      const names = await engine.ask("names", source);
      const known = { product: names.products, category: names.categories, service: names.services }[key];
      return found(option(known, "name"));
    }
    if (key && VALUES[key]) return found(option(VALUES[key], "name"));
    if (key || !/^\s*(?:- )?[\w.-]*$/.test(before)) return null;

    const indent = /^ */.exec(before)![0].length;
    if (indent === 0) return /^-/.test(before) ? null : found(option(ATTRIBUTES, "attribute", (label) => `${label}: `));
    let number = line.number - 1;
    const above = (at: number) => state.doc.line(at).text;
    while (number > 0 && !/^\S/.test(above(number))) number -= 1;
    const section = number > 0 ? (/^([\w-]+):/.exec(above(number))?.[1] ?? "") : "";
    if (section === "detection" && indent > 2) {
      const { fields } = await engine.ask("names", source);
      return found(option(fields, "field"));
    }
    return BELOW[section] ? found(option(BELOW[section], "attribute", (label) => `${label}: `)) : null;
  };
}
