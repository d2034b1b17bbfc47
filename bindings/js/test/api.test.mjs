// The package as its users see it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import init, * as varsigma from "varsigma";

const { Compiler, RuleSet, VarsigmaError, convert, diff, explain, lint, names, page, witness } = varsigma;
const founding = readFileSync(join(process.env.VARSIGMA_ROOT, "tests/cases/founding/rule.yml"), "utf8");

const SHELL = `title: Shell
id: 10c14723-61c7-4c75-92ca-9af245723ad2
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\\cmd.exe'
  condition: selection
`;
const KEYWORDS = `title: Tools
logsource: {product: linux}
detection:
  keywords:
    - 'é?linpeas.sh'
  condition: keywords
`;
const error = (work) => {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  assert.fail("it throws nothing");
};

test("a rule becomes a query", () => {
  const result = convert(SHELL, "splunk");
  assert.deepEqual(result.queries, ['Image="*\\\\cmd.exe"']);
  assert.equal(result.fidelity, "exact");
  assert.equal(result.document, null);
  const [rule] = result.rules;
  assert.equal(rule.title, "Shell");
  assert.equal(rule.id, "10c14723-61c7-4c75-92ca-9af245723ad2");
  assert.equal(rule.error, null);
  assert.deepEqual(rule.queries, [{ text: result.queries[0], fidelity: "exact", reasons: [] }]);
});

test("the founding rule, in the words of its document", () => {
  const [query] = convert(founding, "splunk", { format: "document" }).queries;
  assert.ok(query.startsWith('(((ParentImage="*\\\\\\\\wmiprvse.exe"'), query);
});

test("every target has a query for a rule, and says how true it is", () => {
  const all = varsigma.targets();
  assert.ok(all.length >= 24, `${all.length} targets`);
  for (const { name, formats } of all) {
    assert.ok(formats.length > 0, name);
    const { queries, fidelity } = convert(SHELL, name);
    assert.equal(queries.length, 1, name);
    assert.ok(["exact", "broader", "narrower", "approximate"].includes(fidelity), name);
  }
});

test("a reason points at the value, as JavaScript counts", () => {
  const { fidelity, reasons } = convert(KEYWORDS, "esql");
  assert.notEqual(fidelity, "exact");
  const { place, text } = reasons[0];
  assert.ok(text.length > 0);
  assert.equal(KEYWORDS.slice(place.start, place.end), "'é?linpeas.sh'");
  assert.deepEqual([place.line, place.column], [5, 7]);
});

test("places count code units, not bytes", () => {
  const rule = SHELL.replace("Shell", "😀 é").replace("status", "x").replace("condition: selection", "condition: selecton");
  const failure = error(() => convert(rule, "splunk"));
  const { place } = failure.diagnostics.find(({ code }) => code === failure.code);
  assert.equal(rule.slice(place.start, place.end), "selecton");
});

test("options, formats, pipelines and profiles", () => {
  assert.match(convert(SHELL, "splunk", { pipelines: ["sysmon"] }).queries[0], /EventID=1/);
  const own = { path: "own.yml", text: "transformations:\n  - type: field_name_mapping\n    mapping: {Image: process.executable}\n" };
  assert.match(convert(SHELL, "splunk", { pipelines: [own] }).queries[0], /process\.executable=/);
  const { document } = convert(SHELL, "splunk", { format: "savedsearches" });
  assert.match(document, /^\[Shell\]$/m);
  assert.equal(convert(KEYWORDS.replace("é?", ""), "splunk", { options: { keywords: "phrase" } }).queries[0], '("linpeas.sh")');
  assert.match(convert(SHELL, "splunk", { compat: "pysigma" }).queries[0], /Image="\*\\\\cmd\.exe"/);
  const backend = { path: "backends/ours.toml", text: "title = 'Ours'\nextends = 'splunk'\n[query]\nor = ' || '\n" };
  assert.equal(convert(SHELL, "ours", { backends: [backend] }).queries.length, 1);
});

test("what is asked for and not there is an error with a code", () => {
  for (const [work, code, words] of [
    [() => convert(SHELL, "splnk"), "VS0601", /did you mean `splunk`/],
    [() => convert(SHELL, "splunk", { format: "savedsearch" }), null, /savedsearches/],
    [() => convert(SHELL, "splunk", { options: { keyword: "phrase" } }), null, /keywords/],
    [() => convert(SHELL, "splunk", { pipelines: ["sysmn"] }), null, /sysmon/],
  ]) {
    const failure = error(work);
    assert.ok(failure instanceof VarsigmaError && failure instanceof Error);
    assert.match(failure.code, /^VS\d{4}$/);
    if (code) assert.equal(failure.code, code);
    assert.match(failure.message, words);
    assert.equal(failure.diagnostics[0].severity, "error");
  }
});

