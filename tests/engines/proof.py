"""What an engine proved of a target, told in one form.

    proof.tell("duckdb", "run", "DuckDB 1.4.2", queries=677, questions=16512, wrong=0)

prints a line that scripts can look for,

    PROOF duckdb run "DuckDB 1.4.2" 677 16512 0

and adds the same to `target/engines/proofs.jsonl`, as a JSON object with the fields `target`, `how`,
`by`, `queries`, `questions` and `wrong`. Whoever starts the engines removes the file before. A target
has a line for each script that asks about it.

    python3 tests/engines/proof.py VARSIGMA

holds what `list targets` says of each target against that record: a target that claims more than was
shown, or of which an answer was wrong, ends it with exit code 1. What did not run is NOT RUN.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RECORD = ROOT / "target" / "engines" / "proofs.jsonl"
# The engine runs the query, a reader of our own evaluates it, or a parser takes it.
HOW = ("run", "evaluated", "parsed")


def tell(target, how, by, queries, questions, wrong):
    """Tells how many queries were asked `by` what, how many answers compared, and how many were wrong.

    A query that is not taken is a wrong answer. A parser is asked no question.
    """
    if how not in HOW:
        raise ValueError(f"expected one of {', '.join(HOW)}, found {how}")
    fields = {"target": target, "how": how, "by": by, "queries": queries, "questions": questions, "wrong": wrong}
    print(f'PROOF {target} {how} "{by}" {queries} {questions} {wrong}', flush=True)
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    # One write, as scripts run side by side.
    with open(RECORD, "a", encoding="utf-8") as record:
        record.write(json.dumps(fields) + "\n")


def claims(program):
    """What the program says of each target: its name, how it was proven, and by what."""
    out = subprocess.run([program, "list", "targets", "--json"], stdout=subprocess.PIPE, check=True).stdout
    return [(one["name"], one["proof"]["how"], one["proof"]["by"]) for one in json.loads(out)]


def main(program):
    told = {}
    if RECORD.exists():
        for line in RECORD.read_text("utf-8").splitlines():
            one = json.loads(line)
            told.setdefault(one["target"], []).append(one)
    bad = 0
    for target, how, by in claims(program):
        shown = told.get(target, [])
        # SQLite is asked by the tests, ElastAlert's queries are Lucene's; the documented need no engine.
        if how == "documented" or target in ("sqlite", "elastalert"):
            continue
        if not shown:
            print(f"NOT RUN: the proof of {target}: {how}, {by}")
            continue
        same = [one for one in shown if one["how"] == how and one["by"].startswith(by)]
        wrong = sum(one["wrong"] for one in shown)
        questions = sum(one["questions"] for one in same)
        if not same or wrong:
            bad += 1
            print(f"{target}: `{how}` by {by} is claimed; shown: {[(one['how'], one['by'], one['wrong']) for one in shown]}")
        else:
            print(f"{target}: {how}, {by}: {questions} questions")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
