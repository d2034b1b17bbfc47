"""Do SQL engines fire where correlations must?

    python tests/engines/correlations.py [ENGINE…] [--rounds N] [--seed N] [--show N]

Makes random events (ties, instants at both ends of a window, missing groups and values, groups and
values that differ in case, three tables, numbers as text) and asks each engine with the query of each
pattern below. The expected firings are those of `Reference`, which looks at every window with every
event. Packages go into target/engines/venv, as those of run.py do. An engine that can't be had is NOT
RUN; the queries of BigQuery, Snowflake and T-SQL are parsed. Ends with exit code 1 where an answer is
wrong; a line of each engine tells what it proved (proof.py), where a question is a pattern's: what
fires in the tables of a round?

With VARSIGMA_ENGINES=sample, there are fewer rounds, and slow engines are asked fewer patterns. With
VARSIGMA_BUILT, the program is there already.
"""

import argparse
import functools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from run import ENVIRONMENT, ROOT, TARGETS, install

PACKAGES = {"sqlite": [], **TARGETS, "bigquery": ["sqlglot"], "snowflake": ["sqlglot"]}
SAMPLED = os.environ.get("VARSIGMA_ENGINES") == "sample"
# Trino has two, as a time's type alternates.
ROUNDS = {"spark": 1, "trino": 2 if SAMPLED else 6, "bigquery": 1, "snowflake": 1, "tsql": 1}
# An engine that takes long for a query is asked every so many patterns.
EVERY = {"spark": 12, "trino": 4} if SAMPLED else {"spark": 3}
# SQLite ignores the case of ASCII letters only (docs/sql.md).
LETTERS = {"sqlite": "zoe"}
EPOCH = 1_767_225_600_000  # 2026-01-01T00:00:00Z

# The rules: what they match, and in which table their events lie.
RULES = {
    "a": (lambda event: event["kind"] == "a", "kind: a", "logs"),
    "b": (lambda event: event["kind"] == "b", "kind: b", "logs"),
    "c": (lambda event: event["kind"] == "c", "kind: c", "logs"),
    "flag": (lambda event: event["flag"] == "1", "flag: 1", "logs"),
    "web": (lambda event: event["kind"] == "a", "kind: a", "web"),
}
COLUMNS = ["kind", "flag", "usr", "actor", "host", "val", "other", "num", "amount"]

COUNTS = [{"gt": 2}, {"gte": 3}, {"lt": 2}, {"lte": 2}, {"eq": 2}, {"neq": 1}, {"gt": 1, "lte": 3}, {"gte": 1.5}, {"eq": 2.5}, {"gte": 1}]
WHO = {"who": {"a": "usr", "b": "actor", "c": "usr", "flag": "actor", "web": "actor"}}


def pattern(kind, rules, condition=None, group=("usr",), span="10s", **more):
    found = {"type": kind, "rules": rules.split(), "timespan": span, **more}
    if group:
        found["group-by"] = list(group)
    if condition is not None:
        found["condition"] = condition
    return found


