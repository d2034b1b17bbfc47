"""Whole searches: `Search(events, context).run(query)` in SPL, `run2` in SPL2."""

import random
import re

from . import readings
from .commands import COMMANDS, STREAMING
from .evaluation import is_true
from .expressions import parsed
from .lexing import split, word
from .readings import NotTaken
from .search import found
from .statistics import STATISTICS, tstats


class Context(readings.Context):
    """A context with an order of rows where no page gives one."""

    def __init__(self, now=0, latest=0, taken=None, seed=0):
        super().__init__(now, latest, taken)
        self.random = random.Random(seed)

    def shuffle(self, rows):
        self.random.shuffle(rows)


class Search:
    def __init__(self, events, context):
        self.events, self.context = events, context

    def run(self, query):
        """A search of SPL. Pipes separate its commands, and the first is `search` unless it begins with
        a pipe (Search Reference, *search*, The implied search command)."""
        head, *commands = split(query, "|")
        if head:
            rows = self.searched(head)
        elif not commands:
            raise NotTaken("an empty search")
        else:
            rows = self.generated(*word(commands.pop(0)))
        return self.piped(rows, commands, "spl")

    def searched(self, head):
        test = found(re.sub(r"^search\s+", "", head))
        return [dict(event) for event in self.events if test(event, self.context)]

    def generated(self, name, rest):
        if name == "tstats":
            return tstats(self.events, rest, self.context, "spl")
        if name == "search":
            return self.searched(rest)
        if name != "multisearch":
            raise NotTaken(f"{name} does not generate events")
        branches = self.bracketed(rest)
        # At least two searches, each of which streams (*multisearch*).
        if len(branches) < 2:
            raise NotTaken("multisearch needs two searches")
        for branch in branches:
            for command in split(branch, "|")[1:]:
                if word(command)[0] not in STREAMING:
                    raise NotTaken(f"{command!r} does not stream")
        return [row for branch in branches for row in self.run(branch)]

    @staticmethod
    def bracketed(rest):
        """What is in each pair of brackets."""
        found_parts, rest = [], rest.strip()
        while rest:
            if not rest.startswith("["):
                raise NotTaken(f"expected a bracket: {rest[:40]!r}")
            for end in [match.end() for match in re.finditer(r"\]", rest)]:
                try:
                    split(rest[:end], "|")
                except NotTaken:
                    continue
                found_parts.append(rest[1 : end - 1].strip())
                rest = rest[end:].strip()
                break
            else:
                raise NotTaken("a bracket is not closed")
        return found_parts

    def piped(self, rows, commands, language):
        for command in commands:
            name, rest = word(command)
            if name == "append":
                # The rows of a subsearch come after the others (*append*).
                [inner] = self.bracketed(rest)
                rows = rows + (self.run(inner) if language == "spl" else self.run2(inner))
            elif name in COMMANDS:
                rows = COMMANDS[name](rows, rest, self.context, language)
            elif name in STATISTICS:
                rows = STATISTICS[name](rows, rest, self.context, language)
            elif re.fullmatch(r"`drop_dm_object_name\(\w+\)`", command.strip()):
                # A macro of the Common Information Model add-on: takes `Processes.` off the names.
                prefix = command.strip()[len("`drop_dm_object_name(") : -2] + "."
                rows = [{key.removeprefix(prefix): value for key, value in row.items()} for row in rows]
            else:
                raise NotTaken(f"unknown command `{name}`")
        return rows

    def run2(self, query):
        """A search of SPL2: `FROM dataset WHERE predicate | …`, or a statement of a module,
        `$name = …` (SPL2 Search Reference, *from*; SPL2 Search Manual, *Searches as statements*)."""
        query = re.sub(r"^\s*\$[A-Za-z_]\w*\s*=\s*", "", query)
        head, *commands = split(query, "|", slashes=True)
        match = re.fullmatch(r"FROM\s+([A-Za-z_]\w*|'(?:[^'\\]|\\.)+')(?:\s+WHERE\s+(.*))?", head, re.S)
        if not match:
            raise NotTaken(f"not a FROM: {head!r}")
        rows = [dict(event) for event in self.events]
        if match[2]:
            tree = parsed(match[2], "spl2")
            rows = [row for row in rows if is_true(tree, row, self.context)]
        return self.piped(rows, commands, "spl2")


def finds(query, row, context, language):
    """Does a query find this one event?"""
    search = Search([{"_time": 0, **row}], context)
    return bool(search.run(query) if language == "spl" else search.run2(query))


def answers(query, row, language):
    """Whether a query finds an event, by each reading of what the documentation leaves open:
    {(): answer, (point, reading): answer, …}, and the points on which the first depends."""
    context = Context()
    found_by = {(): finds(query, row, context, language)}
    for point in sorted(context.open & set(readings.POINTS)):
        for reading in readings.POINTS[point][1:]:
            found_by[point, reading] = finds(query, row, Context(taken={point: reading}), language)
    return found_by, context.open
