#!/usr/bin/env python3
"""Do Elastic's parsers and engines take the queries, and give the reference's answers?

    tests/engines/elastic/run.py [--show N] [--every N]

Lucene (Debian's liblucene8-java, or LUCENE_JARS) evaluates. KQL is read by Kibana's parser (npm:
@cybernetex/kbn-es-query), and what Kibana makes of it is evaluated by kql.js. ES|QL is parsed by
Elastic's grammar (PyPI: detection-rules-esql-py) and evaluated by evaluate_esql.py. EQL is evaluated
by evaluate_eql.py, and by PyPI's eql where that can. Each rule's witness events must get the
reference's answers, with every value of `-O case=`; a broader query may find more, a narrower one
less. The rules are those of tests/cases and, where it lies beside the checkout (or at CORPUS),
../shared/corpus/sigmahq; with --every N, only every Nth of the latter is asked for answers. What
can't be had is NOT RUN. Ends with exit code 1 where a query is not taken or an answer is wrong.

With VARSIGMA_ENGINES=sample, every 10th rule of the corpus is parsed and asked. With VARSIGMA_BUILT,
the programs are there already, in a release build.
"""

import argparse
import base64
import concurrent.futures
import functools
import glob
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

import evaluate_eql
import evaluate_esql

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
TARGET = ROOT / "target" / "engines" / "elastic"
BUILT = "VARSIGMA_BUILT" in os.environ
BINARY = os.environ.get("VARSIGMA") or ROOT / "target" / ("release" if BUILT else "debug") / "varsigma"
CORPUS = pathlib.Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus" / "sigmahq")
PACKAGES = ["eql", "detection-rules-esql-py", "antlr4-python3-runtime==4.13.2"]

# What the PyPI package eql can't do although Elasticsearch can; a pattern of the query.
EQL_LACKS = [
    (r' (==|like|regex) "', "it ignores case in every comparison"),
    (r' : "(?:\\.|[^"\\])*\?', "`?` is no wildcard to it"),
    (r"regex~? ", "its regular expressions are Python's"),
    (r"[^ ]``", "no name can hold a backtick"),
]
# A name, and the sign of a comparison.
EQL_TEST = re.compile(
    r"(`(?:``|[^`])+`|[A-Za-z_][\w.]*) (?:(?P<number>(?:==|!=|[<>]=?) -?[\d.])|(?P<boolean>== (?:true|false))"
    r"|(?P<text>(?:==|:|like|regex~?) \"))"
)


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def rows(text):
    """Lines; `splitlines` knows other ends of lines than these, which JSON may hold."""
    return [line for line in text.split("\n") if line]


def not_run(what, why):
    print(f"NOT RUN: {what}: {why}", flush=True)


# Letters that a lower-case normalizer, ES|QL and the reference make different things of.
ODD_CASE = re.compile("[İıſςǅǈǋǲ]")


def queries(target, files, options=()):
    """Path to its only query and fidelity; rules with several, and refused ones, are left out."""
    found, refused = {}, 0
    for start in range(0, len(files), 1000):
        part = files[start : start + 1000]
        done = run([BINARY, "convert", "--json", "-t", target, *options, *part])
        for line in rows(done.stdout):
            one = json.loads(line)
            if "error" in one:
                refused += 1
            elif len(one["queries"]) == 1 and len(one["rules"]) == 1:
                if "case=mapped" in options and ODD_CASE.search(one["queries"][0]):
                    continue
                found[one["path"]] = (one["queries"][0], one["rules"][0]["fidelity"])
    return found, refused


# Correlations are asked by correlations.py, and a filter among the cases would apply to all of them.
LINKED = re.compile(r"^(?:correlation|filter):|\|\s*(?:count|sum|min|max|avg|near)\b", re.MULTILINE)


def of_single_events(folder):
    """The rules of a folder, in order, that a single event matches or not."""
    rules = sorted(folder.rglob("*.yml"))
    return [str(rule) for rule in rules if not LINKED.search(rule.read_text("utf-8"))]


@functools.cache
def witnesses(path):
    done = run([BINARY, "witness", "--limit", "24", path])
    return [json.loads(line) for line in rows(done.stdout)]


def flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, name)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def typed(query):
    """The type that each field is compared as, by name; None where it is compared as several."""
    types = {}
    for match in EQL_TEST.finditer(query):
        name = match[1][1:-1].replace("``", "`") if match[1].startswith("`") else match[1]
        types[name] = match.lastgroup if types.get(name, match.lastgroup) == match.lastgroup else None
    return types


