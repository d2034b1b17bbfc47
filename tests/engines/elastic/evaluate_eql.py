"""Evaluates the part of EQL that the program writes, on events of keyword fields.

`:`, `like~` and `regex~` ignore the case of ASCII's letters. A test of a missing field is None, but
for `== null` and `!= null`.
"""

import re

from evaluate_esql import SIGNS, Parser, address, inside, lifted, number


def pattern(text, flags):
    """A pattern in which nothing is escaped."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in text)
    return re.compile("".join(parts), flags)


def matcher(sign, text):
    """The expression or pattern that a sign compares with."""
    flags = re.S if sign in ("LIKE", "regex") else re.S | re.I | re.A
    return re.compile(text, flags) if sign.startswith("regex") else pattern(text, flags)


def lower(text):
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), text)


FUNCTIONS = {
    "string": str,
    "cidrMatch": lambda text, network: address(text) is not None and inside(address(text), network),
    "startsWith~": lambda text, part: lower(text).startswith(lower(part)),
    "endsWith~": lambda text, part: lower(text).endswith(lower(part)),
    "stringContains~": lambda text, part: lower(part) in lower(text),
}


def compared(sign):
    """A comparison with a text, a number or a boolean, as a field of that type would do it."""

    def compare(known, wanted):
        if isinstance(wanted, bool):
            return SIGNS[sign](known.lower(), str(wanted).lower())
        if isinstance(wanted, float):
            return number(known) is not None and SIGNS[sign](number(known), wanted)
        return SIGNS[sign](known, wanted)

    return lifted(compare)


class Eql(Parser):
    functions = FUNCTIONS

    def test(self):
        left = self.value()
        _, sign = self.peek()
        if sign in SIGNS:
            self.take()
            if self.peek() == ("key", "NULL"):
                self.take()
                return lambda event: (left(event) is None) == (sign == "==")
            right, compare = self.value(), compared(sign)
            return lambda event: compare(left(event), right(event))
        if sign not in (":", "LIKE", "like~", "regex", "regex~"):
            return left
        self.take()
        kind, text = self.take()
        if kind != "raw":
            raise ValueError(f"expected a text, found {text!r}")
        wanted = matcher(sign, text)
        match = lifted(lambda value: wanted.fullmatch(value) is not None)
        return lambda event: match(left(event))


def answers(query, events):
    """Whether each event, a map of names to texts, is found."""
    condition = Eql(query.split(" where ", 1)[1]).whole()
    return [condition(event) is True for event in events]