def patterns():
    """Correlations by name; those of a chain refer to `many` or `pair`."""
    for condition in COUNTS:
        name = " ".join(f"{key} {value}" for key, value in condition.items())
        yield f"event_count {name}", pattern("event_count", "a b", condition)
        yield f"event_count tables {name}", pattern("event_count", "a web flag", condition, aliases=WHO, group=["who"])
        yield f"value_count {name}", pattern("value_count", "a b", {"field": "val", **condition})
        yield f"value_count pair {name}", pattern("value_count", "a flag", {"field": ["val", "host"], **condition})
        yield f"temporal {name}", pattern("temporal", "a b c", condition)
        yield f"temporal_ordered {name}", pattern("temporal_ordered", "a b c", condition)
    yield "event_count no group", pattern("event_count", "a", {"gte": 4}, group=())
    yield "event_count no group eq", pattern("event_count", "a", {"eq": 2}, group=())
    yield "event_count two groups", pattern("event_count", "a b", {"gte": 2}, group=["usr", "host"])
    yield "value_count no group", pattern("value_count", "a", {"field": "val", "gte": 3}, group=())
    yield "value_count alias", pattern("value_count", "a b web", {"field": "value", "gte": 3}, aliases={"value": {"a": "val", "b": "other", "web": "other"}})
    yield "temporal all", pattern("temporal", "a b c")
    yield "temporal no group", pattern("temporal", "a b", group=())
    yield "temporal same event", pattern("temporal", "a flag")
    yield "temporal aliases", pattern("temporal", "a b", group=["who", "host"], aliases=WHO)
    yield "temporal tables", pattern("temporal", "a web")
    yield "temporal or", pattern("temporal", "a b c", "a and (b or c)")
    yield "temporal not", pattern("temporal", "a b", "a and not b")
    yield "temporal not or", pattern("temporal", "a b c", "a and not (b or c)")
    yield "temporal and not", pattern("temporal", "a b c", "a and b and not c")
    yield "temporal not tables", pattern("temporal", "a web", "a and not web", aliases=WHO, group=["who"])
    yield "ordered two", pattern("temporal_ordered", "a b")
    yield "ordered one", pattern("temporal_ordered", "a")
    yield "ordered one lte", pattern("temporal_ordered", "a", {"lte": 1})
    yield "ordered one neq", pattern("temporal_ordered", "a", {"neq": 1})
    yield "ordered same event", pattern("temporal_ordered", "a flag")
    yield "ordered three", pattern("temporal_ordered", "a b c", span="30s")
    yield "ordered twice", pattern("temporal_ordered", "a b a", span="30s")
    yield "ordered aliases", pattern("temporal_ordered", "a b", group=["who"], aliases=WHO)
    yield "ordered tables", pattern("temporal_ordered", "a web b", {"gte": 2})
    for condition in [{"gt": 10}, {"lt": 5}, {"gte": 4.5, "lte": 100}]:
        name = " ".join(f"{key} {value}" for key, value in condition.items())
        for kind in ["value_sum", "value_avg", "value_median"]:
            yield f"{kind} {name}", pattern(kind, "a b flag", {"field": "num", **condition})
        yield f"value_sum alias {name}", pattern("value_sum", "a flag", {"field": "size", **condition}, aliases={"size": {"a": "num", "flag": "amount"}})
        yield f"value_sum tables {name}", pattern("value_sum", "a web flag", {"field": "num", **condition}, aliases=WHO, group=["who"])
        for percentile in [0, 75, 99.5, 100]:
            wanted = {"field": "num", "percentile": percentile, **condition}
            yield f"value_percentile {percentile} {name}", pattern("value_percentile", "a b", wanted)
    yield "value_avg no group", pattern("value_avg", "a", {"field": "num", "gte": 4}, group=())
    yield "chain ordered", pattern("temporal_ordered", "many b", group=["usr"], span="20s")
    yield "chain both groups", pattern("temporal", "many b", group=["usr", "host"], span="20s")
    yield "chain part of the group", pattern("event_count", "many", {"gte": 2}, group=["host"], span="20s")
    yield "chain no group", pattern("event_count", "many", {"gte": 3}, group=())
    yield "chain values of the group", pattern("value_count", "many", {"field": "usr", "gte": 2}, group=["host"], span="20s")
    yield "chain field of events", pattern("event_count", "many", {"gte": 2}, group=["val"], span="20s")
    yield "chain values of events", pattern("value_count", "many", {"field": "val", "gte": 2}, group=["host"], span="20s")
    yield "chain of three", pattern("temporal", "pair c", group=["usr"], span="40s")
    yield "chain of three, field of events", pattern("temporal", "pair c", group=["val"], span="40s")
    yield "chain of three, field of the first group", pattern("temporal", "again c", group=["usr"], span="40s")
    yield "chain twice", pattern("event_count", "many many", {"gte": 2}, group=["usr"], span="20s")
    yield "chain twice and a rule", pattern("event_count", "many b many", {"gte": 3}, group=["usr"], span="20s")
    yield "chain sum twice", pattern("value_sum", "many many", {"field": "num", "gte": 5}, group=["usr"], span="20s")
    yield "chain sum of the group", pattern("value_sum", "sized", {"field": "amount", "gte": 5}, group=["usr"])
    yield "chain of counts, field of events", pattern("event_count", "again", {"gte": 2}, group=["val"], span="20s")
    yield "chain sum", pattern("value_sum", "many", {"field": "num", "gte": 5}, group=["usr"], span="20s")
    yield "chain not", pattern("temporal", "many b", "many and not b", group=["usr"])


