"""PyPI's packages, in a virtual environment: eql, which evaluates EQL, and Elastic's grammar of ES|QL.

    packages.py eql|esql <queries-and-events.json
"""

import functools
import json
import re
import sys
import threading

import evaluate_esql
from setting import TARGET, not_run, rows, run

PACKAGES = ["eql", "detection-rules-esql-py", "antlr4-python3-runtime==4.13.2"]

# What the package eql can't do although Elasticsearch can; a pattern of the query.
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


@functools.cache
def python():
    """The interpreter that has the packages, or nothing."""
    python = TARGET / "venv" / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", TARGET / "venv"])
    if run([python, "-c", "import eql, esql"]).returncode:
        run([python, "-m", "pip", "install", "--quiet", "--ignore-requires-python", *PACKAGES])
    if run([python, "-c", "import eql, esql"]).returncode:
        return not_run("EQL by PyPI's eql, and ES|QL's grammar", "PyPI's packages can't be installed")
    return python


def ask(what, jobs):
    """Asks queries of their events: for each, `ok`, answers, or an error."""
    done = run([python(), __file__, what], input=json.dumps(jobs))
    lines = rows(done.stdout)
    if len(lines) != len(jobs):
        raise RuntimeError(f"{what}: {len(jobs)} asked, {len(lines)} answers: {done.stderr[-300:]}")
    return [line if line == "ok" else json.loads(line) for line in lines]


def lacks(query):
    """Why the package eql may differ from Elasticsearch about a query."""
    return next((why for pattern, why in EQL_LACKS if re.search(pattern, query)), None)


def skipped(query, event):
    """Can't the package eql tell such an event? To numbers 1.50 is 1.5."""
    ending = ("with a digit more", "upper case", "lower case", "other case")
    return event["about"].endswith(ending if re.search(EQL_LACKS[0][0], query) else ending[0])


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
    """An event as the package eql has it, which compares values with their own type alone: nothing
    where an index could not hold it."""
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


def parse_esql(jobs):
    from esql import parse_query

    for query, _ in jobs:
        try:
            parse_query(query)
            print("ok")
        except Exception as error:
            print(json.dumps("error: " + str(error)[:300]))


def evaluate_eql(jobs):
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


def main():
    # Python's own bound on nesting is none of Elastic's; a long chain is as deep as it is long.
    sys.setrecursionlimit(100_000)
    threading.stack_size(512 * 1024 * 1024)
    answer = {"eql": evaluate_eql, "esql": parse_esql}[sys.argv[1]]
    threading.Thread(target=answer, args=(json.load(sys.stdin),)).start()


if __name__ == "__main__":
    main()
