"""Times: seconds since 1970 (Search Reference, *Date and Time functions*). The time zone of a search
is its user's; here it is UTC."""

import datetime
import re

from .readings import Unclear
from .values import number, several, text

# Variables that the queries use (Search Reference, *Date and time format variables*): year, month,
# day, hour, minute, second, ISO week.
VARIABLES = {"%Y", "%m", "%d", "%H", "%M", "%S", "%V"}


def checked(form):
    unknown = set(re.findall("%.", form)) - VARIABLES
    if unknown:
        raise Unclear(f"a format with {', '.join(sorted(unknown))}")


def strftime(context, value, form):
    """A time as a text. Of what is no time it is nothing."""
    checked(form)
    if isinstance(value, list):
        if context.reads("several values") == "none":
            return None
        return [made for one in several(value) if (made := strftime(context, one, form)) is not None] or None
    seconds = number(value, context)
    if seconds is None:
        return None
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(form)
    except (OverflowError, ValueError, OSError):
        return None


def strptime(context, value, form):
    """A text's time. Of a text that has not the form it is nothing."""
    checked(form)
    if isinstance(value, list):
        context.notes("several values")
    if value is None or isinstance(value, list):
        return None
    try:
        read = datetime.datetime.strptime(text(value), form)
    except ValueError:
        return None
    return read.replace(tzinfo=datetime.timezone.utc).timestamp()


SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def relative_time(context, value, specifier):
    """`-5m@m`: so much earlier, snapped down to the unit."""
    match = re.fullmatch(r"([+-]\d+)([smhdw])(?:@([smhd]))?", specifier)
    if not match:
        raise Unclear(f"relative_time with {specifier!r}")
    moved = number(value, context) + int(match[1]) * SPANS[match[2]]
    return moved // SPANS[match[3]] * SPANS[match[3]] if match[3] else moved
