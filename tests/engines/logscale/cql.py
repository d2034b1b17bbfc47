"""Filters of CrowdStrike's query language (CQL), read and evaluated by the documentation.

In: the text of a filter, and events, maps of names to texts. Out: a tree, or whether an event passes.

    https://library.humio.com/lql-grammar/syntax-grammar-guide-subset.html   syntax
    https://library.humio.com/data-analysis/syntax-operators.html            missing fields, case
    https://library.humio.com/data-analysis/syntax-regex2-syntax.html        regular expressions
    https://library.humio.com/crowdstrike-query-language/syntax-datatypes-detail-number.html   numbers: 1.5e10
    https://library.humio.com/data-analysis/functions-in.html, -wildcard, -cidr, -test, -text-contains

`OR` binds tighter than `AND`. A `*` in a text is a wildcard, which can't be escaped. A comparison with
a missing field fails, but for `!=`. What is read is no more than what the backend file writes: anything
else is an error.
"""

import ipaddress
import operator
import re

NAME = re.compile(r"[#@A-Za-z_][#%&.0-9@A-Z\\^_a-z]*")
FUNCTION = re.compile(r"[a-zA-Z][a-zA-Z0-9]*(?::[a-zA-Z]+)?(?=\()")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
# What may follow `=` without quotes.
BARE = re.compile(r"[*A-Za-z0-9_.]+")
REGEX = re.compile(r"/((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+)/([a-zA-Z]*)", re.DOTALL)
TEXT = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Invalid(ValueError):
    """The text is no filter that is known here."""


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, expected):
        raise Invalid(f"expected {expected} at {self.at}: {self.text[self.at : self.at + 40]!r}")

    def blanks(self):
        while self.at < len(self.text) and self.text[self.at] in " \n":
            self.at += 1
        if self.text.startswith(("//", "/*"), self.at):
            self.fail("no comment")

    def take(self, sign):
        self.blanks()
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def need(self, sign):
        if not self.take(sign):
            self.fail(f"`{sign}`")

    def match(self, pattern):
        self.blanks()
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def word(self, word):
        self.blanks()
        end = self.at + len(word)
        if self.text[self.at : end].upper() != word or NAME.match(self.text, end):
            return False
        self.at = end
        return True

    def string(self):
        found = self.match(TEXT)
        if not found:
            return None
        return re.sub(r"\\(.)", self.unescaped, found[1], flags=re.DOTALL)

    def unescaped(self, escape):
        if escape[1] not in ESCAPES:
            self.fail(f"no escape `{escape[0]}`")
        return ESCAPES[escape[1]]

    # ---- Filters ------------------------------------------------------------------------------

    def whole(self):
        tree = self.conjunction()
        self.blanks()
        if self.at < len(self.text):
            self.fail("the end")
        return tree

    def conjunction(self):
        parts = [self.disjunction()]
        while True:
            self.blanks()
            if not self.word("AND") and (self.at >= len(self.text) or self.text[self.at] in ")|;}"):
                return parts[0] if len(parts) == 1 else ("and", parts)
            parts.append(self.disjunction())

    def disjunction(self):
        parts = [self.unary()]
        while self.word("OR"):
            parts.append(self.unary())
        return parts[0] if len(parts) == 1 else ("or", parts)

    def unary(self):
        if self.word("NOT"):
            return ("not", self.unary())
        if self.take("("):
            tree = self.conjunction()
            self.need(")")
            return tree
        self.blanks()
        if FUNCTION.match(self.text, self.at):
            return self.function()
        regex = self.match(REGEX)
        if regex:
            return ("free", expression(regex[1], regex[2]))
        return self.comparison()

    def field(self):
        name = self.string()
        if name is not None:
            return name
        found = self.match(NAME)
        return found[0] if found else self.fail("a field")

    def comparison(self):
        if self.take("*") or self.word("TRUE"):
            return ("all",)
        field = self.field()
        for operator in ("!=", "<=", ">=", "=", "<", ">"):
            if self.take(operator):
                break
        else:
            self.fail("an operator")
        if operator in ("=", "!="):
            tree = ("matches", field, self.pattern())
            return tree if operator == "=" else ("not", tree)
        number = self.match(re.compile(r"[0-9]+(?:\.[0-9]+)?"))
        return ("compare", ("field", field), operator, ("number", float(number[0]))) if number else self.fail("a number")

    def pattern(self):
        regex = self.match(REGEX)
        if regex:
            return expression(regex[1], regex[2])
        text = self.string()
        if text is None:
            bare = self.match(BARE)
            text = bare[0] if bare else self.fail("a pattern")
        return glob(text, False)

    # ---- Functions ----------------------------------------------------------------------------

    def function(self):
        name = self.match(FUNCTION)[0]
        self.need("(")
        if name == "test":
            left, operator = self.operand(), self.operator()
            tree = ("compare", left, operator, self.operand())
        else:
            tree = self.call(name, dict(self.arguments()))
        self.need(")")
        return tree

    def arguments(self):
        while True:
            named = self.match(re.compile(r"([a-zA-Z]+)=(?!=)"))
            yield (named[1] if named else ""), self.argument(named[1] if named else "")
            if not self.take(","):
                return

    def argument(self, name):
        if self.take("["):
            values = [self.string()]
            while self.take(","):
                values.append(self.string())
            self.need("]")
            return values
        if name in ("", "field"):
            return self.field()
        if name in ("string", "substring"):
            return self.operand()
        text = self.string()
        if text is not None:
            return text
        found = self.match(re.compile("true|false"))
        return found[0] == "true" if found else self.fail("an argument")

    def call(self, name, given):
        field = given.pop("", None) or given.pop("field", None)
        ignore = given.pop("ignoreCase", False)
        if name == "in":
            patterns = [glob(value, ignore) for value in given.pop("values")]
            tree = ("or", [("matches", field, pattern) for pattern in patterns])
        elif name == "wildcard":
            tree = ("matches", field, glob(given.pop("pattern"), ignore))
        elif name == "cidr":
            tree = ("cidr", field, ipaddress.ip_network(given.pop("subnet")))
        elif name in ("text:contains", "text:startsWith", "text:endsWith"):
            tree = (name, given.pop("string"), given.pop("substring"))
        else:
            self.fail("a known function")
        if given:
            self.fail(f"no argument {', '.join(given)}")
        return tree

    def operand(self):
        """A term, or a sum of them."""
        tree = self.term()
        while sign := "+" if self.take("+") else "-" if self.take("-") else None:
            tree = ("sum", tree, sign, self.term())
        return tree

    def term(self):
        if self.take("lower("):
            inner = self.operand()
            self.need(")")
            return ("lower", inner)
        number = self.match(NUMBER)
        if number:
            return ("number", float(number[0]))
        found = self.match(NAME)
        return ("field", found[0]) if found else self.fail("a field or a number")

    def operator(self):
        for operator in ("==", "!=", "<=", ">=", "<", ">"):
            if self.take(operator):
                return operator
        return self.fail("an operator")


