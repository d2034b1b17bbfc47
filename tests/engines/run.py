"""Do SQL engines give the reference's answers to the queries that are made for them?

    python tests/engines/run.py [ENGINE…] [--storage text|json|number|typed|list]… [--show N]

Asks DuckDB, ClickHouse (chdb), DataFusion, PostgreSQL, MariaDB, Spark, BigQuery (zetasql),
Snowflake's dialect (fakesnow) and Trino (its libraries, on JDK 25) with every rule of `tests/cases`
and, where `../shared/corpus` lies beside the checkout, 300 of its rules; T-SQL's queries are parsed
(sqlglot). For every rule there is a table of witness events: in columns of text, in one column of JSON (`-O json=`), in
columns of numbers (`-O number=native`), in columns of the types that a schema tells (`--schema`), in
columns of lists of these. `view`, `union` and `sweep`, documents of many
rules, are run too. An
exact query must give the reference's answer, a broader one must miss nothing, a narrower one must
find nothing else. Packages go into target/engines/venv; servers listen on the loopback interface or a
socket and are stopped. An engine that can't be had is NOT RUN. Ends with exit code 1 where an answer
is wrong; a line of each engine tells what it proved (proof.py).

With VARSIGMA_ENGINES=sample, 100 rules of the corpus are taken, and slow engines are asked every so
many rules, always the same ones. With VARSIGMA_BUILT, the programs are there already.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / "target" / "engines" / "venv"
TARGETS = {
    "duckdb": ["duckdb"],
    "clickhouse": ["chdb"],
    "datafusion": ["datafusion"],
    "postgres": ["psycopg2-binary"],
    "mysql": ["pymysql"],
    "spark": ["pyspark"],
    "bigquery": ["zetasql"],
    "snowflake": ["fakesnow", "snowflake-connector-python<4.5"],
    "trino": [],
    "tsql": ["sqlglot"],
}
STORAGES = ["text", "json", "number", "typed", "list"]
SAMPLED = os.environ.get("VARSIGMA_ENGINES") == "sample"
FROM_CORPUS = 100 if SAMPLED else 300
# Engines that take long for a query are asked every so many rules.
EVERY = {"spark": 16, "snowflake": 4, "trino": 4, "bigquery": 2} if SAMPLED else {"spark": 4}
# In these ways the events of our cases alone are stored, not those of the corpus.
CASES_ONLY = {"json", "number", "typed", "list"}
# Engines that read no JSON.
WITHOUT_JSON = {"datafusion"}
# Engines that are asked of columns by a schema, and those of lists.
WITH_TYPES = {"duckdb", "postgres"}
WITH_LISTS = {"duckdb", "clickhouse", "postgres", "spark", "bigquery", "trino"}

# Cases whose answers are known to differ, told each time (docs/sql.md): the engine, the case, why.
KNOWN = {
    ("bigquery", "fields/backslash"): "its evaluator finds no JSON key with a backslash",
    ("bigquery", "numbers/beyond_64_bits"): "its evaluator reads no integer above 64 bits",
}

# What an engine says of a query that is too large for it: the query has a warning, VS0612.
TOO_LARGE = {"trino": "Query exceeded maximum filters"}


def known(target, path):
    """Why a case's answers are known to differ."""
    for (engine, case), why in KNOWN.items():
        if engine == target and path.endswith(f"tests/cases/{case}.yml"):
            return why
    return None


def install(packages):
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    if packages:
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *packages],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return python


