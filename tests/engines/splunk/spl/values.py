"""Values: texts, numbers, several values, nothing.

A row is a dictionary. A field that has no value is not in it (Search Reference, *null()*: null is a
field that is missing in a result). A field of several values is a list. A value that an event brings
is `Loose`, for fields have no types: the same 404 is compared as a number and as a text in the
examples of *Comparison and Conditional functions*. What functions make is a text or a number.
"""

import json
import re

from .readings import Unclear


class Loose(str):
    """An event's value, which is a number too where it looks like one."""


PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
ANY_FORM = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def parsed(text, context):
    """The number that a text writes, or nothing.

    A text with a blank at an end is none (Search Reference, *tonumber*). Integers beyond 53 bits are
    cut off (the same page): they are doubles here.
    """
    if not ANY_FORM.fullmatch(text):
        return None
    if not PLAIN.fullmatch(text) and context.reads("number forms") == "plain":
        return None
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def number(value, context):
    """A value as a number, or nothing."""
    if isinstance(value, bool) or isinstance(value, list) or value is None:
        return None
    if isinstance(value, (int, float)):
        return value
    return parsed(value, context)


def text(value):
    """A value as a text. How `eval` writes a number is not documented to the last digit: whole numbers
    have no point."""
    if isinstance(value, (list, bool)) or value is None:
        raise Unclear(f"a text of {value!r}")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return value if isinstance(value, str) else repr(value)


def several(value):
    """The values of a field: none, one or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def loose(value):
    """A value of JSON as a field has it. How events with nulls or nested values are indexed is not the
    search's matter: a null is no value, and the names of nested fields are joined by dots."""
    if value is None:
        return None
    if isinstance(value, str):
        return Loose(value)
    return Loose(json.dumps(value))


def row(event):
    """An event of JSON as a row."""
    fields = {}

    def add(name, value):
        if isinstance(value, dict):
            for key, inner in value.items():
                add(f"{name}.{key}" if name else key, inner)
        elif isinstance(value, list):
            for inner in value:
                add(name, inner)
        elif value is not None:
            fields.setdefault(name, []).append(loose(value))

    add("", event)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}
