#!/usr/bin/env python3
"""Does OpenSearch take the queries for Lucene's syntax, and give the reference's answers?

    tests/engines/opensearch/run.py [--show N] [--every N] [--target T] [--release R]

A real node (node.py) has the witness events of the rules in indices of each layout below, and is asked
the bodies of the format `dsl_lucene`. The query in each saved search and in each detection rule has to
be the same. Each event must get the reference's answer, with every value of `-O case=`; a broader query
may find more, a narrower one less. The rules are those of tests/cases and, where it lies beside the
checkout (or at CORPUS), ../shared/corpus/sigmahq; with --every N, only every Nth of the latter.

What can't be had is NOT RUN. Ends with exit code 1 where a query is not taken or an answer is wrong.
With VARSIGMA_ENGINES=sample, every 10th rule of the corpus is asked, and nothing of `wildcard` fields.
With VARSIGMA_BUILT, the program is there already, in a release build.
"""

import concurrent.futures
import json
import os
import pathlib
import signal
import sys

import mapping
import node
from mapping import Layout

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "elastic"))
import rules
import setting
from report import Report, judge

KEYWORD = {"type": "keyword"}
LOWER = {"normalizer": "lower"}
SETTINGS = {"analysis.normalizer.lower": {"type": "custom", "filter": ["lowercase"]}}
# As an index has texts that nobody mapped.
DYNAMIC = {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
LAYOUTS = [
    Layout("keyword", "regex", KEYWORD, KEYWORD),
    Layout("keyword, numbers and booleans by their types", "regex", KEYWORD, KEYWORD, typed=True),
    Layout("keyword in lower case", "mapped", KEYWORD | LOWER, KEYWORD | LOWER),
    Layout("text", "regex", KEYWORD, {"type": "text"}, keywords=True),
    Layout("match_only_text", "regex", KEYWORD, {"type": "match_only_text"}, keywords=True),
    Layout("text with a keyword", "regex", KEYWORD, DYNAMIC, keywords=True),
    Layout("text, beside keyword in lower case", "mapped", KEYWORD | LOWER, {"type": "text"}, keywords=True),
]
# Fields that an index has beside those of the rule, and that keywords are searched in, too.
BESIDE = {kind: {"type": kind} for kind in ("date", "long", "double", "ip", "boolean", "geo_point", "binary", "flat_object")}
# `query_string` compares patterns with three characters of a value there, and takes what an expression
# has to hold from its text without regard to escapes. The queries are right in a keyword field.
WILDCARD = "a `wildcard` field finds other events than a keyword field by the same query"
MEASURED = [
    Layout("wildcard", "regex", {"type": "wildcard"}, {"type": "wildcard"}, differs=WILDCARD),
    Layout("wildcard in lower case", "mapped", {"type": "wildcard"} | LOWER, {"type": "wildcard"} | LOWER, differs=WILDCARD),
]
TOGETHER = 60  # rules in an index
# Documents with the query, beside the bodies of searches.
FORMATS = {
    "lucene": ("kibana_ndjson", "siem_rule", "siem_rule_ndjson"),
    "opensearch": ("dashboards_ndjson", "monitor_rule"),
}


def holds(value, query):
    """Is the query one of the texts in a document, or in a document that one of its texts is?"""
    if isinstance(value, str):
        try:
            return value == query or value.startswith("{") and holds(json.loads(value), query)
        except ValueError:
            return False
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(holds(one, query) for one in inner)


def same_queries(target, files, case, found):
    """Have documents of the other formats the query that is asked?"""
    good = True
    for form in FORMATS[target]:
        documents, _ = rules.queries(target, files, ["-f", form, "-O", f"case={case}"])
        bad = [path for path, (query, *_) in found.items() if not holds(json.loads(documents[path][0]), query)]
        print(f"{target} as {form}, case={case}: {len(found) - len(bad)} of {len(found)} have the same query", flush=True)
        for path in bad[:5]:
            print(f"  {path}: has another query")
        good = good and not bad
    return good


class Job:
    """A rule, the events that an index of a layout can hold, and their types."""

    def __init__(self, path, query, fidelity, body, layout):
        self.path, self.query, self.fidelity, self.body = path, query, fidelity, body
        events = rules.witnesses(path)
        self.types = mapping.of_rule(query, [event["event"] for event in events], layout)
        self.events = [event for event in events if mapping.storable(query, event["event"], self.types)]
        self.keywords = None in mapping.tests_of(query)


def groups(jobs):
    """Rules that go together into an index."""
    open_groups = []
    for job in jobs:
        for group in open_groups:
            # Keywords are searched in every field, and each is a clause.
            if job.keywords or group[1][0].keywords or len(group[1]) >= TOGETHER:
                continue
            both = mapping.joined(group[0], job.types)
            if both is not None:
                group[0] = both
                group[1].append(job)
                break
        else:
            open_groups.append([job.types, [job]])
    return open_groups


def ask(opensearch, types, jobs):
    """The answers to each job's query: a truth value for each event, or what is wrong."""
    beside = {f"beside_{kind}": held for kind, held in BESIDE.items()}
    events = {f"{at}-{n}": event["event"] for at, job in enumerate(jobs) for n, event in enumerate(job.events)}
    name = opensearch.index(types | beside, events, SETTINGS)
    bodies = []
    for at, job in enumerate(jobs):
        # The rule's own events alone, without a word about them in the query.
        own = {"ids": {"values": [f"{at}-{n}" for n in range(len(job.events))]}}
        bodies.append({**json.loads(job.body), "post_filter": own, "size": len(job.events), "_source": False})
    answers = opensearch.searches(bodies, name)
    opensearch.drop(name)
    for at, (job, answer) in enumerate(zip(jobs, answers)):
        if isinstance(answer, node.Refused):
            yield job, f"error: {answer}"
        else:
            yield job, [f"{at}-{n}" in set(answer) for n in range(len(job.events))]


def excuse(problem, query, layout):
    """What OpenSearch doesn't take of a query, or does with it, if that is its problem."""
    if not problem:
        return None
    bounds = {
        "too many boolean clauses": "it has more clauses (VS0612) than Lucene takes",
        "maxClauseCount is set to": "it has more clauses (VS0612) than Lucene takes",
        "Query string length exceeds": "it is longer than the 32,000 characters that OpenSearch takes",
    }
    if problem.startswith("error"):
        return next((why for words, why in bounds.items() if words in problem), None)
    return layout.differs


def run_layout(opensearch, target, layout, files, show):
    found, refused = rules.queries(target, files, ["-O", f"case={layout.case}"])
    bodies, _ = rules.queries(target, files, ["-f", "dsl_lucene", "-O", f"case={layout.case}"])
    report = Report(f"{target} on OpenSearch {opensearch.release}, {layout.name}, case={layout.case}", show)
    jobs, impossible = [], {}
    for path, (query, fidelity, _) in found.items():
        try:
            job = Job(path, query, fidelity, bodies[path][0], layout)
        except ValueError as error:
            impossible[str(error)] = impossible.get(str(error), 0) + 1
            continue
        typed = any(held["type"] in ("long", "double", "boolean") for held in job.types.values())
        if job.events and (job.keywords or not layout.keywords) and (typed or not layout.typed):
            jobs.append(job)
    together = groups(jobs)
    for types, group in together:
        for job, answer in ask(opensearch, types, group):
            problem = answer if isinstance(answer, str) else judge(job.events, answer, job.fidelity)
            report.add(job.path, job.query, problem, excuse(problem, job.query, layout), len(job.events))
    return finish(report, refused, impossible)


def finish(report, refused, impossible):
    """Prints a report, and of excuses how often they are made."""
    excused, report.excused = report.excused, {}
    good = report.done(refused)
    for why, paths in excused.items():
        print(f"  {len(paths)} differ: {why}: {', '.join(sorted(paths)[:3])}")
    for why, count in impossible.items():
        print(f"  {count} not asked: {why}")
    return good


def main():
    options = setting.options(__doc__)
    options.add_argument("--target", default="opensearch", choices=FORMATS, help="whose queries are asked")
    options.add_argument("--release", help=f"one of {', '.join(node.RELEASES)}; else the newest that runs here")
    given = options.parse_args()
    os.chdir(setting.ROOT)
    setting.build()
    cases, corpus = setting.asked_rules(10 if setting.SAMPLED else given.every)
    files = cases + corpus
    good = []
    # A node is closed however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with node.Node(given.release) as opensearch:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                list(pool.map(rules.witnesses, files))
            for case in ("regex", "mapped"):
                found, _ = rules.queries(given.target, files, ["-O", f"case={case}"])
                good.append(same_queries(given.target, files, case, found))
            for layout in LAYOUTS + ([] if setting.SAMPLED else MEASURED):
                good.append(run_layout(opensearch, given.target, layout, files, given.show))
    except LookupError as error:
        setting.not_run("OpenSearch", str(error))
    sys.exit(1 if False in good else 0)


if __name__ == "__main__":
    main()
