"""Evaluates the part of ES|QL that the program writes, on events of keyword fields.

Three truth values, as ES|QL has: a test of a missing field is None. `RLIKE` takes Lucene's regular
expressions; what the program writes of them means the same to Python where the whole value has to
match and `.` takes a newline.
"""

import datetime
import functools
import ipaddress
import operator
import re

TOKEN = re.compile(
    r'\s*(?:"""(?P<raw>.*?)"""(?!")|(?P<text>"(?:\\.|[^"\\])*")|`(?P<quoted>(?:``|[^`])+)`'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_@][A-Za-z0-9_@.]*~?)"
    r"|(?P<sign>==|!=|<=|>=|[<>(),:*?=+-]))",
    re.S,
)
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\"}
PARTS = {
    "minute_of_hour": "minute",
    "hour_of_day": "hour",
    "day_of_month": "day",
    "month_of_year": "month",
    "year": "year",
}


def tokens(text):
    at, found = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            if not text[at:].strip():
                break
            raise ValueError(f"no token at {text[at:at + 20]!r}")
        kind = match.lastgroup
        value = match.group(kind)
        if kind == "text":
            kind, value = "raw", re.sub(r"\\(.)", lambda m: ESCAPES[m[1]], value[1:-1], flags=re.S)
        elif kind == "quoted":
            kind, value = "name", value.replace("``", "`")
        elif kind == "word":
            upper = value.upper()
            words = ("AND", "OR", "NOT", "IS", "IN", "NULL", "LIKE", "RLIKE", "TRUE", "FALSE")
            kind, value = ("key", upper) if upper in words else ("name", value)
        found.append((kind, value))
        at = match.end()
    return found


def wildcard(pattern):
    """A LIKE pattern, or one of query_string, as a regular expression."""
    out, characters = [], iter(pattern)
    for character in characters:
        if character == "\\":
            out.append(re.escape(next(characters)))
        else:
            out.append({"*": ".*", "?": "."}.get(character) or re.escape(character))
    return re.compile("".join(out), re.S)


def both(left, right):
    return False if False in (left, right) else None if None in (left, right) else True


def either(left, right):
    return True if True in (left, right) else None if None in (left, right) else False


def lifted(test):
    """A function of null is null."""
    return lambda *values: None if None in values else test(*values)


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def address(value):
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def moment(value):
    """A time of a text in the documented form, or of milliseconds."""
    try:
        if isinstance(value, int):
            return datetime.datetime.fromtimestamp(value / 1000, datetime.timezone.utc)
        return datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except (OverflowError, ValueError):
        return None


def long(value):
    return int(value) if re.fullmatch(r"-?\d+", value) else None


def inside(ip, *networks):
    return any(ip in ipaddress.ip_network(network) for network in networks)


