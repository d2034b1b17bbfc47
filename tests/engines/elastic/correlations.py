#!/usr/bin/env python3
"""Do the correlations for Elastic's languages fire where they should, by what they claim?

    tests/engines/elastic/correlations.py [--rounds N] [--show N]

Random events, with ties, several groups in either case and some without a group, are asked by rules of
every form. The reference is naive: the window of an event is looked at anew each time. ES|QL is read by
Elastic's grammar (packages.py), and its commands are evaluated by evaluate_rows.py, EQL's sequences by
evaluate_sequence.py, threshold rules and those of ElastAlert below. A query that claims to be exact or
narrower has no firing that the reference lacks; one that claims to be exact or broader misses none. EQL
and ElastAlert report a burst once: each firing of the reference has one of theirs in its group, at most
a time span away.
"""

import argparse
import json
import operator
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import evaluate_rows
import evaluate_sequence
import packages
from setting import BINARY, ROOT, build

SPAN = 10_000
BASES = "".join(
    f"title: r{n}\nname: r{n}\nlogsource: {{product: x}}\ndetection:\n    s:\n        b{n}: 1\n    condition: s\n---\n"
    for n in (1, 2, 3)
)
COMPARE = dict(gt=operator.gt, gte=operator.ge, lt=operator.lt, lte=operator.le, eq=operator.eq, neq=operator.ne)
# A count that others refer to.
COUNT = ("event_count", ["r1"], "gte: 2", {})
# Forms of rules: type, rules, condition, and what else there is.
FORMS = [
    *[("event_count", ["r1"], f"{op}: {n}", {}) for op, n in (("gte", 3), ("gt", 2), ("gte", 1), ("lt", 2), ("eq", 2))],
    ("event_count", ["r1", "r2"], "gte: 3", {}),
    ("event_count", ["r1", "r2"], "gte: 3", {"aliases": True}),
    ("event_count", ["r1"], "{gte: 2, lt: 4}", {}),
    ("value_count", ["r1"], "{gte: 3, field: v}", {}),
    ("value_count", ["r1", "r2"], "{gt: 2, field: v}", {"aliases": True}),
    ("value_count", ["r1"], "{gte: 4, field: [v, n]}", {}),
    ("temporal", ["r1", "r2"], None, {}),
    ("temporal", ["r1", "r2"], "gte: 2", {}),
    ("temporal", ["r1", "r2"], None, {"aliases": True}),
    ("temporal", ["r1", "r2", "r3"], None, {}),
    ("temporal", ["r1", "r2", "r3"], "gte: 2", {}),
    ("temporal", ["r1", "r2", "r3"], "r1 and (r2 or r3)", {}),
    ("temporal", ["r1", "r2"], "r1 or r2", {}),
    ("temporal", ["r1", "r2"], "r1 and not r2", {}),
    ("temporal_ordered", ["r1", "r2"], None, {}),
    ("temporal_ordered", ["r1", "r2"], None, {"aliases": True}),
    ("temporal_ordered", ["r1", "r2", "r3"], None, {}),
    ("value_sum", ["r1"], "{gte: 10, field: n}", {}),
    ("value_avg", ["r1"], "{gt: 3, field: n}", {}),
    ("event_count", ["r4"], "gte: 2", {}),
    ("temporal", ["r4", "r2"], None, {}),
    ("temporal_ordered", ["r4", "r2"], None, {}),
    ("temporal_ordered", ["r2", "r4"], None, {}),
]


def rule(form, grouped):
    kind, rules, condition, more = form
    lines = [f"title: c\ncorrelation:\n    type: {kind}\n    rules: [{', '.join(rules)}]\n    timespan: 10s"]
    if more.get("aliases"):
        lines.append("    aliases:\n        who: {r1: g, r2: h, r3: g}\n    group-by: [who]")
    elif grouped:
        lines.append("    group-by: [g]")
    if condition:
        lines.append(f"    condition: {{{condition}}}" if re.match(r"\w+: ", condition) else f"    condition: {condition}")
    text = "\n".join(lines) + "\n"
    if "r4" in rules:
        text = rule(COUNT, grouped).removeprefix(BASES).replace("title: c", "title: r4\nname: r4") + "---\n" + text
    return BASES + text


