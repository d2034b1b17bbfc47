#!/usr/bin/env python3
"""Do searches of IBM QRadar say what the rules do?

    tests/engines/qradar/run.py [--show N] [--every N]

There is no QRadar here. `aql.py` reads and evaluates searches by the documentation of AQL: each rule's witness
events must get the reference's answers in every reading that the documentation leaves open; a broader query may
find more, a narrower one less. The rules are those of tests/cases and, where it lies beside the checkout (or at
CORPUS), ../shared/corpus/sigmahq. With the pipeline `qradar-aql-fields` searches are only read. Values made of the
language's own signs have to stay in their literals. Ends with exit code 1 where a search is not read or an
answer is wrong.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import sys
import tempfile

import aql

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from place import BINARY, SAMPLED, asked_rules, build, options, rows, run  # noqa: E402

SIGNS = ["'", "''", '"', "\\", "%", "_", "--", "/*", "\n", "\r", "\0", "\x85", "\u2028", " OR ", "(", ")", "[", "]", "$", "^", "{", "\\E", "#", "&&", "-", "?", "*", "a", "Ä"]


def searches(files, *more):
    """Path to its only search and fidelity; rules with several, and refused ones, are left out."""
    found = {}
    for start in range(0, len(files), 1000):
        done = run([BINARY, "convert", "--json", "-t", "qradar", *more, *files[start : start + 1000]])
        for line in rows(done.stdout):
            one = json.loads(line)
            if len(one.get("queries") or []) == 1 and len(one["rules"]) == 1:
                found[one["path"]] = (one["queries"][0], one["rules"][0]["fidelity"])
    return found


def flat(value, name=""):
    """Names and texts."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def is_kept(value):
    """A property has one text or none, and a number as it was written, which Python tells of whole ones alone."""
    if isinstance(value, dict):
        return all(map(is_kept, value.values()))
    return value is not None and not isinstance(value, (list, float))


def wrong(tree, path, fidelity):
    """How many witnesses were asked, and the first wrong answer."""
    lines = rows(run([BINARY, "witness", "--limit", "24", path]).stdout)
    events = [witness for witness in map(json.loads, lines) if is_kept(witness["event"])]
    for witness in events:
        event = dict(flat(witness["event"]))
        for reading in aql.READINGS:
            answer = aql.passes(tree, event, reading) or False
            if answer == witness["matches"] or fidelity in ("approximate", "broader" if answer else "narrower"):
                continue
            said = "a hit" if answer else "no hit"
            return len(events), f"{said}, expected otherwise: {witness['about']}: {reading}: {json.dumps(event)[:300]}"
    return len(events), None


def escaped():
    """What of values made of signs is no single test, or does not find the value."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        values = {}
        for number in range(900):
            value = "".join(dice.choices(SIGNS, k=dice.randint(1, 6)))
            path = pathlib.Path(folder, f"{number}.yml")
            field = dice.choice(["f", "f|contains", "f|startswith", "f|endswith", "f|cased", "f|contains|cased"])
            # YAML reads JSON; Sigma has a backslash in front of what is no wildcard.
            written = "".join("\\" + sign if sign in "\\*?" else sign for sign in value)
            rule = {"title": "t", "logsource": {"category": "x"}, "detection": {"s": {field: written}, "condition": "s"}}
            path.write_text(json.dumps(rule), "utf-8")
            values[str(path)] = value
        found = searches(list(values))
        for path, value in values.items():
            query = found.get(path, ("no search",))[0]
            try:
                tree = aql.read(query)
            except aql.Invalid as invalid:
                yield query, str(invalid)
                continue
            answers = [aql.passes(tree, {"f": value}, reading) for reading in aql.READINGS]
            others = [aql.passes(tree, {"f": f"{value[:-1]}~~"}, reading) for reading in aql.READINGS]
            if tree[0] not in ("compare", "matches") or not all(answers) or any(others):
                yield query, f"it does not find {value!r}, or others"


def main():
    parser = options(__doc__)
    parser.set_defaults(every=10 if SAMPLED else 1)
    arguments = parser.parse_args()
    build()
    cases, corpus = asked_rules(arguments.every)
    found, problems, asked = searches(cases + corpus), [], 0
    trees = {}
    mapped = searches(corpus, "-p", "qradar-aql-fields")
    for path, (query, fidelity) in [*found.items(), *mapped.items()]:
        try:
            tree = aql.read(query)
        except aql.Invalid as invalid:
            problems.append((path, query, str(invalid)))
        else:
            trees.setdefault(path, (tree, path, fidelity))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        told = [trees[path] for path in found if path in trees]
        for (count, problem), (_, path, _) in zip(pool.map(lambda one: wrong(*one), told), told):
            asked += count
            if problem:
                problems.append((path, found[path][0], problem))
    problems += [("a value of signs", *problem) for problem in escaped()]
    print(f"qradar: {len(found)} searches, {len(mapped)} with the pipeline, {asked} events asked, {len(problems)} wrong")
    for path, query, problem in problems[: arguments.show]:
        print(f"  {path}\n    {query[:400]}\n    {problem}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
