"""Runs the SPL that correlations are made of, by its documentation.

In: a search, and events as dictionaries (`_time` in seconds, fields as texts, numbers or lists of
them; a field that is missing is not there). Out: rows of the same form. What the documentation leaves
open is an error here (`Unclear`), so that no query relies on it: a null under AND, OR or NOT, a
comparison of a text with a number, `streamstats` over a row without a field of BY. Rows of one time
are shuffled before they are sorted.
"""

import random
import re

TOKENS = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|"(?P<text>(?:\\.|[^"\\])*)"
    |'(?P<field>(?:\\.|[^'\\])*)'|(?P<sign><=|>=|!=|[-+*/.=<>(),]))""",
    re.X | re.S,
)


class Unclear(Exception):
    """The documentation does not say what this does."""


def unescaped(text):
    return re.sub(r"\\(.)", r"\1", text)


# ---- Commands in a text --------------------------------------------------------------------------


def split(text, sign):
    """Splits at a sign outside of quotes and brackets."""
    parts, depth, quote, start, at = [], 0, None, 0, 0
    while at < len(text):
        c = text[at]
        if quote:
            if c == "\\":
                at += 1
            elif c == quote:
                quote = None
        elif c in "\"'":
            quote = c
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif c == sign and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
        at += 1
    if depth or quote:
        raise ValueError(f"brackets or quotes do not match: {text}")
    parts.append(text[start:].strip())
    return parts


def names(text):
    """`a, "b c", 'd'`"""
    found = []
    for part in split(text, ","):
        part = part.strip()
        if part[:1] in "\"'":
            part = unescaped(part[1:-1])
        elif not re.fullmatch(r"[A-Za-z_][\w.]*", part):
            raise ValueError(f"not a field: {part!r}")
        found.append(part)
    return found


# ---- Expressions ---------------------------------------------------------------------------------


class Parser:
    """`where` and `eval`: NOT binds first, then AND, then OR."""

    def __init__(self, text):
        self.tokens, at = [], 0
        text = text.strip()
        while at < len(text):
            match = TOKENS.match(text, at)
            if not match:
                raise ValueError(f"not an expression: {text[at:]!r} in {text!r}")
            self.tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, value=None):
        token = self.peek()
        if value is not None and token[1] != value:
            raise ValueError(f"expected {value}, found {token[1]}")
        self.at += 1
        return token

    def whole(self):
        tree = self.either()
        if self.at != len(self.tokens):
            raise ValueError(f"what follows is not read: {self.tokens[self.at:]}")
        return tree

    def either(self):
        return self.joined("OR", self.both)

    def both(self):
        return self.joined("AND", self.negated)

    def joined(self, word, below):
        operands = [below()]
        while self.peek() == ("name", word):
            self.take()
            operands.append(below())
        return operands[0] if len(operands) == 1 else (word, operands)

    def negated(self):
        if self.peek() == ("name", "NOT"):
            self.take()
            return ("NOT", self.negated())
        return self.compared()

    def compared(self):
        left = self.added()
        kind, sign = self.peek()
        if kind == "sign" and sign in ("=", "!=", "<", ">", "<=", ">="):
            self.take()
            return (sign, left, self.added())
        return left

    def added(self):
        left = self.multiplied()
        while self.peek()[0] == "sign" and self.peek()[1] in "+-.":
            sign = self.take()[1]
            left = (sign, left, self.multiplied())
        return left

    def multiplied(self):
        left = self.atom()
        while self.peek()[0] == "sign" and self.peek()[1] in "*/":
            sign = self.take()[1]
            left = (sign, left, self.atom())
        return left

    def atom(self):
        kind, value = self.take()
        if kind == "number":
            return ("constant", float(value) if "." in value else int(value))
        if kind == "text":
            return ("constant", unescaped(value))
        if kind == "field":
            return ("field", unescaped(value))
        if (kind, value) == ("sign", "-"):
            return ("-", ("constant", 0), self.atom())
        if (kind, value) == ("sign", "("):
            tree = self.either()
            self.take(")")
            return tree
        if kind == "name" and self.peek()[1] == "(":
            self.take()
            arguments = []
            while self.peek()[1] != ")":
                arguments.append(self.either())
                if self.peek()[1] == ",":
                    self.take()
            self.take(")")
            return ("call", value, arguments)
        if kind == "name" and value not in ("AND", "OR", "NOT"):
            return {"true": ("constant", True), "false": ("constant", False), "null": ("constant", None)}.get(
                value, ("field", value)
            )
        raise ValueError(f"unexpected {value}")


