"""What a correlation must fire on, written out naively: every window by itself, both ends inside.

Of a percentile, what it fires on by another reading, too: `{"percentile": "nearest"}` takes a number
that is there instead of one between two, `{"window end": "outside"}` leaves the window's begin out.
"""

import itertools
import math
import operator
import re

from patterns import RULES


def fold(value):
    """A value that groups and counts; None: none, or several."""
    return None if value is None or isinstance(value, list) else str(value).lower()


def number(value):
    """The number that a field holds."""
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else None
    return None if isinstance(value, list) else value


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


OPERATORS = dict(gt=operator.gt, gte=operator.ge, lt=operator.lt, lte=operator.le, eq=operator.eq, neq=operator.ne)


def firings(correlations, c, events, span, latest, reading=None):
    reading = reading or {}
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
                continue
            within = [m for m in members if time - span <= m[0] <= time]
            if reading.get("window end") == "outside":
                within = [m for m in within if m[0] > time - span]
            if holds(c, within, time, reading):
                out.add((time, key))
    return out


def holds(c, within, time, reading):
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
    # An event of two rules has the number of each, one that they share once.
    numbers = {(m[2], number(m[3][0])) for m in within}
    numbers = [n for _, n in numbers if n is not None]
    if not numbers:
        return False
    if c["type"] in ("value_median", "value_percentile"):
        return test(percentile(sorted(numbers), condition.get("percentile"), reading))
    return test(sum(numbers) / (len(numbers) if c["type"] == "value_avg" else 1))


def percentile(numbers, percent, reading):
    """Of sorted numbers; the median where no percent is given."""
    count = len(numbers)
    if reading.get("percentile") == "nearest":
        # The number that as many are not above; the median of an even number is the upper one.
        place = count // 2 if percent is None else math.ceil(percent * count / 100) - 1
        return numbers[min(max(place, 0), count - 1)]
    place = (50 if percent is None else percent) * (count - 1) / 100
    low = math.floor(place)
    return numbers[low] + (numbers[min(low + 1, count - 1)] - numbers[low]) * (place - low)


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
