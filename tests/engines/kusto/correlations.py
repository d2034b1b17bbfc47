#!/usr/bin/env python3
"""Do the queries for correlations bind, and do they fire where correlations must?

    tests/engines/kusto/correlations.py [--rounds N] [--seed N] [--show N]

The patterns, random events and expected firings are those of tests/engines/correlations.py. Each
pattern's query is bound by Microsoft's language service and evaluated by parse.py, over tables whose
missing texts are empty, as columns of strings have it. An empty text counts as missing to the
reference, too. Ends with exit code 1 where a query is not taken or a firing is wrong.

With VARSIGMA_ENGINES=sample, there are fewer rounds. With VARSIGMA_BUILT, the program is there already.
"""

import argparse
import json
import os
import pathlib
import random
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
import parse  # noqa: E402
import run  # noqa: E402

# The script for SQL has the patterns; it imports the module `run` beside it.
kusto = sys.modules.pop("run")
sys.path[:0] = [str(HERE.parent)]
import correlations as reference  # noqa: E402

# The rules' tables.
PIPELINE = "transformations:\n" + "".join(
    f"  - {{type: set_state, key: table, val: {table}, rule_conditions: [{{type: logsource, product: {table}}}]}}\n"
    for table in ("logs", "web")
)


def queries():
    """Each pattern's name, correlation, query or nothing, and what was said."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tables.yml").write_text("name: tables\n" + PIPELINE)
        for at, (name, correlation) in enumerate(reference.patterns()):
            path = folder / f"{at}.yml"
            path.write_text(reference.documents(correlation))
            command = [kusto.BINARY, "convert", "-t", "kusto", "-p", folder / "tables.yml", "--json"]
            done = kusto.run([*command, "-O", "timestamp_field=time", path])
            texts = [query for line in kusto.rows(done.stdout) for query in json.loads(line).get("queries") or []]
            found.append((name, correlation, texts[0] if len(texts) == 1 else None, done.stderr or done.stdout))
    return found


def stored(event):
    """An event as a row of a table: what is missing is an empty text."""
    return {"time": event["time"], **{name: event[name] or "" for name in reference.COLUMNS}}


def bound(modules, asked, show):
    report = kusto.Report("Microsoft's binder", show)
    columns = {"time": "datetime", **{name: "string" for name in reference.COLUMNS}}
    tables = {"logs": columns, "web": columns}
    given = [(name, query) for name, _, query, _ in asked if query]
    for (name, query), answer in zip(given, kusto.bind(modules, [(query, tables) for _, query in given])):
        if answer["problems"]:
            report.wrong(name, query, "; ".join(answer["problems"]))
    return report.done(f"{len(given)} correlations")


def evaluated(asked, rounds, seed, show):
    report = kusto.Report("firings", show)
    fired = 0
    for name, _, query, problem in asked:
        if query is None:
            report.wrong(name, "", problem[:600])
    for turn in range(rounds):
        tables = reference.events(random.Random(seed + turn), "å")
        for event in (event for table in tables.values() for event in table):
            event.update({name: event[name] or None for name in reference.COLUMNS})
        stores = {table: [stored(event) for event in events] for table, events in tables.items()}
        expected = reference.Reference(tables)
        for name, correlation, query, _ in asked:
            if query is None:
                continue
            wanted = expected.firings(correlation)
            fired += len(wanted)
            try:
                answers = parse.answers(query, stores)
            except Exception as error:
                report.wrong(name, query, f"seed {seed + turn}: {type(error).__name__} {error}")
                continue
            found = [(tuple(row[field] for field in correlation.get("group-by", [])), row["time"]) for row in answers]
            if set(found) != wanted or len(found) != len(wanted):
                missing, extra = sorted(wanted - set(found)), sorted(set(found) - wanted)
                report.wrong(name, query, f"seed {seed + turn}: missing {missing[:3]}, extra {extra[:3]}")
    return report.done(f"{len(asked)} correlations, {rounds} rounds, {fired} firings")


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=20 if kusto.SAMPLED else 60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, default=3, help="how many problems to print")
    given = options.parse_args()
    os.chdir(kusto.ROOT)
    kusto.build()
    asked = queries()
    good = []
    modules = kusto.binder()
    if modules:
        good.append(bound(modules, asked, given.show))
    good.append(evaluated(asked, given.rounds, given.seed, given.show))
    sys.exit(1 if False in good else 0)


if __name__ == "__main__":
    main()
