"""Rules, what is printed for them, and the events that tell whether it is right."""

import functools
import json
import re
from typing import NamedTuple

from setting import BINARY, rows, run

# Letters that a lower-case normalizer, ES|QL and the reference make different things of.
ODD_CASE = re.compile("[İıſςǅǈǋǲ]")


class Output(NamedTuple):
    """What is printed for a rule."""

    query: str
    fidelity: str
    warnings: set


def queries(target, files, options=()):
    """Path to its only query; rules with several, and refused ones, are left out and counted."""
    found, refused = {}, 0
    for start in range(0, len(files), 1000):
        part = files[start : start + 1000]
        done = run([BINARY, "convert", "--json", "-t", target, *options, *part])
        for line in rows(done.stdout):
            one = json.loads(line)
            if "error" in one:
                refused += 1
            elif len(one["queries"]) == 1 and len(one["rules"]) == 1:
                if "case=mapped" in options and ODD_CASE.search(one["queries"][0]):
                    continue
                warnings = {diagnostic["code"] for diagnostic in one["diagnostics"]}
                found[one["path"]] = Output(one["queries"][0], one["rules"][0]["fidelity"], warnings)
    return found, refused


@functools.cache
def witnesses(path):
    done = run([BINARY, "witness", "--limit", "24", path])
    return [json.loads(line) for line in rows(done.stdout)]


def flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, name)
    elif value is not None:
        yield name, value


def text(value):
    """A value as a keyword field has it."""
    return value if isinstance(value, str) else json.dumps(value)


def fields_of(event, form=text):
    """An event as an index has it: names, and a list of values for each."""
    fields = {}
    for name, value in flat(event["event"]):
        fields.setdefault(name, []).append(form(value))
    return fields


# Tests of whether there is a field at all.
EXISTS = re.compile(r"_exists_|null|NULL|: \*( |\)|$)")


def stored(query, event):
    """Can an index hold the event so that the reference's answer is to be expected?"""
    # A null is not indexed, so that nothing tells it from a missing field.
    if EXISTS.search(query) and None in event["event"].values():
        return False
    # The evaluators take a field for an address where it is compared with a network's text, and an
    # address is no network.
    texts = [value for value in event["event"].values() if isinstance(value, str)]
    if any(re.fullmatch(r"[0-9a-fA-F.:]+/\d+", value) for value in texts):
        return False
    # A boolean field takes no text but `true` and `false`; a great number is no keyword's text.
    great = any(isinstance(v, float) and abs(v) >= 2**63 for v in event["event"].values())
    return not great and event["about"].split(": ")[-1] != "as capitalized text"


def single_valued(query, path, fold=str):
    """Events whose fields have one value each, as no comparison of these languages takes more."""
    for event in witnesses(path):
        fields = fields_of(event)
        if stored(query, event) and all(len(values) == 1 for values in fields.values()):
            yield event, {name: fold(texts[0]) for name, texts in fields.items()}
