#!/usr/bin/env python3
"""Do Splunk's correlations fire where the rules do?

    tests/engines/splunk/run.py [--rounds N] [--show N]

There is no Splunk here: `spl.py` runs the commands that the queries are made of, by their
documentation. Random events (ties, fields that are missing, several values in a field, values in
other case, several groups) are asked every pattern below. What must fire is written out naively here:
every window by itself, both ends inside. Exact queries must fire exactly there, narrower ones nowhere
else. Ends with exit code 1 where a query fires wrongly.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import spl

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
BUILT = "VARSIGMA_BUILT" in os.environ
BINARY = os.environ.get("VARSIGMA") or ROOT / "target" / ("release" if BUILT else "debug") / "varsigma"
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
    for op, n in (("gt", 7), ("lt", 5), ("eq", 6)):
        yield f"value_sum {op}", [c("value_sum", ["a", "all"], condition={op: n, "field": ["number"]})]
        yield f"value_avg {op}", [c("value_avg", ["a"], condition={op: n - 3.5, "field": ["number"]})]
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
    yield "chain, another group, alias", [
        c("temporal", ["a", "b"], ["host"]),
        c("temporal_ordered", [0, "c"], ["who", "actor"], None, {"who": {0: "user", "c": "user"}}),
    ]


# ---- YAML ----------------------------------------------------------------------------------------


def document(number, c, span):
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


# ---- What must fire ------------------------------------------------------------------------------


def fold(value):
    """A value that groups and counts; None: none, or several."""
    return None if value is None or isinstance(value, list) else str(value).lower()


def matches(rule, event):
    if rule == "two":
        return event.get("kind") in ("a", "b")
    return all(str(event.get(field)) == value for field, value in RULES[rule].items())


def occurrences(correlations, c, events, span, latest):
    """(rule's number, time, identity, fields) of a correlation's events."""
    for number, rule in enumerate(c["rules"]):
        if not isinstance(rule, int):
            for event in events:
                if matches(rule, event):
                    yield number, rule, event["_time"], event["_cd"], event
            continue
        child = correlations[rule]
        for time, group in firings(correlations, child, events, span, latest):
            firing = dict(zip(child["group"], group))
            wanted = [c["aliases"].get(name, {}).get(rule, name) for name in c["group"] + fields_of(c)]
            extra = [name for name in wanted if name not in child["group"]]
            candidates = [{}]
            if extra:
                candidates = {}
                for _, _, at, _, event in occurrences(correlations, child, events, span, latest):
                    if time - span <= at <= time and key_of(child, event) == group:
                        values = tuple(fold(event.get(name)) for name in extra)
                        if None not in values:
                            candidates[values] = dict(zip(extra, values))
                candidates = candidates.values()
            for candidate in candidates:
                yield number, rule, time, (rule, time, group), {**firing, **candidate}


def fields_of(c):
    return c["condition"].get("field", []) if isinstance(c["condition"], dict) else []


def key_of(c, event, rule=None):
    names = [c["aliases"].get(name, {}).get(rule, name) for name in c["group"]]
    values = tuple(fold(event.get(name)) for name in names)
    return None if None in values else values


OPERATORS = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
}


def firings(correlations, c, events, span, latest):
    groups = {}
    for number, rule, time, identity, event in occurrences(correlations, c, events, span, latest):
        key = key_of(c, event, rule)
        if key is not None:
            values = tuple(event.get(c["aliases"].get(name, {}).get(rule, name)) for name in fields_of(c))
            groups.setdefault(key, []).append((time, number, identity, values))
    out = set()
    for key, members in groups.items():
        for time in {member[0] for member in members}:
            if isinstance(c["condition"], str) and "not" in c["condition"]:
                within = [m for m in members if time <= m[0] <= time + span]
                seen = {c["rules"][m[1]] for m in within}
                if time + span <= latest and eval(c["condition"], {r: r in seen for r in c["rules"]}):
                    out.add((time + span, key))
            elif holds(c, [m for m in members if time - span <= m[0] <= time], time):
                out.add((time, key))
    return out


def holds(c, within, time):
    condition, rules = c["condition"], c["rules"]
    if isinstance(condition, str):
        seen = {rules[m[1]] for m in within}
        return eval(condition, {rule: rule in seen for rule in rules})
    bounds = {op: n for op, n in (condition or {}).items() if op in OPERATORS}
    test = lambda measure: all(OPERATORS[op](measure, n) for op, n in bounds.items())
    if c["type"] == "temporal":
        seen = {rules[m[1]] for m in within}
        return test(len(seen)) if bounds else seen == set(rules)
    if c["type"] == "temporal_ordered":
        return ordered(c, bounds, within, time)
    if c["type"] == "event_count":
        return test(len({m[2] for m in within}))
    if c["type"] == "value_count":
        tuples = {tuple(map(fold, m[3])) for m in within}
        return test(sum(1 for one in tuples if None not in one))
    numbers = {m[2]: spl.number(m[3][0]) for m in within}
    numbers = [n for n in numbers.values() if n is not None]
    if not numbers:
        return False
    return test(sum(numbers) / (len(numbers) if c["type"] == "value_avg" else 1))


def ordered(c, bounds, within, time):
    total = len(c["rules"])
    least = bounds.get("gte", bounds.get("gt", total - 1) + 1)
    for stages in itertools.combinations(range(total), min(max(least, 1), total)):
        if least > total:
            return False
        # The earliest end of each stage is the best; the last has to end now.
        at = None
        for stage in stages[:-1]:
            times = [m[0] for m in within if m[1] == stage and (at is None or m[0] > at)]
            if not times:
                break
            at = min(times)
        else:
            if any(m[0] == time and m[1] == stages[-1] for m in within) and (at is None or at < time):
                return True
    return False


# ---- Events --------------------------------------------------------------------------------------


def random_events(rng):
    step = rng.choice([1, 1, 0.25, 5])
    events = []
    for number in range(rng.choice([8, 20, 45])):
        event = {
            "_time": 1767225600 + rng.randrange(40) * step,
            "_bkt": "main~1~A",
            "_cd": f"1:{number}",
            "any": "1",
            "kind": rng.choice("aaabbcd"),
            "user": rng.choice(["ann", "Ann", "bob", None, ["ann", "bob"]]),
            "actor": rng.choice(["ann", "ANN", "bob", None]),
            "host": rng.choice(["h1", "H1", "h2", None]),
            "value": rng.choice(["x", "X", "y", "z", "1", None, ["x", "y"]]),
            "number": rng.choice([1, 2, "3", 4.5, "text", None, -2]),
        }
        events.append({name: value for name, value in event.items() if value is not None})
    rng.shuffle(events)
    return events


# ---- Asking --------------------------------------------------------------------------------------


def converted(correlations, options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rule.yml"
        path.write_text(BASES + "---\n".join(document(n, c, SPAN) for n, c in enumerate(correlations)))
        command = [BINARY, "convert", "--json", "-t", "splunk", *options, path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = f"c{len(correlations) - 1}"
    for line in done.stdout.splitlines():
        for rule in json.loads(line).get("rules", []):
            if rule["title"] == last and rule.get("queries"):
                return rule["queries"][0], rule["fidelity"]
    raise SystemExit(f"{correlations}\nis not converted:\n{done.stdout}{done.stderr}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=30)
    arguments.add_argument("--show", type=int, default=3)
    arguments = arguments.parse_args()
    wrong = asked = fired = shown = 0
    for options in ([], ["-O", "window=tumbling"]):
        for name, correlations in patterns():
            if options and len(correlations) > 1:
                continue
            query, fidelity = converted(correlations, options)
            if options and fidelity == "approximate":
                continue
            for seed in range(arguments.rounds if not options else arguments.rounds // 3):
                rng = random.Random(f"{name} {seed}")
                events = random_events(rng)
                latest = max(event["_time"] for event in events)
                c = correlations[-1]
                want = firings(correlations, c, events, SPAN, latest)
                rows = spl.Search(events, latest, seed).run(query)
                got = {(row["_time"], tuple(str(row[field]) for field in c["group"])) for row in rows}
                asked += 1
                fired += len(want)
                if options and fidelity != "exact":
                    # A window's start stands for some instant in it.
                    starts = {(time // SPAN * SPAN, group) for time, group in want}
                    is_right = got <= starts
                else:
                    is_right = got == want and len(rows) == len(got)
                if not is_right:
                    wrong += 1
                    if shown < arguments.show:
                        shown += 1
                        print(f"--- {name} {' '.join(options)}, seed {seed}, {fidelity}\n{query}")
                        print(f"missing {sorted(want - got)[:4]}\nextra {sorted(got - want)[:4]}")
    print(f"Splunk: {asked} questions, {fired} firings, {wrong} answered wrongly")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
