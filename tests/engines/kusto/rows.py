"""Evaluates the queries that the target writes for correlations, over tables of rows.

What is known of the language is what those queries use: `let`, `union`, `where`, `project`, `extend`,
`sort by`, `summarize`, `distinct`, `join kind=inner`, `scan` with one step, and functions of rows
(`prev`, `next`, `row_cumsum`). The meaning is that of Microsoft's documentation
(https://learn.microsoft.com/en-us/kusto/query/): a string is never null, a comparison with null is, but
for `==` and `!=` with a value; a function of rows sees the rows that come into its operator. Times and
spans are whole milliseconds. Anything else is an error.
"""

import functools
import math
import re

TOKEN = re.compile(
    r"""\s+|(?P<verbatim>@"(?:[^"]|"")*")|(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<date>datetime\((?:null|[\d-]+)\))|(?P<span>\d+(?:ms|[smhd])\b)|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"""
    r"""|(?P<name>\['(?:\\.|[^'\\])*'\]|[A-Za-z_]\w*(?:=~)?|\$\w+)|(?P<sign>=>|==|!=|=~|<=|>=|\.\.|[-+*/<>=(),;|.:\[\]])""",
    re.VERBOSE,
)
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
DATES = {"1900-01-01": -2_208_988_800_000}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
COMPARISONS = ["==", "!=", "<=", ">=", "<", ">", "=~", "contains", "contains_cs", "startswith", "endswith", "endswith_cs"]
AGGREGATES = {"sum", "avg", "max", "make_list", "count"}


def unescaped(text):
    return re.sub(r"\\u([0-9a-f]{4})|\\(.)", lambda m: chr(int(m[1], 16)) if m[1] else ESCAPES.get(m[2], m[2]), text)


def tokens(query):
    at, found = 0, []
    while at < len(query):
        match = TOKEN.match(query, at)
        if not match:
            raise ValueError(f"no token: {query[at:at + 40]}")
        at = match.end()
        kind, text = match.lastgroup, match[0]
        if kind == "verbatim":
            found.append(("value", text[2:-1].replace('""', '"')))
        elif kind == "string":
            found.append(("value", unescaped(text[1:-1])))
        elif kind == "date":
            inside = text[9:-1]
            found.append(("value", None if inside == "null" else DATES[inside]))
        elif kind == "span":
            count, unit = re.fullmatch(r"(\d+)(\D+)", text).groups()
            found.append(("value", int(count) * UNITS[unit]))
        elif kind == "number":
            found.append(("value", float(text) if re.search("[.e]", text) else int(text)))
        elif kind == "name" and text in ("true", "false"):
            found.append(("value", text == "true"))
        elif kind:
            found.append((kind, unescaped(text[2:-2]) if text.startswith("['") else text))
    return found + [("end", "")]