def read(text):
    """The tree of a filter."""
    return Reader(text).whole()


# ---- Patterns --------------------------------------------------------------------------------------


def glob(text, ignore_case):
    """A text with wildcards, for whole values. Nothing is said of letters beyond ASCII's without case."""
    body = "".join(".*" if c == "*" else re.escape(c) for c in text)
    return re.compile(rf"\A(?:{body})\Z", re.DOTALL | re.ASCII | (re.IGNORECASE if ignore_case else 0))


def expression(text, flags):
    """A regular expression, found anywhere. Flags: `d` dot, `i` case, `m` lines."""
    if set(flags) - set("dim"):
        raise Invalid(f"unknown flags {flags}")
    pythons = re.ASCII
    for letter, flag in (("d", re.DOTALL), ("i", re.IGNORECASE), ("m", re.MULTILINE)):
        if letter in flags:
            pythons |= flag
    # `$` and `\z` are the end of the value, where Python's `$` forgives a newline.
    parts = re.split(r"(\\.|\[(?:\\.|[^\]\\])*\])", text, flags=re.DOTALL)
    for at, part in enumerate(parts):
        if at % 2 == 0 and "m" not in flags:
            parts[at] = part.replace("$", r"\Z")
        elif part == r"\z":
            parts[at] = r"\Z"
        elif part in (r"\h", r"\v", r"\R", r"\K", r"\Q", r"\G") or re.match(r"\\[1-9pP]", part):
            raise Invalid(f"no `{part}` in regular expressions")
    text = "".join(parts)
    if re.search(r"(?<!\\)\(\?(?!:|=|!)", text) or re.search(r"[*+?}]\+", re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "x", text)):
        raise Invalid("look-behind, atomic groups, inline flags or possessive repetition")
    try:
        return re.compile(text, pythons)
    except re.error as error:
        raise Invalid(f"no regular expression: {error}: {text}") from error


# ---- Events ----------------------------------------------------------------------------------------


def number(text):
    try:
        return float(text) if re.fullmatch(r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s*", str(text)) else None
    except ValueError:
        return None


def value(operand, event):
    kind, inner = operand[:2]
    if kind == "sum":
        left, right = number(value(inner, event)), number(value(operand[3], event))
        if left is None or right is None:
            return None
        return left + right if operand[2] == "+" else left - right
    if kind == "field":
        return event.get(inner)
    if kind == "lower":
        text = value(inner, event)
        return None if text is None else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return inner


COMPARE = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def passes(tree, event):
    """Does an event pass the filter?"""
    kind = tree[0]
    if kind == "and":
        return all(passes(part, event) for part in tree[1])
    if kind == "or":
        return any(passes(part, event) for part in tree[1])
    if kind == "not":
        return not passes(tree[1], event)
    if kind == "all":
        return True
    if kind == "free":
        return any(tree[1].search(text) for name, text in event.items() if name[:1] not in "#@")
    if kind == "matches":
        return tree[1] in event and tree[2].search(event[tree[1]]) is not None
    if kind == "cidr":
        try:
            return ipaddress.ip_address(event.get(tree[1], "")) in tree[2]
        except ValueError:
            return False
    left, right = value(tree[1], event), value(tree[-1], event)
    if left is None or right is None:
        return False
    if kind == "compare":
        if isinstance(left, str) and isinstance(right, str):
            return COMPARE[tree[2]](left, right)
        left, right = number(left), number(right)
        return left is not None and right is not None and COMPARE[tree[2]](left, right)
    return {
        "text:contains": right in left,
        "text:startsWith": left.startswith(right),
        "text:endsWith": left.endswith(right),
    }[kind]
