#!/usr/bin/env python3
"""Do Elastic's parsers and engines take the queries, and give the reference's answers?

    tests/engines/elastic/run.py [--show N]

Lucene (Debian's liblucene8-java, or LUCENE_JARS) and EQL (PyPI: eql) evaluate: each rule's witness
events must get the reference's answers; a broader query may find more, a narrower one less. ES|QL
(PyPI: detection-rules-esql-py) and KQL (npm: @cybernetex/kbn-es-query) are parsed. The rules are
those of tests/cases and, where it lies beside the checkout (or at CORPUS), ../shared/corpus/sigmahq: all
for the parsers and every tenth for the engines. What can't be had is NOT RUN. Ends with exit code 1
where a query is not taken or an answer is wrong.
"""

import argparse
import base64
import glob
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
TARGET = ROOT / "target" / "engines" / "elastic"
BINARY = ROOT / "target" / "debug" / "varsigma"
CORPUS = pathlib.Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus" / "sigmahq")
PACKAGES = ["eql", "detection-rules-esql-py", "antlr4-python3-runtime==4.13.2"]

# What the PyPI package eql can't do although Elasticsearch can; a pattern of the query.
EQL_LACKS = [
    (r' (==|like|regex) "', "it ignores case in every comparison"),
    (r'"[^"]*\?', "`?` is no wildcard to it"),
    (r"\d{5,}", "it reads numbers of five digits wrongly"),
    (r"regex~? ", "its regular expressions are Python's"),
    (r"`[^`]*[\[.]", "a name in backticks is a path to it"),
    (r' [=<>]+ -?(\d|true|false)| : "\d+"', "numbers, booleans and texts are compared with their own type alone"),
]

# What Kibana 7.4's parser, the one on npm, can't do although later ones can.
KQL_LACKS = [(r"\\[{}]", "it knows no escape for braces, which mean nothing to it")]


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def not_run(what, why):
    print(f"NOT RUN: {what}: {why}", flush=True)


def queries(target, files):
    """Path to its only query and fidelity; rules with several, and refused ones, are left out."""
    found, refused = {}, 0
    for start in range(0, len(files), 1000):
        done = run([BINARY, "convert", "--json", "-t", target, *files[start : start + 1000]])
        for line in done.stdout.splitlines():
            one = json.loads(line)
            if "error" in one:
                refused += 1
            elif len(one["queries"]) == 1 and len(one["rules"]) == 1:
                found[one["path"]] = (one["queries"][0], one["rules"][0]["fidelity"])
    return found, refused


def witnesses(path, known={}):
    if path not in known:
        done = run([BINARY, "witness", "--limit", "24", path])
        known[path] = [json.loads(line) for line in done.stdout.splitlines()]
    return known[path]


def flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, name)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def nested(event):
    out = {}
    for name, value in event.items():
        place, keys = out, name.split(".")
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                return None
        place[keys[-1]] = value
    return out


def stored(query, event):
    """Can an index hold the event so that the reference's answer is to be expected?"""
    # A null is not indexed, so that nothing tells it from a missing field.
    if re.search(r"_exists_|null", query) and None in event["event"].values():
        return False
    # A boolean field takes no text but `true` and `false`; a great number is no keyword's text.
    great = any(isinstance(v, float) and abs(v) > 2**63 for v in event["event"].values())
    return not great and event["about"].split(": ")[-1] != "as capitalised text"


class Report:
    def __init__(self, name, show):
        self.name, self.show, self.good, self.total, self.bad = name, show, 0, 0, []
        self.excused = {}

    def add(self, path, query, problem, excuse=None):
        self.total += 1
        if not problem:
            self.good += 1
        elif excuse:
            self.excused.setdefault(excuse, []).append(path)
        else:
            self.bad.append((path, query, problem))

    def done(self, refused):
        print(f"{self.name}: {self.good} of {self.total} agree, {refused} rules refused", flush=True)
        for excuse, paths in self.excused.items():
            print(f"  {len(paths)} differ: {excuse}: {', '.join(sorted(paths))}")
        for path, query, problem in self.bad[: self.show]:
            print(f"  {path}\n    {query[:300]}\n    {problem[:300]}")
        return not self.bad


def judge(events, answers, fidelity):
    """What is wrong with an engine's answers, or nothing."""
    for event, answer in zip(events, answers):
        if answer == event["matches"]:
            continue
        if fidelity == "approximate" or fidelity == ("broader" if answer else "narrower"):
            continue
        said = "a hit" if answer else "no hit"
        return f"{said}, expected otherwise: {event['about']}: {json.dumps(event['event'])}"
    return None


def lucene(files, show):
    jars = os.environ.get("LUCENE_JARS") or ":".join(glob.glob("/usr/share/java/lucene-*-8*.jar"))
    if not jars:
        return not_run("Lucene", "no jars (Debian: liblucene8-java; or LUCENE_JARS)")
    TARGET.mkdir(parents=True, exist_ok=True)
    built = run(["javac", "-cp", jars, "-d", TARGET, HERE / "LuceneAnswers.java"])
    if built.returncode:
        return not_run("Lucene", built.stderr[:300])
    found, refused = queries("lucene", files)
    word = lambda text: base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    asked, lines = [], []
    for path, (query, fidelity) in found.items():
        events = [event for event in witnesses(path) if stored(query, event)]
        if not events:
            continue
        asked.append((path, query, fidelity, events))
        lines.append(f"Q {word(query)}")
        for event in events:
            lines.append("E")
            fields = flat(event["event"])
            # A keyword field takes terms of at most 32,766 bytes.
            lines += [f"F {word(n)} {word(v)}" for n, v in fields if len(v.encode()) < 32766]
        lines.append("X")
    java = run(["java", "-cp", f"{jars}:{TARGET}", "LuceneAnswers"], input="\n".join(lines))
    report = Report("Lucene", show)
    for (path, query, fidelity, events), line in zip(asked, java.stdout.splitlines()):
        problem = line if line.startswith("error") else judge(events, [bit == "1" for bit in line], fidelity)
        states = problem and "would result in more than" in problem
        report.add(path, query, problem, "it has more states than Lucene takes" if states else None)
    if report.total != len(asked):
        report.bad.append(("", "", f"{len(asked)} asked, {report.total} answered: {java.stderr[:300]}"))
    return report.done(refused)


