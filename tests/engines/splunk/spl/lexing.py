"""Quotes, brackets and pipes: what is split before it is read."""

import re

from .readings import NotTaken

# Escapes in a quoted text of a search: `\"`, `\|` and `\\`; a sequence that is not known is left as it
# is (Search Reference, *search*, Quotes and escaping characters).
SEARCH_ESCAPE = re.compile(r'\\(["|\\])')


def search_text(quoted):
    """What a quoted text of the search command holds."""
    return SEARCH_ESCAPE.sub(r"\1", quoted[1:-1])


def expression_text(quoted):
    """What a quoted text of an expression holds.

    `\\"` and `\\\\` are a quote and a backslash, and `\\t` is a tab (Search Manual, *Types of
    expressions*). `\\d`, `\\.` and others stay as they are (the examples of `match`). `\\n` and `\\r`
    are not documented; to a regular expression both readings are the same, so they stay, too.
    """
    return re.sub(r'\\(["\\t])', lambda match: "\t" if match[1] == "t" else match[1], quoted[1:-1])


def field_name(quoted):
    """A name in quotes. That a backslash escapes the quote is what texts have; no page shows it."""
    return re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.S)


def split(text, sign, slashes=False):
    """Splits at a sign outside of quotes and brackets; with `slashes`, of SPL2's `/…/`, too."""
    parts, closing, quote, start, at, before = [], [], None, 0, 0, ""
    while at < len(text):
        letter = text[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == quote:
                quote, before = None, letter
        elif letter in "\"'" or (letter == "/" and slashes and before in ("", "(", ",", "=")):
            quote = letter
        elif letter in "([":
            closing.append({"(": ")", "[": "]"}[letter])
        elif letter in ")]":
            if not closing or closing.pop() != letter:
                raise NotTaken(f"`{letter}` closes nothing: {text}")
        elif letter == sign and not closing:
            parts.append(text[start:at].strip())
            start = at + 1
        if not quote and not letter.isspace():
            before = letter
        at += 1
    if closing or quote:
        raise NotTaken(f"brackets or quotes do not match: {text}")
    parts.append(text[start:].strip())
    return parts


# A comma, or a blank, separates names in BY and in `table` (Search Reference, *stats*, *table*).
NAMES = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[^\s,"\'|()=]+)\s*,?', re.S)


def names(text):
    """`a, "b c", 'd' e`"""
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = NAMES.match(text, at)
        if not match:
            raise NotTaken(f"not a list of names: {text!r}")
        name = match.group(1)
        found.append(field_name(name) if name[0] in "\"'" else name)
        at = match.end()
    return found


# `\s` of texts of several lines: a command's words may stand on lines of their own.
def word(text):
    """A command's name, and what follows."""
    first, _, rest = text.partition(" ") if "\n" not in text.split(" ")[0] else text.partition("\n")
    return first, rest.strip()
