"""The correlations that Splunk is asked: rules of four kinds of event, and every form of a correlation
over them, as YAML."""

import itertools
import json

SPAN = 10

RULES = {"a": {"kind": "a"}, "b": {"kind": "b"}, "c": {"kind": "c"}, "all": {"any": "1"}}
BASES = "".join(
    f"title: {name}\nname: {name}\nlogsource: {{product: x}}\ndetection:\n  s: {json.dumps(fields)}\n"
    f"  condition: s\n---\n"
    for name, fields in RULES.items()
)
# Its two conditions are two searches.
BASES += (
    "title: two\nname: two\nlogsource: {product: x}\ndetection:\n  s: {kind: a}\n  t: {kind: b}\n"
    "  condition: [s, t]\n---\n"
)


def correlation(kind, rules, group=("user",), condition=None, aliases=None):
    return {"type": kind, "rules": rules, "group": list(group), "condition": condition, "aliases": aliases or {}}


def patterns():
    """Name, correlations: the last is the one that is asked, by their numbers they refer to others."""
    c = correlation
    for op, n in itertools.product(["gt", "gte", "lt", "lte", "eq", "neq"], [1, 3]):
        yield f"event_count {op} {n}", [c("event_count", ["a"], condition={op: n})]
        yield f"value_count {op} {n}", [c("value_count", ["a", "b"], condition={op: n, "field": ["value"]})]
    yield "event_count range", [c("event_count", ["a", "b"], condition={"gte": 2, "lt": 4})]
    yield "event_count of rules that share events", [c("event_count", ["a", "all"], condition={"gte": 4})]
    yield "event_count, two conditions", [c("event_count", ["two"], condition={"gte": 3})]
    yield "event_count, no group", [c("event_count", ["a"], [], {"gte": 5})]
    yield "event_count, a fraction", [c("event_count", ["a"], condition={"gt": 2.5})]
    yield "event_count, a fraction equal", [c("event_count", ["a"], condition={"eq": 2.5})]
    yield "event_count, two groups", [c("event_count", ["a", "b"], ["user", "host"], {"gte": 2})]
    for op in ("gte", "eq"):
        yield f"event_count {op}, alias", [
            c("event_count", ["a", "all"], ["who"], {op: 3}, {"who": {"a": "user", "all": "actor"}})
        ]
    yield "value_count, pairs", [c("value_count", ["a", "b"], ["host"], {"gte": 3, "field": ["value", "number"]})]
    yield "value_count, no group", [c("value_count", ["a"], [], {"gte": 3, "field": ["value"]})]
    yield "value_count of the group", [c("value_count", ["a"], ["user"], {"gte": 1, "field": ["user"]})]
    yield "value_count, alias in field", [
        c("value_count", ["a", "b"], ["host"], {"gte": 3, "field": ["v"]}, {"v": {"a": "value", "b": "user"}})
    ]
    for kind, n in (("value_sum", 5), ("value_avg", 2)):
        yield f"{kind}, alias in field", [
            c(kind, ["a", "all"], ["host"], {"gte": n, "field": ["v"]}, {"v": {"a": "number", "all": "value"}})
        ]
    for op, n in (("gt", 7), ("lt", 5), ("eq", 6)):
        yield f"value_sum {op}", [c("value_sum", ["a", "all"], condition={op: n, "field": ["number"]})]
        yield f"value_avg {op}", [c("value_avg", ["a"], condition={op: n - 3.5, "field": ["number"]})]
        yield f"value_median {op}", [c("value_median", ["a", "all"], condition={op: n - 3.5, "field": ["number"]})]
        for percent in (0, 25, 90, 100):
            wanted = {op: n - 3, "field": ["number"], "percentile": percent}
            yield f"value_percentile {percent} {op}", [c("value_percentile", ["a", "b"], condition=wanted)]
    yield "value_median of all", [c("value_median", ["all"], [], {"gte": 2, "field": ["number"]})]
    for n in (2, 3):
        yield f"temporal {n}", [c("temporal", ["a", "b", "c"][:n])]
        yield f"temporal_ordered {n}", [c("temporal_ordered", ["a", "b", "c"][:n])]
    yield "temporal, one rule", [c("temporal", ["a"])]
    yield "temporal, no group", [c("temporal", ["a", "b", "c"], [])]
    yield "temporal, the same event", [c("temporal", ["a", "all"])]
    yield "temporal, swapped aliases", [
        c("temporal", ["a", "b"], ["user", "actor"], None, {"user": {"a": "user", "b": "actor"}, "actor": {"a": "actor", "b": "user"}})
    ]
    for op, n in (("gte", 2), ("eq", 1), ("lt", 2), ("neq", 3)):
        yield f"temporal {op} {n}", [c("temporal", ["a", "b", "c"], condition={op: n})]
    for text in ("a and (b or c)", "a or b and c", "a or b"):
        yield f"temporal {text}", [c("temporal", ["a", "b", "c"], condition=text)]
    for text in ("a and not b", "a and not (b or c)", "(a or c) and not b", "a and b and not c"):
        yield f"temporal {text}", [c("temporal", ["a", "b", "c"], condition=text)]
    yield "temporal_ordered, the same event", [c("temporal_ordered", ["a", "all"])]
    yield "temporal_ordered, one rule", [c("temporal_ordered", ["a"])]
    yield "temporal_ordered, a rule twice", [c("temporal_ordered", ["a", "b", "a"])]
    yield "temporal_ordered, no group", [c("temporal_ordered", ["a", "b"], [])]
    yield "temporal_ordered, alias", [
        c("temporal_ordered", ["a", "b"], ["who"], None, {"who": {"a": "user", "b": "actor"}})
    ]
    for n in (1, 2, 3):
        yield f"temporal_ordered, {n} of three", [c("temporal_ordered", ["a", "b", "c"], condition={"gte": n})]
    yield "temporal_ordered, three of four", [c("temporal_ordered", ["a", "b", "c", "a"], condition={"gt": 2})]
    many = c("event_count", ["a"], condition={"gte": 2})
    yield "chain, in order", [many, c("temporal_ordered", [0, "b"])]
    yield "chain, temporal", [many, c("temporal", ["b", 0])]
    yield "chain, counted", [c("event_count", ["a"], ["user", "host"], {"gte": 2}), c("event_count", [0], ["host"], {"gte": 2})]
    yield "chain, counted beside events", [many, c("event_count", [0, "b"], condition={"gte": 4})]
    yield "chain, values of its group", [
        c("event_count", ["a"], ["user", "host"], {"gte": 2}),
        c("value_count", [0], ["host"], {"gte": 2, "field": ["user"]}),
    ]
    yield "chain, alias", [many, c("temporal_ordered", [0, "b"], ["who"], None, {"who": {0: "user", "b": "actor"}})]
    yield "chain, absence", [c("temporal", ["a", "b"], condition="a and not b"), c("temporal_ordered", ["c", 0])]
    yield "chain of three", [many, c("temporal_ordered", [0, "b"]), c("temporal", [1, "c"])]
    yield "chain, another group", [c("event_count", ["a"], ["host"], {"gte": 2}), c("temporal_ordered", [0, "b"])]
    yield "chain, another group, alone", [c("event_count", ["a", "b"], ["host"], {"gte": 3}), c("event_count", [0], ["user"], {"gte": 2})]
    yield "chain, two other groups", [c("temporal", ["a", "b"], ["host"]), c("event_count", [0], ["user", "actor"], {"gte": 2})]
    yield "chain, another group, alias", [
        c("temporal", ["a", "b"], ["host"]),
        c("temporal_ordered", [0, "c"], ["who", "actor"], None, {"who": {0: "user", "c": "user"}}),
    ]


def document(number, c, span):
    """The YAML of a correlation, of which others are known by their numbers."""
    refer = lambda rule: f"c{rule}" if isinstance(rule, int) else rule
    body = {"type": c["type"], "rules": [refer(rule) for rule in c["rules"]], "timespan": f"{span}s"}
    if c["group"]:
        body["group-by"] = c["group"]
    if c["condition"] is not None:
        body["condition"] = c["condition"]
    if c["aliases"]:
        body["aliases"] = {
            alias: {refer(rule): field for rule, field in fields.items()} for alias, fields in c["aliases"].items()
        }
    return f"title: c{number}\nname: c{number}\ncorrelation: {json.dumps(body)}\n"
