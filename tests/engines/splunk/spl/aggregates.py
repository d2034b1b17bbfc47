"""The functions of `stats`, `eventstats`, `streamstats` and `tstats` (Search Reference, *Aggregate
functions*, *Event order functions*, *Multivalue stats and chart functions*)."""

import math
import re

from .evaluation import evaluated
from .expressions import parsed
from .lexing import names
from .readings import NotTaken, Unclear
from .values import number, several, text

# `count`, `count()`, `max(x) AS m`, `count(eval(…)) as n`; the name of one without AS is as it is written.
AGGREGATE = re.compile(
    r"(?P<function>[a-z]+?)(?P<percentile>\d+(?:\.\d+)?)?(?:\((?P<inside>.*)\))?"
    r"(?:\s+(?:AS|as)\s+(?P<name>\"[^\"]+\"|'[^']+'|[\w.]+))?",
    re.S,
)
ONE = re.compile(
    r"\s*,?\s*([a-z]+[\d.]*(?:\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?(?:\s+(?:AS|as)\s+(?:\"[^\"]+\"|'[^']+'|[\w.]+))?)",
    re.S,
)


class Aggregate:
    """One function of the rows of a group."""

    def __init__(self, written, language):
        match = AGGREGATE.fullmatch(written.strip())
        if not match:
            raise NotTaken(f"not an aggregate: {written!r}")
        self.function, inside = match["function"], (match["inside"] or "").strip()
        self.percentile = float(match["percentile"]) if match["percentile"] else None
        self.name = match["name"].strip("\"'") if match["name"] else written.strip()
        inner = re.fullmatch(r"eval\((.*)\)", inside, re.S)
        # A function is of a field; an expression is in `eval(…)` (*stats*, Eval expressions).
        # Of a name with other characters the pages show single quotes; double ones are taken alike,
        # as after BY.
        if inside and not inner and not re.fullmatch(r"'[^']*'|\"[^\"]*\"|[\w.]+", inside):
            raise NotTaken(f"an expression outside of eval(): {written!r}")
        if inner:
            self.tree = parsed(inner[1], language)
        else:
            self.tree = ("field", inside.strip("\"'")) if inside else None
        if self.tree is None and self.function != "count":
            raise NotTaken(f"{self.function} of nothing")

    def of(self, rows, context):
        if self.tree is None:
            return len(rows)
        values = [evaluated(self.tree, row, context) for row in rows]
        if self.function in ("count", "c"):
            # How many have a value; an expression counts where it is true.
            return sum(len(several(value)) for value in values if value is not False)
        values = [one for value in values for one in several(value)]
        if self.function in ("dc", "distinct_count"):
            return len({text(value) for value in values})
        if self.function == "values":
            # Each value once, by the order of its letters.
            return sorted({text(value) for value in values}) or None
        if not values:
            return None
        if self.function in ("first", "last"):
            return values[0 if self.function == "first" else -1]
        return self.measured(values, context)

    def measured(self, values, context):
        numbers = [number(value, context) for value in values]
        if None in numbers:
            raise Unclear(f"{self.function} of {values!r}")
        if self.function in ("avg", "mean"):
            return sum(numbers) / len(numbers)
        if self.function in ("sum", "max", "min"):
            return {"sum": sum, "max": max, "min": min}[self.function](numbers)
        if self.function == "median":
            return ranked(sorted(numbers), 50, context, math.floor)
        if self.function in ("exactperc", "perc", "p") and self.percentile is not None:
            return ranked(sorted(numbers), self.percentile, context, lambda place: math.ceil(place) - 1)
        raise NotTaken(f"unknown aggregate `{self.function}`")


def ranked(numbers, percentile, context, rank):
    """A percentile of sorted numbers: see `readings.py`. By the nearest rank it is the ceil(p · n)th,
    of a median with an even number the higher of two."""
    if context.reads("percentile") == "nearest":
        place = rank(percentile / 100 * len(numbers))
        return numbers[min(max(place, 0), len(numbers) - 1)]
    place = percentile / 100 * (len(numbers) - 1)
    low, high = numbers[math.floor(place)], numbers[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def aggregates(part, language):
    """`count AS n, max(x) AS m`; a comma or a blank separates them."""
    found, at, part = [], 0, part.strip()
    while at < len(part):
        match = ONE.match(part, at)
        if not match:
            raise NotTaken(f"not an aggregate: {part[at:]!r}")
        found.append(Aggregate(match[1], language))
        at = match.end()
    return found


def grouped(part):
    """What stands before BY, and the names after it."""
    match = re.fullmatch(r"(.*?)(?:(?:^|\s+)(?:BY|by)\s+(.*))?", part.strip(), re.S)
    return match[1], names(match[2]) if match[2] else []


