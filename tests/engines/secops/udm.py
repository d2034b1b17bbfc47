"""Searches of Google SecOps (UDM), read and evaluated by the documentation.

In: the text of a search, and events, maps of names to lists of values. Out: a tree, or whether an event
passes.

    https://docs.cloud.google.com/chronicle/docs/investigation/search-syntax-reference   values, escapes, `nocase`
    https://docs.cloud.google.com/chronicle/docs/yara-l/expressions                      precedence
    https://docs.cloud.google.com/chronicle/docs/detection/yara-l-2-0-functions/re-regex RE2, found anywhere
    https://docs.cloud.google.com/chronicle/docs/detection/yara-l-best-practices         zero values

`not` binds tighter than `and`, and that tighter than `or`. A missing field has the value "", or 0 where it
is compared with a number. A test of a repeated field holds if it does for one of its values. What is read is
no more than what the backend file writes: anything else is an error.
"""

import ipaddress
import operator
import re

FIELD = re.compile(r'[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\["[A-Za-z0-9_. -]+"\])?', re.ASCII)
TEXT = re.compile(r'"((?:\\["\\]|[^"\\\x00-\x1f\x7f-\x9f])*)"')
REGEX = re.compile(r"/((?:\\.|[^/\\\x00-\x1f\x7f-\x9f])+)/")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
NETWORK = re.compile(r'net\.ip_in_range_cidr\(([^,()]+), "([0-9a-f:./]+)"\)')
COMPARE = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
PIECES = re.compile(r"(\\x\{[0-9A-Fa-f]+\}|\\.|\[(?:\\.|[^\]\\])*\])", re.DOTALL)


class Invalid(ValueError):
    """The text is no search that is known here."""


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, expected):
        raise Invalid(f"expected {expected} at {self.at}: {self.text[self.at : self.at + 40]!r}")

    def take(self, sign):
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def match(self, pattern):
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def whole(self):
        tree = self.joined("or")
        return tree if self.at == len(self.text) else self.fail("the end")

    def joined(self, word):
        """Operands between ` OR `, which are those between ` AND `."""
        below = self.unary if word == "and" else lambda: self.joined("and")
        parts = [below()]
        while self.take(f" {word.upper()} "):
            parts.append(below())
        return parts[0] if len(parts) == 1 else (word, parts)

    def unary(self):
        if self.take("NOT "):
            return ("not", self.unary())
        if self.take("("):
            tree = self.joined("or")
            return tree if self.take(")") else self.fail("`)`")
        network = self.match(NETWORK)
        if network:
            return ("network", network[1], ipaddress.ip_network(network[2]))
        return self.comparison()

    def comparison(self):
        field = self.match(FIELD) or self.fail("a field")
        sign = self.match(re.compile(" (!=|[<>]=?|=) ")) or self.fail("an operator")
        if found := self.match(REGEX):
            ignores = self.take(" nocase")
            return ("regex", field[0], expression(found[1], ignores)) if sign[1] == "=" else self.fail("`=`")
        if found := self.match(TEXT):
            text = re.sub(r"\\(.)", r"\1", found[1])
            return ("text", field[0], COMPARE[sign[1]], text, self.take(" nocase"))
        found = self.match(re.compile("true|false"))
        if found:
            return ("text", field[0], COMPARE[sign[1]], found[0], False)
        number = self.match(NUMBER) or self.fail("a value")
        return ("number", field[0], COMPARE[sign[1]], float(number[0]))


def read(text):
    """The tree of a search."""
    return Reader(text).whole()


def expression(text, ignores):
    """RE2's expression as Python's. Nothing is said of letters beyond ASCII's without case."""
    parts = PIECES.split(text)
    for at, part in enumerate(parts):
        if re.match(r"\\([1-9ZGKRhHXQE]|[pP])", part):
            raise Invalid(f"no `{part}` in RE2")
        if part.startswith(r"\x{"):
            parts[at] = re.escape(chr(int(part[3:-1], 16)))
        elif part.startswith("["):
            within = r"\\x\{([0-9A-Fa-f]+)\}"
            parts[at] = re.sub(within, lambda found: re.escape(chr(int(found[1], 16))), part)
        elif part == r"\z":
            parts[at] = r"\Z"
        elif at % 2 == 0:
            parts[at] = part.replace("$", r"\Z")
    text = "".join(parts)
    if re.search(r"(?<!\\)\(\?(?!:|s\))|[*+?}]\+", PIECES.sub("x", text)):
        raise Invalid("look-around, atomic groups, other flags or possessive repetition")
    try:
        return re.compile(text, re.ASCII | (re.IGNORECASE if ignores else 0))
    except re.error as error:
        raise Invalid(f"no regular expression: {error}: {text}") from error


def folded(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


def number(text):
    try:
        return float(text or 0)
    except ValueError:
        return None


def address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def passes(tree, event):
    """Does an event pass the search?"""
    kind = tree[0]
    if kind == "and":
        return all(passes(part, event) for part in tree[1])
    if kind == "or":
        return any(passes(part, event) for part in tree[1])
    if kind == "not":
        return not passes(tree[1], event)
    values = event.get(tree[1]) or [""]
    if kind == "network":
        found = (address(value) for value in values)
        return any(one is not None and one.version == tree[2].version and one in tree[2] for one in found)
    if kind == "regex":
        return any(tree[2].search(value) for value in values)
    if kind == "text":
        fold = folded if tree[4] else str
        return any(tree[2](fold(value), fold(tree[3])) for value in values)
    numbers = (number(value) for value in values)
    return any(one is not None and tree[2](one, tree[3]) for one in numbers)