class Parser:
    """Expressions become functions of a row's place, rows and the state of `scan`."""

    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    def peek(self, *texts):
        kind, text = self.tokens[self.at]
        return kind in ("name", "sign", "end") and text in texts

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, *texts):
        if self.peek(*texts):
            return self.next()[1]
        return None

    def expect(self, *texts):
        if not self.peek(*texts):
            raise ValueError(f"expected {texts}, found {self.tokens[self.at:self.at + 6]}")
        return self.next()[1]

    def name(self):
        kind, text = self.next()
        if kind != "name":
            raise ValueError(f"expected a name, found {text!r}")
        return text

    # -- expressions

    def expression(self):
        return self.chain("or", lambda: self.chain("and", self.comparison, any_=False), any_=True)

    def chain(self, word, operand, any_):
        parts = [operand()]
        while self.take(word):
            parts.append(operand())
        if len(parts) == 1:
            return parts[0]

        def run(scope):
            values = [part(scope) for part in parts]
            if any_ in values:
                return any_
            return None if None in values else not any_

        return run

    def comparison(self):
        left = self.sum()
        if self.take("between"):
            self.expect("(")
            low = self.sum()
            self.expect("..")
            high = self.sum()
            self.expect(")")
            return lambda s: kleene(compare(">=", left(s), low(s)), compare("<=", left(s), high(s)))
        sign = self.take(*COMPARISONS)
        if not sign:
            return left
        right = self.sum()
        return lambda s: compare(sign, left(s), right(s))

    def sum(self):
        value = self.product()
        while sign := self.take("+", "-"):
            value = arithmetic(sign, value, self.product())
        return value

    def product(self):
        value = self.unary()
        while sign := self.take("*", "/"):
            value = arithmetic(sign, value, self.unary())
        return value

    def unary(self):
        if self.take("-"):
            inner = self.unary()
            return lambda s: None if inner(s) is None else -inner(s)
        value = self.atom()
        while self.take("["):
            index, inner = self.expression(), value
            self.expect("]")
            value = lambda s, inner=inner, index=index: element(inner(s), index(s))
        return value

    def atom(self):
        kind, text = self.next()
        if kind == "value":
            return lambda s: text
        if text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if kind != "name":
            raise ValueError(f"no expression: {text!r}")
        if self.take("."):
            column = self.name()
            return lambda s: s.state.get(column)
        if not self.take("("):
            return lambda s: s.rows[s.at][text] if s.rows is not None and text in s.rows[s.at] else s.named(text)
        if text == "toscalar":
            table = self.tabular()
            self.expect(")")
            return lambda s: next(iter(table(s.names)[0].values()))
        arguments = []
        while not self.take(")"):
            if self.take("*"):
                arguments.append(None)
            else:
                arguments.append(self.expression())
            self.take(",")
        return call(text, arguments)

    # -- operators of tables

    def query(self):
        """`let` statements and a table."""
        lets = []
        while self.take("let"):
            name = self.name()
            self.expect("=")
            if self.peek("toscalar"):
                value = self.expression()
                lets.append((name, lambda names, value=value: value(Scope(None, 0, names))))
            else:
                lets.append((name, self.tabular()))
            self.expect(";")
        last = self.tabular()
        self.expect("")

        def run(tables):
            names = dict(tables)
            for name, value in lets:
                names[name] = value(names)
            return last(names)

        return run

    def tabular(self):
        if self.take("union"):
            parts = [self.member()]
            while self.take(","):
                parts.append(self.member())
            source = lambda names: [row for part in parts for row in part(names)]
        elif self.peek("("):
            source = self.member()
        else:
            table = self.name()
            source = lambda names: [dict(row) for row in names[table]]
        while self.take("|"):
            source = self.operator(source)
        return source

    def member(self):
        self.expect("(")
        inner = self.tabular()
        self.expect(")")
        return inner

    def operator(self, source):
        word = self.name()
        if word == "where":
            test = self.expression()
            return lambda names: [row for row, value in values(source(names), test, names) if value is True]
        if word in ("project", "extend"):
            columns = self.columns()
            return lambda names: project(source(names), columns, names, word == "extend")
        if word == "distinct":
            if self.take("*"):
                return lambda names: distinct(source(names), None)
            columns = [name for name, _ in self.columns()]
            return lambda names: distinct(source(names), columns)
        if word == "sort":
            self.expect("by")
            keys = []
            while True:
                keys.append(self.name())
                self.expect("asc")
                if not self.take(","):
                    break
            return lambda names: sorted(source(names), key=lambda row: [order(row[key]) for key in keys])
        if word == "summarize":
            columns = self.columns()
            by = [name for name, _ in self.columns()] if self.take("by") else []
            return lambda names: summarize(source(names), columns, by, names)
        if word == "join":
            self.expect("kind")
            self.expect("=")
            self.expect("inner")
            other = self.member()
            self.expect("on")
            keys = [name for name, _ in self.columns()]
            return lambda names: join(source(names), other(names), keys)
        if word == "scan":
            return self.scan(source)
        raise ValueError(f"unknown operator {word}")

    def columns(self):
        """`a = b + 1, c`: names with expressions."""
        found = []
        while True:
            start = self.at
            kind, text = self.next()
            if kind == "name" and self.take("="):
                found.append((text, self.expression()))
            else:
                self.at = start
                found.append((text if kind == "name" else "", self.expression()))
            if not self.take(","):
                return found

    def scan(self, source):
        self.expect("declare")
        self.expect("(")
        defaults = {}
        while not self.take(")"):
            name = self.name()
            self.expect(":")
            self.expect("datetime")
            self.expect("=")
            defaults[name] = self.next()[1]
            self.take(",")
        for word in ("with", "(", "step", "s", ":"):
            self.expect(word)
        if self.next() != ("value", True):
            raise ValueError("a step with a condition")
        self.expect("=>")
        columns = self.columns()
        self.expect(";")
        self.expect(")")

        def run(names):
            state, found = dict(defaults), []
            rows = source(names)
            for at, row in enumerate(rows):
                scope = Scope(rows, at, names, state)
                new = {**row, **{name: value(scope) for name, value in columns}}
                found.append(new)
                state = new
            return found

        return run


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


def answers(query, tables):
    """The rows of a query over tables of rows."""
    return Parser(query).query()(tables)
