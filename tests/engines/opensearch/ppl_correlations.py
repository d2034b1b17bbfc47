#!/usr/bin/env python3
"""Do the correlations in PPL fire where they should, by what they claim?

    tests/engines/opensearch/ppl_correlations.py [--rounds N] [--show N]

Random events, with ties, several groups in either case and some without a group, are asked by rules of
every form on a real node, as in ppl.py. The reference and the forms are those of
tests/engines/elastic/correlations.py. A query that claims to be exact or narrower has no firing that
the reference lacks; one that claims to be exact or broader misses none. A query that looks at the time
before it (`-O window=trailing`) is asked at several times, written in place of `now()`.
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import random
import sys

import node
import ppl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "elastic"))
import correlations
import setting

KEYWORD = {"type": "keyword"}
FIELDS = {"@timestamp": {"type": "date"}} | dict.fromkeys(["g", "h", "v", "n", "b1", "b2", "b3"], KEYWORD)
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def instant(milliseconds):
    return f"{START + datetime.timedelta(milliseconds=milliseconds):%Y-%m-%d %H:%M:%S}.{milliseconds % 1000:03}"


def milliseconds(text):
    """Of the time that a row has, since the start."""
    whole, _, part = text.partition(".")
    time = datetime.datetime.fromisoformat(whole + "+00:00") - START
    return int(time.total_seconds()) * 1000 + int((part + "000")[:3])


def index(opensearch, events):
    stored = {str(n): event | {"@timestamp": instant(event["@timestamp"]).replace(" ", "T") + "Z"} for n, event in enumerate(events)}
    return opensearch.index(FIELDS, stored)


def group_of(row):
    return row.get("group_1") or ""


def judge_events(rows, expected, fidelity, about, report):
    """Each row is an event at which the condition holds."""
    found = {(group_of(row), milliseconds(row["@timestamp"])) for row in rows}
    report.judge(about, fidelity, found - expected, expected - found)


def judge_windows(rows, expected, fidelity, about, report):
    """Each row is a window in which it does."""
    spans = [(group_of(row), milliseconds(row["first_seen"]), milliseconds(row["last_seen"])) for row in rows if row["first_seen"]]
    extra = {one for one in spans if not any(g == one[0] and one[1] <= t <= one[2] for g, t in expected)}
    missed = {(g, t) for g, t in expected if not any(g == one[0] and one[1] <= t <= one[2] for one in spans)}
    report.judge(about, fidelity, extra, missed)


def judge_now(opensearch, query, name, now, expected, fidelity, about, report):
    """A query that is asked at a time, of the events until then."""
    time = f"timestamp('{instant(now)}')"
    asked = query.replace("now()", time).replace("| where", f"| where `@timestamp` <= {time} | where", 1)
    rows = opensearch.ppl(asked)
    spans = [(group_of(row), milliseconds(row["first_seen"]), milliseconds(row["last_seen"])) for row in rows if row["first_seen"]]
    extra = {one for one in spans if not any(g == one[0] and one[1] <= t <= one[2] for g, t in expected)}
    report.judge(about, fidelity, extra, set())


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=6, help="how many sets of events each query is asked")
    options.add_argument("--show", type=int, default=20, help="how many problems to print")
    given = options.parse_args()
    os.chdir(setting.ROOT)
    setting.build()
    rounds = 2 if setting.SAMPLED else given.rounds
    forms = [(form, grouped) for form in correlations.FORMS for grouped in (True, False) if grouped or not form[3]]
    report, refused = correlations.Report(), 0
    try:
        with contextlib.ExitStack() as stack:
            opensearch = ppl.opened(stack)
            sets = []
            for number in range(rounds):
                events = correlations.sample(random.Random(number), False, number % 2 == 0)
                sets.append((events, index(opensearch, events)))
            for window in ("sliding", "tumbling", "trailing"):
                outputs = correlations.converted([correlations.rule(*form) for form in forms], "ppl", ["-O", f"window={window}"])
                for (form, grouped), output in zip(forms, outputs):
                    if "queries" not in output:
                        refused += 1
                        continue
                    query, fidelity = output["queries"][0], output["fidelity"]
                    report.claim(f"ppl {window}", fidelity)
                    for events, name in sets:
                        about = f"{window}, {form}, grouped: {grouped}\n{query}"
                        expected = correlations.reference(form, grouped, events)
                        text = query.replace("source=`*`", f"source=`{name}`", 1)
                        try:
                            if window == "trailing":
                                for now in (5_000, 20_500, 41_000):
                                    judge_now(opensearch, text, name, now, expected, fidelity, about, report)
                            else:
                                judge = judge_events if "streamstats" in text else judge_windows
                                judge(opensearch.ppl(text), expected, fidelity, about, report)
                        except node.Refused as error:
                            report.bad.append((about, f"is not taken: {str(error)[:300]}"))
            for _, name in sets:
                opensearch.drop(name)
    except LookupError as error:
        setting.not_run("OpenSearch PPL", str(error))
    claims = ", ".join(f"{target} {fidelity} {count}" for (target, fidelity), count in sorted(report.claims.items()))
    print(f"correlations in PPL: asked {report.asked} times, {refused} refused: {len(report.bad)} wrong\n  claims: {claims}")
    shown = dict(reversed(report.bad))
    for about, problem in list(shown.items())[: given.show]:
        print(f"  {about}\n    {problem}")
    sys.exit(1 if report.bad else 0)


if __name__ == "__main__":
    main()
