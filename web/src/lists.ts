// What the library has, written down when the page is built, so that it is there at once.

import type { Target } from "varsigma";
import lists from "varsigma-lists";

export const TARGETS: Target[] = lists.targets;
export const PIPELINES: { name: string; title: string; priority: number; targets: string[] }[] = lists.pipelines;
export const MODIFIERS: { name: string; about: string }[] = lists.modifiers;
export const CODES: { code: string; title: string }[] = lists.codes;
export const VERSION: string = lists.version;

export const targetOf = (name: string): Target | undefined =>
  TARGETS.find((target) => target.name === name || target.aliases.includes(name));

/** The pipelines for a target: its own first. */
export function pipelinesOf(name: string): typeof PIPELINES {
  const fitting = PIPELINES.filter(({ targets }) => targets.length === 0 || targets.includes(name));
  return fitting.sort((a, b) => Number(a.targets.length === 0) - Number(b.targets.length === 0));
}
