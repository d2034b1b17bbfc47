"""The expressions of `eval` and `where`, and the predicates of SPL2, as trees.

NOT comes first, then AND, then OR, then XOR (Search Reference, *where*, Boolean expressions; SPL2
Search Manual, *Predicate expressions*). A text is in double quotes; a name that begins with a digit or
has other characters than letters, digits and `_` is in single quotes (*where*; SPL2 Search Manual,
*Quotation marks*). A dot joins texts (*eval*, concatenation), in SPL2 a plus sign, where a dot leads into
an object (SPL2 Search Manual, *Additional SPL2 conversion information*; *Access expressions*).

A tree is a tuple: ("constant", value), ("field", name), ("call", function, arguments), ("NOT", tree),
("AND", trees), ("OR", trees), ("XOR", left, right), ("LIKE", text, pattern), ("IN", value, trees),
("IS NULL", tree), ("IS NOT NULL", tree), (sign, left, right).
"""

import functools
import re

from .lexing import expression_text, field_name
from .readings import NotTaken, Unclear

COMMON = r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![A-Za-z_0-9])|(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |"(?P<text>(?:\\.|[^"\\])*)"|'(?P<field>(?:\\.|[^'\\])*)'%s
    |(?P<sign><=|>=|!=|==|[-+*/%%.=<>(),]))"""
TOKENS = {
    "spl": re.compile(COMMON % "", re.X | re.S),
    # A regular expression is between slashes, and a slash in it is escaped (SPL2 Search Manual, *SPL2
    # and regular expressions*); that it ends at the first slash, in brackets too, is not said.
    "spl2": re.compile(COMMON % r"|/(?P<regex>(?:\\.|[^/\\])+)/", re.X | re.S),
}
SIGNS = {"=", "==", "!=", "<", ">", "<=", ">="}
WORDS = {"AND", "OR", "NOT", "XOR", "LIKE", "IN", "IS"}
# `true` and `false` are the only Boolean literals, `null` is the absence of a value (Search Manual,
# *Types of expressions*).
LITERALS = {"true": True, "false": False, "null": None}


class Parser:
    def __init__(self, text, language):
        self.language, self.tokens, self.at = language, [], 0
        at, text = 0, text.strip()
        while at < len(text):
            match = TOKENS[language].match(text, at)
            # After a value a slash divides.
            if match and match.lastgroup == "regex" and self.tokens and self.tokens[-1] not in STARTS:
                match = TOKENS["spl"].match(text, at)
            if not match:
                raise NotTaken(f"not an expression: {text[at:]!r} in {text!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, value=None):
        token = self.peek()
        if value is not None and token != ("sign", value):
            raise NotTaken(f"expected `{value}`, found `{token[1]}`")
        self.at += 1
        return token

    def takes(self, word):
        """Takes an operator that is a word; in upper case, as all pages write them."""
        if self.peek() == ("name", word):
            self.at += 1
            return True
        return False

    def whole(self):
        tree = self.exclusive()
        if self.at != len(self.tokens):
            raise NotTaken(f"what follows is not read: {self.tokens[self.at:][:3]}")
        return tree

    def exclusive(self):
        left = self.either()
        while self.takes("XOR"):
            left = ("XOR", left, self.either())
        return left

    def either(self):
        return self.joined("OR", self.both)

    def both(self):
        return self.joined("AND", self.negated)

    def joined(self, word, below):
        operands = [below()]
        while self.takes(word):
            operands.append(below())
        return operands[0] if len(operands) == 1 else (word, operands)

    def negated(self):
        return ("NOT", self.negated()) if self.takes("NOT") else self.compared()

    def compared(self):
        left = self.added()
        kind, sign = self.peek()
        if kind == "sign" and sign in SIGNS:
            self.take()
            return ("=" if sign == "==" else sign, left, self.added())
        # `<str> LIKE <pattern>` and `<field> IN (…)` are operators, too (Search Reference, *Comparison
        # and Conditional functions*).
        if self.takes("LIKE"):
            return ("LIKE", left, self.added())
        if self.takes("IN"):
            self.take("(")
            return ("IN", left, self.arguments())
        # `IS NULL` is SPL2's (SPL2 Search Manual, *Predicate expressions*).
        if self.language == "spl2" and self.takes("IS"):
            word = "IS NOT NULL" if self.takes("NOT") else "IS NULL"
            if not self.takes("NULL"):
                raise NotTaken("expected NULL after IS")
            return (word, left)
        return left

    def added(self):
        left = self.multiplied()
        while self.peek() in (("sign", "+"), ("sign", "-"), ("sign", ".")):
            if self.language == "spl2" and self.peek()[1] == ".":
                raise NotTaken("a dot joins no texts in SPL2")
            left = (self.take()[1], left, self.multiplied())
        return left

    def multiplied(self):
        left = self.atom()
        while self.peek() in (("sign", "*"), ("sign", "/"), ("sign", "%")):
            left = (self.take()[1], left, self.atom())
        return left

    def arguments(self):
        found = []
        while self.peek() != ("sign", ")"):
            found.append(self.exclusive())
            if self.peek() != ("sign", ")"):
                self.take(",")
        self.take(")")
        return found

    def atom(self):
        kind, value = self.take()
        if kind == "number":
            return ("constant", float(value) if re.search("[.eE]", value) else int(value))
        if kind == "text":
            return ("constant", self.literal(value))
        if kind == "regex":
            # Between slashes no backslash is doubled, and `\/` is a slash to PCRE as well.
            return ("constant", value)
        if kind == "field":
            # '${expression}' makes a name (SPL2 Search Manual, *Field templates in expressions*), unless
            # a backslash lets the dollar be read as itself (*When to escape characters*).
            if self.language == "spl2" and "${" in re.sub(r"\\.", "", value):
                raise Unclear(f"a template: '{value}'")
            return ("field", field_name(f"'{value}'"))
        if (kind, value) == ("sign", "-"):
            return ("-", ("constant", 0), self.atom())
        if (kind, value) == ("sign", "("):
            tree = self.exclusive()
            self.take(")")
            return tree
        if kind == "name" and self.peek() == ("sign", "("):
            self.take()
            return ("call", value, self.arguments())
        if kind == "name" and value not in WORDS:
            return ("constant", LITERALS[value]) if value in LITERALS else ("field", value)
        raise NotTaken(f"unexpected `{value}`")

    def literal(self, inside):
        """A text. In SPL2 `${…}` in it is an expression (SPL2 Search Manual, *String templates in
        expressions*), and more sequences than SPL's are escapes (*When to escape characters*)."""
        if self.language == "spl":
            return expression_text(f'"{inside}"')
        if "${" in inside:
            raise Unclear(f'a template: "{inside}"')
        known = {"t": "\t", "n": "\n", "r": "\r"}

        def unescaped(match):
            letter = match[1]
            if letter not in '"\\tnr':
                raise Unclear(f"an escape: {match[0]}")
            return known.get(letter, letter)

        return re.sub(r"\\(.)", unescaped, inside, flags=re.S)


# What a regular expression of SPL2 can follow.
STARTS = {("sign", sign) for sign in ("(", ",", "=", "==", "!=")}


@functools.lru_cache(maxsize=1024)
def parsed(text, language):
    return Parser(text, language).whole()
