#!/usr/bin/env python3
"""Does Microsoft's binder take the queries for Kusto, and do they find what the reference finds?

    tests/engines/kusto/run.py [--show N] [--every N]

Every query of tests/cases and, where it lies beside the checkout (or at CORPUS), of
../shared/corpus/sigmahq is parsed and bound by Microsoft's language service (npm:
@kusto/language-service-next): an error is one, and so is a warning; the rules' columns are strings. Where
there are pipelines for Kusto, their queries are bound over the tables of their schema. PyPI's duckdb-kql then asks DuckDB
with each rule's witness events, whose columns are strings: an exact query must give the reference's
answer, a broader one may find more, a narrower one less. What that engine reads otherwise than
Microsoft's documentation is in evaluate.py and counted. What can't be had is NOT RUN. Ends with exit
code 1 where a query is not taken or an answer is wrong.

With VARSIGMA_ENGINES=sample, every 10th rule of the corpus is taken; with --every N, only every Nth of
those is asked for answers. With VARSIGMA_BUILT, the programs are there already, in a release build.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import proof
from place import BINARY, ROOT, SAMPLED, asked_rules, build, not_run, options, rows, run

TARGET = ROOT / "target" / "engines" / "kusto"
SCHEMA = ROOT / "backends" / "schemas" / "kusto.tsv"
BINDER = "@kusto/language-service-next@12.4.1"
EVALUATOR = ["duckdb-kql[duckdb]==1.1.2", "numpy"]


def binder():
    """The folder of Node's modules with Microsoft's language service, or nothing."""
    modules = TARGET / "node_modules"
    name = BINDER.rpartition("@")[0]
    if not (modules / name).exists():
        TARGET.mkdir(parents=True, exist_ok=True)
        try:
            run(["npm", "install", "--silent", "--prefix", TARGET, BINDER], timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            return not_run("Microsoft's binder", str(error))
    return modules if (modules / name).exists() else not_run("Microsoft's binder", f"npm can't install {BINDER}")


def bind(modules, asked, tables=None):
    """Problems, columns and depth of each query with its tables, or those of a file, by two processes."""
    environment = {**os.environ, "NODE_PATH": str(modules)}
    if tables:
        environment["TABLES"] = str(tables)
    jobs = ({"query": query, "tables": own} if own else {"query": query} for query, own in asked)
    lines = [json.dumps(job) for job in jobs]
    size = max(1, (len(lines) + 1) // 2)
    parts = ["\n".join(lines[start : start + size]) for start in range(0, len(lines), size)]
    command = ["node", "--stack-size=8000", HERE / "bind.js"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda part: run(command, input=part, env=environment), parts))
    answers = [json.loads(line) for one in done for line in rows(one.stdout)]
    if len(answers) != len(lines):
        raise RuntimeError(f"{len(lines)} asked, {len(answers)} answered: {done[-1].stderr[-500:]}")
    return answers


def packages():
    """The Python that has duckdb-kql, or nothing."""
    python = TARGET / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(TARGET / "venv", with_pip=True)
    if run([python, "-c", "import duckdb_kql, numpy"]).returncode:
        run([python, "-m", "pip", "install", "--quiet", *EVALUATOR])
    if run([python, "-c", "import duckdb_kql, numpy"]).returncode:
        return not_run("duckdb-kql", "PyPI's package can't be installed")
    return python


def queries(files, options=()):
    """Path, query and fidelity of every query; how many rules are refused, with the first reasons."""
    found, refused = [], []
    for start in range(0, len(files), 1000):
        done = run([BINARY, "convert", "--json", "-t", "kusto", *options, *files[start : start + 1000]])
        for line in rows(done.stdout):
            one = json.loads(line)
            if "error" in one:
                refused.append((one["path"], one["error"].get("message", "")))
            elif len(one["rules"]) == 1:
                found += [(one["path"], query, one["rules"][0]["fidelity"]) for query in one["queries"]]
    return found, refused


def witnesses(path):
    done = run([BINARY, "witness", "--limit", "24", path])
    return [json.loads(line) for line in rows(done.stdout)]


class Report:
    def __init__(self, name, show):
        self.name, self.show, self.total, self.bad, self.notes = name, show, 0, [], {}

    def wrong(self, path, query, problem):
        self.bad.append((path, query, problem))

    def note(self, what):
        self.notes[what] = self.notes.get(what, 0) + 1

    def done(self, asked):
        print(f"{self.name}: {asked}, {len(self.bad)} wrong", flush=True)
        for what, count in sorted(self.notes.items()):
            print(f"  {count}: {what}")
        for path, query, problem in self.bad[: self.show]:
            print(f"  {path}\n    {query[:600]}\n    {problem[:400]}")
        return not self.bad


def bound(modules, found, refused, show):
    report = Report("Microsoft's binder", show)
    answers = bind(modules, [(query, {"T": None}) for _, query, _ in found])
    for (path, query, _), answer in zip(found, answers):
        if answer["problems"]:
            report.wrong(path, query, "; ".join(answer["problems"]))
    deepest = max((answer["depth"] for answer in answers), default=0)
    return report.done(f"{len(found)} queries, the deepest of {deepest} levels, {len(refused)} rules refused")


def tables():
    """The file of all tables with their columns' types, for the binder; nothing if there is none."""
    if not SCHEMA.exists():
        return not_run("pipelines", f"there is no {SCHEMA.relative_to(ROOT)}")
    found = {}
    for line in SCHEMA.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            tables, kind, columns = line.split("\t")
            for table in tables.split():
                found.setdefault(table, {}).update(dict.fromkeys(columns.split(), kind))
    path = TARGET / "tables.json"
    path.write_text(json.dumps(found))
    return path


