#!/usr/bin/env python3
"""Do queries for Cortex XDR say what the rules do?

    tests/engines/cortex/run.py [--show N] [--every N]

There is no Cortex here. `xql.py` reads and evaluates queries by the documentation of the language: each rule's
witness events must get the reference's answers; a broader query may find more, a narrower one less. The rules
are those of tests/cases and, where it lies beside the checkout (or at CORPUS), ../shared/corpus/sigmahq. With
the pipeline `cortex_xdr` queries are only read, but for some of the registry. Values made of the language's own
signs have to stay in their texts. Ends with exit code 1 where a query is not read or an answer is wrong.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import sys
import tempfile

import xql

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from place import BINARY, SAMPLED, asked_rules, build, options, rows, run  # noqa: E402

SIGNS = ["\"", "\\", "*", "?", "\"\"\"", "//", "/*", "\n", "\r", "\0", "\x85", "\u2028", " | ", " or ", "(", ")", "[", "$", "^", "a", "Ä", "'", "`"]
# A key, the name of a value of it, and what its `TargetObject` is tested for.
KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\Run"
REGISTRY = [
    ("b.exe", "TargetObject|endswith", "\\\\Run\\\\b.exe", True),
    ("b.exe", "TargetObject", "HKLM\\\\Software\\\\A\\\\Run\\\\B.EXE", True),
    ("b.exe", "TargetObject|contains", "\\\\A\\\\Run", True),
    ("b.exe", "TargetObject|endswith", "\\\\Run", False),
    ("", "TargetObject|endswith", "\\\\Run\\\\(Default)", True),
    ("", "TargetObject|contains", "\\\\A\\\\Run\\\\", True),
]


def queries(files, *more):
    """Path to its only query and fidelity; rules with several, and refused ones, are left out."""
    found = {}
    for start in range(0, len(files), 1000):
        done = run([BINARY, "convert", "--json", "-t", "cortex", *more, *files[start : start + 1000]])
        for line in rows(done.stdout):
            one = json.loads(line)
            if len(one.get("queries") or []) == 1 and len(one["rules"]) == 1:
                found[one["path"]] = (one["queries"][0], one["rules"][0]["fidelity"])
    return found


def flat(value, name=""):
    """Names and texts: no field is a list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def is_kept(witness):
    """No field is a list, and a null is a missing field. Python's JSON tells a number's text of whole ones alone."""
    return not any(value is None or isinstance(value, float | list) for value in witness["event"].values())


def wrong(tree, path, fidelity):
    """How many witnesses were asked, and the first wrong answer."""
    lines = rows(run([BINARY, "witness", "--limit", "24", path]).stdout)
    events = [witness for witness in map(json.loads, lines) if is_kept(witness)]
    for witness in events:
        for three in (False, True):
            answer = xql.passes(tree, dict(flat(witness["event"])), three)
            if answer == witness["matches"] or fidelity in ("approximate", "broader" if answer else "narrower"):
                continue
            said = "a hit" if answer else "no hit"
            return len(events), f"{said}, expected otherwise: {witness['about']}: {json.dumps(witness['event'])[:300]}"
    return len(events), None


def written(folder, number, source, field, value):
    # YAML reads JSON.
    path = pathlib.Path(folder, f"{number}.yml")
    rule = {"title": "t", "logsource": source, "detection": {"s": {field: value}, "condition": "s"}}
    path.write_text(json.dumps(rule), "utf-8")
    return str(path)


def escaped():
    """What of values made of signs is no single test, or does not find the value."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        values = {}
        for number in range(600):
            value = "".join(dice.choices(SIGNS, k=dice.randint(1, 6)))
            field = "f" + dice.choice(["", "|contains", "|startswith", "|endswith", "|cased"])
            # A backslash in front of a backslash or a wildcard is one in Sigma, too.
            literal = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
            values[written(folder, number, {"category": "x"}, field, literal)] = value
        found = queries(list(values))
        for path, value in values.items():
            query = found.get(path, ("no query",))[0]
            try:
                tree = xql.read(query)
            except xql.Invalid as invalid:
                yield query, str(invalid)
                continue
            if tree[1][0] not in ("=", "~=", "contains") or not xql.passes(tree, {"f": value}, True):
                yield query, f"it does not find {value!r}"


def keys():
    """Which tests of a key with a value's name have wrong answers."""
    event = {"event_type": "REGISTRY", "agent_os_type": "AGENT_OS_WINDOWS"}
    event |= {"action_registry_key_name": KEY, "event_sub_type": "REGISTRY_SET_VALUE"}
    with tempfile.TemporaryDirectory() as folder:
        source = {"product": "windows", "category": "registry_event"}
        files = [written(folder, at, source, *test[1:3]) for at, test in enumerate(REGISTRY)]
        found = queries(files, "-p", "cortex_xdr")
        for path, (name, _, _, expected) in zip(files, REGISTRY):
            query = found.get(path, ("no query",))[0]
            if xql.passes(xql.read(query), event | {"action_registry_value_name": name}, True) != expected:
                yield query, f"expected {expected}"


def main():
    parser = options(__doc__)
    parser.set_defaults(every=10 if SAMPLED else 1)
    arguments = parser.parse_args()
    build()
    cases, corpus = asked_rules(arguments.every)
    found, problems, asked = queries(cases + corpus), [], 0
    trees = {}
    mapped = queries(corpus, "-p", "cortex_xdr")
    for path, (query, fidelity) in [*found.items(), *mapped.items()]:
        try:
            trees.setdefault(path, (xql.read(query), path, fidelity))
            xql.read(query)
        except xql.Invalid as invalid:
            problems.append((path, query, str(invalid)))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        told = [trees[path] for path in found if path in trees]
        for (count, problem), (_, path, _) in zip(pool.map(lambda one: wrong(*one), told), told):
            asked += count
            if problem:
                problems.append((path, found[path][0], problem))
    problems += [("a value of signs", *problem) for problem in escaped()]
    problems += [("the registry", *problem) for problem in keys()]
    print(f"cortex: {len(found)} queries, {len(mapped)} with the pipeline, {asked} events asked, {len(problems)} wrong")
    for path, query, problem in problems[: arguments.show]:
        print(f"  {path}\n    {query[:400]}\n    {problem}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
