#!/usr/bin/env python3
"""Does OpenSearch's PPL take the queries, and give the reference's answers?

    tests/engines/opensearch/ppl.py [--show N] [--every N]

A real node (node.py) with the SQL and PPL plugin has the witness events of the rules in indices of
each layout below, and is asked the queries of the target `ppl`. Each event must get the reference's
answer; a broader query may find more, a narrower one less. The rules are those of tests/cases and,
where it lies beside the checkout (or at CORPUS), ../shared/corpus/sigmahq; with --every N, only every
Nth of the latter.

A node that runs already, one of the official distribution for example, is asked in place of that of
node.py where OPENSEARCH_URL names it (http://127.0.0.1:9200): indices `events-N` are made there, and
are removed. Without either it is NOT RUN. Ends with exit code 1 where a query is not taken or an
answer is wrong. With VARSIGMA_ENGINES=sample, every 20th rule of the corpus is asked. With
VARSIGMA_BUILT, the program is there already, in a release build.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import sys
import urllib.parse

import mapping
import node

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "elastic"))
import rules
import setting
from report import Report, judge

KEYWORD = {"type": "keyword"}
# As an index has texts that nobody mapped.
DYNAMIC = {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
# A layout's name, how it has texts, whether numbers, booleans and addresses have their types, and the options.
LAYOUTS = [
    ("keyword", KEYWORD, False, []),
    ("text with a keyword", DYNAMIC, False, []),
    ("numbers, booleans and addresses by their types", KEYWORD, True, []),
    ("the same, options for such fields", KEYWORD, True, ["-O", "number=native", "-O", "address=native"]),
]
TOGETHER = 40  # rules in an index
ROWS = 10_000  # that a query gives: `plugins.query.size_limit`
# What prints the fields of a rule: the events' ids are asked for instead.
FIELDS = re.compile(r" \| fields (?:[^|']|`[^`]*`)*$")
UNKNOWN = re.compile(r"Field \[(.+?)\] not found")


class Running(node.Node):
    """A node that somebody else started."""

    def start(self):
        place = urllib.parse.urlsplit(os.environ["OPENSEARCH_URL"])
        self.port, self.release = place.port or 9200, "at OPENSEARCH_URL"
        return self

    def ppl(self, text):
        answer = self.request("POST", "/_plugins/_ppl", {"query": text})
        names = [column["name"] for column in answer["schema"]]
        return [dict(zip(names, row)) for row in answer["datarows"]]


def opened(stack):
    """A node that takes PPL. LookupError: there is none."""
    opensearch = stack.enter_context((Running if os.environ.get("OPENSEARCH_URL") else node.Node)())
    try:
        name = opensearch.index({}, {})
        opensearch.ppl(f"source=`{name}` | head 1")
        opensearch.drop(name)
    except (OSError, node.Refused) as error:
        raise LookupError(f"the node takes no PPL: {error}") from error
    return opensearch


def storable(event):
    """Is the event the same in an index?"""
    # A null is not indexed, a field has the first of several values, and a number as a keyword's text.
    for value in event.values():
        if value is None or isinstance(value, (list, dict)) or not mapping.fits(value, "keyword"):
            return False
    return True


class Job:
    """A rule, the events that an index can hold, and their fields' types.

    Which fields can have a number's, a boolean's or an address's type is told by the rule's query for
    Lucene, whose tests mapping.py knows.
    """

    def __init__(self, path, query, fidelity, texts, lucene):
        self.path, self.query, self.fidelity = path, query, fidelity
        self.events = [event for event in rules.witnesses(path) if storable(event["event"])]
        held = {name for event in self.events for name in mapping.fields(event["event"])}
        self.types = dict.fromkeys(held, texts)
        if lucene is not None:
            layout = mapping.Layout("typed", "regex", KEYWORD, KEYWORD, typed=True)
            self.types = mapping.of_rule(lucene, [event["event"] for event in self.events], layout)
            self.events = [event for event in self.events if self.fits(event["event"], lucene)]
        for name in held:
            if name in mapping.METADATA or any(not part.strip() for part in name.split(".")):
                raise ValueError("an index has no field of that name")
            if any(other.startswith(name + ".") for other in held):
                raise ValueError("a field has a value and fields of its own")


    def fits(self, event, lucene):
        """Do fields of these types have the values as they are? `1.50` is 1.5 in a number's field."""
        for name, value in event.items():
            if isinstance(value, str) and self.types[name]["type"] in ("long", "double") and str(mapping.number(value)) != value:
                return False
        return mapping.storable(lucene, event, self.types)


