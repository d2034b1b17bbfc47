#!/usr/bin/env python3
"""Do LogScale's filters say what the rules do?

    tests/engines/logscale/run.py [--show N] [--every N]

There is no LogScale here. `cql.py` reads and evaluates the filters by the documentation of the language:
each rule's witness events must get the reference's answers; a broader query may find more, a narrower one
less. The rules are those of tests/cases and, where it lies beside the checkout (or at CORPUS),
../shared/corpus/sigmahq; with --every N, only every Nth of the latter. `syntax.py` has the queries parsed by
a grammar that others wrote (PyPI: logscale-tools), as far as that knows the language. What can't be had is
NOT RUN. Ends with exit code 1 where a query is not read or an answer is wrong.

With VARSIGMA_ENGINES=sample, every 10th rule of the corpus is asked. With VARSIGMA_BUILT, the program is there
already, in a release build.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import sys

import cql
import syntax

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from place import BINARY, CASES, CORPUS, SAMPLED, of_single_events, rows, run  # noqa: E402


def queries(files):
    """Path to its only query and fidelity; rules with several, and refused ones, are left out."""
    found, refused = {}, 0
    for start in range(0, len(files), 1000):
        done = run([BINARY, "convert", "--json", "-t", "logscale", *files[start : start + 1000]])
        for line in rows(done.stdout):
            one = json.loads(line)
            if "error" in one:
                refused += 1
            elif len(one["queries"]) == 1 and len(one["rules"]) == 1:
                # The rule's fields are chosen after the filter.
                query = re.sub(r" \| select\(\[.*\]\)\Z", "", one["queries"][0])
                found[one["path"]] = (query, one["rules"][0]["fidelity"])
    return found, refused


def witnesses(path):
    return [json.loads(line) for line in rows(run([BINARY, "witness", "--limit", "24", path]).stdout)]


def flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def stored(query, event):
    """Has LogScale an event as the reference has it? Lists become fields of their own, `a[0]`; a null is
    kept, emptied or left out, as its parser says; and a number is the text that it was written as."""
    for value in event["event"].values():
        if isinstance(value, list) or value is None and "*" in query:
            return False
        if isinstance(value, float) and (value.is_integer() or abs(value) >= 2**63):
            return False
    return True


def judge(tree, events, fidelity):
    """What is wrong with the answers, or nothing."""
    for event in events:
        answer = cql.passes(tree, dict(flat(event["event"])))
        if answer == event["matches"] or fidelity == "approximate":
            continue
        if fidelity == ("broader" if answer else "narrower"):
            continue
        said = "a hit" if answer else "no hit"
        return f"{said}, expected otherwise: {event['about']}: {json.dumps(event['event'])[:300]}"
    return None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--show", type=int, default=5)
    arguments.add_argument("--every", type=int, default=10 if SAMPLED else 1)
    arguments = arguments.parse_args()
    files = of_single_events(CASES)
    if CORPUS.is_dir():
        files += of_single_events(CORPUS)[:: arguments.every]
    found, refused = queries(files)
    wrong, asked, exact = [], 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        known = dict(zip(found, pool.map(witnesses, found)))
    for path, (query, fidelity) in found.items():
        exact += fidelity == "exact"
        try:
            tree = cql.read(query)
        except cql.Invalid as invalid:
            wrong.append((path, query, str(invalid)))
            continue
        events = [event for event in known[path] if stored(query, event)]
        asked += len(events)
        problem = judge(tree, events, fidelity)
        if problem:
            wrong.append((path, query, problem))
    print(f"filters: {len(found)} queries, {exact} exact, {refused} rules refused, {asked} events asked, {len(wrong)} wrong")
    for path, query, problem in wrong[: arguments.show]:
        print(f"  {path}\n    {query[:400]}\n    {problem}")
    syntax_is_right = syntax.run(found, arguments.show)
    return bool(wrong) or not syntax_is_right


if __name__ == "__main__":
    sys.exit(main())
