"""Runs the pipelines that correlations are made of, by the documentation of their functions.

In: a query, and events as maps of names to texts, `@timestamp` in milliseconds among them. Out: rows of the
same form.

    https://library.humio.com/data-analysis/functions-sequence.html

Sequence functions need an order, which `head()` and `sort()` give: without one they are an error
(`Unclear`), so that no query relies on it. Events of one instant are shuffled before they are ordered.
A time window has both of its ends inside, which the documentation leaves open.
"""

import random
import re

import cql

STEPS = re.compile(
    r"(lower|head|sort|groupBy|slidingWindow|slidingTimeWindow|accumulate|bucket|rename|drop|end|format)\("
)
ASSIGNED = re.compile(r"([#@A-Za-z_][A-Za-z0-9_.]*)\s*:=")
SEQUENCES = ("slidingWindow", "slidingTimeWindow", "accumulate")
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


class Unclear(Exception):
    """The documentation does not say what this does."""


def shown(number):
    """A number as a text."""
    return str(int(number)) if number == int(number) else repr(number)


class Reader(cql.Reader):
    """Reads steps between `|`."""

    def steps(self):
        steps = [self.step()]
        while self.take("|"):
            steps.append(self.step())
        return steps

    def step(self):
        if self.take("case {"):
            branches = [self.steps()]
            while self.take(";"):
                self.blanks()
                if self.text[self.at] == "}":
                    break
                branches.append(self.steps())
            self.need("}")
            return ("case", branches)
        assigned = self.match(ASSIGNED)
        if assigned:
            return ("assign", assigned[1], self.operand())
        self.blanks()
        if STEPS.match(self.text, self.at):
            return self.value()
        return ("filter", self.conjunction())

    def value(self):
        """A function, a list, a text, a number or a name."""
        if self.take("["):
            values = []
            while not self.take("]"):
                values.append(self.value())
                self.take(",")
            return values
        text = self.string()
        if text is not None:
            return text
        word = self.match(re.compile(r"[#@A-Za-z0-9_.]+"))
        if not word:
            self.fail("a value")
        if not self.take("("):
            return word[0]
        unnamed, named = [], {}
        while not self.take(")"):
            name = self.match(re.compile(r"([a-z]+)="))
            if name:
                named[name[1]] = self.value()
            else:
                unnamed.append(self.value())
            self.take(",")
        return ("call", word[0], unnamed, named)


class Search:
    def __init__(self, events, end, seed=0):
        self.events, self.end = events, end
        self.random = random.Random(seed)
        # "asc" or "desc", as the rows are ordered by time.
        self.order = None

    def run(self, query):
        reader = Reader(query)
        steps = reader.steps()
        reader.blanks()
        if reader.at < len(query):
            reader.fail("the end")
        rows = [dict(event) for event in self.events]
        for step in steps:
            rows = self.step(step, rows)
        return rows

    def step(self, step, rows):
        kind = step[0]
        if kind == "filter":
            return [row for row in rows if cql.passes(step[1], row)]
        if kind == "assign":
            for row in rows:
                value = cql.value(step[2], row)
                if value is not None:
                    row[step[1]] = value if isinstance(value, str) else shown(value)
            return rows
        if kind == "case":
            return [out for row in rows for out in self.case(step[1], row)]
        return self.function(*step[1:], rows)

    def case(self, branches, row):
        for branch in branches:
            if branch[0][0] != "filter":
                raise Unclear("a branch without a filter")
            if cql.passes(branch[0][1], row):
                rows = [row]
                for step in branch[1:]:
                    rows = self.step(step, rows)
                return rows
        return []

    def function(self, name, unnamed, named, rows):
        if name in ("head", "sort"):
            if named["limit"] != "max":
                raise Unclear("another limit than the greatest")
            self.order = named.get("order", "asc")
            self.random.shuffle(rows)
            return sorted(rows, key=time, reverse=self.order == "desc")[:20_000]
        if name == "lower":
            for row in rows:
                if unnamed[0] in row:
                    row[named["as"]] = row[unnamed[0]].lower()
        elif name == "rename":
            for row in rows:
                for old, new in unnamed[0]:
                    row[new] = row.pop(old)
        elif name == "drop":
            for row in rows:
                for field in unnamed[0]:
                    row.pop(field, None)
        elif name == "format":
            for row in rows:
                row[named["as"]] = unnamed[0].replace("%s", "\0").replace("\0", "{}").format(*(row[f] for f in named["field"]))
        elif name == "end":
            for row in rows:
                row[named["as"]] = shown(self.end)
        elif name == "groupBy":
            return self.grouped(unnamed[0], named["function"], rows)
        elif name == "bucket":
            return self.buckets(span(named["span"]), named.get("field", []), named["function"], rows)
        elif name in SEQUENCES:
            return list(self.sequence(name, unnamed[0], named, rows))
        else:
            raise Unclear(name)
        return rows

    # ---- Aggregates -----------------------------------------------------------------------------

    def grouped(self, fields, function, rows):
        groups = {}
        for row in rows:
            if all(field in row for field in fields):
                groups.setdefault(tuple(row[field] for field in fields), []).append(row)
        out = []
        for key, members in groups.items():
            group = dict(zip(fields, key))
            if isinstance(function, tuple) and function[1] in SEQUENCES:
                made = self.sequence(function[1], function[2][0], function[3], members)
                out += [{**row, **group} for row in made]
            else:
                out.append({**aggregated(function, members), **group})
        self.order = None
        self.random.shuffle(out)
        return out

    def buckets(self, width, fields, function, rows):
        for row in rows:
            row["_bucket"] = shown(time(row) // width * width)
        return self.grouped(["_bucket", *fields], function, rows)

    def sequence(self, name, functions, named, rows):
        if self.order is None or name == "slidingTimeWindow" and self.order != "asc":
            raise Unclear(f"{name} of rows in no order")
        for at, row in enumerate(rows):
            if name == "slidingWindow":
                window = rows[max(0, at + 1 - int(named["events"])) : at + 1]
            elif name == "slidingTimeWindow":
                since = time(row) - span(named["span"])
                window = [other for other in rows[: at + 1] if time(other) >= since]
            else:
                window = rows[: at if named.get("current") == "exclude" else at + 1]
            yield {**row, **aggregated(functions, window)}


def time(row):
    return int(row["@timestamp"])


def span(text):
    count, unit = re.fullmatch(r"(\d+)([a-z]+)", text).groups()
    return int(count) * UNITS[unit]


def aggregated(functions, rows):
    """The fields that aggregates make of rows."""
    out = {}
    for _, name, unnamed, named in [functions] if isinstance(functions, tuple) else functions:
        if name == "selectFromMax":
            best = max(rows, key=lambda row: float(row[unnamed[0]]))
            out.update({field: best[field] for field in named["include"] if field in best})
            continue
        texts = [row[unnamed[0]] for row in rows if unnamed[0] in row] if unnamed else None
        if name == "count":
            texts = rows if texts is None else set(texts) if named.get("distinct") == "true" else texts
            out[named["as"]] = shown(len(texts))
            continue
        numbers = [number for number in map(cql.number, texts) if number is not None]
        functions_of_numbers = {"min": min, "max": max, "sum": sum, "avg": lambda all: sum(all) / len(all)}
        if name not in functions_of_numbers:
            raise Unclear(name)
        if numbers:
            out[named["as"]] = shown(functions_of_numbers[name](numbers))
    return out