test("an argument of the wrong type is a TypeError", () => {
  for (const work of [
    () => convert(7, "splunk"),
    () => convert(SHELL),
    () => convert(SHELL, "splunk", { shape: "default" }),
    () => convert(SHELL, "splunk", { compat: "sigma" }),
    () => new RuleSet(SHELL).match("Image"),
    () => lint(null),
    () => page(SHELL, { template: "pretty" }),
  ]) {
    assert.ok(error(work) instanceof TypeError, String(work));
  }
});

test("what is wrong with an argument is said, and nothing reaches the module", () => {
  const freed = new RuleSet(SHELL);
  freed.free();
  const unused = new Compiler("splunk");
  unused.free();
  const looped = { Image: "a" };
  looped.itself = looped;
  for (const [work, words] of [
    [() => convert(SHELL, "splunk", true), /expected the settings as an object, found `true`/],
    [() => convert(SHELL, "splunk", 5), /found `5`/],
    [() => convert(SHELL, "splunk", ""), /found ``/],
    [() => convert(SHELL, "splunk", null), /found `null`/],
    [() => convert(SHELL, "splunk", []), /found a list/],
    [() => convert(SHELL, "splunk", new Date()), /found a `Date`/],
    [() => convert(SHELL, "splunk", { collectErrors: "false" }), /`collectErrors` as `true` or `false`, found `false`/],
    [() => convert(SHELL, "splunk", { strict: 1 }), /`strict`/],
    [() => convert(SHELL, "splunk", { format: () => "default" }), /`format` as a text/],
    [() => convert(SHELL, "splunk", { options: { keywords: null } }), /`keywords` as a text, a number or a boolean/],
    [() => convert(SHELL, "splunk", { options: [] }), /`options` as an object, found a list/],
    [() => convert(SHELL, "splunk", { pipelines: "sysmon" }), /`pipelines` as a list/],
    [() => convert(SHELL, "splunk", { pipelines: [{ path: "a.yml" }] }), /`text`.*found nothing/],
    [() => convert(SHELL, "splunk", { backends: [{ path: 5, text: "" }] }), /`path` as a text, found `5`/],
    [() => convert([SHELL, null], "splunk"), /found `null`/],
    [() => lint(SHELL, { path: 5 }), /`path` as a text, found `5`/],
    [() => lint(SHELL, { path: null }), /`path` as a text, found `null`/],
    [() => lint(SHELL, { paths: "a" }), /expected `path` in the settings, found `paths`/],
    [() => names({ product: 5 }), /`product` as a text/],
    [() => names({ products: "windows" }), /found `products`/],
    [() => names(null), /found `null`/],
    [() => witness(SHELL, { limits: 5 }), /found `limits`/],
    [() => witness(SHELL, { limit: null }), /`limit` as a number, found `null`/],
    [() => witness(SHELL, { limit: "x" }), /found `x`/],
    [() => page(SHELL, { targets: 5 }), /`targets` as a list, found `5`/],
    [() => page(SHELL, { targets: [{ format: "default" }] }), /`target`/],
    [() => page(SHELL, { target: "splunk" }), /found `target`/],
    [() => explain(301), /the code as a text/],
    [() => diff(SHELL), /rules as a text, found nothing/],
    [() => new RuleSet(SHELL).matchAll(undefined), /events as a text or as a list of objects, found nothing/],
    [() => new RuleSet(SHELL).matchAll([null]), /events/],
    [() => new RuleSet(SHELL).matchAll([new Map([["Image", "x"]])]), /found a list/],
    [() => new RuleSet(SHELL).match(new Map([["Image", "x"]])), /an event as an object, found a `Map`/],
    [() => new RuleSet(SHELL).match(new Date(0)), /found a `Date`/],
    [() => convert({ pth: "a", text: SHELL }, "splunk"), /expected `path`, `text` in a file of rules, found `pth`/],
    [() => convert({ path: "a" }, "splunk"), /`text` of a file of rules as a text, found nothing/],
    [() => new RuleSet(SHELL).match(looped), /circular/],
    [() => freed.match({}), /`free\(\)`/],
    [() => unused.compile(SHELL), /`free\(\)`/],
    [() => unused.format, /`free\(\)`/],
  ]) {
    const failure = error(work);
    assert.ok(failure instanceof TypeError, `${work}: ${failure}`);
    assert.match(failure.message, words, String(work));
  }
  for (const limit of [-1, 0, 257, 1.5, NaN, Infinity, 2 ** 33]) {
    const failure = error(() => witness(SHELL, { limit }));
    assert.ok(failure instanceof RangeError, String(failure));
    assert.match(failure.message, /expected `limit` from 1 to 256/);
  }
  // What is not given is left out.
  assert.equal(convert(SHELL, "splunk", { format: undefined, options: { keywords: undefined } }).queries.length, 1);
  assert.ok(names({ product: undefined, category: "process_creation" }).fields.length > 0);
});