def with_pipeline(modules, pipeline, files, schema, show):
    """Binds what a pipeline makes of the rules, over the tables that Microsoft publishes."""
    found, refused = queries(files, ["-p", str(pipeline)])
    report = Report(f"Microsoft's binder, {pipeline.stem}", show)
    found = [one for one in found if "\n| where" in one[1]]
    for (path, query, _), answer in zip(found, bind(modules, [(query, None) for _, query, _ in found], schema)):
        if answer["problems"]:
            report.wrong(path, query, "; ".join(answer["problems"]))
    return report.done(f"{len(found)} queries, {len(refused)} rules refused")


def evaluated(python, found, show):
    """Asks DuckDB, in the virtual environment, with the witnesses of each rule that has one query."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        events = list(pool.map(lambda one: witnesses(one[0]), found))
    jobs = [{"query": query, "events": list_} for (_, query, _), list_ in zip(found, events)]
    done = run([python, HERE / "evaluate.py"], input="\n".join(map(json.dumps, jobs)))
    answers = [json.loads(line) for line in rows(done.stdout)]
    report = Report("duckdb-kql", show)
    if len(answers) != len(jobs):
        report.wrong("", "", f"{len(jobs)} asked, {len(answers)} answered: {done.stderr[-500:]}")
    count = asked = 0
    for (path, query, fidelity), job, answer in zip(found, jobs, answers):
        if "skipped" in answer:
            report.note(answer["skipped"])
            continue
        if "error" in answer:
            report.wrong(path, query, answer["error"])
            continue
        asked += 1
        for event, hit in zip(job["events"], answer["hits"]):
            if hit is None:
                continue
            count += 1
            allowed = fidelity == "approximate" or fidelity == ("broader" if hit else "narrower")
            if hit != event["matches"] and not allowed:
                said = "a hit" if hit else "no hit"
                report.wrong(path, query, f"{fidelity}: {said}: {event['about']}: {json.dumps(event['event'])}")
                break
    proof.tell("kusto", "evaluated", "Microsoft's binder and duckdb-kql", asked, count, len(report.bad))
    return report.done(f"{asked} queries on {count} events")


def main():
    given = options(__doc__).parse_args()
    os.chdir(ROOT)
    build()
    cases, corpus = asked_rules(10 if SAMPLED else 1)
    good = []
    modules = binder()
    if modules:
        found, refused = queries(cases + corpus, ["-O", "table=T"])
        good.append(bound(modules, found, refused, given.show))
        schema = tables()
        for pipeline in sorted((ROOT / "backends" / "pipelines").glob("*.yml")) if schema else []:
            if "allowed_backends: [kusto]" in pipeline.read_text("utf-8"):
                good.append(with_pipeline(modules, pipeline, corpus, schema, given.show))
    python = packages()
    if python:
        found, _ = queries(cases + corpus[:: given.every], ["-O", "table=T"])
        once = {}
        for path, *_ in found:
            once[path] = once.get(path, 0) + 1
        good.append(evaluated(python, [one for one in found if once[one[0]] == 1], given.show))
    sys.exit(1 if False in good else 0)


if __name__ == "__main__":
    main()
