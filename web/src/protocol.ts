// What the page and its worker tell one another.

import type { Comparison, Diagnostic, Explained, Explanation, Names, Result, Settings, Witness } from "varsigma";
import type { Choice } from "./state.js";

/** What a target makes of the rule: queries, or why it can't be asked for them. */
export type Converted = { result: Result } | { failure: Failure };

export interface Failure {
  code: string;
  message: string;
  diagnostics: Diagnostic[];
}

export interface EventsResult {
  total: number;
  matching: number;
  /** Those that are shown; numbers are from 1. */
  events: { number: number; event: unknown; rules: Explained[] }[];
  /** Why rules are not asked. */
  diagnostics: Diagnostic[];
}

/** Each question with its answer. */
export interface Questions {
  convert: { given: { rule: string; choices: Choice[] }; answer: { converted: Converted[]; milliseconds: number } };
  lint: { given: { rule: string }; answer: Diagnostic[] };
  events: { given: { rule: string; events: string | Uint8Array }; answer: EventsResult };
  witness: { given: { rule: string }; answer: { events: Witness[]; diagnostics: Diagnostic[] } };
  diff: { given: { before: string; after: string }; answer: { rules: Comparison[]; before: Diagnostic[]; after: Diagnostic[] } };
  page: { given: { rule: string; choices: Choice[]; template: "modern" | "document" }; answer: string[] };
  names: { given: { product?: string; category?: string; service?: string }; answer: Names };
  explain: { given: { code: string }; answer: Explanation | null };
}

export type Question = keyof Questions;
export type Given<Q extends Question> = Questions[Q]["given"];
export type Answer<Q extends Question> = Questions[Q]["answer"];

export interface Asked<Q extends Question = Question> {
  number: number;
  question: Q;
  given: Given<Q>;
}

export type Told =
  | { number: number; answer: unknown }
  | { number: number; failure: Failure };

export type { Settings };