test("what an event throws is its owner's", () => {
  const set = new RuleSet(SHELL);
  const thrower = { get Image() { throw new RangeError("mine"); } };
  for (const work of [() => set.match(thrower), () => set.explain(thrower), () => convert({ get text() { throw new RangeError("mine"); } }, "splunk")]) {
    assert.equal(error(work).message, "mine");
  }
  let deep = {};
  for (let level = 0; level < 100_000; level++) deep = { deep };
  assert.ok(error(() => set.match(deep)) instanceof RangeError);
  let nested = {};
  for (let level = 0; level < 200; level++) nested = { nested };
  assert.equal(error(() => set.match(nested)).code, "VS1001");
});

test("a rule that fails is thrown, with what became of the others", () => {
  const broken = { path: "broken.yml", text: "title: t\n" };
  const failure = error(() => convert([broken, { path: "shell.yml", text: SHELL }], "splunk"));
  assert.ok(failure instanceof VarsigmaError);
  assert.match(failure.message, /^broken\.yml/);
  assert.equal(failure.result.queries.length, 1);
  const result = convert([broken, SHELL], "splunk", { collectErrors: true });
  assert.equal(result.queries.length, 1);
  assert.equal(result.rules.find(({ path }) => path === "broken.yml").error.severity, "error");
});

test("a correlation finds its rule in another file", () => {
  const rule = { path: "rule.yml", text: "title: Failed logon\nname: failed\nlogsource: {product: windows, service: security}\ndetection: {s: {EventID: 4625}, condition: s}\n" };
  const correlation = { path: "c.yml", text: "title: Many\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [User]\n  timespan: 5m\n  condition: {gte: 10}\n" };
  const { rules } = convert([rule, correlation], "splunk");
  assert.match(rules.find(({ title }) => title === "Many").queries[0].text, /User/);
  assert.ok(error(() => convert(correlation, "splunk")).code.startsWith("VS12"));
});

test("a compiler is made once", () => {
  const compiler = new Compiler("splunk", { format: "savedsearches" });
  assert.equal(compiler.format, "savedsearches");
  assert.equal(compiler.extension, "conf");
  assert.match(compiler.compile([SHELL, KEYWORDS.replace("é?", "")]).document, /\[Shell\][^]*\[Tools\]/);
  compiler.free();
  compiler.free();
});

test("events match rules, and say why", () => {
  const set = new RuleSet(SHELL);
  assert.deepEqual(set.rules.map(({ title }) => title), ["Shell"]);
  assert.deepEqual(set.match({ Image: "C:\\CMD.EXE" }).map(({ title }) => title), ["Shell"]);
  assert.deepEqual(set.match({ Image: "C:\\a.exe" }), []);
  assert.deepEqual(set.matchAll('{"Image": "\\\\cmd.exe"}\n{"Image": 5}').map((rules) => rules.length), [1, 0]);
  const [{ matches, conditions }] = set.explain({ Image: "C:\\a.exe" });
  assert.equal(matches, false);
  assert.equal(conditions[0].what, "Image: '*\\cmd.exe'");
  assert.deepEqual(conditions[0].seen, ["C:\\a.exe"]);
  assert.equal(set.explain({})[0].conditions[0].seen, null);
  assert.equal(error(() => set.matchAll('{"a":')).code, "VS1001");
  assert.match(error(() => set.matchAll("{bad")).message, /^events:1:/);
});