FUNCTIONS = {
    "TO_STRING": str,
    "TO_LOWER": str.lower,
    "TO_DOUBLE": number,
    "TO_IP": address,
    "TO_DATETIME": moment,
    "TO_LONG": long,
    "ABS": abs,
    "CONCAT": lambda *texts: "".join(texts),
    "SUBSTRING": lambda text, start, length: text[int(start) - 1 : int(start - 1 + length)],
    "CIDR_MATCH": inside,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "LOCATE": lambda text, part: text.find(part) + 1,
    "DATE_EXTRACT": lambda part, time: getattr(time, PARTS[part]),
}
SIGNS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class Parser:
    """Recursive descent to functions of an event. NOT binds tighter than AND, AND than OR.

    EQL has the same operators, and `:` and words that end in `~` besides.
    """

    functions = FUNCTIONS

    def __init__(self, text, mapped=False):
        self.tokens, self.at, self.mapped = tokens(text), 0, mapped

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, *wanted):
        token = self.peek()
        if wanted and token[1] not in wanted:
            raise ValueError(f"expected {wanted}, found {token}")
        self.at += 1
        return token

    def whole(self):
        expression = self.disjunction()
        if self.at < len(self.tokens):
            raise ValueError(f"what is {self.peek()}?")
        return expression

    def chain(self, operand, word, join):
        operands = [operand()]
        while self.peek() == ("key", word):
            self.take()
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return lambda event: functools.reduce(join, (one(event) for one in operands))

    def disjunction(self):
        return self.chain(self.conjunction, "OR", either)

    def conjunction(self):
        return self.chain(self.negation, "AND", both)

    def negation(self):
        if self.peek() == ("key", "NOT"):
            self.take()
            inner = self.negation()
            return lambda event: lifted(lambda value: not value)(inner(event))
        return self.test()

    def test(self):
        left = self.value()
        kind, sign = self.peek()
        if kind == "sign" and sign in SIGNS:
            self.take()
            right, compare = self.value(), lifted(SIGNS[sign])
            return lambda event: compare(left(event), right(event))
        if (kind, sign) == ("key", "IS"):
            self.take()
            negated = self.peek() == ("key", "NOT") and self.take()
            self.take("NULL")
            return lambda event: (left(event) is None) != bool(negated)
        if (kind, sign) == ("key", "IN"):
            self.take()
            self.take("(")
            wanted = [self.take()[1]]
            while self.peek() == ("sign", ","):
                self.take()
                wanted.append(self.take()[1])
            self.take(")")
            among = lifted(lambda value: value in wanted)
            return lambda event: among(left(event))
        if kind == "key" and sign in ("LIKE", "RLIKE"):
            self.take()
            text = self.take()[1]
            pattern = wildcard(text) if sign == "LIKE" else re.compile(text, re.S)
            match = lifted(lambda value: pattern.fullmatch(value) is not None)
            return lambda event: match(left(event))
        return left

    def value(self):
        left = self.factor()
        if self.peek() != ("sign", "*"):
            return left
        self.take()
        right, product = self.value(), lifted(lambda a, b: int(a * b))
        return lambda event: product(left(event), right(event))

    def factor(self):
        kind, value = self.take()
        if (kind, value) == ("sign", "?"):
            return self.factor()
        if (kind, value) == ("sign", "("):
            inner = self.disjunction()
            self.take(")")
            return inner
        if kind == "raw":
            return lambda event: value
        if kind == "number":
            return lambda event: float(value)
        if kind == "key" and value in ("TRUE", "FALSE"):
            return lambda event: value == "TRUE"
        if kind != "name":
            raise ValueError(f"what is {value!r}?")
        if self.peek() != ("sign", "("):
            return lambda event: event.get(value)
        self.take()
        arguments = [self.disjunction()]
        while self.peek() == ("sign", ","):
            self.take()
            arguments.append(self.disjunction())
        self.take(")")
        if value == "QSTR":
            return anywhere(arguments[0]({}), str.lower if self.mapped else str)
        if value == "COALESCE":
            return lambda event: next((v for v in (a(event) for a in arguments) if v is not None), None)
        if value == "CASE":
            return case(arguments)
        function = lifted(self.functions[value])
        return lambda event: function(*(argument(event) for argument in arguments))


def case(arguments):
    """CASE: conditions and values in turn, and what else there is."""
    pairs, rest = list(zip(arguments[::2], arguments[1::2])), arguments[-1:] if len(arguments) % 2 else []

    def choose(event):
        chosen = [value for condition, value in pairs if condition(event) is True] + rest
        return chosen[0](event) if chosen else None

    return choose


# An expression, a phrase, or a pattern.
ASKED = re.compile(r'/(?P<regex>(?:\\.|[^/\\])*)/|"(?P<phrase>(?:\\.|[^"\\])*)"|(?P<pattern>(?:\\.|[^ \\])+)', re.S)


def anywhere(query, fold):
    """QSTR of expressions, phrases and patterns between ORs, in every field; none is a `text` field.

    The normalizer of the fields, `fold`, changes what is asked of them. `*:*` is every event.
    """
    if query == "*:*":
        return lambda event: True
    patterns, at = [], 0
    while at < len(query):
        if patterns:
            if not query.startswith(" OR ", at):
                raise ValueError(f"expected OR at {query[at:at + 20]!r}")
            at += 4
        match = ASKED.match(query, at)
        at, asked = match.end(), fold(match[match.lastgroup])
        if match.lastgroup == "regex":
            patterns.append(re.compile(asked.replace(r"\/", "/"), re.S))
        elif match.lastgroup == "phrase":
            patterns.append(re.compile(re.escape(re.sub(r"\\(.)", r"\1", asked, flags=re.S))))
        else:
            patterns.append(wildcard(asked))
    return lambda event: any(one.fullmatch(value) for value in event.values() for one in patterns)


def answers(query, events, mapped):
    """Whether each event, a map of names to texts, is found; `mapped` fields hold lower case."""
    condition = Parser(query.split(" | WHERE ", 1)[1], mapped).whole()
    return [condition(event) is True for event in events]

