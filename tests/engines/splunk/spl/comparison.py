"""Two values compared, as expressions do it."""

import operator

from .readings import Unclear
from .values import Loose, number

COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def compared(sign, left, right, context):
    """Texts are compared with regard to case (Search Reference, *where*: the expression is
    case-sensitive), numbers as numbers. Whether the value of a field that looks like a number is one
    depends on what it is compared with."""
    if isinstance(left, bool) or isinstance(right, bool):
        raise Unclear(f"a comparison with a truth: {left!r} {sign} {right!r}")
    if isinstance(left, str) and isinstance(right, str):
        numbers = number(left, context), number(right, context)
        if (isinstance(left, Loose) or isinstance(right, Loose)) and None not in numbers:
            if context.reads("digits") == "number":
                left, right = numbers
        elif sign not in ("=", "!="):
            raise Unclear(f"an order of texts: {left!r} {sign} {right!r}")
        return COMPARISONS[sign](left, right)
    for value in (left, right):
        if isinstance(value, str) and (not isinstance(value, Loose) or number(value, context) is None):
            raise Unclear(f"{left!r} {sign} {right!r}")
    return COMPARISONS[sign](number(left, context), number(right, context))