test("an object is one event, whatever it looks like", () => {
  const set = new RuleSet(SHELL);
  const [benign, hit] = [{ Image: "C:\\a.exe" }, { Image: "C:\\cmd.exe" }];
  const counts = (events) => set.matchAll(events).map((rules) => rules.length);
  assert.deepEqual(counts([{ records: [hit, hit] }, hit, { Records: [] }, "a line", {}]), [0, 1, 0, 0, 0]);
  assert.deepEqual(set.match({ Records: [benign, hit] }), []);
  assert.deepEqual(set.match({ Records: [] }), []);
  assert.equal(set.explain({ Records: [] })[0].matches, false);
  assert.equal(set.explainAll([{ records: [benign, hit] }, hit])[1][0].matches, true);
  assert.deepEqual(counts([]), []);
  // In a text what wraps events is taken off.
  assert.deepEqual(counts(JSON.stringify({ Records: [benign, hit] })), [0, 1]);
  assert.deepEqual(counts(varsigma.readEvents(JSON.stringify({ Records: [benign, hit] }))), [0, 1]);
  // Half of a surrogate pair, and what looks like one.
  const keyword = new RuleSet(KEYWORDS.replace("é?linpeas.sh", String.raw`\ud800`));
  assert.deepEqual([{ a: "\ud800" }, { a: String.raw`\ud800` }].map((event) => keyword.match(event).length), [0, 1]);
});

test("of many rules those that match are named, each time anew", () => {
  const rules = ["a", "b", "c", "d"].map((name) => `title: ${name}\nlogsource: {product: p}\ndetection: {s: {F|contains: ${name}}, condition: s}\n`);
  const set = new RuleSet(rules.join("---\n"));
  const titles = (event) => set.match(event).map(({ title }) => title).join("");
  assert.deepEqual([{ F: "cba" }, { F: "c" }, { F: "x" }, { F: "abcd" }].map(titles), ["abc", "c", "", "abcd"]);
  const [first] = set.match({ F: "b" });
  assert.deepEqual(first, set.rules[1]);
  first.title = first.place.line = "changed";
  set.rules.length = 0;
  assert.deepEqual(set.match({ F: "b" }).map(({ title, place }) => [title, place.line]), [["b", 5]]);
  assert.deepEqual(set.explain({ F: "b" }).map(({ rule, matches }) => [rule.title, matches]), [["a", false], ["b", true], ["c", false], ["d", false]]);
});

test("a rule far down in a text has its place", () => {
  const set = new RuleSet("# a long license\n".repeat(100_000) + SHELL);
  const events = Array.from({ length: 5_000 }, () => ({ Image: "C:\\cmd.exe" }));
  assert.ok(set.matchAll(events).every(([{ place }]) => place.line === 100_001));
});

test("a correlation is not asked of an event, and says so", () => {
  const correlation = "title: Many\ncorrelation: {type: event_count, rules: [shell], group-by: [User], timespan: 1m, condition: {gte: 3}}\n";
  const set = new RuleSet([`${SHELL}name: shell\n`, correlation].join("---\n"));
  assert.deepEqual(set.rules.map(({ title }) => title), ["Shell"]);
  const [{ code, severity, message, place }] = set.diagnostics;
  assert.deepEqual([code, severity, place.line], ["VS1010", "warning", 10]);
  assert.match(message, /found a correlation/);
});

test("an aggregation can't be asked of an event, and says so", () => {
  const set = new RuleSet(SHELL.replace("condition: selection", "condition: selection | count() > 5"));
  assert.deepEqual(set.rules, []);
  assert.ok(set.diagnostics.length > 0);
});

test("lint has carets", () => {
  const found = lint(SHELL.replace("windows", "windwos"), { path: "shell.yml" });
  const wrong = found.find(({ message }) => message.includes("windwos"));
  assert.match(wrong.text, /shell\.yml:3:/);
  assert.match(wrong.text, /\^{3,}/);
});

test("events are made for a rule, and are what they say", () => {
  const { events } = witness(SHELL);
  const set = new RuleSet(SHELL);
  assert.ok(events.some(({ matches }) => matches) && events.some(({ matches }) => !matches));
  for (const { matches, event } of events) {
    assert.equal(set.match(event).length > 0, matches, JSON.stringify(event));
  }
  assert.ok(witness(SHELL, { limit: 2 }).events.length <= 2);
});