def bound(query, types, problem):
    """What is known of a query that a node does not take or answers otherwise."""
    if problem and ("64 KB" in problem or "Error while preparing plan" in problem):
        return "it has more tests (VS0612) than Java compiles"
    mapped = "::ffff:" in query or "[fF][fF][fF][fF]" in query
    if mapped and {"type": "ip"} in types.values():
        return "a field of type `ip` has a mapped address of IPv4 as one of IPv4"
    return None


def groups(jobs):
    """Rules that go together into an index. A keyword is a clause for each field: such a rule is alone."""
    open_groups = []
    for job in jobs:
        for group in [] if "query_string(" in job.query else open_groups[-20:]:
            is_open = len(group[1]) < TOGETHER and "query_string(" not in group[1][0].query
            both = mapping.joined(group[0], job.types) if is_open else None
            if both is not None:
                group[0] = both
                group[1].append(job)
                break
        else:
            open_groups.append([job.types, [job]])
    return open_groups


def unknown_fields(opensearch, name, job, texts):
    """A field of the rule that no event has is made, as the query fails without."""
    query = FIELDS.sub("", job.query).replace("source=`*`", f"source=`{name}`", 1)
    query = f"{query} | fields _id | head {ROWS}"
    for _ in range(40):
        try:
            return {row["_id"] for row in opensearch.ppl(query)}
        except node.Refused as error:
            missing = UNKNOWN.search(str(error))
            if not missing:
                raise
            opensearch.request("PUT", f"/{name}/_mapping", {"properties": {missing[1]: texts}})
    raise node.Refused("more than 40 fields are not known")


def ask(opensearch, types, jobs, texts):
    """The answers to each job's query: a truth value for each event, or what is wrong."""
    events = {f"{at}-{n}": event["event"] for at, job in enumerate(jobs) for n, event in enumerate(job.events)}
    name = opensearch.index(types, events)
    for at, job in enumerate(jobs):
        try:
            found = unknown_fields(opensearch, name, job, texts)
            yield job, [f"{at}-{n}" in found for n in range(len(job.events))]
        except node.Refused as error:
            yield job, f"error: {error}"
    opensearch.drop(name)


def run_layout(opensearch, layout, files, show):
    title, texts, typed, options = layout
    found, refused = rules.queries("ppl", files, options)
    report = Report(f"PPL, OpenSearch {opensearch.release}, {title}", show)
    lucene = rules.queries("lucene", files)[0] if typed else {}
    jobs, impossible = [], {}
    for path, (query, fidelity, _) in found.items():
        if typed and path not in lucene:
            continue
        try:
            job = Job(path, query, fidelity, texts, lucene[path][0] if typed else None)
        except ValueError as error:
            impossible[str(error)] = impossible.get(str(error), 0) + 1
            continue
        has_types = any(held["type"] not in ("keyword", "text") for held in job.types.values())
        if job.events and (has_types or not typed):
            jobs.append(job)
    for types, group in groups(jobs):
        for job, answer in ask(opensearch, types, group, texts):
            problem = answer if isinstance(answer, str) else judge(job.events, answer, job.fidelity)
            report.add(job.path, job.query, problem, bound(job.query, job.types, problem), len(job.events))
    good = report.done(refused)
    for why, count in impossible.items():
        print(f"  {count} not asked: {why}")
    return good


def main():
    options = setting.options(__doc__)
    options.add_argument("--layout", type=int, help="only the layout of this number, from 0")
    given = options.parse_args()
    os.chdir(setting.ROOT)
    setting.build()
    cases, corpus = setting.asked_rules(20 if setting.SAMPLED else given.every)
    files = cases + corpus
    layouts = LAYOUTS if given.layout is None else [LAYOUTS[given.layout]]
    good = []
    try:
        with contextlib.ExitStack() as stack:
            opensearch = opened(stack)
            with concurrent.futures.ThreadPoolExecutor() as pool:
                list(pool.map(rules.witnesses, files))
            for layout in layouts:
                good.append(run_layout(opensearch, layout, files, given.show))
    except LookupError as error:
        setting.not_run("OpenSearch PPL", str(error))
    sys.exit(1 if False in good else 0)


if __name__ == "__main__":
    main()
