#!/usr/bin/env python3
"""Do Elastic's parsers and engines take the queries, and give the reference's answers?

    tests/engines/elastic/run.py [--show N] [--every N]

Elasticsearch 8 and 9 evaluate Lucene queries and what Kibana's parser makes of KQL (elasticsearch.py,
kibana.py). ES|QL is parsed by Elastic's grammar and evaluated by evaluate_esql.py; EQL is evaluated by
evaluate_eql.py, and by PyPI's eql where that can (packages.py). What patterns mean to the evaluators is
compared with Elasticsearch (readers.py). Each rule's witness events must get the reference's answers,
with every value of `-O case=`; a broader query may find more, a narrower one less. The rules are those
of tests/cases and, where it lies beside the checkout (or at CORPUS), ../shared/corpus/sigmahq; with
--every N, only every Nth of the latter is asked for answers. What can't be had is NOT RUN. Ends with
exit code 1 where a query is not taken or an answer is wrong.

With VARSIGMA_ENGINES=sample, every 10th rule of the corpus is parsed and asked. With VARSIGMA_BUILT,
the programs are there already, in a release build.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import sys
from typing import NamedTuple

import elasticsearch
import evaluate_eql
import evaluate_esql
import kibana
import packages
import readers
from report import Report, bits, judge
from rules import EXISTS, fields_of, flat, queries, single_valued, stored, witnesses
from setting import ROOT, SAMPLED, asked_rules, build, options

# What an index may be for the same events; `text` where a query names no field.
FORMS = ("keyword", "typed", "text")


class Asked(NamedTuple):
    """A query for Elasticsearch."""

    report: str
    path: str
    text: str
    fidelity: str
    warnings: set
    query: dict
    mapping: dict
    events: list


def query_string(text):
    """As Kibana and detection rules send it."""
    return {"query_string": {"query": text, "analyze_wildcard": True}}


def fits(text, event, form):
    """Can an index hold the event so that the reference's answer is to be expected?"""
    values = event["event"].values()
    # A null is not indexed, so that nothing tells it from a missing field.
    if EXISTS.search(text) and None in values:
        return False
    # To a number 1.50 is 1.5, and to a boolean an empty text is false.
    if form == "typed":
        return not event["about"].endswith(("with a digit more", ": empty"))
    # A value without letters and digits has no words.
    if form == "text" and any(isinstance(value, str) and not re.search(r"\w", value) for value in values):
        return False
    # As text, 1000 and a great number are 1000.0 and 1e+30, which no query asks for.
    return not any(isinstance(value, float) and (value.is_integer() or abs(value) >= 2**63) for value in values)


def asked(report, path, output, query, compared, case="keyword"):
    """The query, of an index of each form that differs for its events; `query` is made for a mapping."""
    known = []
    if "|cidr" not in pathlib.Path(path).read_text("utf-8"):
        compared = {name: {"word" if kind == "network" else kind for kind in kinds} for name, kinds in compared.items()}
    for form in FORMS:
        events = [event for event in witnesses(path) if fits(output.query, event, form)]
        mapping = elasticsearch.mapping(compared, events, case, form)
        if events and mapping not in known:
            known.append(mapping)
            yield Asked(f"{report}, {form}", path, output.query, output.fidelity, output.warnings, query(mapping), mapping, events)


def lucene(files, case):
    found, refused = queries("lucene", files, ["-f", "dsl_lucene", "-O", f"case={case}"])
    print(f"Lucene, case={case}: {len(found)} queries, {refused} rules refused", flush=True)
    for path, output in found.items():
        body = json.loads(output.query)["query"]
        [text] = [leaf["query_string"]["query"] for leaf in kibana.leaves(body)]
        output = output._replace(query=text)
        yield from asked(f"Lucene, case={case}", path, output, lambda mapping: body, elasticsearch.tests(text), case)


def kql(files, show, case, answered):
    found, refused = queries("kql", files, ["-O", f"case={case}"])
    report = Report(f"KQL, case={case}, parsed", show)
    parsed = kibana.parse([output.query for output in found.values()])
    more = []
    for (path, output), query in zip(found.items(), parsed):
        report.add(path, output.query, query if isinstance(query, str) else None)
        if not isinstance(query, str) and path in answered:
            typed = lambda mapping, query=query: kibana.with_types(json.loads(json.dumps(query)), mapping)
            more += asked(f"KQL, case={case}", path, output, typed, kibana.tests(query), case)
    return report.done(refused), more