def as_type(value, kind):
    """A value as a field of that type holds it; None where it can't."""
    text = value if isinstance(value, str) else json.dumps(value)
    if kind == "text" or value is None:
        return text if value is not None else None
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    return int(text) if re.fullmatch(r"-?\d+", text) else evaluate_esql.number(text)


def for_package(query, event):
    """An event as PyPI's eql has it, which compares values with their own type alone: nothing where
    an index could not hold it."""
    types, quoted = typed(query), set(re.findall(r"`([^`]+)`", query))
    out = {}
    for name, value in event.items():
        kind = types.get(name, "text")
        held = as_type(value, kind) if kind and not isinstance(value, (list, dict)) else None
        if held is None and value is not None:
            return None
        out[name] = held
    return nested(out, quoted)


def nested(event, flat=()):
    out = {}
    for name, value in event.items():
        place, keys = out, [name] if name in flat else name.split(".")
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                return None
        place[keys[-1]] = value
    return out


def fields_of(event):
    """An event as an index of keyword fields has it: a name and its texts."""
    fields = {}
    for name, value in flat(event["event"]):
        fields.setdefault(name, []).append(value)
    return fields


def stored(query, event):
    """Can an index hold the event so that the reference's answer is to be expected?"""
    # A null is not indexed, so that nothing tells it from a missing field.
    if re.search(r"_exists_|null|NULL|: \*( |\)|$)", query) and None in event["event"].values():
        return False
    # The evaluators take a field for an address where it is compared with a network's text, and an
    # address is no network.
    texts = [value for value in event["event"].values() if isinstance(value, str)]
    if any(re.fullmatch(r"[0-9a-fA-F.:]+/\d+", value) for value in texts):
        return False
    # A boolean field takes no text but `true` and `false`; a great number is no keyword's text.
    great = any(isinstance(v, float) and abs(v) >= 2**63 for v in event["event"].values())
    return not great and event["about"].split(": ")[-1] != "as capitalized text"


def whole_double(event):
    """Is there a number that a keyword field has as 1000.0, which no query asks for?"""
    return any(isinstance(value, float) and value.is_integer() for value in event["event"].values())


class Report:
    def __init__(self, name, show):
        self.name, self.show, self.good, self.total, self.bad = name, show, 0, 0, []
        self.excused, self.events = {}, 0

    def add(self, path, query, problem, excuse=None, events=()):
        self.total += 1
        self.events += len(events)
        if not problem:
            self.good += 1
        elif excuse:
            self.excused.setdefault(excuse, []).append(path)
        else:
            self.bad.append((path, query, problem))

    def done(self, refused):
        print(f"{self.name}: {self.good} of {self.total} agree on {self.events} events, {refused} rules refused", flush=True)
        for excuse, paths in self.excused.items():
            print(f"  {len(paths)} differ: {excuse}: {', '.join(sorted(paths))}")
        for path, query, problem in self.bad[: self.show]:
            print(f"  {path}\n    {query[:300]}\n    {problem[:300]}")
        return not self.bad


def bits(line):
    return [bit == "1" for bit in line]


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


@functools.cache
def lucene_jars():
    """The class path with what asks Lucene, or nothing."""
    jars = os.environ.get("LUCENE_JARS") or ":".join(glob.glob("/usr/share/java/lucene-*-8*.jar"))
    if not jars:
        return not_run("Lucene", "no jars (Debian: liblucene8-java; or LUCENE_JARS)")
    TARGET.mkdir(parents=True, exist_ok=True)
    built = run(["javac", "-cp", jars, "-d", TARGET, HERE / "LuceneAnswers.java"])
    return not_run("Lucene", built.stderr[:300]) if built.returncode else f"{jars}:{TARGET}"


def ask_lucene(asked, case):
    """Asks queries of their events: a line of 0 and 1, or of an error, for each."""
    word = lambda text: base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    lines = []
    for query, events in asked:
        lines.append(f"Q {word(query)} {case}")
        for event in events:
            lines.append("E")
            fields = flat(event["event"])
            # A keyword field takes terms of at most 32,766 bytes.
            lines += [f"F {word(n)} {word(v)}" for n, v in fields if len(v.encode()) < 32766]
        lines.append("X")
    done = run(["java", "-cp", lucene_jars(), "LuceneAnswers"], input="\n".join(lines))
    answers = rows(done.stdout)
    return answers + ["error: " + done.stderr[:300]] * (len(asked) - len(answers))


