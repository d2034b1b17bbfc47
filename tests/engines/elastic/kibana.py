"""Kibana's own parser of KQL (npm: @cybernetex/kbn-es-query), which makes Elasticsearch queries of it."""

import functools
import json
import os
import re
import subprocess

import elasticsearch
from setting import HERE, TARGET, not_run, rows, run

MODULE = "@cybernetex/kbn-es-query@1.0.2"


@functools.cache
def installed():
    """Is the parser there?"""
    folder = TARGET / "node_modules" / MODULE.rpartition("@")[0]
    if not folder.exists():
        TARGET.mkdir(parents=True, exist_ok=True)
        try:
            run(["npm", "install", "--silent", "--prefix", TARGET, MODULE], timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            not_run("KQL", str(error))
            return False
    if not folder.exists():
        not_run("KQL", f"npm can't install {MODULE}")
    return folder.exists()


def parse(queries):
    """The Elasticsearch query of each, or a text with what is wrong."""
    # Kibana 7.4's parser, the one on npm, knows no escape for braces, which mean nothing to it.
    plain = lambda match: match[1] if match[1] in "{}" else match[0]
    lines = [json.dumps(re.sub(r"\\(.)", plain, query, flags=re.S)) for query in queries]
    environment = {**os.environ, "NODE_PATH": str(TARGET / "node_modules")}
    done = run(["node", "--stack-size=4000", HERE / "kql.js"], input="\n".join(lines), env=environment)
    answers = rows(done.stdout)
    if len(answers) != len(queries):
        raise RuntimeError(f"KQL: {len(queries)} asked, {len(answers)} answers: {done.stderr[-300:]}")
    return [line if line.startswith("error: ") else json.loads(line) for line in answers]


def leaves(query):
    """The tests of an Elasticsearch query, each a dictionary of one key."""
    [(kind, body)] = query.items()
    if kind != "bool":
        yield query
        return
    for clauses in body.values():
        for clause in clauses if isinstance(clauses, list) else [clauses]:
            if isinstance(clause, dict):
                yield from leaves(clause)


def tests(query):
    """As elasticsearch.tests, of an Elasticsearch query that the parser made."""
    found = {}
    for leaf in leaves(query):
        [(kind, body)] = leaf.items()
        if kind == "exists":
            found.setdefault(body["field"], set())
        elif kind == "query_string" and body.get("fields"):
            found.setdefault(body["fields"][0], set()).add("pattern")
        elif kind == "range":
            found.setdefault(next(iter(body)), set()).add("range")
        elif kind in ("match", "match_phrase"):
            [(name, value)] = body.items()
            found.setdefault(name, set()).add(elasticsearch.kind(value if isinstance(value, str) else json.dumps(value)))
    return found


def with_types(query, mapping):
    """The query as Kibana makes it where it knows the types of fields.

    The parser is not told them; since 7.16 the tests of fields that are exactly `keyword` are these.
    """
    for leaf in leaves(query):
        [(kind, body)] = leaf.items()
        name = body["fields"][0] if body.get("fields") else next(iter(body), None)
        if mapping["properties"].get(name, {}).get("type") != "keyword":
            continue
        if kind == "query_string":
            leaf.clear()
            leaf["wildcard"] = {name: {"value": body["query"]}}
        elif kind in ("match", "match_phrase"):
            leaf.clear()
            leaf["term"] = {name: {"value": body[name]}}
    return query
