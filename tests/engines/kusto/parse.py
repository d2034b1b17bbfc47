"""Reads the queries that the target writes for correlations, and evaluates them over tables of rows.

What is known of the language is what those queries use: `let`, `union`, `where`, `project`, `extend`,
`sort by`, `summarize`, `distinct`, `join kind=inner`, `scan` with one step, and functions of rows
(`prev`, `next`, `row_cumsum`). Anything else is an error. What they mean is in rows.py.
"""

import re

from rows import Scope, arithmetic, call, compare, distinct, element, join, kleene, order, project, summarize, values

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


def answers(query, tables):
    """The rows of a query over tables of rows."""
    return Parser(query).query()(tables)
