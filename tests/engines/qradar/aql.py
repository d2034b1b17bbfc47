"""Searches of IBM QRadar (AQL), read and evaluated by the documentation.

In: the text of a search, and events, maps of names to texts. Out: a tree, or whether an event passes.

    https://www.ibm.com/docs/en/qsip/7.6.0?topic=structure-quotation-marks  texts and names
    https://www.ibm.com/docs/en/qsip/7.6.0?topic=structure-like-clause      LIKE, ILIKE, MATCHES, IMATCHES
    https://www.ibm.com/docs/en/SSKMKU/com.ibm.qradar.doc/r_aql_operators.html
    https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html

What the documentation leaves open is a `Reading`: a search has to mean the same in all of them. AND beside
OR, NOT in front of anything but parentheses, a quote in a text or a name, a backslash at a text's end and a
control character are errors here, for what they mean is not documented. What is read is no more than what the
backend file writes.
"""

import dataclasses
import ipaddress
import itertools
import operator
import re

NAME = re.compile(r'"([^"\\\x00-\x1f\x7f-\x9f]+)"|([a-z]+)(?=[ ),]|$)|UTF8\((payload)\)')
TEXT = re.compile(r"'([^'\x00-\x1f\x7f-\x9f]*)(?<!\\)'")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?=[ ),]|$)")
HEAD = re.compile(r'SELECT (?:\*|(?:"[^"]+"|[a-z]+)(?:, (?:"[^"]+"|[a-z]+))*) FROM events WHERE ')
TAIL = re.compile(r" (?:LAST [0-9]+ (?:MINUTES|HOURS|DAYS)|START '[0-9: -]+' STOP '[0-9: -]+')$")
# QRadar's own fields that are numbers; properties are texts, which a number without quotes is not.
# https://www.ibm.com/docs/en/qsip/7.6.0?topic=aql-supported-fields-events
NUMBERS = set("""category credibility destinationport devicetype domainid eventcount highlevelcategory logsourceid
    magnitude processorid protocolid qid relevance severity sourceport starttime endtime devicetime""".split())
COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
SIGN = re.compile(" (<=|>=|=|<|>|IN|I?LIKE|I?MATCHES|IS NULL|IS NOT NULL)(?= |\\)|$)")
PIECES = re.compile(r"(\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\.|\[(?:\\.|[^\]\\])*\])", re.DOTALL)
HEX = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")


class Invalid(ValueError):
    """The text is no search that is known here."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """What the documentation leaves open."""

    # A test of a missing property is neither true nor false.
    unknown: bool
    # `MATCHES` finds the expression in a text, or it has to match all of it.
    finds: bool
    # `ILIKE` and `IMATCHES` pair letters beyond ASCII's, too.
    pairs: bool


READINGS = [Reading(*switches) for switches in itertools.product((False, True), repeat=3)]


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

    def need(self, sign):
        return self.take(sign) or self.fail(f"`{sign}`")

    def match(self, pattern, what):
        found = pattern.match(self.text, self.at)
        if not found:
            self.fail(what)
        self.at = found.end()
        return found

    def whole(self):
        tree = self.joined()
        return tree if self.at == len(self.text) else self.fail("the end")

    def joined(self):
        """Operands between ` AND `, or between ` OR `."""
        parts = [self.operand()]
        word = next((word for word in (" AND ", " OR ") if self.text.startswith(word, self.at)), None)
        while word and self.take(word):
            parts.append(self.operand())
        return parts[0] if len(parts) == 1 else (word.strip().lower(), parts)

    def operand(self):
        if self.take("NOT ("):
            tree = ("not", self.joined())
            self.need(")")
            return tree
        if self.take("("):
            tree = self.joined()
            self.need(")")
            return tree
        if self.take("INCIDR("):
            network = ipaddress.ip_network(self.match(TEXT, "a network")[1])
            self.need(", ")
            field = self.field()
            self.need(")")
            return ("network", field, network)
        return self.test()

    def field(self):
        """A name, below the functions that are put around it."""
        for function in ("STR", "DOUBLE", "LOWER"):
            if self.take(f"{function}("):
                inner = self.field()
                self.need(")")
                return (function, inner)
        found = self.match(NAME, "a name")
        return found[1] or found[2] or found[3]

    def test(self):
        start = self.at
        field = self.field()
        is_number = field[0] == "DOUBLE" if isinstance(field, tuple) else self.text[start] != '"' and field in NUMBERS
        sign = self.match(SIGN, "an operator")[1]
        if sign.startswith("IS"):
            return ("missing", field, sign == "IS NULL")
        self.need(" ")
        if sign == "IN":
            self.need("(")
            values = [self.value(is_number)]
            while self.take(", "):
                values.append(self.value(is_number))
            self.need(")")
            return ("in", field, values)
        if sign.endswith("LIKE"):
            return ("matches", field, sign[0] == "I", like(self.match(TEXT, "a text")[1]), True)
        if sign.endswith("MATCHES"):
            return ("matches", field, sign[0] == "I", java(self.match(TEXT, "a text")[1]), False)
        return ("compare", field, COMPARE[sign], self.value(is_number))

    def value(self, is_number):
        """A text, a number beside one, or a field."""
        if self.text.startswith("'", self.at):
            return ("text", self.match(TEXT, "a text")[1])
        if is_number and NUMBER.match(self.text, self.at):
            return ("number", float(self.match(NUMBER, "a number")[0]))
        return ("field", self.field())


def read(text):
    """The tree of a search."""
    head, tail = HEAD.match(text), TAIL.search(text)
    if not head or not tail:
        raise Invalid("no SELECT with a time")
    return Reader(text[head.end() : tail.start()]).whole()


def like(text):
    """A pattern's expression: nothing escapes a wildcard."""
    return "".join({"%": ".*", "_": "."}.get(sign) or re.escape(sign) for sign in text)