def kql_filters(files):
    """Regular expressions beside KQL: the query and the filter of a saved search have to hold."""
    found, refused = queries("kql", files, ["-f", "kibana_ndjson", "-O", "regex=lucene"])
    for path, output in found.items():
        source = json.loads(json.loads(output.query)["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        if not source["filter"]:
            continue
        [query], [beside] = kibana.parse([source["query"]["query"]]), source["filter"]
        text = beside["query"]["query_string"]["query"]
        compared = kibana.tests(query)
        for name, kinds in elasticsearch.tests(text).items():
            compared.setdefault(name, set()).update(kinds)
        both = lambda mapping: {"bool": {"filter": [kibana.with_types(query, mapping), beside["query"]]}}
        output = output._replace(query=f"{source['query']['query']} + {text}")
        yield from asked("KQL with a filter", path, output, both, compared)


def limit(problem, warnings):
    """The limit of Elasticsearch that a query exceeds, if that is its problem and expected."""
    limits = {
        "maxClauseCount": "it has more clauses than Elasticsearch takes, as VS0612 says" if "VS0612" in warnings else None,
    }
    return next((why for words, why in limits.items() if words in problem), None)


def strict(query):
    """The query so that what can't be run of it is an error; `query_string` is lenient about that."""
    query = json.loads(json.dumps(query))
    for leaf in kibana.leaves(query):
        if "query_string" in leaf:
            leaf["query_string"]["lenient"] = False
    return query


def answers(version, all_asked, change=lambda query: query):
    """Each with Elasticsearch's answers."""
    jobs = [(change(one.query), one.mapping, [fields_of(event, lambda value: value) for event in one.events]) for one in all_asked]
    return zip(all_asked, elasticsearch.ask(version, jobs))


def evaluate(version, all_asked, show):
    reports, differ = {}, []
    for one, line in answers(version, all_asked):
        report = reports.setdefault(one.report, Report(f"Elasticsearch {version}, {one.report}", show))
        if line.startswith("error") or judge(one.events, bits(line), one.fidelity):
            differ.append(one)
        else:
            report.compare(one.path, one.text, one.events, bits(line), one.fidelity)
    # Why?
    reasons = [limit(line, one.warnings) if line.startswith("error") else None for one, line in answers(version, differ, strict)]
    for (one, line), reason in zip(answers(version, differ), reasons):
        if line.startswith("error"):
            reports[one.report].add(one.path, one.text, line, reason)
        else:
            reports[one.report].compare(one.path, one.text, one.events, bits(line), one.fidelity, reason)
    return all([report.done() for report in reports.values()])


def esql_parsed(files, show):
    found, refused = queries("esql", files)
    report = Report("ES|QL, parsed", show)
    answers = packages.ask("esql", [(output.query, []) for output in found.values()])
    for (path, output), answer in zip(found.items(), answers):
        report.add(path, output.query, None if answer == "ok" else answer)
    return report.done(refused)


def esql(files, show, case):
    found, refused = queries("esql", files, ["-O", f"case={case}"])
    report = Report(f"ES|QL, case={case}", show)
    for path, output in found.items():
        # A keyword in lower case is a field with a normalizer.
        events = list(single_valued(output.query, path, str.lower if case == "mapped" else str))
        answers = evaluate_esql.answers(output.query, [fields for _, fields in events], case == "mapped")
        report.compare(path, output.query, [event for event, _ in events], answers, output.fidelity)
    return report.done(refused)


def eql(files, show):
    found, refused = queries("eql", files)
    report = Report("EQL", show)
    for path, output in found.items():
        events = list(single_valued(output.query, path))
        # To a numeric field 1.50 is 1.5.
        events = [one for one in events if not one[0]["about"].endswith("with a digit more")]
        answers = evaluate_eql.answers(output.query, [fields for _, fields in events])
        report.compare(path, output.query, [event for event, _ in events], answers, output.fidelity)
    return report.done(refused)


def eql_package(files, show):
    found, refused = queries("eql", files)
    report = Report("EQL, by PyPI's eql", show)
    jobs = []
    for path, (query, *_) in found.items():
        events = [event for event in witnesses(path) if stored(query, event) and not packages.skipped(query, event)]
        # Its patterns end in Python's `$`, which forgives a last newline.
        newline = lambda event: any(str(value).endswith("\n") for _, value in flat(event["event"]))
        jobs.append((query, [event for event in events if not newline(event)]))
    answers = packages.ask("eql", [(query, [event["event"] for event in events]) for query, events in jobs])
    for (path, output), (query, events), answer in zip(found.items(), jobs, answers):
        if isinstance(answer, str):
            report.add(path, query, answer, packages.lacks(query))
        else:
            report.compare(path, query, events, answer, output.fidelity, packages.lacks(query))
    return report.done(refused)


def main():
    given = options(__doc__).parse_args()
    os.chdir(ROOT)
    build()
    cases, corpus = asked_rules(10 if SAMPLED else 1)
    evaluated, parsed = cases + corpus[:: given.every], cases + corpus
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(witnesses, evaluated))
    good = []
    # Lucene takes the longest; with the other value of `case` it is asked a quarter of the corpus.
    all_asked = [*lucene(evaluated, "regex"), *lucene(cases + corpus[:: 4 * given.every], "mapped")]
    if kibana.installed():
        for case, files in (("keyword", parsed), ("mapped", evaluated)):
            well, more = kql(files, given.show, case, set(evaluated))
            good.append(well)
            all_asked += more
        all_asked += kql_filters(evaluated)
    for version in elasticsearch.engines():
        good.append(evaluate(version, all_asked, given.show))
        good += [readers.check(version, target, cases + corpus[:: 10 * given.every], given.show) for target in ("esql", "eql")]
    if packages.python():
        good += [eql_package(evaluated, given.show), esql_parsed(parsed, given.show)]
    good.append(eql(evaluated, given.show))
    good += [esql(evaluated, given.show, case) for case in ("lower", "mapped")]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