INNER = {
    "many": pattern("event_count", "a", {"gte": 2}, group=["usr", "host"]),
    "sized": pattern("event_count", "a b", {"gte": 2}, group=["usr", "amount"], span="20s"),
    "again": pattern("event_count", "many", {"gte": 2}, group=["host"], span="20s"),
    "pair": pattern("temporal_ordered", "many b", group=["usr"], span="20s"),
}


def needed(correlation):
    """The names of the rules and correlations that one needs."""
    names = []
    for name in correlation["rules"]:
        if name in INNER:
            names += needed(INNER[name])
        names.append(name)
    return list(dict.fromkeys(names))


def documents(correlation):
    """The rules and the correlation as a file."""
    parts = []
    for name in needed(correlation):
        if name in INNER:
            parts.append({"title": name, "name": name, "correlation": INNER[name]})
            continue
        _, test, table = RULES[name]
        key, value = test.split(": ")
        detection = {"selection": {key: int(value) if value.isdigit() else value}, "condition": "selection"}
        parts.append({"title": name, "name": name, "logsource": {"product": table}, "detection": detection})
    parts.append({"title": "asked", "correlation": correlation})
    return "\n---\n".join(json.dumps(part) for part in parts)


PIPELINE = """name: tables
transformations:
  - type: set_state
    key: table
    val: web
    rule_conditions:
      - type: logsource
        product: web
"""


