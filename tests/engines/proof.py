"""What an engine proved of a target, told in one form.

    proof.tell("duckdb", "run", "DuckDB 1.4.2", queries=677, questions=16512, wrong=0)

prints a line that scripts can look for,

    PROOF duckdb run "DuckDB 1.4.2" 677 16512 0

and adds the same to `target/engines/proofs.jsonl`, as a JSON object with the fields `target`, `how`,
`by`, `queries`, `questions` and `wrong`. Whoever starts the engines removes the file before. A target
has a line for each script that asks about it.
"""

import json
import pathlib

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
