"""Do the queries of rules over single events find what the rules match?

In: rule files, and how they are converted. Each rule's witness events, and changed ones (a field
missing, null, empty, in other case, of several values, a number as a text), are asked of its query by
each reading of what the documentation leaves open. Out: a `Report`.
"""

import collections
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from spl import configuration, pcre, values
from spl.pipeline import Search, answers
from spl.pipeline import Context as SearchContext
from spl.readings import NotTaken, Unclear

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.append(str(ROOT / "tests" / "engines"))
import proof

BUILT = "VARSIGMA_BUILT" in os.environ
BINARY = os.environ.get("VARSIGMA") or ROOT / "target" / ("release" if BUILT else "debug") / "varsigma"
# What is open, so that an answer that is wrong by some reading is counted and does not fail. Of all other
# points, "null" above all, each reading has to give the rule's answer.
COUNTED = {"several values", "digits", "network", "number forms", "empty value"}
# Correlations are asked by correlations.py, and a filter among the cases would apply to all of them.
LINKED = re.compile(r"^(?:correlation|filter):", re.MULTILINE)
AGGREGATED = re.compile(r"\|\s*(?:count|sum|min|max|avg|near)\b")


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def lines(text):
    """Lines; `splitlines` knows other ends of lines than these, which JSON may hold."""
    return [line for line in text.split("\n") if line]


def of_single_events(folder):
    """The rules of a folder, in order, that are over single events."""
    return [str(rule) for rule in sorted(folder.rglob("*.yml")) if not LINKED.search(rule.read_text("utf-8"))]


class Way:
    """A way to convert rules: its name, the language of the queries, options, pipelines."""

    def __init__(self, name, target, form="default", options=(), pipelines=()):
        self.name, self.target, self.form = name, target, form
        self.language = "spl2" if target == "spl2" else "spl"
        self.pipelines = [word for pipeline in pipelines for word in ("-p", pipeline)]
        self.options = ["-f", form, *(word for option in options for word in ("-O", option)), *self.pipelines]

    def queries(self, files):
        """{path: (queries, fidelity)} of files with one rule, and how many rules are refused."""
        found, refused = {}, 0
        for start in range(0, len(files), 1000):
            command = [BINARY, "convert", "--json", "-t", self.target, *self.options]
            done = run([*command, *files[start : start + 1000]])
            for line in lines(done.stdout):
                one = json.loads(line)
                if "error" in one:
                    refused += 1
                elif one["queries"] and len(one["rules"]) == 1:
                    found[one["path"]] = (one["queries"], one["rules"][0]["fidelity"])
        return found, refused


# ---- Events --------------------------------------------------------------------------------------


def changed(value):
    """What becomes of a field with a value: (how, [value]), or without one where the field goes."""
    yield "is missing", []
    yield "is null", [None]
    yield "is empty", [""]
    if isinstance(value, str):
        yield "has other case", [value.swapcase()]
        yield "has a blank more", [value + " "]
        yield "has a line end more", [value + "\n"]
        yield "is in front of another", [[value, "another"]]
        yield "comes after another", [["another", value]]
        if re.fullmatch(r"-?(0|[1-9]\d{0,14})", value):
            yield "is a number", [int(value)]
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield "is a text", [json.dumps(value)]
        yield "is one of two", [[value, 7919]]


def changes(events):
    """(about, event): each event with one field changed in each way; the fields take turns."""
    for number, event in enumerate(events):
        names = [name for name, value in event.items() if not isinstance(value, (dict, list))]
        if not names:
            continue
        name = names[number % len(names)]
        for how, values_of_it in changed(event[name]):
            made = {other: value for other, value in event.items() if other != name}
            yield f"{name} {how}", {**made, **{name: value for value in values_of_it}}