# Java's classes are ASCII's.
CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\x0b\f\r"}


def java(text):
    """Java's expression as Python's: with the flags `d` and `s`, which are a part of it."""
    if not text.startswith("^") or not text.endswith("\\z"):
        raise Invalid("an expression without both ends")
    parts = PIECES.split(text)
    for at, part in enumerate(parts):
        if HEX.fullmatch(part):
            parts[at] = re.escape(code(HEX.fullmatch(part)))
        elif part.startswith("["):
            if re.search(r"&&|(?<!\\)\[", part[1:]):
                raise Invalid(f"a class within a class: {part}")
            parts[at] = HEX.sub(lambda found: re.escape(code(found)), spelled(part))
        elif part[1:].lower() in CLASSES and part.startswith("\\"):
            parts[at] = f"[{'^' if part[1].isupper() else ''}{CLASSES[part[1].lower()]}]"
        elif part == r"\z":
            parts[at] = r"\Z"
        elif part in (r"\Z", r"\h", r"\R", r"\X", r"\Q", r"\E", r"\b", r"\B"):
            raise Invalid(f"`{part}` is read otherwise by Python")
        elif at % 2 == 0:
            parts[at] = part.replace("(?ds:", "(?s:")
    return "".join(parts)


def spelled(within):
    """A class in brackets without names of classes."""
    if re.search(r"(?<!\\)(?:\\\\)*\\[DWS]", within):
        raise Invalid(f"the complement of a class within a class: {within}")
    return re.sub(r"\\(.)", lambda found: CLASSES.get(found[1], found[0]), within)


def code(found):
    return chr(int(found[1] or found[2], 16))


def compiled(text, ignores, pairs, whole):
    flags = re.DOTALL if whole else 0
    flags |= 0 if pairs else re.ASCII
    try:
        return re.compile(text, flags | (re.IGNORECASE if ignores else 0))
    except re.error as error:
        raise Invalid(f"no regular expression: {error}: {text}") from error


def of(field, event):
    """A field's value: text, a number, or none."""
    if isinstance(field, tuple):
        value = of(field[1], event)
        if value is None or field[0] == "STR":
            return value
        return number(value) if field[0] == "DOUBLE" else value.lower()
    return event.get(field)


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def same(left, right, compare):
    """Compares a value with one of a search: with a number as numbers, else as texts."""
    if isinstance(left, float) or isinstance(right, float):
        left = left if isinstance(left, float) else number(left)
        right = right if isinstance(right, float) else number(right)
        return left is not None and right is not None and compare(left, right)
    if compare is operator.eq and address(left) and address(right):
        return address(left) == address(right)
    return compare(left, right)


def passes(tree, event, reading):
    """Does an event pass? None where that is unknown."""
    kind = tree[0]
    if kind in ("and", "or"):
        answers = {passes(part, event, reading) for part in tree[1]}
        short = kind == "or"
        return short if short in answers else None if None in answers else not short
    if kind == "not":
        answer = passes(tree[1], event, reading)
        return None if answer is None else not answer
    if tree[1] == "payload":
        # What is searched in a payload is searched in each of its values.
        texts = list(event.values())
        return any(matched(tree, text, reading) for text in texts)
    value = of(tree[1], event)
    if kind == "missing":
        return (value is None) == tree[2]
    if value is None:
        return None if reading.unknown else False
    if kind == "network":
        found = address(value)
        return found is not None and found.version == tree[2].version and found in tree[2]
    if kind == "matches":
        return matched(tree, value, reading)
    values = tree[2] if kind == "in" else [tree[3]]
    others = [of(one[1], event) if one[0] == "field" else one[1] for one in values]
    if None in others:
        return None if reading.unknown else False
    compare = operator.eq if kind == "in" else tree[2]
    return any(same(value, other, compare) for other in others)


def matched(tree, text, reading):
    if tree[4]:
        return compiled(tree[3], tree[2], reading.pairs, True).fullmatch(text) is not None
    pattern = compiled(tree[3], tree[2], reading.pairs, False)
    found = pattern.search(text) if reading.finds else pattern.fullmatch(text)
    return found is not None
