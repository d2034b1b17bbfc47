"""Queries of Cortex XDR (XQL), read and evaluated by the documentation.

In: the text of a query, and events, maps of names to texts. Out: a tree, or whether an event passes.

    https://docs-cortex.paloaltonetworks.com/r/Cortex-XSIAM/Cortex-XSIAM-Documentation/filter
        texts have no escapes, and `*` in them is a wildcard
    https://docs-cortex.paloaltonetworks.com/r/Cortex-XDR/Cortex-XDR-3.x-Documentation/Supported-operators
    https://docs-cortex.paloaltonetworks.com/r/Cortex-XDR/Cortex-XDR-3.x-Documentation/case_sensitive

What the documentation leaves open is asked both ways, or not read: a test of a missing field is false or neither
true nor false (`three`), `and` and `or` side by side need parentheses, and so does what a `not` negates. What is
read is no more than what the backend file writes: anything else is an error.
"""

import ipaddress
import operator
import re

FIELD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
TEXT = re.compile(r'"([^"\x00-\x1f\x7f-\x9f]*)"')
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
WORD = re.compile(r"ENUM\.([A-Z0-9_]+)")
SIGN = re.compile(r" (!=|~=|[<>]=?|=|contains|incidr6?|in) ")
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
PIECES = re.compile(r"(\\x\{[0-9A-Fa-f]+\}|\\x[0-9A-Fa-f]{2}|\\.|\[(?:\\.|[^\]\\])*\])", re.DOTALL)
START = re.compile(r"config case_sensitive = false \| dataset = \w+ \| ")


class Invalid(ValueError):
    """The text is no query that is known here."""


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

    def need(self, sign):
        return self.take(sign) or self.fail(f"`{sign}`")

    def whole(self):
        """A query's new field, as its name and what makes it, and its filter."""
        self.match(START) or self.fail("a configuration and a dataset")
        made = None
        if self.take("alter "):
            name = self.match(FIELD) or self.fail("a field")
            self.need(" = ")
            made = (name[0], self.expression())
            self.need(" | ")
        self.need("filter ")
        tree = self.joined()
        return (made, tree) if self.at == len(self.text) else self.fail("the end")

    def expression(self):
        """What `alter` computes: a field, a text, `if` or `concat`."""
        if self.take("if("):
            test = self.joined()
            self.need(", ")
            yes = self.expression()
            self.need(", ")
            tree = ("if", test, yes, self.expression())
        elif self.take("concat("):
            parts = [self.expression()]
            while self.take(", "):
                parts.append(self.expression())
            tree = ("concat", parts)
        elif found := self.match(TEXT):
            return ("text", found[1])
        else:
            return ("field", (self.match(FIELD) or self.fail("a field"))[0])
        self.need(")")
        return tree

    def joined(self):
        """Operands between `and`, or between `or`, but not both."""
        parts, word = [self.unary()], None
        while found := self.match(re.compile(" (and|or) ")):
            if word not in (None, found[1]):
                self.fail("parentheses between `and` and `or`")
            word = found[1]
            parts.append(self.unary())
        return parts[0] if word is None else (word, parts)

    def unary(self):
        if self.take("not "):
            return ("not", self.unary()) if self.text.startswith("(", self.at) else self.fail("`(`")
        if self.take("("):
            tree = self.joined()
            self.need(")")
            return tree
        field = (self.match(FIELD) or self.fail("a field"))[0]
        sign = (self.match(SIGN) or self.fail("an operator"))[1]
        if sign in ("=", "!=") and self.take("null"):
            return ("null", field, sign == "=")
        if sign == "in":
            return (sign, field, self.listed())
        if sign in COMPARE:
            return ("compare", field, COMPARE[sign], float((self.match(NUMBER) or self.fail("a number"))[0]))
        if sign == "=":
            return (sign, field, self.value())
        text = (self.match(TEXT) or self.fail("a text"))[1]
        if sign == "~=":
            return (sign, field, regex(text))
        if sign == "contains":
            return (sign, field, folded(text)) if "*" not in text else self.fail("a text without `*`")
        if sign in ("incidr", "incidr6"):
            network = ipaddress.ip_network(text)
            return (sign, field, network) if network.version == (6 if sign[-1] == "6" else 4) else self.fail("a network")
        return self.fail("another operator")

    def listed(self):
        self.need("(")
        values = [self.value()]
        while self.take(", "):
            values.append(self.value())
        self.need(")")
        return values if len({kind for kind, _ in values}) == 1 else self.fail("values of one type")

    def value(self):
        if found := self.match(TEXT):
            return ("text", wildcards(folded(found[1])))
        if found := self.match(WORD):
            return ("text", wildcards(folded(found[1])))
        if found := self.match(re.compile("true|false")):
            return ("text", wildcards(found[0]))
        return ("number", float((self.match(NUMBER) or self.fail("a value"))[0]))