def rules():
    """Our cases, and a fixed sample of the corpus."""
    paths = [str(path) for path in sorted((ROOT / "tests" / "cases").rglob("*.yml"))]
    for beside in [ROOT.parent, *ROOT.parents]:
        corpus = beside / "shared" / "corpus" / "sigmahq"
        if corpus.is_dir():
            all_rules = sorted(str(path) for path in corpus.rglob("*.yml"))
            return paths, all_rules[:: max(1, len(all_rules) // FROM_CORPUS)][:FROM_CORPUS]
    return paths, []


def asked(target, storage, paths):
    """What to ask: the queries with their rows and answers, from the example `asked`."""
    command = [str(ROOT / "target" / "debug" / "examples" / "asked"), target, storage, *paths]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout
    return [json.loads(line) for line in out.splitlines()]


def stores(target, storage):
    """Can the engine be asked of events that are stored so?"""
    engines = {"json": set(TARGETS) - WITHOUT_JSON, "typed": WITH_TYPES, "list": WITH_LISTS}
    return target in engines.get(storage, TARGETS)


def verdict(case, found):
    """Rows with a wrong answer."""
    wrong = []
    for number, expected in enumerate(case["expected"]):
        got = number in found
        allowed = {"broader": got, "narrower": not got, "approximate": True}
        if got != expected and not allowed.get(case["fidelity"], False):
            wrong.append((number, expected))
    return wrong


def run(target, storages, cases, sample, show):
    import documents
    import proof
    import sweeps
    from ask import ENGINES

    engine = ENGINES[target]()
    every = EVERY.get(target, 1)
    # Of all storages: queries, rows, wrong answers.
    told = [0, 0, 0]
    try:
        for storage in storages:
            if not stores(target, storage):
                continue
            paths = cases if storage in CASES_ONLY else cases + sample
            told = [sum(pair) for pair in zip(told, stored(engine, target, storage, paths[::every], show))]
        # Last are documents: their views keep the table from being made anew.
        for module in (sweeps, documents):
            queries, wrong = module.run(engine, target)
            told = [told[0] + queries, told[1] + queries * len(module.ROWS), told[2] + wrong]
        if engine.how == "parsed":
            told[1] = 0
        proof.tell(target, engine.how, engine.by(), *told)
    finally:
        engine.close()
    return told[2]


def stored(engine, target, storage, paths, show):
    """Asks with events that are stored so: how many queries, rows and wrong answers there are."""
    asks = asked(target, storage, paths)
    queries = rows = wrong = refused = failed = 0
    shown = 0
    for case in asks:
        if "Err" in case["query"]:
            refused += 1
            continue
        query = case["query"]["Ok"]
        if why := known(target, case["path"]):
            print(f"  {case['path']}: known to differ: {why}")
            continue
        # Most engines take names that differ in case for one.
        if len({column.lower() for column in case["columns"]}) < len(case["columns"]):
            continue
        try:
            # A way of storing may have no place for any of the events.
            found = engine.ask(case["columns"], case["types"], case["rows"], query) if case["rows"] else set()
        except Exception as error:
            if target in TOO_LARGE and TOO_LARGE[target] in str(error):
                print(f"  {case['path']}: more tests (VS0612) than {target} takes")
                continue
            failed += 1
            queries += 1
            if shown < show:
                shown += 1
                print(f"  {case['path']}: {str(error)[:400]}\n    {query[:900]}")
            continue
        if found is None:
            # The parser took it, or the engine has no names or values like these.
            queries += engine.how == "parsed"
            continue
        queries += 1
        rows += len(case["rows"])
        bad = verdict(case, found)
        wrong += len(bad)
        for number, expected in bad[:2]:
            if shown < show:
                shown += 1
                row = dict(zip(case["columns"], case["rows"][number]))
                print(f"  {case['path']} ({case['fidelity']}): expected {expected} for {row}\n    {query[:900]}")
    print(
        f"{target:12} {storage:6} {len(asks):5} queries {rows:6} rows: {wrong} wrong answers,"
        f" {failed} failed, {refused} refused",
        flush=True,
    )
    return queries, rows, wrong + failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="*", default=list(TARGETS))
    parser.add_argument("--storage", action="append", choices=STORAGES)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    storages = arguments.storage or STORAGES
    cases, sample = rules()
    if arguments.inside:
        [target] = arguments.engine
        return 1 if run(target, storages, cases, sample, arguments.show) else 0
    if "VARSIGMA_BUILT" not in os.environ:
        subprocess.run(["cargo", "build", "-q", "--bins", "--example", "asked"], check=True, cwd=ROOT)
    status = 0
    for target in arguments.engine:
        python = install(TARGETS[target])
        command = [python, __file__, target, "--inside", "--show", str(arguments.show)]
        for storage in storages:
            command += ["--storage", storage]
        code = subprocess.run(command, check=False).returncode
        if code == 3:
            print(f"NOT RUN: {target}: {' or '.join([*TARGETS[target], 'its server'])} can't be had", flush=True)
        elif code:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
