#!/usr/bin/env python3
"""Do all rules run on columns that have types, and as fast as on columns of text?

    tests/engines/typed.py [ENGINE…] [--show N]

DuckDB and PostgreSQL are asked every rule of tests/cases and, where it lies beside the checkout, of
../shared/corpus: of a table of text, and with a schema of one whose numbers, booleans and addresses
are such. Both hold the same rows. A query that fails is wrong, and so is one of the typed table that
finds other rows, where the rule is exact on both. The times of both are told. An engine that can't be
had is NOT RUN. With VARSIGMA_BUILT, the program is there already.
"""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import run as engines

ROOT = engines.ROOT
BINARY = os.environ.get("VARSIGMA") or ROOT / "target" / "debug" / "varsigma"
ROWS = 300
# What fields are where they are typed; all others are text.
TYPED = {
    "bigint": "EventID EventCode ProcessId LogonType DestinationPort SourcePort dst_port sc-status KeyLength",
    "boolean": "Initiated Signed Elevated",
    "inet": "DestinationIp SourceIp dst_ip src_ip",
}
KINDS = {name: kind for kind, names in TYPED.items() for name in names.split()}
# DuckDB's addresses need an extension.
TYPES = {"duckdb": {"bigint": "BIGINT", "boolean": "BOOLEAN"}, "postgres": {"bigint": "BIGINT", "boolean": "BOOLEAN", "inet": "INET"}}


# Correlations need a time, and a filter among the cases would apply to all of them.
LINKED = re.compile(r"^(?:correlation|filter):", re.MULTILINE)


def rules():
    cases, _ = engines.rules()
    cases = [path for path in cases if not LINKED.search(pathlib.Path(path).read_text("utf-8", "replace"))]
    for beside in [ROOT.parent, *ROOT.parents]:
        corpus = beside / "shared" / "corpus" / "sigmahq" / "rules"
        if corpus.is_dir():
            rules = [str(path) for path in sorted(corpus.rglob("*.yml"))]
            return cases + rules[:: 4 if engines.SAMPLED else 1]
    return cases


def converted(target, paths, *options):
    """The queries and fidelity of each file that has one rule and one query, by path."""
    command = [BINARY, "convert", "-q", "--json", "-t", target, "-O", "columns=row_number_", *options, *paths]
    out = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8")
    found = {}
    for line in out.split("\n"):
        if line:
            one = json.loads(line)
            if len(one.get("rules", [])) == 1 and len(one.get("queries", [])) == 1:
                found[one["path"]] = (one["queries"][0], one["rules"][0]["fidelity"])
    return found


def fields(target, paths):
    """The fields of all rules: what a schema of one other column lacks."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write("[columns]\n'' = 'text'\n")
        file.flush()
        command = [BINARY, "schema", "check", "-q", "--json", "-t", target, file.name, *paths]
        out = subprocess.run(command, capture_output=True, check=False).stdout.decode("utf-8")
    names = {name for line in out.split("\n") if line for name in json.loads(line)["missing"]}
    # Engines that take names that differ in case for one have the first.
    first = {}
    for name in sorted(names):
        first.setdefault(name.lower(), name)
    return list(first.values())


def rows(names):
    """Rows with values that rules ask for, and others."""
    rng = random.Random(1)
    texts = [r"C:\Windows\System32\cmd.exe", "powershell -enc AAAA", "whoami", "admin", "", "x y", None]
    values = {
        "bigint": ["1", "3", "4624", "4688", "7045", "443", "80", None],
        "boolean": ["true", "false", None],
        "inet": ["10.1.2.3", "8.8.8.8", "127.0.0.1", "192.168.1.1", None],
    }
    pick = lambda name: rng.choice(values.get(KINDS.get(name), texts))
    return [[number, *[pick(name) for name in names]] for number in range(ROWS)]


def fill(engine, table, names, types, data):
    cursor = engine.cursor()
    columns = "".join(f", {engine.quote(name)} {types.get(KINDS.get(name), 'TEXT')}" for name in names)
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(f"CREATE TABLE {table} (row_number_ INTEGER{columns})")
    marks = ", ".join([engine.mark] * (len(names) + 1))
    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", data)


def inside(target, show):
    from ask import ENGINES

    paths = rules()
    names = fields(target, paths)
    types = TYPES[target]
    engine = ENGINES[target]()
    try:
        data = rows(names)
        fill(engine, "texts", names, {}, data)
        fill(engine, "typed", names, types, data)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            columns = {name: types.get(KINDS.get(name), "text").lower() for name in names}
            file.write("[columns]\n" + "".join(f"{json.dumps(name)} = '{kind}'\n" for name, kind in columns.items()))
            file.flush()
            typed = converted(target, paths, "-O", "table=typed", "--schema", file.name)
        texts = converted(target, paths, "-O", "table=texts")
        return asked(engine, target, texts, typed, show)
    finally:
        engine.close()


def asked(engine, target, texts, typed, show):
    seconds, bad = [0.0, 0.0], 0
    for path in sorted(texts.keys() & typed.keys()):
        found = []
        for number, (query, _) in enumerate([texts[path], typed[path]]):
            begin = time.perf_counter()
            try:
                found.append(engine.again(query))
            except Exception as error:
                # Fields that differ in case alone are one column here.
                if "does not exist" in str(error) or "not found" in str(error):
                    break
                bad += 1
                if bad <= show:
                    print(f"  {path}: {str(error)[:300]}\n    {query[:600]}")
                break
            seconds[number] += time.perf_counter() - begin
        exact = texts[path][1] == typed[path][1] == "exact"
        if len(found) == 2 and exact and found[0] != found[1]:
            bad += 1
            if bad <= show:
                print(f"  {path}: rows {sorted(found[0] ^ found[1])[:5]}\n    {texts[path][0][:400]}\n    {typed[path][0][:400]}")
    refused = len(texts) - len(typed)
    print(
        f"{target:12} {len(typed)} rules on columns with types: {bad} wrong, {refused} refused;"
        f" {seconds[1]:.2f} s, on columns of text {seconds[0]:.2f} s",
        flush=True,
    )
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="*", default=list(TYPES))
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return 1 if inside(arguments.engine[0], arguments.show) else 0
    if "VARSIGMA_BUILT" not in os.environ:
        subprocess.run(["cargo", "build", "-q", "--bins"], check=True, cwd=ROOT)
    status = 0
    for target in arguments.engine:
        python = engines.install(engines.TARGETS[target])
        command = [python, __file__, target, "--inside", "--show", str(arguments.show)]
        code = subprocess.run(command, check=False).returncode
        if code == 3:
            print(f"NOT RUN: {target}: {', '.join(engines.TARGETS[target])} or its server can't be had", flush=True)
        elif code:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
