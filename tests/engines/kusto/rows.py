"""What the commands and functions of Kusto mean that the queries for correlations are made of.

The meaning is that of Microsoft's documentation (https://learn.microsoft.com/en-us/kusto/query/): a
string is never null, a comparison with null is, but for `==` and `!=` with a value; a function of rows
sees the rows that come into its operator. Times and spans are whole milliseconds. An expression is a
function of a `Scope`.
"""

import functools
import math
import re

AGGREGATES = {"sum", "avg", "max", "make_list", "count"}


class Scope:
    """A row among its rows, the names that `let` gave, and the state of a step."""

    def __init__(self, rows, at, names, state=None):
        self.rows, self.at, self.names, self.state, self.sums = rows, at, names, state or {}, {}

    def named(self, name):
        if name not in self.names:
            raise ValueError(f"unknown name {name}")
        return self.names[name]


def values(rows, expression, names):
    """Each row with the expression's value; running sums are kept from row to row."""
    scope = Scope(rows, 0, names)
    found = []
    for at, row in enumerate(rows):
        scope.at = at
        found.append((row, expression(scope)))
    return found


def project(rows, columns, names, keeps):
    made = {name: [value for _, value in values(rows, expression, names)] for name, expression in columns}
    return [{**(row if keeps else {}), **{name: made[name][at] for name in made}} for at, row in enumerate(rows)]


def distinct(rows, columns):
    seen = {}
    for row in rows:
        kept = row if columns is None else {name: row[name] for name in columns}
        seen.setdefault(tuple(kept.items()), kept)
    return list(seen.values())


def order(value):
    """Nulls come first where the order is ascending."""
    return (value is not None, value if value is not None else 0)


def summarize(rows, columns, by, names):
    groups = {} if by or rows else {(): []}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    found = []
    for key, members in groups.items():
        scope = Scope(members, 0, names)
        scope.grouped = members
        made = {name or "value": expression(scope) for name, expression in columns}
        found.append({**dict(zip(by, key)), **made})
    return found


def join(rows, others, keys):
    index = {}
    for other in others:
        index.setdefault(tuple(other[key] for key in keys), []).append(other)
    return [
        {**other, **row}
        for row in rows
        for other in index.get(tuple(row[key] for key in keys), [])
        if None not in [row[key] for key in keys]
    ]


def kleene(one, other):
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def compare(sign, left, right):
    if sign in ("==", "!=") and (left is None) != (right is None):
        return sign == "!="
    if left is None or right is None:
        return None
    if isinstance(left, str) != isinstance(right, str):
        raise ValueError(f"{left!r} {sign} {right!r}")
    folded = lambda text: re.sub("[A-Z]", lambda match: match[0].lower(), text)
    return {
        "==": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
        "=~": lambda: folded(left) == folded(right),
        "endswith_cs": lambda: left.endswith(right),
    }[sign]()


def arithmetic(sign, left, right):
    def run(scope):
        one, other = left(scope), right(scope)
        if one is None or other is None:
            return None
        if sign == "/":
            return one / other
        return one + other if sign == "+" else one - other if sign == "-" else one * other

    return run


def element(list_, index):
    return list_[index] if 0 <= index < len(list_) else None


def text(value):
    return "" if value is None else value if isinstance(value, str) else str(value)


def real(value):
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def call(name, arguments):
    """A function of values, of rows, or of a group."""
    if name in ("prev", "next"):
        return functools.partial(neighbor, name, arguments)
    if name == "row_cumsum":
        return functools.partial(running, arguments)
    if name in AGGREGATES:
        return functools.partial(aggregate, name, arguments)
    if name == "iff":
        test, yes, no = arguments
        return lambda s: yes(s) if test(s) is True else no(s)
    if name == "case":
        def case(scope):
            for test, value in zip(arguments[::2], arguments[1::2]):
                if test(scope) is True:
                    return value(scope)
            return arguments[-1](scope)

        return case
    function = FUNCTIONS[name]
    return lambda s: function(*(argument(s) for argument in arguments))


FUNCTIONS = {
    "tolower": str.lower,
    "tostring": text,
    "toreal": real,
    "toint": lambda value: None if value is None else int(value),
    "tolong": lambda value: None if value is None else int(value),
    "bin": lambda value, size: None if value is None else math.floor(value / size) * size,
    "floor": lambda value, size: math.floor(value / size) * size,
    "ceiling": math.ceil,
    "isfinite": lambda value: None if value is None else math.isfinite(value),
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "isempty": lambda value: value is None or value == "",
    "isnotempty": lambda value: value is not None and value != "",
    "not": lambda value: None if value is None else not value,
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "max_of": max,
    "array_sort_asc": sorted,
    "array_length": len,
}


def neighbor(name, arguments, scope):
    """The value that an expression has so many rows before or after; null, or an empty string, beyond."""
    offset = arguments[1](scope) if len(arguments) > 1 else 1
    at = scope.at - offset if name == "prev" else scope.at + offset
    if 0 <= at < len(scope.rows):
        return arguments[0](Scope(scope.rows, at, scope.names))
    return "" if isinstance(arguments[0](scope), str) else None


def running(arguments, scope):
    restart = len(arguments) > 1 and arguments[1](scope) is True
    key = id(arguments[0])
    scope.sums[key] = (0 if restart else scope.sums.get(key, 0)) + (arguments[0](scope) or 0)
    return scope.sums[key]


def aggregate(name, arguments, scope):
    members = scope.grouped
    found = [arguments[0](Scope(members, at, scope.names)) for at in range(len(members))] if arguments else members
    found = [value for value in found if value is not None]
    if name == "count":
        return len(found)
    if name == "make_list":
        return found
    if name == "sum":
        return sum(found)
    if not found:
        return None
    return max(found) if name == "max" else sum(found) / len(found)
