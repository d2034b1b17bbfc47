// Reads KQL by Kibana's own parser and evaluates the Elasticsearch query that Kibana makes of it, on
// events of keyword fields.
//
// Input: a line of JSON for each query, {"query": text, "events": [{field: [texts]}], "mapped":
// bool}; `mapped` fields have a lower-case normalizer. Output: a 0 or 1 for each event, or `error: …`.
//
// A wildcard value with a field becomes a `query_string` of that field; Kibana makes a `wildcard`
// query of the same text where the field is exactly `keyword`, and that is what is evaluated.
const { BlockList, isIP } = require("net");
const { fromKueryExpression, toElasticsearchQuery } = require("@cybernetex/kbn-es-query");

const list = (clauses) => [clauses || []].flat();

function pattern(text) {
  const parts = text.match(/\\[^]|[^\\]/gu) || [];
  const regex = parts.map((part) =>
    part === "*" ? "[^]*" : part === "?" ? "[^]" : part.slice(-2).replace(/^\\/, "").replace(/[\\^$.*+?()[\]{}|\/]/g, "\\$&"));
  return new RegExp(`^${regex.join("")}$`, "u");
}

// The test of a value that a term stands for: a network's, or equality.
function term(value) {
  const text = String(value);
  const network = /^([0-9a-f.:]+)\/(\d+)$/i.exec(text);
  if (!network || !isIP(network[1])) return (known) => known === text;
  const family = (address) => (isIP(address) === 6 ? "ipv6" : "ipv4");
  const within = new BlockList();
  within.addSubnet(network[1], Number(network[2]), family(network[1]));
  return (known) => isIP(known) > 0 && family(known) === family(network[1]) && within.check(known, family(known));
}

const COMPARE = { lt: (a, b) => a < b, lte: (a, b) => a <= b, gt: (a, b) => a > b, gte: (a, b) => a >= b };

function found(query, event, fold) {
  const [[kind, body]] = Object.entries(query);
  const any = (field, test) => (event[field] || []).some(test);
  const anywhere = (test) => Object.keys(event).some((field) => any(field, test));
  if (kind === "bool") {
    const known = ["filter", "should", "must_not", "minimum_should_match"];
    const strange = Object.keys(body).find((key) => !known.includes(key));
    if (strange) throw new Error(`a bool with ${strange}`);
    const holds = (clause) => found(clause, event, fold);
    return list(body.filter).every(holds) && !list(body.must_not).some(holds)
      && (body.should === undefined || list(body.should).some(holds));
  }
  if (kind === "match_all") return true;
  if (kind === "exists") return any(body.field, () => true);
  if (kind === "multi_match") return anywhere(term(fold(String(body.query))));
  if (kind === "query_string") {
    if (!body.fields && body.query === "*") return true;
    const test = pattern(fold(body.query));
    return body.fields ? any(body.fields[0], (value) => test.test(value)) : anywhere((value) => test.test(value));
  }
  const [[field, value]] = Object.entries(body);
  if (kind === "match" || kind === "match_phrase") return any(field, term(fold(String(value))));
  if (kind === "range") {
    return Object.entries(value).every(([sign, bound]) => any(field, (known) => known.trim() !== "" && COMPARE[sign](Number(known), bound)));
  }
  throw new Error(`no ${kind}`);
}

// What the `lowercase` normalizer makes of a value: each character by itself.
const lower = (text) => Array.from(text, (c) => (c === "İ" ? "i" : c.toLowerCase())).join("");

for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line)) {
  const { query, events, mapped } = JSON.parse(line);
  const fold = mapped ? lower : (text) => text;
  try {
    const asked = toElasticsearchQuery(fromKueryExpression(query), null);
    const answers = events.map((event) => {
      const stored = Object.entries(event).map(([field, values]) => [field, values.map(fold)]);
      return found(asked, Object.fromEntries(stored), fold) ? "1" : "0";
    });
    console.log(`ok ${answers.join("")}`);
  } catch (error) {
    console.log("error: " + String(error.message).replace(/\s+/g, " "));
  }
}
