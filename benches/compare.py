#!/usr/bin/env python3
"""varsigma beside sigma-cli and rsigma: what each needs for the same work.

    cargo build --profile dist
    benches/compare.py --rules ../sigma/rules --varsigma target/dist/varsigma \
        --sigma .venv/bin/sigma --rsigma ~/.cargo/bin/rsigma [--events events.jsonl] [--write]

Each command runs several times, in turn with the others, and the median counts: processor time (of all
threads) and the memory of the largest process. Wall time depends on what else a machine does; it is
given for the quietest run. `--write` puts the table into docs/comparison.md. A program that is not
named is left out. The events are those of `VARSIGMA_EVENTS=events.jsonl cargo bench --bench events`.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "comparison.md"
MARKS = ("<!-- measured -->", "<!-- end -->")


@dataclass
class Work:
    """What is done, and by which commands; each gives a number of results from its output."""

    name: str
    commands: dict[str, list[str]]
    runs: list[tuple[str, float, float, int]] = field(default_factory=list)
    # How many events are read, for a rate.
    events: int = 0


def run(command: list[str], output: Path) -> tuple[float, float, int]:
    """Seconds on the clock, of processors, and MiB."""
    start = time.monotonic()
    with output.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    # Exit code 1 is that of rules that can't be converted, for all three.
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit code {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def works(args: argparse.Namespace) -> list[Work]:
    rules = str(args.rules)
    one = str(Path(__file__).parent.parent / "tests/cases/founding/rule.yml")
    found = []

    def add(name: str, **commands: list[str] | None) -> None:
        programs = {"varsigma": args.varsigma, "sigma": args.sigma, "rsigma": args.rsigma}
        own = {
            key: [str(programs[key]), *command]
            for key, command in commands.items()
            if command and programs[key]
        }
        found.append(Work(name, own))

    add(
        "one rule to Splunk",
        varsigma=["convert", "-t", "splunk", one],
        sigma=["convert", "-t", "splunk", "--without-pipeline", one],
    )
    for name in ("Splunk", "Lucene"):
        target = name.lower()
        add(
            f"all rules to {name}",
            varsigma=["convert", "-s", "-t", target, rules],
            sigma=["convert", "-s", "-t", target, "--without-pipeline", rules],
        )
    add(
        "all rules to PostgreSQL",
        varsigma=["convert", "-s", "-t", "postgres", rules],
        rsigma=["backend", "convert", "--skip-unsupported", "-t", "postgres", rules],
    )
    add(
        "all rules checked (`lint`, `check`)",
        varsigma=["lint", rules],
        sigma=["check", rules],
        rsigma=["rule", "lint", rules],
    )
    if args.events:
        events = str(args.events)
        add(
            "all rules over the events",
            varsigma=["hunt", "--any-logsource", "--json", rules, events],
            rsigma=["engine", "eval", "-r", rules, "-e", f"@{events}"],
        )
        source = ["--event-logsource", "product=windows,category=process_creation"]
        add(
            "the rules of a log source over its events",
            varsigma=["hunt", *source, "--json", rules, events],
            rsigma=["engine", "eval", "--logsource-routing", *source, "-r", rules, "-e", f"@{events}"],
        )
        with open(args.events, "rb") as lines:
            found[-2].events = found[-1].events = sum(1 for _ in lines)
    return found


def version(program: Path) -> str:
    names = [[str(program), "--version"], [str(program), "version"]]
    for command in names:
        answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        found = re.search(r"\d+\.\d+\.\d+", answer.stdout)
        if answer.returncode == 0 and found:
            return found.group()
    return "?"


def cell(work: Work, name: str) -> str:
    runs = [entry[1:] for entry in work.runs if entry[0] == name]
    if not runs:
        return "–"
    clock = min(entry[0] for entry in runs)
    processor = statistics.median(entry[1] for entry in runs)
    memory = max(entry[2] for entry in runs)
    rate = f", {work.events / processor:,.0f} events a second" if work.events else ""
    return f"{processor:.2f} s, {memory} MiB ({clock:.2f} s){rate}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rules", type=Path, required=True)
    parser.add_argument("--varsigma", type=Path, required=True)
    parser.add_argument("--sigma", type=Path)
    parser.add_argument("--rsigma", type=Path)
    parser.add_argument("--events", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    programs = {"varsigma": args.varsigma, "sigma": args.sigma, "rsigma": args.rsigma}
    programs = {name: path for name, path in programs.items() if path}
    measured = works(args)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.runs):
            for work in measured:
                for name, command in work.commands.items():
                    work.runs.append((name, *run(command, Path(folder) / "out")))
                    print(f"{work.name}: {name}: {work.runs[-1][2]:.2f} s", file=sys.stderr)
    count = sum(1 for path in args.rules.rglob("*.yml") if path.is_file())
    titles = {"varsigma": "varsigma", "sigma": "sigma-cli", "rsigma": "rsigma"}
    heads = [f"{titles[name]} {version(path)}" for name, path in programs.items()]
    lines = [
        f"| {count} rules, {os.cpu_count()} processors, {platform.system()} | {' | '.join(heads)} |",
        "|:--" * (len(heads) + 1) + "|",
    ]
    for work in measured:
        cells = [cell(work, name) for name in programs]
        lines.append(f"| {work.name} | {' | '.join(cells)} |")
    print("\n".join(lines))
    if args.write:
        text = DOCUMENT.read_text()
        before, rest = text.split(MARKS[0])
        _, after = rest.split(MARKS[1], 1)
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n" + "\n".join(lines) + f"\n{MARKS[1]}{after}")


if __name__ == "__main__":
    main()
