"""The search command: its grammar, and the events that it finds.

NOT comes first, then OR, then AND, and AND is implied between terms (Search Reference, *search*,
Boolean expressions). Operators are in upper case (Search Manual, *Boolean expressions with logical
operators*). `field=value` compares texts, so that 1 is not 1.0; `<`, `>`, `<=` and `>=` compare two
numbers as numbers and other values by their letters (Comparison expression options).
"""

import functools
import ipaddress
import re

from .lexing import field_name, search_text
from .readings import NotTaken, Unclear
from .values import Loose, number, several

QUOTED = r'"(?:[^"\\]|\\.)*"'
TOKEN = re.compile(
    rf"""\s*(?:(?P<bracket>[()])
    |(?P<field>{QUOTED}|[^\s()"=<>!,|]+)(?:(?P<operator>!=|<=|>=|=|<|>)(?P<value>{QUOTED}|[^\s()"|,]+)
        |\s+IN\s*\((?P<list>(?:{QUOTED}|[^")])*)\))
    |(?P<term>{QUOTED}|[^\s()"|]+))""",
    re.X | re.S,
)
# Names that set what is searched, and when (Search Reference, *search*, Time options and Search
# modifiers): no fields.
MODIFIERS = {"earliest", "latest", "starttime", "endtime", "timeformat", "savedsearch", "savedsplunk"}
OPERATOR_WORDS = {"AND", "OR", "NOT", "XOR", "IN"}
# What separates terms in the raw text: the major and minor breakers of *segmenters.conf*. A phrase is
# found between them (Search Manual, *Search command primer*, *Event segmentation and searching*).
BREAKERS = set("[]<>(){}|!;,'\"*\n\r\t &?+/:=@.-$#%\\_")


@functools.lru_cache(maxsize=4096)
def pattern(text):
    """A value with wildcards: `*` is any number of characters, none too, for `*host*` matches host1
    (Search Manual, *Wildcards*); it can't be escaped (*Backslashes*). Case does not matter: keywords
    and values are compared regardless of it, for which CASE() is the exception (*Use CASE and TERM*).
    The manual warns that a wildcard inside of a text with punctuation may give inconsistent results,
    which depend on how the data are indexed: that is not read here."""
    # Several of them are one, which backtracks less.
    parts = (re.escape(part) for part in re.split(r"\*+", text))
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)


@functools.lru_cache(maxsize=4096)
def network(text):
    """The network that a value is; a search takes such a value for one (*search*, CIDR matching)."""
    if not re.fullmatch(r"[0-9a-fA-F.:]+/[0-9]{1,3}", text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def compared(operator, value, found, context):
    """Does one value of a field meet the comparison?"""
    if operator in ("=", "!="):
        block = network(value)
        if value == "*" and not found:
            holds = context.reads("empty value") == "found"
        elif block is None:
            holds = pattern(value).fullmatch(found) is not None
        else:
            place = address(found)
            holds = place is not None and place.version == block.version and place in block
            if not holds and found.lower() == value.lower():
                holds = context.reads("network") != "addresses"
        return holds == (operator == "=")
    left, right = number(found, context), number(Loose(value), context)
    if left is None or right is None:
        left, right = found.encode(), value.encode()
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]


def comparison(name, operator, value):
    """A field is found by any of its values: *Multivalue fields* are what a search of `To=…` in mails
    finds (Search Manual). A field that is missing meets no comparison, `!=` neither (*Difference
    between NOT and !=*)."""

    def test(row, context):
        return any(compared(operator, value, str(found), context) for found in several(row.get(name)))

    return test


def bounded(raw, start, end):
    return (start == 0 or raw[start - 1] in BREAKERS or raw[start] in BREAKERS) and (
        end == len(raw) or raw[end] in BREAKERS or raw[end - 1] in BREAKERS
    )