def field(form, name, of):
    return {"r1": "g", "r2": "h", "r3": "g"}[name] if form[3].get("aliases") else "g"


def members(form, grouped, events):
    """By group: time, number of the event, the rules that it is there by, and the event."""
    found = {}
    for number, event in enumerate(events):
        for name in dict.fromkeys(form[1]):
            if event.get(f"b{name[1]}") != "1":
                continue
            value = event.get(field(form, name, event)) if grouped else ""
            if value is None:
                continue
            group = found.setdefault(value.lower(), {})
            group.setdefault(number, (event["@timestamp"], number, set(), event))[2].add(name)
    return {group: sorted(rows.values(), key=lambda row: row[:2]) for group, rows in found.items()}


def bounds(condition):
    return [(op, float(number)) for op, number in re.findall(r"(\w+): (-?[\d.]+)", condition)]


def measured(kind, rows, condition):
    if kind == "event_count":
        return len(rows)
    listed = re.search(r"field: \[(.*?)\]", condition)
    fields = listed[1].split(", ") if listed else [re.search(r"field: (\w+)", condition)[1]]
    if kind == "value_count":
        tuples = [tuple(row[3].get(name) for name in fields) for row in rows]
        return len({tuple(v.lower() for v in one) for one in tuples if None not in one})
    numbers = [float(row[3][fields[0]]) for row in rows if row[3].get(fields[0]) is not None]
    if not numbers:
        return None
    return sum(numbers) if kind == "value_sum" else sum(numbers) / len(numbers)


def holds(form, rows, at, group, horizon):
    """Does the condition hold for the window that ends at `at`?"""
    kind, rules, condition, _ = form
    window = [row for row in rows if at - SPAN <= row[0] <= at]
    if kind == "temporal_ordered":
        ends = [row for row in window if row[0] == at and rules[-1] in row[2]]

        def chain(step, before):
            if step < 0:
                return True
            return any(row[0] < before and rules[step] in row[2] and chain(step - 1, row[0]) for row in window)

        return bool(ends) and chain(len(rules) - 2, at)
    if kind == "temporal":
        seen = set().union(*(row[2] for row in window))
        if condition is None:
            return seen >= set(rules)
        if re.match(r"\w+: ", condition):
            return all(COMPARE[op](len(seen), n) for op, n in bounds(condition))
        return eval(condition, {}, {name: name in seen for name in rules})
    value = measured(kind, window, condition)
    return value is not None and all(COMPARE[op](value, n) for op, n in bounds(condition))


def reference(form, grouped, events):
    """The firings: groups and times."""
    if "r4" in form[1]:
        fired = [{"@timestamp": at, "g": group, "b4": "1"} for group, at in sorted(reference(COUNT, grouped, events))]
        events = events + fired
    found = set()
    horizon = max((event["@timestamp"] for event in events), default=0)
    for group, rows in members(form, grouped, events).items():
        if form[2] and "not" in form[2]:
            # What is absent is absent from then on, for a whole time span.
            for at, _, names, _ in rows:
                later = [row for row in rows if at <= row[0] <= at + SPAN]
                if "r1" in names and at + SPAN <= horizon and not any("r2" in row[2] for row in later):
                    found.add((group, at + SPAN))
            continue
        found |= {(group, row[0]) for row in rows if holds(form, rows, row[0], group, horizon)}
    return found


def sample(source, mapped, ties):
    fold = str.lower if mapped else str
    times = [source.randrange(0, 60) * 1000 for _ in range(30)] if ties else source.sample(range(0, 60_000), 30)
    events = []
    for time in times:
        event = {"@timestamp": time}
        for name, values in (("g", ["ann", "Ann", "bob", None]), ("h", ["ann", "bob", None]), ("v", ["x", "X", "y", "z", "w", None])):
            value = source.choice(values)
            if value is not None:
                event[name] = fold(value)
        if source.random() < 0.9:
            event["n"] = str(source.randrange(-2, 9))
        for n in (1, 2, 3):
            event[f"b{n}"] = str(int(source.random() < 0.35))
        events.append(event)
    return sorted(events, key=lambda event: event["@timestamp"])