def bound(problem):
    """What Lucene doesn't take of a query, if that is its problem."""
    bounds = {
        "would result in more than": "it has more states than Lucene takes",
        "too many boolean clauses": "it has more clauses (VS0612) than Lucene takes",
        "illegal prefixLength": "Elasticsearch takes no network of IPv4 addresses mapped to IPv6",
    }
    found = [what for words, what in bounds.items() if problem and words in problem]
    return found[0] if found else None


def lucene(files, show, case):
    if not lucene_jars():
        return None
    found, refused = queries("lucene", files, ["-O", f"case={case}"])
    fit = lambda query, event: stored(query, event) and not whole_double(event)
    asked = [(path, [e for e in witnesses(path) if fit(query, e)]) for path, (query, _) in found.items()]
    asked = [(path, events) for path, events in asked if events]
    lines = ask_lucene([(found[path][0], events) for path, events in asked], case)
    report = Report(f"Lucene, case={case}", show)
    for (path, events), line in zip(asked, lines):
        query, fidelity = found[path]
        problem = line if line.startswith("error") else judge(events, bits(line), fidelity)
        report.add(path, query, problem, bound(problem), events)
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
            # Its expressions need not reach the end of the value.
            whole = re.sub(r'( regex~? )"((?:\\.|[^"\\])*)"', r'\1"(?:\2)\\\\Z"', query, flags=re.S)
            with parser.elasticsearch_syntax, parser.ignore_missing_fields:
                parsed = parser.parse_query(whole)
            hits = []
            for event in events:
                engine = eql.get_engine(parsed)
                data = for_package(query, event)
                try:
                    got = engine([eql.Event("any", 0, data)]) if data is not None else None
                    hits.append(None if got is None else bool(list(got)))
                except ValueError:
                    hits.append(None)  # it takes no text that is no address
            print(json.dumps(hits))
        except Exception as error:
            print(json.dumps("error: " + type(error).__name__ + " " + str(error)[:300]))


def single_valued(query, path, fold=str):
    """Events whose fields have one value each, as no comparison of these languages takes more."""
    for event in witnesses(path):
        fields = fields_of(event)
        if stored(query, event) and all(len(values) == 1 for values in fields.values()):
            yield event, {name: fold(texts[0]) for name, texts in fields.items()}


def esql_answers(files, show, case):
    found, refused = queries("esql", files, ["-O", f"case={case}"])
    report = Report(f"ES|QL, case={case}", show)
    for path, (query, fidelity) in found.items():
        # A keyword in lower case is a field with a normalizer.
        fold = str.lower if case == "mapped" else str
        events = list(single_valued(query, path, fold))
        answers = evaluate_esql.answers(query, [fields for _, fields in events], case == "mapped")
        report.add(path, query, judge([event for event, _ in events], answers, fidelity), None, events)
    return report.done(refused)


def eql_answers(files, show):
    found, refused = queries("eql", files)
    report = Report("EQL", show)
    for path, (query, fidelity) in found.items():
        events = list(single_valued(query, path))
        # To a numeric field 1.50 is 1.5.
        events = [one for one in events if not one[0]["about"].endswith("with a digit more")]
        answers = evaluate_eql.answers(query, [fields for _, fields in events])
        report.add(path, query, judge([event for event, _ in events], answers, fidelity), None, events)
    return report.done(refused)


def skipped(query, event):
    """Can't PyPI's eql tell such an event? To numbers 1.50 is 1.5."""
    ending = ("with a digit more", "upper case", "lower case", "other case")
    return event["about"].endswith(ending if re.search(EQL_LACKS[0][0], query) else ending[0])


def packaged(what, python, files, show):
    found, refused = queries(what, files)
    report = Report({"eql": "EQL, by PyPI's eql", "esql": "ES|QL, parsed"}[what], show)
    jobs = []
    for path, (query, fidelity) in found.items():
        events = witnesses(path) if what == "eql" else []
        events = [event for event in events if stored(query, event) and not skipped(query, event)]
        jobs.append((path, query, fidelity, events))
    text = json.dumps([(query, [event["event"] for event in events]) for _, query, _, events in jobs])
    done = run([python, __file__, "--inside", what], input=text)
    lines = rows(done.stdout)
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
            problem = judge([e for e, _ in both], [a for _, a in both], fidelity)
            report.add(path, query, problem, excuse, both)
    if len(lines) != len(jobs):
        report.bad.append(("", "", f"{len(jobs)} asked, {len(lines)} answered: {done.stderr[-300:]}"))
    return report.done(refused)