def number(value):
    if isinstance(value, bool) or isinstance(value, list) or value is None:
        return None
    if isinstance(value, (int, float)):
        return value
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    return float(value) if re.fullmatch(r"-?\d*\.?\d+", value) else None


def text(value):
    if isinstance(value, (list, bool)) or value is None:
        raise Unclear(f"a text of {value!r}")
    return value if isinstance(value, str) else repr(value)


def truth(value):
    if not isinstance(value, bool):
        raise Unclear(f"{value!r} under a boolean operator")
    return value


def evaluated(tree, row, clock):
    kind = tree[0]
    if kind == "constant":
        return tree[1]
    if kind == "field":
        return row.get(tree[1])
    if kind in ("AND", "OR"):
        # A null is false where it decides alone: `where` and `if` take it so.
        values = [evaluated(operand, row, clock) for operand in tree[1]]
        if kind == "AND" and None in values:
            return False
        values = [truth(value) for value in values]
        return all(values) if kind == "AND" else any(values)
    if kind == "NOT":
        return not truth(evaluated(tree[1], row, clock))
    if kind == "call":
        return called(tree[1], tree[2], row, clock)
    left, right = (evaluated(operand, row, clock) for operand in tree[1:])
    if left is None or right is None:
        return None
    if kind == ".":
        return text(left) + text(right)
    if kind in ("=", "!=") and isinstance(left, str) and isinstance(right, str):
        return (left == right) == (kind == "=")
    if isinstance(left, str) or isinstance(right, str):
        raise Unclear(f"{left!r} {kind} {right!r}")
    left, right = number(left), number(right)
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "=": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        ">": lambda: left > right,
        "<=": lambda: left <= right,
        ">=": lambda: left >= right,
    }[kind]()


def called(name, arguments, row, clock):
    if name == "if":
        condition = evaluated(arguments[0], row, clock)
        return evaluated(arguments[1 if condition is not None and truth(condition) else 2], row, clock)
    if name == "case":
        for condition, value in zip(arguments[::2], arguments[1::2]):
            holds = evaluated(condition, row, clock)
            if holds is not None and truth(holds):
                return evaluated(value, row, clock)
        return None
    values = [evaluated(argument, row, clock) for argument in arguments]
    if name == "null":
        return None
    if name == "true":
        return True
    if name == "now":
        return clock["now"]
    if name == "coalesce":
        return next((value for value in values if value is not None), None)
    if name == "mvappend":
        return [v for value in values if value is not None for v in (value if isinstance(value, list) else [value])]
    if name == "mvcount":
        value = values[0]
        return None if value is None else len(value) if isinstance(value, list) else 1
    if name == "mvdedup":
        value = values[0]
        return list(dict.fromkeys(value)) if isinstance(value, list) else value
    if name == "isnull":
        return values[0] is None
    if name == "isnotnull":
        return values[0] is not None
    if name == "substr":
        start = values[1] - 1
        return None if values[0] is None else text(values[0])[start:][: values[2] if len(values) > 2 else None]
    if name == "round":
        return None if values[0] is None else round(values[0], values[1])
    if None in values:
        if name in ("lower", "tonumber"):
            return None
        raise Unclear(f"{name} of a null")
    if name == "len":
        return len(text(values[0]))
    if name == "lower":
        return text(values[0]).lower()
    if name == "tonumber":
        return number(values[0])
    if name in ("max", "min"):
        return (max if name == "max" else min)(number(value) for value in values)
    raise ValueError(f"unknown function {name}")


# ---- Aggregates ----------------------------------------------------------------------------------


def aggregates(part):
    """`count AS n, max(x) AS m`: (function, expression, name)."""
    found = []
    for one in split(part, ","):
        match = re.fullmatch(r"(\w+?)(?:\((.*)\))?\s+AS\s+(\"[^\"]+\"|\w+)", one.strip(), re.S)
        if not match:
            raise ValueError(f"not an aggregate: {one!r}")
        function, inside, name = match.groups()
        inside = (inside or "").strip()
        inner = re.fullmatch(r"eval\((.*)\)", inside, re.S)
        if inner:
            inside = inner.group(1)
        elif inside and not re.fullmatch(r"\w+", inside):
            raise ValueError(f"an expression outside of eval(): {one!r}")
        found.append((function, Parser(inside).whole() if inside else None, name.strip('"')))
    return found