class Report:
    def __init__(self):
        self.asked, self.bad, self.claims = 0, [], {}

    def claim(self, target, fidelity):
        self.claims[target, fidelity] = self.claims.get((target, fidelity), 0) + 1

    def judge(self, about, fidelity, extra, missed):
        self.asked += 1
        if extra and fidelity in ("exact", "narrower"):
            self.bad.append((about, f"claims to be {fidelity}, invents {sorted(extra, key=str)[:3]}"))
        if missed and fidelity in ("exact", "broader"):
            self.bad.append((about, f"claims to be {fidelity}, misses {sorted(missed, key=str)[:3]}"))


def converted(rules, target, options):
    """The outputs of rules: queries and fidelity, or an error. Names are of one file alone."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(rules):
            path = pathlib.Path(folder) / f"{number:04}.yml"
            path.write_text(re.sub(r"\br(\d)\b", rf"r\1_{number}", text))
        command = [BINARY, "convert", "--json", "-t", target, *options, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        files = [json.loads(line) for line in done.stdout.split("\n") if line]
        if len(files) != len(rules):
            raise ValueError(f"{len(files)} answers of {len(rules)}: {done.stderr[-500:]}")
        return [next(rule for rule in file["rules"] if rule["title"] == "c") for file in files]


def near(found, expected):
    """What of the reference has no firing of a burst near it."""
    return {(g, t) for g, t in expected if not any(g == other and abs(t - at) <= SPAN for other, at in found)}


def ask_esql(queries, form, grouped, events, fidelity, window, about, report):
    expected = reference(form, grouped, events)
    group = "who" if form[3].get("aliases") else "g"
    name = lambda row: row.get(group, "").lower() if grouped else ""
    times = sorted({event["@timestamp"] for event in events}) if window == "trailing" else [None]
    for now in times:
        known = [event for event in events if now is None or event["@timestamp"] <= now]
        rows = evaluate_rows.answers(queries[0], known, now)
        rows = [row for row in rows if row.get("first_seen") is not None]
        extra, missed = set(), set()
        for row in rows:
            inside = [t for g, t in expected if g == name(row) and row["first_seen"] <= t <= row["last_seen"]]
            if not inside:
                extra.add((name(row), row["first_seen"], row["last_seen"]))
        if now is None:
            for g, t in expected:
                if not any(name(row) == g and row["first_seen"] <= t <= row["last_seen"] for row in rows):
                    missed.add((g, t))
        report.judge(about, fidelity, extra, missed)
        # What a search at the time of a firing finds is that firing.
        if now is not None and fidelity == "narrower" and form[0] != "temporal_ordered":
            late = {(g, t) for g, t in expected if t == now and g not in {name(row) for row in rows}}
            report.judge(about, "exact", set(), late)


def ask_eql(queries, form, grouped, events, fidelity, about, report):
    expected, found = reference(form, grouped, events), set()
    for query in queries:
        by = re.search(r" by (\S+?)(?: with |\n|$)", query.split("\n")[0]) if query.startswith("sequence") else None
        for at, time in evaluate_sequence.answers(query, events):
            last = form[1][-1] if " by h" in query else "r1"
            event = events[at]
            group = ""
            if grouped:
                group = event[by[1]] if by else event[re.findall(r"\] by (\w+)", query)[-1]] if "] by" in query else event["g"]
            found.add((group.lower(), time))
    report.judge(about, fidelity, found - expected, near(found, expected))
    return found - expected


def threshold(document, events, now):
    """The groups of a threshold rule's run."""
    rule = json.loads(document)
    since = int(re.fullmatch(r"now-(\d+)s", rule["from"])[1]) * 1000
    flags = re.findall(r"b\d", rule["query"])
    groups = {}
    for event in events:
        values = tuple(event.get(name) for name in rule["threshold"]["field"])
        if now - since <= event["@timestamp"] <= now and None not in values and any(event.get(f) == "1" for f in flags):
            groups.setdefault(values, []).append(event)
    for values, rows in groups.items():
        counts = [len({row[c["field"]] for row in rows if c["field"] in row}) >= c["value"] for c in rule["threshold"]["cardinality"]]
        if len(rows) >= rule["threshold"]["value"] and all(counts):
            yield (values[0].lower() if values else ""), min(r["@timestamp"] for r in rows), max(r["@timestamp"] for r in rows)