@functools.cache
def kibana():
    """Is Kibana's parser there?"""
    module = "@cybernetex/kbn-es-query"
    if not (TARGET / "node_modules" / module).exists():
        TARGET.mkdir(parents=True, exist_ok=True)
        try:
            run(["npm", "install", "--silent", "--prefix", TARGET, module], timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            return not_run("KQL", str(error))
    if not (TARGET / "node_modules" / module).exists():
        return not_run("KQL", f"npm can't install {module}")
    return True


def ask_kql(asked, case):
    """As `ask_lucene`, with `ok` before the bits."""
    # Kibana 7.4's parser, the one on npm, knows no escape for braces, which mean nothing to it.
    plain = lambda match: match[1] if match[1] in "{}" else match[0]
    lines = [
        {
            "query": re.sub(r"\\(.)", plain, query, flags=re.S),
            "events": [fields_of(event) for event in events],
            "mapped": case == "mapped",
        }
        for query, events in asked
    ]
    environment = {**os.environ, "NODE_PATH": str(TARGET / "node_modules")}
    done = run(["node", "--stack-size=4000", HERE / "kql.js"], input="\n".join(map(json.dumps, lines)), env=environment)
    answers = rows(done.stdout)
    return answers + ["error: " + done.stderr[:300]] * (len(asked) - len(answers))


def kql(files, show, case, answered):
    if not kibana():
        return None
    found, refused = queries("kql", files, ["-O", f"case={case}"])
    events = {
        path: [e for e in witnesses(path) if stored(query, e) and not whole_double(e)] if path in answered else []
        for path, (query, _) in found.items()
    }
    lines = ask_kql([(query, events[path]) for path, (query, _) in found.items()], case)
    report = Report(f"KQL, case={case}", show)
    for (path, (query, fidelity)), line in zip(found.items(), lines):
        ok = line.startswith("ok")
        problem = judge(events[path], bits(line[3:]), fidelity) if ok else line
        report.add(path, query, problem, None, events[path])
    return report.done(refused)


def kql_filters(files, show):
    """Regular expressions beside KQL: the query and the filter of a saved search have to hold."""
    if not (kibana() and lucene_jars()):
        return None
    options = ["-f", "kibana_ndjson", "-O", "regex=lucene"]
    found, refused = queries("kql", files, options)
    asked = []
    for path, (document, fidelity) in found.items():
        source = json.loads(json.loads(document)["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        if source["filter"]:
            query, [beside] = source["query"]["query"], source["filter"]
            text = beside["query"]["query_string"]["query"]
            events = [e for e in witnesses(path) if stored(f"{query} {text}", e)]
            asked.append((path, fidelity, query, text, events))
    report = Report("KQL with a filter", show)
    first = ask_kql([(query, events) for *_, query, _, events in asked], "keyword")
    second = ask_lucene([(text, events) for *_, text, events in asked], "regex")
    for (path, fidelity, query, text, events), one, two in zip(asked, first, second):
        if one.startswith("error") or two.startswith("error"):
            report.add(path, f"{query} + {text}", f"{one} {two}", bound(two))
        else:
            both = [a and b for a, b in zip(bits(one[3:]), bits(two))]
            report.add(path, f"{query} + {text}", judge(events, both, fidelity), None, events)
    return report.done(refused)


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--show", type=int, default=20, help="how many problems to print")
    options.add_argument("--every", type=int, default=1, help="ask every so many rules of the corpus")
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
    if "VARSIGMA" not in os.environ and not BUILT:
        subprocess.run(["cargo", "build", "--quiet"], check=True)
    cases = of_single_events(pathlib.Path("tests/cases"))
    corpus = of_single_events(CORPUS)
    if not corpus:
        not_run("the corpus", "there is no ../shared/corpus")
    if os.environ.get("VARSIGMA_ENGINES") == "sample":
        corpus = corpus[::10]
    evaluated, parsed = cases + corpus[:: given.every], cases + corpus
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(witnesses, evaluated))
    # Lucene takes the longest; with the other value of `case` it is asked a quarter of the corpus.
    good = [lucene(evaluated, given.show, "regex"), lucene(cases + corpus[:: 4 * given.every], given.show, "mapped")]
    python = packages()
    if python is None:
        not_run("EQL and ES|QL", "PyPI's packages can't be installed")
    else:
        good.append(packaged("eql", python, evaluated, given.show))
        good.append(packaged("esql", python, parsed, given.show))
    good.append(eql_answers(evaluated, given.show))
    good += [esql_answers(evaluated, given.show, case) for case in ("lower", "mapped")]
    good.append(kql(parsed, given.show, "keyword", set(evaluated)))
    good.append(kql(evaluated, given.show, "mapped", set(evaluated)))
    good.append(kql_filters(evaluated, given.show))
    sys.exit(1 if False in good else 0)


if __name__ == "__main__":
    main()