def term(text):
    """A keyword or phrase: it is looked for in `_raw`, between breakers; a wildcard at an end lets the
    word go on (Search Manual, *Search command primer*, *Wildcards*)."""
    inner = text.strip("*")
    if not inner:
        # That `*` alone finds everything, the manual says; of an empty phrase nothing is said.
        return lambda row, context: context.notes("raw text") or bool(text) or context.reads("empty phrase") == "everything"
    within = pattern(inner)

    def test(row, context):
        context.notes("raw text")
        raw = str(row.get("_raw", ""))
        for match in within.finditer(raw):
            start = 0 if text.startswith("*") else match.start()
            end = len(raw) if text.endswith("*") else match.end()
            if bounded(raw, start, end):
                return True
        return False

    return test


class Parser:
    """The grammar. A test is a function of a row and a context."""

    def __init__(self, text):
        self.tokens, at, text = [], 0, text.strip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise NotTaken(f"not a search: {text[at:]!r}")
            self.tokens.append(match)
            at = match.end()
        self.at = 0

    def word(self):
        """The bracket or operator word that comes next, or nothing."""
        if self.at == len(self.tokens):
            return None
        match = self.tokens[self.at]
        return match["bracket"] or (match["term"] if match["term"] in OPERATOR_WORDS else "")

    def whole(self):
        test = self.conjunction()
        if self.at != len(self.tokens):
            raise NotTaken(f"not read: {self.tokens[self.at].group()}")
        return test

    def conjunction(self):
        tests = [self.disjunction()]
        while self.word() not in (None, ")"):
            if self.word() == "AND":
                self.at += 1
            tests.append(self.disjunction())
        return tests[0] if len(tests) == 1 else lambda row, context: all(test(row, context) for test in tests)

    def disjunction(self):
        tests = [self.negation()]
        while self.word() == "OR":
            self.at += 1
            tests.append(self.negation())
        return tests[0] if len(tests) == 1 else lambda row, context: any(test(row, context) for test in tests)

    def negation(self):
        if self.word() != "NOT":
            return self.atom()
        self.at += 1
        test = self.negation()
        return lambda row, context: not test(row, context)

    def atom(self):
        word = self.word()
        if word is None or word == ")" or word in OPERATOR_WORDS:
            raise NotTaken(f"expected a term, found {word or 'the end'}")
        match = self.tokens[self.at]
        self.at += 1
        if word == "(":
            test = self.conjunction()
            if self.word() != ")":
                raise NotTaken("a bracket is not closed")
            self.at += 1
            return test
        if match["term"]:
            return self.keyword(match["term"])
        name = match["field"]
        name = field_name(name) if name.startswith('"') else self.bare_name(name)
        if match["list"] is not None:
            # The values of IN may have wildcards, too (*search*, Filter using the IN operator).
            values = re.findall(rf"{QUOTED}|[^\s,]+", match["list"])
            tests = [comparison(name, "=", self.value(value)) for value in values]
            return lambda row, context: any(test(row, context) for test in tests)
        return comparison(name, match["operator"], self.value(match["value"]))

    @staticmethod
    def bare_name(name):
        if name in MODIFIERS:
            raise Unclear(f"{name} is no field to a search")
        if name in OPERATOR_WORDS or not re.fullmatch(r"[A-Za-z0-9_.:{}\-@]+", name):
            raise NotTaken(f"a name that needs quotes: {name}")
        return name

    @staticmethod
    def value(value):
        """Values that are operators, or have blanks, commas, pipes, quotes or brackets, need quotes
        (*search*, The implied search command; Quotes and escaping characters)."""
        if value.startswith('"'):
            return search_text(value)
        if value in OPERATOR_WORDS or re.search(r'[\[\]\\]', value):
            raise NotTaken(f"a value that needs quotes: {value}")
        return value

    @staticmethod
    def keyword(text):
        if text == "*":
            return lambda row, context: True
        if text.startswith('"'):
            return term(search_text(text))
        if not re.fullmatch(r"[\w.*:@\-]+", text):
            raise NotTaken(f"a term that needs quotes: {text}")
        return term(text)


@functools.lru_cache(maxsize=512)
def found(text):
    """The test that a search is."""
    return Parser(text).whole()
