"""The functions of expressions. Pages are those of the Search Reference; SPL2's functions are the
same (SPL2 Search Reference, *Overview of SPL2 eval functions*)."""

import ipaddress
import re

from . import pcre, times
from .comparison import compared
from .readings import NotTaken, Unclear
from .search import address, found
from .values import number, several, text


def called(name, trees, row, context, evaluated):
    """A function's value; `evaluated` gives that of a tree."""
    if name in LAZY:
        return LAZY[name](trees, row, context, evaluated)
    if name not in EAGER:
        raise NotTaken(f"unknown function `{name}`")
    function, least, most = EAGER[name]
    if not least <= len(trees) <= most:
        raise NotTaken(f"{name} takes other arguments than {len(trees)}")
    if name == "tonumber" and trees[0][0] == "constant" and isinstance(trees[0][1], str):
        # A literal that is no number is an error (*Conversion functions*, tonumber).
        if number(trees[0][1], context) is None:
            raise NotTaken(f"tonumber of {trees[0][1]!r}")
    return function(context, *(evaluated(tree, row, context) for tree in trees))


# ---- Functions that do not need all of their arguments -------------------------------------------


def choose(trees, row, context, evaluated):
    """*Comparison and Conditional functions*, if: the second argument where the first is true, the
    third otherwise."""
    if len(trees) != 3:
        raise NotTaken("if takes three arguments")
    condition = evaluated(trees[0], row, context)
    if condition is not None and not isinstance(condition, bool):
        raise Unclear(f"if of {condition!r}")
    return evaluated(trees[1 if condition is True else 2], row, context)


def case(trees, row, context, evaluated):
    """The value of the first condition that is true, or nothing."""
    for condition, value in zip(trees[::2], trees[1::2]):
        if evaluated(condition, row, context) is True:
            return evaluated(value, row, context)
    return None


def coalesce(trees, row, context, evaluated):
    """The first value that is not null."""
    values = (evaluated(tree, row, context) for tree in trees)
    return next((value for value in values if value is not None), None)


def field_of(tree):
    """The one field that an expression reads."""
    if tree[0] == "field":
        return {tree[1]}
    parts = [part for part in tree[1:] if isinstance(part, (tuple, list))]
    return set().union(*(field_of(part) if isinstance(part, tuple) else fields_of(part) for part in parts), set())


def fields_of(trees):
    return set().union(*(field_of(tree) for tree in trees), set())


def mvfilter(trees, row, context, evaluated):
    """*Multivalue eval functions*, mvfilter: the values of one field for which the expression holds;
    it can refer to one field only."""
    names = field_of(trees[0])
    if len(names) != 1:
        raise NotTaken("mvfilter is of one field")
    [name] = names
    kept = [value for value in several(row.get(name)) if evaluated(trees[0], {**row, name: value}, context) is True]
    return None if not kept else kept if len(kept) > 1 else kept[0]


def searchmatch(trees, row, context, evaluated):
    """Does a search find the row?"""
    return found(trees[0][1])(row, context)


LAZY = {
    "if": choose,
    "case": case,
    "coalesce": coalesce,
    "mvfilter": mvfilter,
    "searchmatch": searchmatch,
}

# ---- Several values ------------------------------------------------------------------------------


def each(function):
    """A test of a text. A test of nothing is nothing (that a function of a null is null, no page says
    outright; *Comparison and Conditional functions* has `isnull` for it). Of several values: open."""

    def test(context, value, *more):
        if value is None or None in more:
            return None
        if isinstance(value, list):
            if context.reads("several values") == "none":
                return None
            return any(function(context, one, *more) for one in value)
        return function(context, value, *more)

    return test


def mapped(function):
    """A function that takes fields of several values: *Text functions* says so of lower and upper."""

    def value_of(context, value, *more):
        if isinstance(value, list):
            return [function(one, *more) for one in value]
        return None if value is None else function(value, *more)

    return value_of


def single(function):
    """A function that is *not supported on multivalue fields* (*Text functions*): nothing, then."""

    def value_of(context, *values):
        if None in values:
            return None
        if any(isinstance(value, list) for value in values):
            context.notes("several values")
            return None
        return function(*values)

    return value_of


# ---- Texts ---------------------------------------------------------------------------------------


def substr(value, start, length=None):
    """Indexes start at 1, negative ones count from the end; SQLite's rules (*Text functions*)."""
    whole = text(value)
    begin = start - 1 if start > 0 else len(whole) + start if start < 0 else -1
    end = len(whole) if length is None else begin + length
    if end < begin:
        raise Unclear(f"substr of a negative length: {length}")
    return whole[max(int(begin), 0) : max(int(end), 0)]


def replace(value, expression, by):
    """Every match of the expression is replaced; groups are `\\1`, `\\2` … (*Text functions*)."""
    return pcre.compiled(expression).sub(by, text(value))


def split(context, value, delimiter):
    """*Multivalue eval functions*, split: the parts between delimiters. With an empty one the parts
    are single characters; of several values nothing is said."""
    if value is None or delimiter is None:
        return None
    if isinstance(value, list) or isinstance(delimiter, list):
        if context.reads("several values") == "none" or isinstance(delimiter, list):
            return None
        return [part for one in value for part in several(split(context, one, delimiter))]
    parts = text(value).split(text(delimiter)) if text(delimiter) else list(text(value))
    return parts if len(parts) > 1 else parts[0] if parts else None


# ---- Tests ---------------------------------------------------------------------------------------


def match(context, value, expression):
    """PCRE finds the expression in any part of the text."""
    return pcre.search(expression, text(value)) is not None


