"""What an expression comes to on a row: a text, a number, a truth, several values, or nothing (None)."""

import operator

from . import functions
from .comparison import COMPARISONS, compared
from .readings import Unclear
from .values import Loose, number, several, text


def evaluated(tree, row, context):
    return EVALUATORS.get(tree[0], binary)(tree, row, context)


def is_true(tree, row, context):
    """`where` keeps a row, and `if` takes its second argument, where the expression is true: nothing
    is not true (Search Reference, *where*; *Comparison and Conditional functions*)."""
    return evaluated(tree, row, context) is True


def logical(value, context):
    """An operand of AND, OR and NOT."""
    if value is None:
        return None if context.reads("null") == "unknown" else False
    if not isinstance(value, bool):
        raise Unclear(f"{value!r} under a Boolean operator")
    return value


def conjunction(tree, row, context):
    return junction(tree[1], row, context, False)


def disjunction(tree, row, context):
    return junction(tree[1], row, context, True)


def junction(trees, row, context, decisive):
    """AND is false where one operand is, OR true; else it is nothing where one is nothing."""
    values = [logical(evaluated(tree, row, context), context) for tree in trees]
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def negation(tree, row, context):
    value = logical(evaluated(tree[1], row, context), context)
    return None if value is None else not value


def exclusive(tree, row, context):
    left, right = (logical(evaluated(operand, row, context), context) for operand in tree[1:])
    return None if left is None or right is None else left != right


def call(tree, row, context):
    return functions.called(tree[1], tree[2], row, context, evaluated)


def like(tree, row, context):
    return functions.called("like", tree[1:], row, context, evaluated)


def membership(tree, row, context):
    return functions.called("in", [tree[1], *tree[2]], row, context, evaluated)


def field(tree, row, context):
    if tree[1] == "_raw":
        context.notes("raw text")
    return row.get(tree[1])


def constant(tree, row, context):
    """A number is a double: of integers 53 bits count (*Conversion functions*, tonumber)."""
    value = tree[1]
    is_great = isinstance(value, int) and abs(value) >= 2**53
    return float(value) if is_great else value


def binary(tree, row, context):
    """Signs. An operation with nothing gives nothing: functions and operators on a null are null is
    what `isnull`, `coalesce` and *Field-value calculations* rely on; no page says it of each sign."""
    sign = tree[0]
    left, right = (evaluated(operand, row, context) for operand in tree[1:])
    if left is None or right is None:
        return None
    if sign == ".":
        return text(left) + text(right)
    if sign in COMPARISONS:
        if isinstance(left, list) or isinstance(right, list):
            if context.reads("several values") == "none":
                return None
            return any(compared(sign, one, other, context) for one in several(left) for other in several(right))
        return compared(sign, left, right, context)
    # A plus sign joins two texts (*Text functions*, substr); of a number and a text nothing is said.
    if sign == "+" and all(isinstance(value, str) and not isinstance(value, Loose) for value in (left, right)):
        return left + right
    left, right = (number(value, context) for value in (left, right))
    if left is None or right is None:
        raise Unclear(f"a text in a calculation: {tree}")
    # A division by zero gives nothing (Search Reference, *eval*, Numeric calculations).
    return None if sign in "/%" and right == 0 else ARITHMETIC[sign](left, right)


ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


EVALUATORS = {
    "constant": constant,
    "field": field,
    "AND": conjunction,
    "OR": disjunction,
    "NOT": negation,
    "XOR": exclusive,
    "call": call,
    "LIKE": like,
    "IN": membership,
    "IS NULL": lambda tree, row, context: evaluated(tree[1], row, context) is None,
    "IS NOT NULL": lambda tree, row, context: evaluated(tree[1], row, context) is not None,
}