def ask_threshold(queries, form, grouped, events, fidelity, about, report):
    expected = reference(form, grouped, events)
    every = 1000 * {"s": 1, "m": 60}[json.loads(queries[0])["interval"][-1]] * int(json.loads(queries[0])["interval"][:-1])
    found = [one for now in range(every, 120_000 + every, every) for one in threshold(queries[0], events, now)]
    extra = {one for one in found if not any(g == one[0] and one[1] <= t <= one[2] for g, t in expected)}
    missed = {(g, t) for g, t in expected if not any(g == one[0] and one[1] <= t <= one[2] for one in found)}
    report.judge(about, fidelity, extra, missed)


def alerts(document, events):
    """The groups and times of ElastAlert's matches."""
    rule = dict(re.findall(r"^(\w+): (.*)$", document, re.M))
    frame = sum(
        int(n) * {"milliseconds": 1, "seconds": 1000}[unit] for unit, n in re.findall(r"^  (milliseconds|seconds): (\d+)$", document, re.M)
    )
    flags = set(re.findall(r"b\d", document.split("query:")[-1]))
    keys = re.search(r'^query_key:\n((?:- ".*"\n)+)', document, re.M)
    keys = re.findall(r'"(\w+)"', keys[1]) if keys else []
    seen = {}
    for event in events:
        values = tuple(event.get(name) for name in keys)
        if None in values or not any(event.get(flag) == "1" for flag in flags):
            continue
        time = event["@timestamp"]
        if rule["type"] == "frequency":
            window = seen.setdefault(values, [])
            window.append(time)
            while window[-1] - window[0] >= frame:
                window.pop(0)
            if len(window) >= int(rule["num_events"]):
                seen.pop(values)
                yield (values[0].lower() if values else ""), time
        elif rule["type"] == "cardinality":
            value = event.get(rule["cardinality_field"].strip('"'))
            if value is not None:
                terms = seen.setdefault(values, {})
                terms[value] = time
                for old in [term for term, last in terms.items() if time - last > frame]:
                    del terms[old]
                if len(terms) > int(rule["max_cardinality"]):
                    yield (values[0].lower() if values else ""), time


def ask_elastalert(queries, form, grouped, events, fidelity, about, report):
    if not re.search(r"^type: (frequency|cardinality)$", queries[0], re.M):
        return
    expected, found = reference(form, grouped, events), set(alerts(queries[0], events))
    report.judge(about, fidelity, found - expected, near(found, expected))


def ask(target, queries, form, grouped, events, fidelity, arguments, about, report):
    if target == "esql":
        ask_esql(queries, form, grouped, events, fidelity, arguments[1].partition("=")[2], about, report)
    elif target == "eql":
        ask_eql(queries, form, grouped, events, fidelity, about, report)
    elif target == "elastalert":
        ask_elastalert(queries, form, grouped, events, fidelity, about, report)
    else:
        ask_threshold(queries, form, grouped, events, fidelity, about, report)


def changed(query):
    """The query with another rule in the place of the first, and with one that no event matches."""
    return [re.sub(r"\bb1\b", other, query) for other in ("b2", "b9")]


# How many of the changed queries that claim so much may be overlooked: of what is narrower a firing that
# is missing tells nothing, and few events make one too many.
OVERLOOKED = {"exact": 0.1, "broader": 0.2, "narrower": 0.6}