def like(context, value, wildcards):
    """`%` is any number of characters, `_` is one; case matters, as in all expressions. No page has
    an escape for them, or says what a backslash is there."""
    if "\\" in wildcards:
        raise Unclear(f"a backslash in {wildcards!r}")
    signs = {"%": ".*", "_": "."}
    expression = "".join(signs.get(sign) or re.escape(sign) for sign in wildcards)
    return re.fullmatch(expression, text(value), re.DOTALL) is not None


def cidrmatch(context, network, value):
    """Does an address belong to a network, IPv4 or IPv6? A text that is no address does not."""
    if network is None or value is None:
        return None
    if isinstance(value, list):
        if context.reads("several values") == "none":
            return None
        return any(cidrmatch(context, network, one) for one in value)
    block, place = ipaddress.ip_network(network, strict=False), address(text(value))
    return place is not None and place.version == block.version and place in block


def membership(context, value, *listed):
    """`in`: is one of the values in the list the value? Without wildcards."""
    if value is None:
        return None
    if isinstance(value, list) and context.reads("several values") == "none":
        return None
    return any(compared("=", one, other, context) for one in several(value) for other in listed if other is not None)


def isnum(context, value):
    """*Informational functions*: is the value a number? A field's is, where it looks like one."""
    if isinstance(value, list):
        return context.reads("several values") == "any" and any(isnum(context, one) for one in value)
    return number(value, context) is not None


def nullif(context, value, other):
    """The first value, or nothing where it is the second one."""
    if value is None or other is None:
        return value
    if isinstance(value, list):
        context.notes("several values")
        return value
    return None if compared("=", value, other, context) else value


def isstr(context, value):
    return value is not None and not isnum(context, value)


# ---- Numbers -------------------------------------------------------------------------------------


def tonumber(context, value, base=10):
    """Nothing where the value of a field is no number (*Conversion functions*). Several values: open."""
    if base != 10:
        raise Unclear(f"tonumber with the base {base}")
    if isinstance(value, list):
        numbers = [number(one, context) for one in value]
        if context.reads("several values") == "none":
            return None
        return [one for one in numbers if one is not None] or None
    return number(value, context)


def tostring(context, value):
    """*Conversion functions*: of a truth, True or False."""
    return None if value is None else {True: "True", False: "False"}.get(value) or text(value)


def rounded(context, value, digits=0):
    return None if value is None else round(number(value, context), digits)


def extreme(choice):
    """`max` and `min` of expressions take values as numbers where they can, and texts are greater
    than numbers (*Statistical eval functions*); what a null among them does is not said."""

    def value_of(context, *values):
        if None in values:
            raise Unclear("an extreme of a null")
        numbers = [number(one, context) for value in values for one in several(value)]
        if None in numbers:
            raise Unclear(f"an extreme of {values!r}")
        return choice(numbers)

    return value_of


# ---- Several values, made and counted ------------------------------------------------------------


def mvappend(context, *values):
    """All values in one field (*Multivalue eval functions*); a null adds none."""
    return [one for value in values for one in several(value)] or None


def mvcount(context, value):
    """How many values: 1 of a single one, null of none."""
    return len(several(value)) or None


def mvdedup(context, value):
    return list(dict.fromkeys(value)) if isinstance(value, list) else value


def mvindex(context, value, start, end=None):
    """From 0; negative indexes count from the end; out of range is null."""
    values = several(value)
    last = start if end is None else end
    first, last = (index + len(values) if index < 0 else index for index in (start, last))
    if not 0 <= first <= last < len(values):
        return None
    return values[first] if first == last else values[first : last + 1]


def mvjoin(context, value, delimiter):
    return None if value is None else delimiter.join(text(one) for one in several(value))


EAGER = {
    # name: (function of a context and values, fewest and most arguments)
    "cidrmatch": (cidrmatch, 2, 2),
    "false": (lambda context: False, 0, 0),
    "in": (membership, 2, 999),
    "isnotnull": (lambda context, value: value is not None, 1, 1),
    "isnull": (lambda context, value: value is None, 1, 1),
    "isnum": (isnum, 1, 1),
    "isstr": (isstr, 1, 1),
    "len": (single(lambda value: len(text(value))), 1, 1),
    "like": (each(like), 2, 2),
    "lower": (mapped(lambda value: text(value).lower()), 1, 1),
    "match": (each(match), 2, 2),
    "max": (extreme(max), 1, 999),
    "min": (extreme(min), 1, 999),
    "mvappend": (mvappend, 1, 999),
    "mvcount": (mvcount, 1, 1),
    "mvdedup": (mvdedup, 1, 1),
    "mvindex": (mvindex, 2, 3),
    "mvjoin": (mvjoin, 2, 2),
    "nullif": (nullif, 2, 2),
    "now": (lambda context: context.now, 0, 0),
    "null": (lambda context: None, 0, 0),
    "relative_time": (times.relative_time, 2, 2),
    "replace": (single(replace), 3, 3),
    "round": (rounded, 1, 2),
    "split": (split, 2, 2),
    "strftime": (times.strftime, 2, 2),
    "strptime": (times.strptime, 2, 2),
    "substr": (single(substr), 2, 3),
    "tonumber": (tonumber, 1, 2),
    "tostring": (tostring, 1, 1),
    "trim": (single(lambda value, letters=" \t": text(value).strip(letters)), 1, 2),
    "true": (lambda context: True, 0, 0),
    "upper": (mapped(lambda value: text(value).upper()), 1, 1),
}
