// Compiled by tsc, never run: the types say what the package does.

import init, { Compiler, RuleSet, VarsigmaError, convert, diff, lint, page, witness } from "varsigma";
import type { Diagnostic, Fidelity, Result } from "varsigma";

await init();
const result: Result = convert("title: t", "splunk", { pipelines: ["sysmon", { path: "p.yml", text: "" }], options: { a: 1 } });
const fidelity: Fidelity = result.fidelity;
const start: number | undefined = result.diagnostics[0]?.place?.start;
const codes: string[] = lint("").map((diagnostic: Diagnostic) => diagnostic.code);
const compiler = new Compiler("splunk", { strict: true, compat: "pysigma" });
compiler.compile([{ path: "a.yml", text: "" }, "title: t"]);
new RuleSet("").match({ Image: "a" }).map(({ title }) => title);
const gained: unknown = diff("", "")[0]?.meaning?.gained;
const pages: string[] = page("", { targets: ["splunk", { target: "esql", format: "siem_rule" }], template: "modern" }).pages;
const about: string | undefined = witness("", { limit: 3 }).events[0]?.about;
try {
  convert("", "nowhere");
} catch (error) {
  if (error instanceof VarsigmaError) error.diagnostics.map(({ text }) => text);
}
// @ts-expect-error: there is no such profile
new Compiler("splunk", { compat: "sigma" });
// @ts-expect-error: an event is an object
new RuleSet("").match("Image");

export { about, codes, fidelity, gained, pages, start };