def read(text):
    """The tree of a query."""
    return Reader(text).whole()


def wildcards(text):
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def folded(text):
    """Nothing is said of letters beyond ASCII's: a query has to do without them."""
    if any(not c.isascii() and c.lower() != c.upper() for c in text):
        raise Invalid("a letter beyond ASCII's in a text")
    return lowered(text)


def lowered(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


def regex(text):
    """RE2's expression as Python's."""
    flags = re.match(r"\(\?([ims]+)\)", text)
    body = text[flags.end() :] if flags else text
    parts = PIECES.split(body)
    for at, part in enumerate(parts):
        if re.match(r"\\([1-9ZGKRhHXQE]|[pP])", part):
            raise Invalid(f"no `{part}` in RE2")
        if part.startswith(r"\x"):
            parts[at] = re.escape(chr(int(part[2:].strip("{}"), 16)))
        elif part.startswith("["):
            within = r"\\x\{?([0-9A-Fa-f]+)\}?"
            parts[at] = re.sub(within, lambda found: re.escape(chr(int(found[1], 16))), part)
        elif part == r"\z":
            parts[at] = r"\Z"
        elif part == r"\B":
            parts[at] = r"(?!\b)"
        elif at % 2 == 0 and "m" not in (flags[1] if flags else ""):
            parts[at] = part.replace("$", r"\Z")
    done = "".join(parts)
    if re.search(r"(?<!\\)\(\?(?!:)|[*+?}]\+", PIECES.sub("x", body)):
        raise Invalid("look-around, atomic groups, flags inside or possessive repetition")
    sets = 0 if flags and "i" in flags[1] and not done.isascii() else re.ASCII
    for letter in flags[1] if flags else "":
        sets |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
    try:
        return re.compile(done, sets)
    except re.error as error:
        raise Invalid(f"no regular expression: {error}: {text}") from error


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


def computed(tree, event, three):
    kind = tree[0]
    if kind == "text":
        return tree[1]
    if kind == "field":
        return event.get(tree[1])
    if kind == "if":
        return computed(tree[2] if truth(tree[1], event, three) else tree[3], event, three)
    values = [computed(part, event, three) for part in tree[1]]
    return None if None in values else "".join(values)


def equal(text, value):
    kind, wanted = value
    return number(text) == wanted if kind == "number" else bool(wanted.fullmatch(lowered(text)))


def truth(tree, event, three):
    """True, False or None: neither, which only a test of a missing field is, if `three`."""
    kind = tree[0]
    if kind in ("and", "or"):
        found = [truth(part, event, three) for part in tree[1]]
        if (kind == "or") in found:
            return kind == "or"
        return None if None in found else kind == "and"
    if kind == "not":
        found = truth(tree[1], event, three)
        return None if found is None else not found
    text = event.get(tree[1])
    if kind == "null":
        return (text is None) == tree[2]
    if text is None:
        return None if three else False
    if kind == "=":
        return equal(text, tree[2])
    if kind == "in":
        return any(equal(text, value) for value in tree[2])
    if kind == "~=":
        return bool(tree[2].search(text))
    if kind == "contains":
        return tree[2] in lowered(text)
    if kind == "compare":
        return number(text) is not None and tree[2](number(text), tree[3])
    found = address(text)
    return found is not None and found.version == tree[2].version and found in tree[2]


def passes(query, event, three):
    """Does an event pass the query?"""
    made, tree = query
    event = {"_time": "1", **event}
    if made:
        event[made[0]] = computed(made[1], event, three)
    return truth(tree, event, three) is True
