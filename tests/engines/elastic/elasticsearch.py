"""Elasticsearch's own mapper and parsers of queries, versions 8 and 9, on events of an index in memory.

The jars of its server are from Maven Central. Plugins are not among them: fields of the types `wildcard`
and `match_only_text`, ES|QL and EQL. (`org.elasticsearch.plugin:x-pack-esql` is listed there, but no
version from 8.17.2 to 9.5.6 that was tried could be had; `x-pack-eql` was not found.)
"""

import base64
import functools
import json
import re
import sys
import tempfile

from rules import fields_of
from setting import HERE, TARGET, not_run, rows, run

sys.path.append(str(HERE.parent))
import maven

# Version of the server's jar, and the oldest JDK that it runs on.
VERSIONS = (("8.19.5", 17), ("9.2.4", 21))

QUOTED = r'"(?:\\.|[^"\\])*"'
# A test of a query of query_string, and what it compares with; or something that holds no name.
TEST = re.compile(
    rf"""(?P<name>(?:\\.|[^\s():"/\\])+):(?:(?P<range>[<>])
    |(?=(?P<values>{QUOTED}|\({QUOTED}(?:\ OR\ {QUOTED})*\)|true|false))|(?P<exists>(?<=_exists_:)(?:\\.|[^\s()\\])+)|)
    |{QUOTED}|/(?:\\.|[^/\\])*/|\\.""",
    re.S | re.X,
)


@functools.cache
def engines():
    """Those that can be had: a version, and the command that asks it."""
    found = {}
    for version, least in VERSIONS:
        name = f"elasticsearch-{version}"
        try:
            home = maven.jdk(least)
            jars = maven.jars(name, f"org.elasticsearch:elasticsearch:{version}")
        except LookupError as error:
            not_run(f"Elasticsearch {version}", error)
            continue
        path = f"{jars}/*"
        built = run([home / "bin" / "javac", "-cp", path, "-d", jars.parent, HERE / "QueryAnswers.java"])
        if built.returncode:
            raise RuntimeError(f"Elasticsearch {version}: {built.stderr[:600]}")
        found[version] = [home / "bin" / "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss64m", "-cp", f"{jars.parent}:{path}", "QueryAnswers"]
    return found


def ask(version, asked):
    """Asks queries, each with a mapping and events, for a line of 0, 1 and x, or of an error."""
    if not asked:
        return []
    word = lambda value: base64.b64encode(json.dumps(value).encode()).decode()
    lines = [" ".join(map(word, [mapping, query, *events])) for query, mapping, events in asked]
    with tempfile.TemporaryDirectory() as home:
        done = run([*engines()[version], home], input="\n".join(lines))
    answers = rows(done.stdout)
    if len(answers) != len(asked):
        raise RuntimeError(f"Elasticsearch {version}: {len(asked)} asked, {len(answers)} answers: {done.stderr[-600:]}")
    return answers


def kind(value):
    """What a value is compared as: `number`, `boolean`, `network` or `word`."""
    kinds = (("number", r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"), ("boolean", "true|false"), ("network", r"[0-9a-fA-F.:]+/\d+"))
    return next((kind for kind, pattern in kinds if re.fullmatch(pattern, value)), "word")


def tests(query):
    """What the fields of a query of query_string are compared as, by name: also as `range` or `pattern`."""
    found = {}
    for match in TEST.finditer(query):
        if not match["name"]:
            continue
        kinds = found.setdefault(re.sub(r"\\(.)", r"\1", match["exists"] or match["name"]), set())
        if match["range"]:
            kinds.add("range")
        elif match["values"]:
            values = [value[1:-1] for value in re.findall(QUOTED, match["values"], re.S)] or [match["values"]]
            kinds |= set(map(kind, values))
        elif not match["exists"]:
            kinds.add("pattern")
    return found


def numeric(values):
    """The type of a field of such numbers."""
    numbers = [str(value) for value in values if re.fullmatch(r"-?\d[\d.eE+-]*", str(value))]
    whole = all(re.fullmatch(r"-?\d+", number) and abs(int(number)) < 2**63 for number in numbers)
    return "long" if whole and numbers else "double"


def mapping(compared, events, case="regex", form="keyword"):
    """A mapping for events.

    Fields that are compared with networks, or by size, have the types that this takes. Others are
    `keyword`; in the form `typed` numbers and booleans where the rule has them as such, in the form
    `text` texts where the query does not name them.
    """
    values = {}
    for event in events:
        for name, some in fields_of(event, lambda value: value).items():
            values.setdefault(name, []).extend(some)
    properties = {}
    for name, some in values.items():
        kinds = compared.get(name)
        field = "keyword"
        if kinds == {"network"}:
            field = "ip"
        elif kinds and kinds <= {"number", "range"} and (form == "typed" or "range" in kinds):
            field = numeric(some)
        elif kinds == {"boolean"} and form == "typed":
            field = "boolean"
        elif kinds is None and form == "text":
            field = "text"
        properties[name] = {"type": field}
        if field == "keyword" and case == "mapped":
            properties[name]["normalizer"] = "lower"
    return {"subobjects": False, "properties": properties}
