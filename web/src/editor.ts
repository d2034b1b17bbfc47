// The editor of rules: highlighting, completion, and diagnostics where they belong.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic as Mark, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Diagnostic, Place } from "varsigma";
import { completions } from "./complete.js";
import { h } from "./dom.js";
import type { Engine } from "./engine.js";

/** Colors are variables of the style sheet, so that light and dark need nothing here. */
const COLORS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-key)" },
  { tag: tags.definition(tags.propertyName), color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: tags.content, color: "var(--code-text)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--code-quiet)" },
  { tag: tags.meta, color: "var(--code-quiet)" },
]);

/** `|endswith`, `*` and `?`, `and`, `1 of`: what YAML knows nothing of. */
const SIGMA = new MatchDecorator({
  regexp: /\|[a-z0-9_]+(?=[|: ])|(?<=^\s*condition:.*)\b(?:and|or|not|1 of|all of|them)\b|(?<=[:\-,[]\s.*)[*?]/gm,
  decoration: ([found]) => Decoration.mark({ class: found!.startsWith("|") ? "cm-modifier" : "cm-operator" }),
});

const sigma = ViewPlugin.define(
  (view) => ({
    decorations: SIGMA.createDeco(view),
    update(update: ViewUpdate) {
      this.decorations = SIGMA.updateDeco(update, this.decorations);
    },
  }),
  { decorations: ({ decorations }) => decorations },
);

export interface Editor {
  readonly view: EditorView;
  text(): string;
  /** Shows another text. */
  set(text: string): void;
  mark(diagnostics: Diagnostic[]): void;
  /** Selects a place and shows it. */
  reveal(place: Place): void;
}

export function editor(
  parent: HTMLElement,
  label: string,
  text: string,
  engine: Engine,
  changed: (text: string) => void,
  explain: (code: string) => void,
): Editor {
  const extensions: Extension[] = [
    lineNumbers(),
    foldGutter({ openText: "⌄", closedText: "›" }),
    lintGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    yaml(),
    sigma,
    syntaxHighlighting(COLORS),
    autocompletion({ override: [completions(engine)], icons: false }),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return {
    view,
    text: () => view.state.doc.toString(),
    set(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, scrollIntoView: true });
    },
    mark(diagnostics) {
      const length = view.state.doc.length;
      const marks = diagnostics.filter(({ place }) => place).map((diagnostic): Mark => {
        const from = Math.min(diagnostic.place!.start, length);
        return {
          from,
          to: Math.min(Math.max(diagnostic.place!.end, from), length),
          severity: diagnostic.severity === "note" ? "info" : diagnostic.severity,
          message: diagnostic.message,
          renderMessage: () => message(diagnostic, explain),
        };
      });
      view.dispatch(setDiagnostics(view.state, marks));
    },
    reveal({ start, end }) {
      const length = view.state.doc.length;
      const [anchor, head] = [Math.min(start, length), Math.min(end, length)];
      view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.focus();
    },
  };
}

function message({ code, message, help }: Diagnostic, explain: (code: string) => void): HTMLElement {
  const more = h("button.link", { type: "button", onclick: () => explain(code) }, code);
  return h("div", {}, h("div", {}, message, " ", more), ...help.map((help) => h("div.help", {}, help)));
}