def packages():
    python = TARGET / "venv" / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", TARGET / "venv"])
    if run([python, "-c", "import eql, esql"]).returncode:
        run([python, "-m", "pip", "install", "--quiet", "--ignore-requires-python", *PACKAGES])
    return python if run([python, "-c", "import eql, esql"]).returncode == 0 else None


def inside(what, jobs):
    """Runs in the virtual environment: answers of the packages."""
    if what == "esql":
        from esql import parse_query

        for query, _ in jobs:
            try:
                parse_query(query)
                print("ok")
            except Exception as error:
                print(json.dumps("error: " + str(error)[:300]))
        return
    import eql
    from eql import parser

    for query, events in jobs:
        try:
            with parser.elasticsearch_syntax, parser.ignore_missing_fields:
                parsed = parser.parse_query(query)
            hits = []
            for event in events:
                engine = eql.get_engine(parsed)
                data = nested(event)
                try:
                    got = engine([eql.Event("any", 0, data)]) if data is not None else None
                    hits.append(None if got is None else bool(list(got)))
                except ValueError:
                    hits.append(None)  # it takes no text that is no address
            print(json.dumps(hits))
        except Exception as error:
            print(json.dumps("error: " + type(error).__name__ + " " + str(error)[:300]))


def packaged(what, python, files, show):
    found, refused = queries(what, files)
    report = Report({"eql": "EQL", "esql": "ES|QL (parsed)"}[what], show)
    jobs = []
    for path, (query, fidelity) in found.items():
        events = witnesses(path) if what == "eql" else []
        events = [event for event in events if stored(query, event)]
        jobs.append((path, query, fidelity, events))
    text = json.dumps([(query, [event["event"] for event in events]) for _, query, _, events in jobs])
    done = run([python, __file__, "--inside", what], input=text)
    lines = done.stdout.splitlines()
    for (path, query, fidelity, events), line in zip(jobs, lines):
        answer = "ok" if line == "ok" else json.loads(line)
        excuse = None
        if what == "eql":
            excuse = next((why for pattern, why in EQL_LACKS if re.search(pattern, query)), None)
        if isinstance(answer, str):
            report.add(path, query, None if answer == "ok" else answer, excuse)
        else:
            # Its patterns end in Python's `$`, which forgives a last newline.
            both = [
                (event, hit)
                for event, hit in zip(events, answer)
                if hit is not None and not any(v.endswith("\n") for _, v in flat(event["event"]))
            ]
            report.add(path, query, judge([e for e, _ in both], [a for _, a in both], fidelity), excuse)
    if len(lines) != len(jobs):
        report.bad.append(("", "", f"{len(jobs)} asked, {len(lines)} answered: {done.stderr[-300:]}"))
    return report.done(refused)


def kql(files, show):
    module = "@cybernetex/kbn-es-query"
    if not (TARGET / "node_modules" / module).exists():
        TARGET.mkdir(parents=True, exist_ok=True)
        try:
            run(["npm", "install", "--silent", "--prefix", TARGET, module], timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            return not_run("KQL", str(error))
    if not (TARGET / "node_modules" / module).exists():
        return not_run("KQL", f"npm can't install {module}")
    found, refused = queries("kql", files)
    environment = {**os.environ, "NODE_PATH": str(TARGET / "node_modules")}
    text = "\n".join(json.dumps(query) for query, _ in found.values())
    done = run(["node", HERE / "kql.js"], input=text, env=environment)
    report = Report("KQL (parsed)", show)
    for (path, (query, _)), line in zip(found.items(), done.stdout.splitlines()):
        excuse = next((why for pattern, why in KQL_LACKS if re.search(pattern, query)), None)
        report.add(path, query, None if line == "ok" else line, excuse)
    if report.total != len(found):
        report.bad.append(("", "", f"{len(found)} asked, {report.total} answered: {done.stderr[:300]}"))
    return report.done(refused)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--show", type=int, default=20, help="how many problems to print")
    options.add_argument("--inside", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.inside:
        # Python's own bound on nesting is none of Elastic's; a long chain is as deep as it is long.
        sys.setrecursionlimit(100_000)
        threading.stack_size(512 * 1024 * 1024)
        jobs = json.load(sys.stdin)
        thread = threading.Thread(target=inside, args=(given.inside, jobs))
        thread.start()
        return thread.join()
    os.chdir(ROOT)
    subprocess.run(["cargo", "build", "--quiet"], check=True)
    cases = sorted(map(str, pathlib.Path("tests/cases").rglob("*.yml")))
    corpus = sorted(map(str, CORPUS.rglob("*.yml")))
    if not corpus:
        not_run("the corpus", "there is no ../shared/corpus")
    evaluated, parsed = cases + corpus[::10], cases + corpus
    good = [lucene(evaluated, given.show)]
    python = packages()
    if python is None:
        not_run("EQL and ES|QL", "PyPI's packages can't be installed")
    else:
        good.append(packaged("eql", python, evaluated, given.show))
        good.append(packaged("esql", python, parsed, given.show))
    good.append(kql(parsed, given.show))
    sys.exit(1 if False in good else 0)


if __name__ == "__main__":
    main()