def events(chance, letter):
    """Random events of the tables; `letter` is a name that is not ASCII."""
    tables = {"logs": [], "web": []}
    step = chance.choice([1000, 250, 5000])
    count = chance.randrange(45)
    for _ in range(count):
        cased = lambda value: value and chance.choice([value, value.upper()])
        event = {
            "time": EPOCH + chance.randrange(120_000 // step) * step + chance.choice([0, 0, 0, 1, 999]),
            "kind": chance.choice("aaabbcd"),
            "flag": chance.choice(["0", "0", "1"]),
            "usr": cased(chance.choice(["ann", "bob", "bob", letter, None])),
            "actor": cased(chance.choice(["ann", "bob", None])),
            "host": cased(chance.choice(["h1", "h2"])),
            "val": cased(chance.choice(["x", "y", "z", "w", None])),
            "other": cased(chance.choice(["x", "v"])),
            "amount": chance.choice(["1", "2.5", "10", None]),
            "num": chance.choice(["1", "2.5", "-3", "10", "100", "text", "", "1e1", None]),
        }
        if chance.random() < 0.05:
            event["time"] = None
        event["at"] = id(event)
        tables[chance.choice(["logs", "logs", "logs", "web"])].append(event)
    return tables


def fold(value):
    return None if value is None else value.lower()


class Reference:
    """What must fire: a set of groups and instants."""

    def __init__(self, tables):
        self.tables = tables
        times = lambda table: [event["time"] for event in tables[table] if event["time"] is not None]
        self.latest = {table: max(times(table), default=None) for table in tables}

    def firings(self, correlation):
        kind = correlation["type"]
        condition = correlation.get("condition")
        span = int(correlation["timespan"][:-1]) * 1000
        groups = {}
        for event in self.events(correlation):
            groups.setdefault(event["group"], []).append(event)
        found = set()
        for group, members in groups.items():
            for instant in {event["time"] for event in members}:
                if isinstance(condition, str) and " not " in condition:
                    window = [e for e in members if instant <= e["time"] <= instant + span]
                    fired = instant + span
                    holds = fired <= self.horizon(correlation) and self.said(condition, window)
                else:
                    window = [e for e in members if instant - span <= e["time"] <= instant]
                    fired = instant
                    holds = self.holds(kind, correlation, condition, window, instant)
                if holds:
                    found.add((group, fired))
        return found

    def horizon(self, correlation):
        tables = {RULES[name][2] for name in needed(correlation) if name in RULES}
        return max((self.latest[table] for table in tables if self.latest[table] is not None), default=0)

    def said(self, condition, window):
        names = {name for event in window for name in event["rules"]}
        words = condition.replace("(", " ( ").replace(")", " ) ").split()
        words = [word if word in ("and", "or", "not", "(", ")") else str(word in names) for word in words]
        return eval(" ".join(words))

    def holds(self, kind, correlation, condition, window, instant):
        rules = correlation["rules"]
        if isinstance(condition, str):
            return self.said(condition, window)
        bounds = {key: value for key, value in (condition or {}).items() if key not in ("field", "percentile")}
        if kind == "temporal":
            measure = len({name for event in window for name in event["rules"]})
            bounds = bounds or {"gte": len(set(rules))}
        elif kind == "temporal_ordered":
            measure = self.longest(rules, window, instant)
            bounds = bounds or {"gte": len(rules)}
        elif kind == "event_count":
            measure = len({event["id"] for event in window})
        elif kind == "value_count":
            measure = len({event["values"] for event in window if None not in event["values"]})
        else:
            numbers = (number(event["raw"][0]) for event in window)
            numbers = sorted(value for value in numbers if value is not None)
            if not numbers:
                return False
            measure = metric(kind, numbers, condition.get("percentile", 50))
        compare = {
            "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b,
            "lte": lambda a, b: a <= b, "eq": lambda a, b: a == b, "neq": lambda a, b: a != b,
        }
        return all(compare[key](measure, value) for key, value in bounds.items())

    def longest(self, rules, window, instant):
        """The most rules in the order of the list, the last of them now."""
        instants = {}
        for event in window:
            instants.setdefault(event["time"], set()).update(event["rules"])
        times = sorted(instants)

        @functools.cache
        def best(at, last):
            earlier = [best(t, r) for t in times if t < at for r in range(last) if rules[r] in instants[t]]
            return 1 + max(earlier, default=0)

        return max((best(instant, r) for r, name in enumerate(rules) if name in instants[instant]), default=0)

    def events(self, correlation, extra=()):
        """The events of a correlation, each with its group, and the values of other fields."""
        aliases = correlation.get("aliases", {})
        condition = correlation.get("condition")
        fields = condition.get("field", []) if isinstance(condition, dict) else []
        fields = [fields] if isinstance(fields, str) else fields
        given = {}
        for name in dict.fromkeys(correlation["rules"]):
            own = lambda field: aliases.get(field, {}).get(name, field)
            group = [own(field) for field in correlation.get("group-by", [])]
            values = [own(field) for field in fields]
            for event, key in self.child(name, group + values + list(extra)) if name in INNER else self.rows(name):
                if event["time"] is None or any(event.get(field) is None for field in group):
                    continue
                found = {
                    "id": key,
                    "time": event["time"],
                    "group": tuple(fold(event[field]) for field in group),
                    "values": tuple(fold(event.get(field)) for field in values),
                    "raw": [event.get(field) for field in values],
                    "row": event,
                }
                same = (key, found["group"], *(fold(event.get(field)) for field in extra))
                same += found["values"] if correlation["type"] == "value_count" else tuple(map(number, found["raw"]))
                given.setdefault(same, found).setdefault("rules", set()).add(name)
        return list(given.values())

    def rows(self, name):
        test, _, table = RULES[name]
        return [(event, event["at"]) for event in self.tables[table] if test(event)]

    def child(self, name, fields):
        """A correlation's firings as events: its group, and fields of the events in its window."""
        correlation = INNER[name]
        own = correlation.get("group-by", [])
        span = int(correlation["timespan"][:-1]) * 1000
        beyond = [field for field in dict.fromkeys(fields) if field not in own]
        members = self.events(correlation, beyond)
        for group, instant in self.firings(correlation):
            row = {"time": instant, **dict(zip(own, group))}
            if not beyond:
                yield row, (name, group, instant)
                continue
            seen = set()
            for event in members:
                if event["group"] != group or not instant - span <= event["time"] <= instant:
                    continue
                values = tuple(fold(event["row"].get(field)) for field in beyond)
                if values not in seen:
                    seen.add(values)
                    yield {**row, **dict(zip(beyond, values))}, (name, group, instant)


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def metric(kind, numbers, percentile):
    if kind == "value_sum":
        return sum(numbers)
    if kind == "value_avg":
        return sum(numbers) / len(numbers)
    place = percentile * (len(numbers) - 1) / 100
    lower = int(place)
    upper = min(lower + 1, len(numbers) - 1)
    return numbers[lower] + (numbers[upper] - numbers[lower]) * (place - lower)


def queries(target):
    """The query of each pattern, or its error."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tables.yml").write_text(PIPELINE)
        found = []
        for at, (name, correlation) in enumerate(list(patterns())[:: EVERY.get(target, 1)]):
            path = folder / f"{at}.yml"
            path.write_text(documents(correlation))
            command = [ROOT / "target" / "debug" / "varsigma", "convert", "-t", target, "-p", folder / "tables.yml"]
            command += ["-O", "timestamp_field=time", "--json", path]
            out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
            lines = [json.loads(line) for line in out.stdout.splitlines()]
            texts = [query for line in lines for query in line.get("queries") or []]
            if len(texts) != 1:
                print(f"  {name}: {out.stderr.decode()[:600]} {lines[:2]}")
                texts = [None]
            text = texts[0]
            found.append((name, correlation, text["query"] if isinstance(text, dict) else text))
        return found


def fired_at(rows, correlation):
    """The group and the instant of each row, in order."""
    width = len(correlation.get("group-by", []))
    return sorted((tuple(fold(value) for value in row[:width]), int(row[width])) for row in rows)


def ask(target, rounds, seed, show):
    import proof
    from ask import ENGINES
    from parsers import BigQueryParser, SnowflakeParser

    parsers = {"bigquery": BigQueryParser, "snowflake": SnowflakeParser}
    engine = parsers.get(target, ENGINES[target])()
    asked = queries(target)
    wrong = failed = asks = fired = shown = changed = noticed = 0
    by = engine.by()
    failed += sum(query is None for _, _, query in asked)
    try:
        for turn in range(rounds):
            tables = events(random.Random(seed + turn), LETTERS.get(target, "å"))
            engine.tables({name: [[event["time"], *(event[column] for column in COLUMNS)] for event in rows] for name, rows in tables.items()}, COLUMNS)
            reference = Reference(tables)
            for name, correlation, query in asked:
                if query is None:
                    continue
                expected = reference.firings(correlation)
                try:
                    rows = engine.answers(query)
                except Exception as error:
                    failed += 1
                    if shown < show:
                        shown += 1
                        print(f"  {name}: {str(error)[:600]}\n{query}")
                    continue
                if rows is None:
                    continue
                asks += 1
                found = fired_at(rows, correlation)
                fired += len(expected)
                if turn == rounds - 1 and expected:
                    changed += 1
                    noticed += fired_at(engine.answers(query.replace("'a'", "'c'")), correlation) != found
                if set(found) != expected or len(found) != len(expected):
                    wrong += 1
                    if shown < show:
                        shown += 1
                        missing, extra = sorted(expected - set(found)), sorted(set(found) - expected)
                        print(f"  {name}: missing {missing[:3]}, extra {extra[:3]}, {len(found)} rows\n{query}")
                        print(f"  seed {seed + turn}")
    finally:
        engine.close()
    if changed:
        # Of a query that looks for another value few find the same by chance.
        print(f"{target:12} correlations {changed} changed queries, {noticed} of them find something else")
        wrong += noticed < changed * 0.9
    print(f"{target:12} correlations {len(asked)} patterns, {rounds} rounds, {fired} firings: {wrong} wrong, {failed} failed", flush=True)
    converted = sum(query is not None for _, _, query in asked)
    proof.tell(target, engine.how, by, converted, asks, wrong + failed)
    return wrong + failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="*", default=list(PACKAGES))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        [target] = arguments.engine
        rounds = arguments.rounds or ROUNDS.get(target, 5 if SAMPLED else 20)
        return 1 if ask(target, rounds, arguments.seed, arguments.show) else 0
    if "VARSIGMA_BUILT" not in os.environ:
        subprocess.run(["cargo", "build", "-q", "--bins"], check=True, cwd=ROOT)
    status = 0
    for target in arguments.engine:
        python = install(PACKAGES[target])
        command = [python, __file__, target, "--inside", "--show", str(arguments.show), "--seed", str(arguments.seed)]
        if arguments.rounds:
            command += ["--rounds", str(arguments.rounds)]
        code = subprocess.run(command, check=False).returncode
        if code == 3:
            print(f"NOT RUN: {target}: {' or '.join([*PACKAGES[target], 'its server'])} can't be had", flush=True)
        elif code:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
