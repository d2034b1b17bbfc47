#!/usr/bin/env python3
"""Do LogScale's correlations fire where the rules do?

    tests/engines/logscale/correlations.py [--rounds N] [--show N]

There is no LogScale here: `pipeline.py` runs the functions that the queries are made of, by their
documentation. The patterns, the random events and what must fire are those that Splunk is asked
(../splunk/patterns.py, ../splunk/windows.py); an event has one value of a field, or none. Queries of
sliding windows must fire exactly there, those with fields that rules call differently, and windows that
follow one another, nowhere else.
Percentiles and `correlate()` are not run. Ends with exit code 1 where a query fires wrongly.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "splunk"))
import patterns as asked_of  # noqa: E402
import windows  # noqa: E402
from correlations import random_events  # noqa: E402
from rules import BINARY  # noqa: E402

import pipeline  # noqa: E402

SPAN = asked_of.SPAN


def converted(correlations, options):
    """The query and its fidelity, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rule.yml"
        text = "---\n".join(asked_of.document(number, c, SPAN) for number, c in enumerate(correlations))
        path.write_text(asked_of.BASES + text)
        command = [BINARY, "convert", "--json", "-t", "logscale", *options, path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    last, why = f"c{len(correlations) - 1}", ""
    for line in done.stdout.splitlines():
        one = json.loads(line)
        for rule in one.get("rules", []):
            if rule["title"] == last and rule.get("queries"):
                return rule["queries"][0], rule["fidelity"]
        why = one.get("error", why)
    if "VS1256" not in done.stdout + done.stderr and "can't say" not in str(why):
        raise SystemExit(f"{correlations}\nis not converted:\n{done.stdout}{done.stderr}")
    return None, why


def single(event):
    """An event of one value a field, for the naive answer; times are of whole milliseconds."""
    return {name: value for name, value in event.items() if not isinstance(value, list)}


def as_texts(event):
    """The same as LogScale has it."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in event.items()}
    texts["@timestamp"] = str(round(event["_time"] * 1000))
    return texts


def fired(rows, c):
    """(time in seconds, group) of rows; a bucket's start stands for some instant in it."""
    for row in rows:
        at = row.get("sigma_fired") or row.get("_bucket") or row["@timestamp"]
        yield float(at) / 1000, tuple(row[name] for name in c["group"])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=30)
    arguments.add_argument("--show", type=int, default=3)
    arguments = arguments.parse_args()
    wrong = asked = firings = refused = percentiles = shown = patterns = 0
    for options in ([], ["-O", "window=tumbling"]):
        for name, correlations in asked_of.patterns():
            query, fidelity = converted(correlations, options)
            if query is None:
                refused += 1
                continue
            if "percentile(" in query:
                percentiles += 1
                continue
            if options and fidelity == "approximate":
                continue
            patterns += 1
            c = correlations[-1]
            narrower = bool(options) or bool(c["aliases"])
            for seed in range(arguments.rounds):
                rng = random.Random(f"{name} {seed}")
                events = [single(event) for event in random_events(rng)]
                latest = max(event["_time"] for event in events)
                want = windows.firings(correlations, c, events, SPAN, latest)
                if options:
                    want = {(time // SPAN * SPAN, group) for time, group in want}
                rows = pipeline.Search(list(map(as_texts, events)), round(latest * 1000), seed).run(query)
                got = set(fired(rows, c))
                asked += 1
                firings += len(want)
                if got == want or narrower and (got <= want or fidelity == "approximate"):
                    continue
                wrong += 1
                if shown < arguments.show:
                    shown += 1
                    print(f"--- {name} {' '.join(options)}, seed {seed}, {fidelity}\n{query}")
                    print(f"missing {sorted(want - got)[:4]}\nextra {sorted(got - want)[:4]}")
    print(
        f"correlations: {patterns} queries, {refused} refused, {percentiles} of percentiles not asked, "
        f"{asked} questions, {firings} firings, {wrong} answered wrongly"
    )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
