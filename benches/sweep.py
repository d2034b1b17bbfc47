#!/usr/bin/env python3
"""A table asked once for all rules (`-f sweep`) beside a query for each rule, on DuckDB over Parquet.

    VARSIGMA_EVENTS=events.jsonl VARSIGMA_RULES=../sigma/rules cargo bench --bench events
    pip install duckdb pyarrow
    benches/sweep.py --varsigma target/release/varsigma --rules ../sigma/rules --events events.jsonl

The events are written to a Parquet file as often as `--rows` asks, each time with other command lines, with
a column of text for each field of the rules. Both ways must find the same pairs of rows and rules; every `--each`th rule is asked by
itself. Seconds are of processors (all threads), and of the clock.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PIPELINES = ["-p", "sysmon", "-p", "windows-logsources"]


def converted(args: argparse.Namespace, *options: str) -> str:
    command = [args.varsigma, "convert", "-q", "-s", "-t", "duckdb", *PIPELINES]
    command += ["-O", "table=events", "-O", "columns=row", "-O", "keyword_columns=Message", *options]
    # Exit code 1 is that of rules that can't be converted.
    return subprocess.run([*command, str(args.rules)], stdout=subprocess.PIPE, check=False).stdout.decode()


def columns(text: str) -> list[str]:
    """The names in a statement, each once whatever its case."""
    names = re.findall(r'"((?:[^"]|"")+)"', re.sub(r"'(?:[^']|'')*'", "''", text))
    found = {name.lower(): name.replace('""', '"') for name in ["Message", *names]}
    return [name for key, name in found.items() if key not in ("row", "events")]


def as_text(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def write(args: argparse.Namespace, names: list[str], path: Path) -> None:
    """The events in a Parquet file, again and again."""
    import pyarrow
    from pyarrow import parquet

    lines = [json.loads(line) for line in args.events.open(encoding="utf-8")]
    events = [{key.lower(): value for key, value in line.items()} for line in lines]
    cells = {name: [as_text(event.get(name.lower())) for event in events] for name in names}
    varied = [name for name in names if name in ("CommandLine", "ParentCommandLine", "ScriptBlockText")]
    columns = {name: pyarrow.array(values, pyarrow.string()) for name, values in cells.items()}
    writer = None
    for first in range(0, args.rows, len(events)):
        numbers = pyarrow.array(range(first, first + len(events)), pyarrow.int64())
        for name in varied if first else []:
            values = [value and f"{value} {first + at}" for at, value in enumerate(cells[name])]
            columns[name] = pyarrow.array(values, pyarrow.string())
        table = pyarrow.table({"row": numbers, **columns})
        writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    writer.close()


def timed(work):
    """What work gives, with the seconds of the clock and of processors that it took."""
    usage = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    clock, processor = time.monotonic(), usage()
    found = work()
    return found, time.monotonic() - clock, usage() - processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varsigma", default="target/release/varsigma")
    parser.add_argument("--rules", type=Path, required=True)
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    import duckdb

    sweep = [part for part in converted(args, "-f", "sweep").split(";\n") if part.strip()]
    # A query and its rule's id or title, as the union labels it.
    singles = re.findall(
        r"^(SELECT .*), ('(?:[^']|'')*') AS rule_id, ('(?:[^']|'')*') AS rule_title, .*? AS rule_level (FROM .*)$",
        converted(args, "-f", "union"),
        flags=re.MULTILINE,
    )
    singles = [(f"{select} {rest}", (title if id == "''" else id)[1:-1].replace("''", "'")) for select, id, title, rest in singles]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write(args, columns(" ".join(sweep)), path)
        connection = duckdb.connect(config={"threads": args.threads} if args.threads else {})
        connection.execute(f"CREATE VIEW events AS FROM '{path}'")
        [rows] = connection.execute("SELECT count(*) FROM events").fetchone()
        print(f"DuckDB {duckdb.__version__}, {rows} rows, {path.stat().st_size >> 20} MiB of Parquet, {len(singles)} queries")

        def swept():
            found = set()
            for statement in sweep:
                for row, rules in connection.execute(statement).fetchall():
                    found.update((row, rule) for rule in rules)
            return found

        once, clock, processor = timed(swept)
        print(f"sweep    {len(sweep):5} statements {clock:8.1f} s {processor:8.1f} s of processors, {len(once)} matches")

        def one_by_one():
            found = set()
            for query, label in singles[:: args.each]:
                found.update((row, label) for (row,) in connection.execute(query).fetchall())
            return found

        each, clock, processor = timed(one_by_one)
        asked = {label for _, label in singles[:: args.each]}
        print(f"queries  {len(singles[:: args.each]):5} statements {clock:8.1f} s {processor:8.1f} s of processors, {len(each)} matches")
        wrong = {pair for pair in once if pair[1] in asked} ^ each
        if wrong:
            sys.exit(f"{len(wrong)} pairs differ: {sorted(wrong)[:3]}")


if __name__ == "__main__":
    main()