def aggregate(function, tree, rows, clock):
    values = [evaluated(tree, row, clock) for row in rows] if tree else rows
    if function == "count":
        return sum(1 for value in values if value is not None and value is not False)
    values = [v for value in values if value is not None for v in (value if isinstance(value, list) else [value])]
    if function == "dc":
        return len({text(value) for value in values})
    if function == "values":
        return sorted({text(value) for value in values}) or None
    if not values:
        return None
    if function == "first":
        return values[0]
    if function == "last":
        return values[-1]
    if any(number(value) is None for value in values):
        raise Unclear(f"{function} of {values!r}")
    values = [number(value) for value in values]
    if function == "avg":
        return sum(values) / len(values)
    if function in ("sum", "max", "min"):
        return {"sum": sum, "max": max, "min": min}[function](values)
    raise ValueError(f"unknown aggregate {function}")


def by(part):
    match = re.fullmatch(r"(.*?)(?:\s+BY\s+(.*))?", part, re.S)
    return match.group(1), names(match.group(2)) if match.group(2) else []


def key(value):
    return value if isinstance(value, str) else repr(float(value))


# ---- The pipeline --------------------------------------------------------------------------------


class Search:
    def __init__(self, events, latest, seed=0):
        self.events, self.random = events, random.Random(seed)
        self.clock = {"now": latest + 86400, "info_max_time": latest}

    def run(self, query):
        query = query.strip()
        head, *commands = split(query, "|")
        if head:
            rows = self.searched(head)
        else:
            word, rest = commands[0].split(None, 1)
            if word != "multisearch":
                raise ValueError(f"{word} does not generate events")
            branches = re.findall(r"\[(.*?)\]\s*(?=\[|$)", rest, re.S)
            if len(branches) < 2:
                raise ValueError("multisearch needs two searches")
            for branch in branches:
                for command in split(branch, "|")[1:]:
                    if command.split()[0] not in ("eval", "where", "rex", "fields"):
                        raise ValueError(f"{command!r} does not stream")
            rows = [row for branch in branches for row in self.run(branch)]
            commands = commands[1:]
        for command in commands:
            word, _, rest = command.partition(" ")
            rows = getattr(self, "do_" + word.split("\n")[0])(rows, command[len(word) :].strip() if rest else "")
        return rows

    def searched(self, head):
        head = head.removeprefix("search ").strip()
        tree = Found(head).whole()
        return [dict(event) for event in self.events if tree(event)]

    def do_append(self, rows, rest):
        inner = rest.strip()
        return rows + self.run(inner[1:-1])

    def do_where(self, rows, rest):
        tree = Parser(rest).whole()
        return [row for row in rows if evaluated(tree, row, self.clock) is True]

    def do_eval(self, rows, rest):
        for part in split(rest, ","):
            match = re.match(r'\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|\w+)\s*=(.*)', part, re.S)
            name, expression = match.groups()
            name = names(name)[0]
            tree = Parser(expression).whole()
            for row in rows:
                value = evaluated(tree, row, self.clock)
                if isinstance(value, bool):
                    raise Unclear("a field that is a boolean")
                if value is None:
                    row.pop(name, None)
                else:
                    row[name] = value
        return rows

    def do_stats(self, rows, rest):
        part, fields = by(rest)
        wanted = aggregates(part) if part.strip() != "count" else [("count", None, "count")]
        groups = {}
        for row in rows:
            if any(row.get(field) is None for field in fields):
                continue
            if any(isinstance(row[field], list) for field in fields):
                raise Unclear("stats BY a field of several values")
            groups.setdefault(tuple(key(row[field]) for field in fields), []).append(row)
        out = []
        for members in groups.values():
            made = {field: members[0][field] for field in fields}
            for function, tree, name in wanted:
                value = aggregate(function, tree, members, self.clock)
                if value is not None:
                    made[name] = value
            out.append(made)
        if not any(function in ("first", "last") for function, _, _ in wanted):
            self.random.shuffle(out)
        return out

    def do_eventstats(self, rows, rest):
        part, fields = by(rest)
        groups = {}
        for row in rows:
            if any(row.get(field) is None for field in fields):
                raise Unclear("eventstats BY a field that is missing")
            groups.setdefault(tuple(key(row[field]) for field in fields), []).append(row)
        for members in groups.values():
            for function, tree, name in aggregates(part):
                value = aggregate(function, tree, members, self.clock)
                for row in members:
                    row[name] = value
        return rows

    def do_streamstats(self, rows, rest):
        options = dict(current="true", window="0")
        while match := re.match(r"(current|window|global)=(\w+)\s+", rest):
            options[match.group(1)] = match.group(2)
            rest = rest[match.end() :]
        part, fields = by(rest)
        window = int(options["window"])
        if window > 10000:
            raise Unclear("a window of more than 10,000 rows")
        if window and fields and options.get("global") != "false":
            raise Unclear("a window over the rows of all groups")
        wanted, seen = aggregates(part), {}
        for row in rows:
            if any(row.get(field) is None for field in fields):
                raise Unclear("streamstats BY a field that is missing")
            members = seen.setdefault(tuple(key(row[field]) for field in fields), [])
            if options["current"] == "true":
                members.append(dict(row))
            within = members[-window:] if window else members
            made = {name: aggregate(function, tree, within, self.clock) for function, tree, name in wanted}
            if options["current"] == "false":
                members.append(dict(row))
            for name, value in made.items():
                if value is None:
                    row.pop(name, None)
                else:
                    row[name] = value
        return rows

    def do_sort(self, rows, rest):
        match = re.fullmatch(r"0 (.*)", rest)
        rows = list(rows)
        self.random.shuffle(rows)
        for field in reversed(match.group(1).split(",")):
            field = field.strip()
            down = field.startswith("-")
            rows.sort(key=lambda row: row[field.lstrip("-+")], reverse=down)
        return rows

    def do_mvexpand(self, rows, rest):
        out = []
        for row in rows:
            values = row.get(rest)
            if values is None:
                raise Unclear("mvexpand of a field that is missing")
            out += [{**row, rest: value} for value in (values if isinstance(values, list) else [values])]
        return out

    def do_bin(self, rows, rest):
        span = int(re.fullmatch(r"_time span=(\d+)s", rest).group(1))
        for row in rows:
            row["_time"] = row["_time"] // span * span
        return rows

    def do_addinfo(self, rows, _):
        for row in rows:
            row["info_max_time"] = self.clock["info_max_time"]
        return rows

    def do_fields(self, rows, rest):
        if not rest.startswith("- "):
            return [{name: row[name] for name in names(rest) if name in row} for row in rows]
        out = [re.compile(name.strip().replace("*", ".*")) for name in rest[2:].split(",")]
        return [{k: v for k, v in row.items() if not any(p.fullmatch(k) for p in out)} for row in rows]

    def do_table(self, rows, rest):
        wanted = names(rest)
        return [{name: row[name] for name in wanted if name in row} for row in rows]


