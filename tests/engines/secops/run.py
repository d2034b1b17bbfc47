#!/usr/bin/env python3
"""Do searches of Google SecOps say what the rules do?

    tests/engines/secops/run.py [--show N] [--every N]

There is no SecOps here. `udm.py` reads and evaluates searches by the documentation of the language: each
rule's witness events must get the reference's answers; a broader query may find more, a narrower one less.
The rules are those of tests/cases and, where it lies beside the checkout (or at CORPUS),
../shared/corpus/sigmahq. With the pipeline `secops_udm` searches are only read. Values
made of the language's own signs have to stay in their literals. Ends with exit code 1 where a search is not
read or an answer is wrong.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import sys
import tempfile

import udm

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from place import BINARY, SAMPLED, asked_rules, build, options, rows, run  # noqa: E402

SIGNS = ["\"", "\\", "/", "//", "/*", "\n", "\r", "\0", "\x85", "\u2028", " nocase", " OR ", "(", ")", "[", "$", "^", "{", "a", "Ä", "'", "`"]

def searches(files, *more):
    """Path to its only search and fidelity; rules with several, and refused ones, are left out."""
    found = {}
    for start in range(0, len(files), 1000):
        done = run([BINARY, "convert", "--json", "-t", "secops", *more, *files[start : start + 1000]])
        for line in rows(done.stdout):
            one = json.loads(line)
            if len(one.get("queries") or []) == 1 and len(one["rules"]) == 1:
                found[one["path"]] = (one["queries"][0], one["rules"][0]["fidelity"])
    return found


def flat(value, name=""):
    """Names and texts: a list is a repeated field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, name)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def event_of(witness):
    event = {}
    for name, text in flat(witness["event"]):
        event.setdefault(name, []).append(text)
    return event


def is_kept(witness):
    """A field of text has a number as it was written, which Python's JSON tells of whole numbers alone."""
    return not any(isinstance(value, float) for value in witness["event"].values())


def wrong(tree, path, fidelity):
    """How many witnesses were asked, and the first wrong answer."""
    lines = rows(run([BINARY, "witness", "--limit", "24", path]).stdout)
    events = [witness for witness in map(json.loads, lines) if is_kept(witness)]
    for witness in events:
        answer = udm.passes(tree, event_of(witness))
        if answer == witness["matches"] or fidelity in ("approximate", "broader" if answer else "narrower"):
            continue
        said = "a hit" if answer else "no hit"
        return len(events), f"{said}, expected otherwise: {witness['about']}: {json.dumps(witness['event'])[:300]}"
    return len(events), None


def escaped():
    """What of values made of signs is no single test, or does not find the value."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        values = {}
        for number in range(600):
            value = "".join(dice.choices(SIGNS, k=dice.randint(1, 6)))
            path = pathlib.Path(folder, f"{number}.yml")
            field = "f" + dice.choice(["", "|contains", "|startswith", "|endswith", "|cased"])
            # YAML reads JSON; a backslash in front of a backslash is one in Sigma, too.
            detection = {"s": {field: value.replace("\\", "\\\\")}, "condition": "s"}
            rule = {"title": "t", "logsource": {"category": "x"}, "detection": detection}
            path.write_text(json.dumps(rule), "utf-8")
            values[str(path)] = value
        found = searches(list(values))
        for path, value in values.items():
            query = found.get(path, ("no search",))[0]
            try:
                tree = udm.read(query)
            except udm.Invalid as invalid:
                yield query, str(invalid)
                continue
            if tree[0] not in ("text", "regex") or not udm.passes(tree, {"f": [value]}):
                yield query, f"it does not find {value!r}"


def main():
    parser = options(__doc__)
    parser.set_defaults(every=10 if SAMPLED else 1)
    arguments = parser.parse_args()
    build()
    cases, corpus = asked_rules(arguments.every)
    found, problems, asked = searches(cases + corpus), [], 0
    trees = {}
    mapped = searches(corpus, "-p", "secops_udm")
    for path, (query, fidelity) in [*found.items(), *mapped.items()]:
        try:
            trees.setdefault(path, (udm.read(query), path, fidelity))
            udm.read(query)
        except udm.Invalid as invalid:
            problems.append((path, query, str(invalid)))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        told = [trees[path] for path in found if path in trees]
        for (count, problem), (_, path, _) in zip(pool.map(lambda one: wrong(*one), told), told):
            asked += count
            if problem:
                problems.append((path, found[path][0], problem))
    problems += [("a value of signs", *problem) for problem in escaped()]
    print(f"secops: {len(found)} searches, {len(mapped)} with the pipeline, {asked} events asked, {len(problems)} wrong")
    for path, query, problem in problems[: arguments.show]:
        print(f"  {path}\n    {query[:400]}\n    {problem}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
