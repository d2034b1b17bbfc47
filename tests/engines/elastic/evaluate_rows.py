"""Evaluates the commands of ES|QL that correlations are made of, on rows of keyword fields.

A row is a map of columns to values; times are milliseconds since 1970. A function of a null is null,
an aggregation leaves nulls out, and a group may be null.
"""

import math

from evaluate_esql import Parser, lifted, tokens

MILLISECONDS = {"second": 1000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
DAY = MILLISECONDS["day"]


def truncated(length, time):
    """Weeks begin on Mondays, as 1970 began on a Thursday."""
    offset = 3 * DAY if length == 7 * DAY else 0
    return (time + offset) // length * length - offset


def several(*values):
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def percentile(values, rank):
    ordered = sorted(values)
    place = (len(ordered) - 1) * rank / 100
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


AGGREGATIONS = {
    "COUNT": lambda values: len(values),
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
    "MEDIAN": lambda values: percentile(values, 50) if values else None,
}


class Rows(Parser):
    functions = Parser.functions | {"DATE_TRUNC": truncated, "MV_APPEND": several}

    def __init__(self, text, now):
        super().__init__(text)
        self.now = now

    def value(self):
        left = self.factor()
        while self.peek() in (("sign", "+"), ("sign", "-")):
            sign = 1 if self.take()[1] == "+" else -1
            left = self.sum(left, self.factor(), sign)
        return left

    @staticmethod
    def sum(left, right, sign):
        add = lifted(lambda a, b: a + sign * b)
        return lambda row: add(left(row), right(row))

    def factor(self):
        kind, value = self.peek()
        if kind == "number":
            self.take()
            unit = self.peek()[1] if self.peek()[0] == "name" else None
            if unit is None:
                return lambda row: float(value)
            length = int(value) * MILLISECONDS[self.take()[1].removesuffix("s")]
            return lambda row: length
        if (kind, value) == ("name", "NOW"):
            self.take()
            self.take("(")
            self.take(")")
            return lambda row: self.now
        return super().factor()

    def assigned(self, what):
        """`name = …, name = …`"""
        found = []
        while True:
            name = self.take()[1]
            self.take("=")
            found.append((name, what()))
            if self.peek() != ("sign", ","):
                return found
            self.take()

    def aggregation(self):
        name = self.take()[1]
        self.take("(")
        if self.peek() == ("sign", "*"):
            self.take()
            of = lambda row: 1
        else:
            of = self.disjunction()
        function = AGGREGATIONS.get(name)
        if name == "PERCENTILE":
            self.take(",")
            rank = float(self.take()[1])
            function = lambda values: percentile(values, rank) if values else None
        self.take(")")
        return lambda rows: function([value for value in map(of, rows) if value is not None])


def stats(text, rows, now):
    parser = Rows(text, now)
    made = [] if parser.peek()[1] == "BY" else parser.assigned(parser.aggregation)
    names = []
    if parser.peek()[1] == "BY":
        parser.take()
        names.append(parser.take()[1])
        while parser.peek() == ("sign", ","):
            parser.take()
            names.append(parser.take()[1])
    if parser.at < len(parser.tokens):
        raise ValueError(f"what is {parser.peek()}?")
    groups = {} if names else {(): rows}
    for row in rows if names else []:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return [dict(zip(names, key)) | {name: of(group) for name, of in made} for key, group in groups.items()]


def answers(query, events, now=None):
    """The rows of a query. Each event has an `_id` of its own."""
    first, *commands = query.split("\n| ")
    if not first.startswith("FROM "):
        raise ValueError(f"expected FROM, found {first!r}")
    rows = [dict(event) | {"_index": "i", "_id": str(at)} for at, event in enumerate(events)]
    for command in commands:
        word, _, text = command.partition(" ")
        if word == "WHERE":
            condition = Rows(text, now).whole()
            rows = [row for row in rows if condition(row) is True]
        elif word == "EVAL":
            parser = Rows(text, now)
            made = parser.assigned(parser.disjunction)
            if parser.at < len(parser.tokens):
                raise ValueError(f"what is {parser.peek()}?")
            for row in rows:
                for name, of in made:
                    row[name] = of(row)
        elif word == "MV_EXPAND":
            name = tokens(text)[0][1]
            rows = [
                row | {name: one}
                for row in rows
                for one in (row[name] if isinstance(row[name], list) else [row[name]])
            ]
        elif word == "STATS":
            rows = stats(text, rows, now)
        elif word not in ("SORT", "LIMIT"):
            raise ValueError(f"what is {command!r}?")
    return rows