class Found:
    """The search command: NOT binds first, then OR, then AND; comparisons ignore case."""

    TOKEN = re.compile(r'\s*(\(|\)|(?:"(?:[^"\\]|\\.)*"|[\w.]+)=(?:"(?:[^"\\]|\\.)*"|[\w.*]+)|\w+|\*)')

    def __init__(self, text):
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            match = self.TOKEN.match(text, at)
            if not match:
                raise ValueError(f"not a search: {text[at:]!r}")
            self.tokens.append(match.group(1))
            at = match.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def whole(self):
        test = self.all()
        if self.peek() is not None:
            raise ValueError(f"not read: {self.tokens[self.at:]}")
        return test

    def all(self):
        tests = [self.any()]
        while self.peek() not in (None, ")"):
            if self.peek() == "AND":
                self.at += 1
            tests.append(self.any())
        return lambda event: all(test(event) for test in tests)

    def any(self):
        tests = [self.one()]
        while self.peek() == "OR":
            self.at += 1
            tests.append(self.one())
        return lambda event: any(test(event) for test in tests)

    def one(self):
        token = self.peek()
        self.at += 1
        if token == "NOT":
            test = self.one()
            return lambda event: not test(event)
        if token == "(":
            test = self.all()
            self.at += 1
            return test
        if token == "*":
            return lambda event: True
        name, value = re.fullmatch(r'("(?:[^"\\]|\\.)*"|[\w.]+)=(.*)', token, re.S).groups()
        name = unescaped(name.strip('"'))
        value = unescaped(value[1:-1]) if value.startswith('"') else value
        pattern = re.compile(".*".join(re.escape(part) for part in value.split("*")), re.I | re.S)

        def test(event):
            found = event.get(name)
            found = found if isinstance(found, list) else [] if found is None else [found]
            return any(pattern.fullmatch(text(one)) for one in found)

        return test