def expected(path, events, pipelines):
    """The rule's own answers to events, by the reference."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps({"event": event, "matches": True, "about": ""}) + "\n" for event in events)
        file.flush()
        done = run([BINARY, "test", "--json", *pipelines, path, "--events", file.name])
    verdict = json.loads(lines(done.stdout)[0])
    # Where a claim is wrong it says so, which is an error to it.
    if verdict["tested"] != len(events):
        raise RuntimeError(f"{path}: {verdict['tested']} of {len(events)} events tested: {done.stderr}")
    matched = {event["number"] for event in verdict["events"] if event["matches"]}
    return [number in matched for number in range(1, len(events) + 1)]


def without_nulls(event):
    return {name: value for name, value in event.items() if value is not None}


@functools.lru_cache(maxsize=8)
def events_of(path, pipelines):
    """(about, event, the rule's answer) of a rule. Where a rule tells a null from a field that is
    missing, the events with nulls are left out: to Splunk both are no value."""
    done = run([BINARY, "witness", "--limit", "24", *pipelines, path])
    witnesses = [json.loads(line) for line in lines(done.stdout)]
    found = [(one["about"], one["event"]) for one in witnesses]
    found += list(changes([event for _, event in found]))
    if not found:
        return []
    events = [event for _, event in found]
    wanted = expected(path, events, pipelines)
    wrong = [one for one, answer in zip(witnesses, wanted) if one["matches"] != answer]
    if wrong:
        raise RuntimeError(f"{path}: a witness that test judges otherwise: {wrong[0]}")
    same = wanted
    if any(None in event.values() for event in events):
        same = expected(path, [without_nulls(event) for event in events], pipelines)
    return [(about, event, answer) for (about, event), answer, other in zip(found, wanted, same) if answer == other]


def raw(event):
    """An event with its text, which keywords are looked for in: its own, or the values of its fields,
    a line each, as a log that names no fields has them."""
    if "_raw" in event:
        return event
    texts = [str(value) for held in values.row(event).values() for value in values.several(held)]
    return {**event, "_raw": "\n".join(texts)}


# ---- Asking --------------------------------------------------------------------------------------


def allowed(answer, wanted, fidelity):
    return answer == wanted or fidelity == "approximate" or fidelity == ("broader" if answer else "narrower")


def asked(queries, event, language):
    """By each reading: does one of a rule's queries find the event? And on what that depends."""
    row = values.row(raw(event))
    each, points = [], set()
    for query in queries:
        found, depends = answers(query, row, language)
        each.append(found)
        points |= depends
    keys = {key for one in each for key in one}
    return {key: any(one.get(key, one[()]) for one in each) for key in keys}, points


# A number that is not written with as few characters as it takes.
OTHER_FORM = re.compile(r"-?\d+\.\d*0|.*\d[eE][+-]?\d+|-?0\d.*|-?\d+\.|-?\.\d+|\+.*")


def excuses(event, points):
    """Why an answer by the usual reading may be wrong."""
    held = [value for held in values.row(event).values() for value in values.several(held)]
    if "several values" in points:
        yield "several values"
    # A keyword of a rule is in one value; in the text of an event it may reach from one into another,
    # and where a line begins depends on the log.
    if "raw text" in points and len(held) != 1 and "_raw" not in event:
        yield "raw text"
    # A rule's number is written in one way. A search compares texts, so that 1000.0 is not 1000; `where`
    # and SPL2 compare numbers, so that 1.50 is 1.5.
    if any(OTHER_FORM.fullmatch(value) for value in held):
        yield "number forms"


def judged(queries, fidelity, event, wanted, language):
    """What is wrong with the answers, or nothing; and the open points on which they depend."""
    found, points = asked(queries, event, language)
    bad = [key for key, answer in found.items() if not allowed(answer, wanted, fidelity)]
    counted = {key[0] for key in bad if key and key[0] in COUNTED}
    wrong = [key for key in bad if not key or key[0] not in COUNTED]
    if not wrong:
        return None, counted
    excused = set(excuses(event, points))
    if excused:
        return None, excused
    by = " ".join(wrong[0]) or "the usual reading"
    return f"{'a hit' if not wanted else 'no hit'} by {by}, expected otherwise", counted


class Result:
    """What came of a rule's questions."""

    def __init__(self):
        self.questions, self.problems, self.open, self.without_pcre = 0, [], collections.Counter(), 0

    def add(self, problem, query):
        self.problems.append((problem, query))


def of_rule(job):
    """Asks a rule's queries, one way to convert it after the other: [(name, Result), …]."""
    path, ways = job
    return [(name, one_way(path, *way)) for name, *way in ways]


def one_way(path, queries, fidelity, language, pipelines):
    result = Result()
    if AGGREGATED.search(pathlib.Path(path).read_text("utf-8")):
        # What it counts is no matter of single events: the query has to be taken.
        try:
            for query in queries:
                search = Search([], SearchContext())
                search.run(query) if language == "spl" else search.run2(query)
        except (NotTaken, Unclear) as error:
            result.add(f"{type(error).__name__}: {error}", queries[0])
        return result
    for about, event, wanted in events_of(path, tuple(pipelines)):
        try:
            problem, counted = judged(queries, fidelity, event, wanted, language)
        except (NotTaken, Unclear) as error:
            problem, counted = f"{type(error).__name__}: {error}", ()
        except pcre.NoPcre:
            result.without_pcre += 1
            continue
        result.questions += 1
        result.open.update(counted)
        if problem:
            result.add(f"{problem}: {about}: {json.dumps(event)}", queries[0])
    return result


class Report:
    """The results of one way to convert rules."""

    def __init__(self, name, refused):
        self.name, self.refused = name, refused
        self.queries = self.questions = self.wrong = self.without_pcre = 0
        self.open, self.bad = collections.Counter(), []

    def add(self, path, result):
        self.queries += 1
        self.questions += result.questions
        self.wrong += len(result.problems)
        self.open += result.open
        self.without_pcre += bool(result.without_pcre)
        if result.problems:
            self.bad.append((path, *result.problems[0], len(result.problems)))

    def done(self, show):
        left = "".join(f", {count} open ({point})" for point, count in sorted(self.open.items()))
        print(
            f"{self.name}: {self.queries} queries, {self.questions} questions, {self.wrong} answered wrongly"
            f"{left}; {self.refused} rules refused",
            flush=True,
        )
        target = "splunk_spl2" if "spl2" in self.name.lower() else "splunk"
        proof.tell(target, "evaluated", "a reader of Splunk's documentation", self.queries, self.questions, self.wrong)
        for path, problem, query, count in self.bad[:show]:
            print(f"  {path} ({count})\n    {query[:400]}\n    {problem[:400]}")
        if self.without_pcre:
            print(f"NOT RUN: {self.name}: {self.without_pcre} queries with regular expressions: pip can't install pcre2")
        return not self.wrong


def saved(text, queries):
    """What is wrong with the searches of a savedsearches.conf; they have to be the queries themselves,
    for a line that goes on keeps its words."""
    try:
        found = configuration.stanzas(text)
    except NotTaken as error:
        return str(error)
    searches = [settings["search"] for _, settings in found if "search" in settings]
    words = lambda search: re.sub(r"\s*\n\s*", " ", search)
    if [words(search) for search in searches] != [words(query) for query in queries]:
        return f"the file has {searches}"
    if any(set(settings) - {"search", "description", "dispatch.earliest_time", "dispatch.latest_time"} for _, settings in found):
        return f"settings that nothing wrote: {found}"
    return None
