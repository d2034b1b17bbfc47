"""`stats`, `eventstats`, `streamstats`, `tstats` and `sort`."""

import re

from .aggregates import aggregates, grouped
from .readings import NotTaken, Unclear
from .search import found
from .values import number, several

# `max_stream_window` and `maxresultrows` of *limits.conf*, by default.
MOST_ROWS = 10000


def key(value):
    """What a group is known by: texts by their letters, with regard to case; numbers by what they are."""
    return str(value) if isinstance(value, str) else repr(float(value))


def stats(rows, rest, context, language):
    """A row for each group (*stats*). Rows without one of the fields of BY are in no group. Groups
    come in no order that a page names, so they are shuffled, unless the functions need one."""
    part, fields = grouped(rest)
    wanted, groups = aggregates(part, language), {}
    for row in rows:
        if any(row.get(field) is None for field in fields):
            continue
        if any(isinstance(row[field], list) for field in fields):
            raise Unclear("stats BY a field of several values")
        groups.setdefault(tuple(key(row[field]) for field in fields), []).append(row)
    out = []
    for members in groups.values():
        made = {field: members[0][field] for field in fields}
        for one in wanted:
            value = one.of(members, context)
            if value is not None:
                made[one.name] = value
        out.append(made)
    if not any(one.function in ("first", "last") for one in wanted):
        context.shuffle(out)
    return out


def eventstats(rows, rest, context, language):
    """The aggregates of its group at each row (*eventstats*). Of a row without a field of BY nothing
    is said."""
    part, fields = grouped(rest)
    wanted, groups = aggregates(part, language), {}
    for row in rows:
        if any(row.get(field) is None for field in fields):
            raise Unclear("eventstats BY a field that is missing")
        groups.setdefault(tuple(key(row[field]) for field in fields), []).append(row)
    for members in groups.values():
        for one in wanted:
            value = one.of(members, context)
            for row in members:
                put(row, one.name, value)
    return rows


def put(row, name, value):
    if value is None:
        row.pop(name, None)
    else:
        row[name] = value


def streamstats(rows, rest, context, language):
    """The aggregates of the rows up to each row (*streamstats*): the last `window` of them, with
    `global=false` those of the group; with `time_window` those of so long before, in order of time;
    with `current=false` without the row itself."""
    options = {"current": "true", "window": "0", "global": "true"}
    while match := re.match(r"(current|window|global|time_window)=(\w+)\s+", rest):
        options[match[1]] = match[2]
        rest = rest[match.end() :]
    part, fields = grouped(rest)
    window = int(options["window"])
    if window > MOST_ROWS:
        raise Unclear(f"a window of more than {MOST_ROWS} rows")
    if window and fields and options["global"] != "false":
        raise Unclear("a window over the rows of all groups")
    wanted, seen = aggregates(part, language), {}
    span = seconds(options["time_window"]) if "time_window" in options else None
    for row in rows:
        if any(row.get(field) is None for field in fields):
            raise Unclear("streamstats BY a field that is missing")
        members = seen.setdefault(tuple(key(row[field]) for field in fields), [])
        if options["current"] == "true":
            members.append(dict(row))
        within = members[-window:] if window else members
        if span is not None:
            within = of_time(members, row["_time"], span, context)
        made = [(one.name, one.of(within, context)) for one in wanted]
        if options["current"] == "false":
            members.append(dict(row))
        for name, value in made:
            put(row, name, value)
    return rows


def seconds(span):
    match = re.fullmatch(r"(\d+)([smhdw])", span)
    if not match:
        raise NotTaken(f"a span: {span}")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[match[2]]


def of_time(members, now, span, context):
    """The rows of a time window, of which there are no more than 10,000 (*streamstats*, time_window)."""
    times = [member["_time"] for member in members]
    if times != sorted(times):
        raise NotTaken("a time window over rows that are in no order of time")
    within = [member for member in members if now - member["_time"] < span]
    edge = [member for member in members if now - member["_time"] == span]
    if edge and context.reads("window end") == "inside":
        within = edge + within
    return within[-MOST_ROWS:]


def sort(rows, rest, context, language):
    """`sort 0 a, -b`: all rows, for 0 is no limit; numbers by their size, other values by their letters
    (*sort*). Rows that are equal come in any order."""
    match = re.fullmatch(r"0\s+(.*)", rest, re.S)
    if not match:
        raise NotTaken(f"sort {rest}")
    rows = list(rows)
    context.shuffle(rows)
    for field in reversed(match[1].split(",")):
        field = field.strip()
        name = field.lstrip("-+")
        values = [number(row.get(name), context) for row in rows]
        if None in values:
            raise Unclear(f"sort by {name}, which is missing, or no number")
        rows.sort(key=lambda row: number(row[name], context), reverse=field.startswith("-"))
    return rows


TSTATS = re.compile(
    r"(?P<options>(?:\w+=(?:\"[^\"]*\"|\w+)\s+)*)(?P<aggregates>.*?)\s+from\s+datamodel=(?P<model>[\w.]+)"
    r"\s+where\s+(?P<where>.*)\s+by\s+(?P<by>[\w.\s]+)",
    re.S,
)


def tstats(events, rest, context, language):
    """`tstats … from datamodel=M where … by …`: rows of groups of the model's events (*tstats*). The
    conditions are those of a search, without expressions. A row without a field of `by` is in no
    group, unless `fillnull_value` names a value for it."""
    match = TSTATS.fullmatch(rest)
    if not match:
        raise NotTaken(f"tstats {rest}")
    options = dict(re.findall(r"(\w+)=(\"[^\"]*\"|\w+)", match["options"]))
    test, by = found(match["where"]), match["by"].split()
    rows = [dict(event) for event in events if test(event, context)]
    if "fillnull_value" in options:
        for row in rows:
            for name in by:
                row.setdefault(name, options["fillnull_value"].strip('"'))
    # A row for each value of a field of several, as `stats` makes them; no page says it of a model.
    for name in by:
        if any(isinstance(row.get(name), list) for row in rows):
            context.notes("several values")
        rows = [{**row, name: value} for row in rows for value in several(row.get(name)) or [None]]
    return stats(rows, f"{match['aggregates']} BY {', '.join(by)}", context, language)


STATISTICS = {"eventstats": eventstats, "sort": sort, "stats": stats, "streamstats": streamstats}