class Changes:
    """Queries that are changed have to give other answers, or nothing was compared."""

    def __init__(self):
        self.reports = {}

    def of(self, target, fidelity, about):
        return self.reports.setdefault((target, fidelity, about), Report())

    def overlooked(self):
        """Of each target and claim that can be wrong: queries whose change is overlooked, if they are many."""
        found = []
        asked = {key: report for key, report in self.reports.items() if report.asked and key[1] != "approximate"}
        for claim in sorted({key[:2] for key in asked}):
            of_claim = {key[2]: report.bad for key, report in asked.items() if key[:2] == claim}
            quiet = [about for about, bad in of_claim.items() if not bad]
            print(f"changed queries of {' '.join(claim)}: {len(of_claim)}, {len(quiet)} of them overlooked")
            if len(quiet) > len(of_claim) * OVERLOOKED[claim[1]]:
                found += [(about, "a changed query gives the same answers") for about in quiet]
        return found


def unparsed(queries):
    """What Elastic's grammar of ES|QL does not take."""
    if not packages.python():
        return []
    answers = packages.ask("esql", [(query, []) for query in queries])
    return [(query, answer) for query, answer in zip(queries, answers) if answer != "ok"]


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=40, help="how many sets of events each query is asked")
    options.add_argument("--show", type=int, default=20, help="how many problems to print")
    given = options.parse_args()
    os.chdir(ROOT)
    build()
    variants = [("esql", ["-O", f"window={window}", "-O", f"case={case}"]) for window in ("tumbling", "overlapping", "trailing") for case in ("lower", "mapped")]
    variants += [("eql", ["-O", f"case={case}"]) for case in ("keyword", "mapped")]
    rows = ["-f", "siem_rule_ndjson", "-O", "schedule_interval=4", "-O", "schedule_interval_unit=s"]
    variants += [(target, [*rows, "-O", f"window={window}", "-O", f"case={case}"]) for target, other in (("kql", "keyword"), ("lucene", "regex")) for window in ("trailing", "overlapping") for case in (other, "mapped")]
    variants += [("elastalert", ["-O", f"case={case}"]) for case in ("regex", "mapped")]
    forms = [(form, grouped) for form in FORMS for grouped in (True, False) if grouped or not form[3]]
    cases, outputs = [], []
    for target, arguments in variants:
        cases += [(form, grouped, target, arguments) for form, grouped in forms]
        outputs += converted([rule(form, grouped) for form, grouped in forms], target, arguments)
    report, refused, changes = Report(), 0, Changes()
    for (form, grouped, target, arguments), output in zip(cases, outputs):
        if "queries" not in output:
            refused += 1
            continue
        queries, fidelity = output["queries"], output["fidelity"]
        report.claim(target, fidelity)
        joined = " ".join(arguments)
        about = f"{target} {joined}, {form}, grouped: {grouped}\n" + "\n".join(queries)
        for number in range(given.rounds):
            source = random.Random(f"{form} {number}")
            events = sample(source, "mapped" in joined, number % 2 == 0)
            ask(target, queries, form, grouped, events, fidelity, arguments, about, report)
            if number < 4:
                other = changes.of(target, fidelity, about)
                for texts in zip(*map(changed, queries)):
                    ask(target, list(texts), form, grouped, events, fidelity, arguments, about, other)
    esql = {query for (_, _, target, _), output in zip(cases, outputs) if target == "esql" for query in output.get("queries", [])}
    report.bad += unparsed(sorted(esql)) + changes.overlooked()
    claims = ", ".join(f"{target} {fidelity} {count}" for (target, fidelity), count in sorted(report.claims.items()))
    print(f"correlations: {len(cases) - refused} queries, {refused} refused, asked {report.asked} times: {len(report.bad)} wrong")
    print(f"  claims: {claims}")
    shown = {}
    for about, problem in report.bad:
        shown.setdefault(about, problem)
    for about, problem in list(shown.items())[: given.show]:
        print(f"  {about}\n    {problem}")
    sys.exit(1 if report.bad else 0)


if __name__ == "__main__":
    main()
