"""What an index has to be like that holds the witness events of a rule, and which of them it can hold.

    tests_of('a:"1" AND (NOT _exists_:b)')  ->  {"a": [("phrase", "1")], "b": [("exists", "")]}

A `Layout` is the kind of index: as which type it has texts, and whether what is only compared with
numbers and booleans is of these types. Events that such an index would refuse, or keep as something
else, are left out.
"""

import dataclasses
import ipaddress
import json
import re

# What is in quotes, between slashes or neither.
QUOTED = r'"(?:\\.|[^"\\])*"'
PART = rf'{QUOTED}|/(?:\\.|[^/\\])*/|[<>]=?(?:\\.|[^\s()\\])+|(?:\\.|[^\s()"/:\\<>])+'
SEVERAL = rf"\({QUOTED}(?: OR {QUOTED})*\)"
TEST = re.compile(rf'(?:(?P<name>(?:\\.|[^\s()"/:\\])+):)?(?:(?P<several>{SEVERAL})|(?P<value>{PART}))', re.DOTALL)
WORDS = {"AND", "OR", "NOT"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
# Names that mean something else to an index.
METADATA = {"_id", "_index", "_source", "_type", "_routing", "_ignored", "_field_names", "_seq_no", "_version", "_nested_path"}
LONGEST_TERM = 32_766  # bytes


@dataclasses.dataclass(frozen=True)
class Layout:
    name: str
    # The option `case` of the queries that are made for it.
    case: str
    # The types of a text field that a query names, and of one that it does not.
    named: dict
    unnamed: dict
    # Are fields that are only compared with numbers or booleans of these types?
    typed: bool = False
    # Is it asked of rules with keywords alone?
    keywords: bool = False


def unescaped(text):
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def kind_of(value):
    """What a test does with a field, and the text that it has."""
    if value.startswith('"'):
        return "phrase", unescaped(value[1:-1])
    if value.startswith("/"):
        return "regex", value[1:-1]
    if value[0] in "<>":
        return "compare", value.lstrip("<>=")
    if value in ("true", "false"):
        return "boolean", value
    return "wildcard", value


def tests_of(query):
    """Each field's tests, by its name; those of every field by None."""
    found = {}
    for match in TEST.finditer(query):
        name, value = match["name"], match["several"] or match["value"]
        if name is None and value in WORDS:
            continue
        if name == "_exists_":
            found.setdefault(unescaped(value), []).append(("exists", ""))
            continue
        if name == "*" and value == "*":
            continue
        values = [value]
        if match["several"]:
            values = re.findall(QUOTED, value, re.DOTALL)
        name = name and unescaped(name)
        found.setdefault(name, []).extend(kind_of(one) for one in values)
    return found


def network(text):
    try:
        return "/" in text and bool(ipaddress.ip_network(text))
    except ValueError:
        return False


def address(value):
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value)) and "%" not in value
    except ValueError:
        return False


def number(value):
    """A value that a numeric field takes, as a number."""
    if isinstance(value, bool) or not NUMBER.fullmatch(value if isinstance(value, str) else json.dumps(value)):
        return None
    value = json.loads(value) if isinstance(value, str) and not re.match(r"-?0\d", value) else value
    return None if isinstance(value, str) else value


def whole(value):
    held = number(value)
    return held is not None and held == int(held) and abs(held) < 2**53


def type_of(tests, values, layout, named):
    """The type that a field has in a layout, or what is wrong with any."""
    kinds = {kind for kind, _ in tests} - {"exists"}
    texts = [text for kind, text in tests if kind in ("phrase", "compare")]
    on_addresses = any(kind == "phrase" and network(text) for kind, text in tests) and any(map(address, values))
    if on_addresses and kinds != {"phrase"}:
        raise ValueError("a field is compared as an address and as a text")
    if on_addresses:
        return {"type": "ip"}
    compared = "compare" in kinds
    numeric = kinds <= {"phrase", "compare"} and texts and all(number(text) is not None for text in texts)
    if compared and not numeric:
        raise ValueError("a field is compared as a number and as a text")
    if compared or layout.typed and numeric:
        held = [*texts, *(value for value in values if number(value) is not None)]
        return {"type": "long" if all(map(whole, held)) else "double"}
    if layout.typed and kinds == {"boolean"}:
        return {"type": "boolean"}
    return layout.named if named else layout.unnamed


def fields(event):
    """An event's values by the whole names of their fields; nulls are not indexed."""
    found = {}

    def look(value, name):
        if isinstance(value, dict):
            for key, inner in value.items():
                look(inner, f"{name}.{key}" if name else key)
        elif isinstance(value, list):
            for inner in value:
                look(inner, name)
        elif value is not None:
            found.setdefault(name, []).append(value)

    look(event, "")
    return found


def of_rule(query, events, layout):
    """The types of all fields that a rule and its events have. ValueError: an index has no such fields."""
    tests = tests_of(query)
    values = {}
    for event in events:
        for name, held in fields(event).items():
            values.setdefault(name, []).extend(held)
    names = (tests.keys() | values.keys()) - {None}
    for name in names:
        parts = name.split(".")
        if name in METADATA or any(not part.strip() for part in parts):
            raise ValueError("an index has no field of that name")
        if any(".".join(parts[:end]) in names for end in range(1, len(parts))):
            raise ValueError("a field has a value and fields of its own")
    return {name: type_of(tests.get(name, []), values.get(name, []), layout, name in tests) for name in sorted(names)}


def fits(value, kind):
    """Does a field of that type have this value as it is?"""
    if kind == "long":
        return whole(value)
    if kind == "double":
        held = number(value)
        return held is not None and (isinstance(held, float) or abs(held) < 2**53)
    if kind == "boolean":
        return value in (True, False, "true", "false") and not isinstance(value, (int, float)) or isinstance(value, bool)
    if kind == "ip":
        return address(value)
    # A keyword is a number's text, 1000.0 as 1000.0, which no query asks for.
    if isinstance(value, float) and (value.is_integer() or abs(value) >= 2**63):
        return False
    return not isinstance(value, str) or len(value.encode("utf-8", "surrogatepass")) < LONGEST_TERM


def storable(query, event, types):
    """Can such an index hold the event so that the reference's answer is to be expected?"""
    # A null is not indexed, so that nothing tells it from a missing field.
    if "_exists_" in query and None in event.values():
        return False
    return all(fits(value, types[name]["type"]) for name, values in fields(event).items() for value in values)


def joined(one, other):
    """The types of two rules together, or None where they don't go together."""
    if any(other.get(name, kind) != kind for name, kind in one.items()):
        return None
    both = {**one, **other}
    for name in both:
        parts = name.split(".")
        if any(".".join(parts[:end]) in both for end in range(1, len(parts))):
            return None
    return both
