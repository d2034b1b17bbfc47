"""Commands that take a row at a time (Search Reference, each command's page). A command is a function
of rows, its arguments, the context and the language."""

import functools
import re

from . import pcre
from .evaluation import evaluated, is_true
from .expressions import parsed
from .lexing import expression_text, field_name, names, split
from .readings import NotTaken, Unclear
from .search import found
from .values import number, several


def where(rows, rest, context, language):
    """Rows for which the expression is true."""
    tree = parsed(rest, language)
    return [row for row in rows if is_true(tree, row, context)]


ASSIGNMENT = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\w+)\s*=(?!=)(.*)", re.S)


@functools.lru_cache(maxsize=1024)
def assignments(rest, language):
    made = []
    for part in split(rest, ",", slashes=language == "spl2"):
        match = ASSIGNMENT.fullmatch(part)
        if not match:
            raise NotTaken(f"not an assignment: {part!r}")
        name = field_name(match[1]) if match[1][0] in "\"'" else match[1]
        made.append((name, parsed(match[2], language)))
    return made


def assign(rows, rest, context, language):
    """`eval`: one after the other; nothing clears the field (*null()*), and a truth can't be assigned
    (*eval*, General)."""
    for name, tree in assignments(rest, language):
        for row in rows:
            value = evaluated(tree, row, context)
            if isinstance(value, bool):
                raise NotTaken("a field that is a truth")
            if value is None:
                row.pop(name, None)
            else:
                row[name] = value
    return rows


def regex(rows, rest, context, language):
    """`regex field="…"`, `!=`: rows whose field matches, or does not; `_raw` without a field. A row
    without the field matches neither (*regex*)."""
    match = re.fullmatch(r'(?:(?P<field>[^\s=!"]+|"[^"]+")\s*(?P<sign>!?=)\s*)?(?P<text>"(?:[^"\\]|\\.)*")', rest, re.S)
    if not match:
        raise NotTaken(f"regex {rest}")
    field = (match["field"] or "_raw").strip('"')
    expression, wanted = expression_text(match["text"]), match["sign"] != "!="
    kept = []
    for row in rows:
        values = several(row.get(field))
        if values and any(pcre.search(expression, str(value)) for value in values) == wanted:
            kept.append(row)
    return kept


def rex(rows, rest, context, language):
    """`rex field=F "(?<name>…)"`: named groups become fields (*rex*)."""
    match = re.fullmatch(r'(?:field=(?P<field>[^\s"]+|"[^"]+")\s+)?(?P<text>"(?:[^"\\]|\\.)*")', rest, re.S)
    if not match:
        raise NotTaken(f"rex {rest}")
    field = (match["field"] or "_raw").strip('"')
    expression = expression_text(match["text"])
    for row in rows:
        for value in several(row.get(field))[:1]:
            taken = pcre.search(expression, str(value))
            if taken:
                row.update({name: part for name, part in taken.groupdict().items() if part is not None})
    return rows


def search(rows, rest, context, language):
    """`search` after a pipe filters what comes (*search*, Using the search command later)."""
    test = found(rest)
    return [row for row in rows if test(row, context)]


def fields(rows, rest, context, language):
    """`fields a, b` keeps, `fields - a*` takes away; `_time` and `_raw` stay unless they are named to
    go (*fields*)."""
    if not rest.startswith("- "):
        kept = {*names(rest.removeprefix("+ ")), "_time", "_raw"}
        return [{name: value for name, value in row.items() if name in kept} for row in rows]
    gone = [re.compile(name.replace("*", ".*")) for name in names(rest[2:])]
    return [{k: v for k, v in row.items() if not any(one.fullmatch(k) for one in gone)} for row in rows]


def table(rows, rest, context, language):
    """The named fields, in their order, and no others (*table*)."""
    wanted = names(rest)
    return [{name: row[name] for name in wanted if name in row} for row in rows]


def rename(rows, rest, context, language):
    """`rename a AS b`: a field that has the name already is lost (*rename*)."""
    for part in split(rest, ","):
        match = re.fullmatch(r"(\S+|\"[^\"]+\")\s+(?:AS|as)\s+(\S+|\"[^\"]+\")", part)
        if not match:
            raise NotTaken(f"rename {part}")
        old, new = (name.strip('"') for name in match.groups())
        for row in rows:
            row.pop(new, None)
            if old in row:
                row[new] = row.pop(old)
    return rows


def dedup(rows, rest, context, language):
    """The first row of each combination of values; rows without one of the fields go (*dedup*)."""
    wanted, seen, kept = names(rest), set(), []
    for row in rows:
        if all(name in row for name in wanted):
            key = tuple(str(row[name]) for name in wanted)
            if key not in seen:
                seen.add(key)
                kept.append(row)
    return kept


def head(rows, rest, context, language):
    return rows[: int(rest or 10)]


def mvexpand(rows, rest, context, language):
    """A row for each value of a field (*mvexpand*). Of a row without the field nothing is said."""
    [field] = names(rest)
    if any(field not in row for row in rows):
        raise Unclear("mvexpand of a field that is missing")
    return [{**row, field: value} for row in rows for value in several(row[field])]


def bucket(rows, rest, context, language):
    """`bin _time span=60s`: the start of the span that a time lies in (*bin*). In SPL2 options come
    before the field (SPL2 Search Reference, *bin*)."""
    form = {"spl": r"_time\s+span=(\d+)([smhd])", "spl2": r"span=(\d+)([smhd])\s+_time"}[language]
    match = re.fullmatch(form, rest)
    if not match:
        raise NotTaken(f"bin {rest}")
    span = int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
    for row in rows:
        row["_time"] = number(row["_time"], context) // span * span
    return rows


def addinfo(rows, rest, context, language):
    """The search's own time range as fields (*addinfo*)."""
    for row in rows:
        row["info_max_time"] = context.latest
    return rows


def convert(rows, rest, context, language):
    """`convert timeformat="…" ctime(field)`: a time as a text (*convert*); which one does not matter
    to what is found."""
    match = re.fullmatch(r'timeformat="[^"]*"\s+ctime\((\w+)\)', rest)
    if not match:
        raise NotTaken(f"convert {rest}")
    for row in rows:
        if match[1] in row:
            row[match[1]] = str(row[match[1]])
    return rows


def fillnull(rows, rest, context, language):
    """`fillnull value="…" a b`: a value for fields that are missing (*fillnull*)."""
    match = re.fullmatch(r'(?:value=("[^"]*"|\S+)\s+)?(.+)', rest, re.S)
    for row in rows:
        for name in names(match[2]):
            row.setdefault(name, (match[1] or "0").strip('"'))
    return rows


COMMANDS = {
    "addinfo": addinfo,
    "bin": bucket,
    "convert": convert,
    "dedup": dedup,
    "eval": assign,
    "fields": fields,
    "fillnull": fillnull,
    "head": head,
    "mvexpand": mvexpand,
    "regex": regex,
    "rename": rename,
    "rex": rex,
    "search": search,
    "table": table,
    "where": where,
}
# What may stand in a branch of `multisearch`: commands that stream (*multisearch*; *Command types*).
STREAMING = {"addinfo", "convert", "eval", "fields", "fillnull", "mvexpand", "regex", "rename", "rex", "search", "where"}