test("events for a correlation are sequences, and filters hold", () => {
  const rule = "title: Failed\nname: failed\nlogsource: {product: windows}\ndetection: {s: {EventID: 4625}, condition: s}\n";
  const correlation = "title: Many\ncorrelation: {type: event_count, rules: [failed], group-by: [User], timespan: 1m, condition: {gte: 3}}\n";
  const filter = "title: Build\nlogsource: {product: windows}\nfilter: {rules: any, build: {Computer: build}, condition: not build}\n";
  const { events, diagnostics } = witness([rule, correlation, filter].join("---\n"));
  assert.deepEqual(diagnostics, []);
  const first = events.filter(({ sequence }) => sequence === 1);
  assert.deepEqual(first.map(({ matches, rule }) => [matches, rule]), Array(3).fill([true, "Many"]));
  assert.ok(events.some(({ sequence, matches }) => sequence && !matches));
  const set = new RuleSet([rule, filter].join("---\n"));
  assert.equal(set.match({ EventID: 4625 }).length, 1);
  assert.equal(set.match({ EventID: 4625, Computer: "build" }).length, 0);
  assert.equal(witness(correlation).diagnostics.length, 1);
});

test("two versions are compared, and an event shows it", () => {
  const more = SHELL.replace("'\\cmd.exe'", "['\\cmd.exe', '\\pwsh.exe']");
  const [{ meaning, before, after }] = diff(SHELL, more);
  assert.ok(before && after);
  assert.equal(meaning.relation, "broader");
  assert.equal(new RuleSet(SHELL).match(meaning.gained).length, 0);
  assert.equal(new RuleSet(more).match(meaning.gained).length, 1);
  assert.match(meaning.edits[0].text, /value added/);
  assert.equal(diff(more, SHELL)[0].meaning.relation, "narrower");
  assert.equal(diff(SHELL, SHELL)[0].meaning.relation, "equal");
  const there = (old, recent) => diff(old, recent).map(({ before, after, meaning }) => [before, after, meaning]);
  for (const nothing of ["", "# nothing\n", "---\n"]) {
    assert.deepEqual(there(nothing, SHELL), [[false, true, null]]);
    assert.deepEqual(there(SHELL, nothing), [[true, false, null]]);
    assert.deepEqual(there(nothing, nothing), []);
  }
});

test("a rule has a page", () => {
  const { pages } = page({ path: "shell.yml", text: SHELL }, { targets: ["splunk", { target: "esql" }], template: "modern" });
  assert.match(pages[0], /^# Shell/);
  assert.match(pages[0], /ES\|QL|ES\\\|QL/);
  assert.equal(page(SHELL).pages.length, 1);
});

test("what there is to choose from", () => {
  assert.equal(explain("VS0301").code, "VS0301");
  assert.equal(explain("VS9999"), null);
  assert.ok(varsigma.codes().length > 150);
  assert.ok(varsigma.pipelines().some(({ name }) => name === "sysmon"));
  assert.ok(varsigma.modifiers().some(({ names }) => names.includes("windash")));
  const { fields, products } = names({ product: "windows", category: "process_creation" });
  assert.ok(fields.includes("CommandLine") && products.includes("linux"));
  assert.match(varsigma.version(), /^\d+\.\d+\.\d+$/);
});

test("in Node there is nothing to load, and `require` works", async () => {
  await init();
  assert.equal(createRequire(import.meta.url)("varsigma").version(), varsigma.version());
});

test("hostile input is an error, not a trap", () => {
  const deep = "condition: " + "(".repeat(20_000) + "a" + ")".repeat(20_000);
  const lists = `title: t\nx: ${"[".repeat(20_000)}\n`;
  const conditions = `title: t\nlogsource: {product: p}\ndetection:\n  a: {f: 1}\n  ${deep}\n`;
  const nots = conditions.replace(deep, `condition: ${"not ".repeat(5_000)}a`);
  const regex = `title: t\nlogsource: {product: p}\ndetection:\n  a: {f|re: '${"(".repeat(5_000)}a${")".repeat(5_000)}'}\n  condition: a\n`;
  for (const text of [lists, conditions, nots, regex, "\u0000", "\ud800", "&a [*a]", "---\n".repeat(10_000)]) {
    for (const target of ["splunk", "esql"]) {
      const result = convert(text, target, { collectErrors: true });
      assert.ok(Array.isArray(result.queries));
    }
    lint(text);
    witness(text);
    diff(text, SHELL);
    page(text);
  }
  // The module is as good as before.
  assert.equal(convert(SHELL, "splunk").queries.length, 1);
});
