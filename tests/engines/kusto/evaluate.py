"""Asks DuckDB with Kusto's queries, by PyPI's duckdb-kql; runs in the virtual environment of run.py.

In: a line of JSON for each query, {"query": "T | where …", "events": [{"event": {…}}]}. Out: a line for
each, {"hits": [true, null]} (null: the event can't be stored), {"error": "…"}, or {"skipped": "…"} where
the engine lacks a construct.

The table has columns of strings, in which what is missing is an empty string, as Kusto has it. What
duckdb-kql reads otherwise than Microsoft's documentation is written in another way first:
- its expressions are RE2's: `(?-u:\\b)` is `\\b` there;
- it has no escape `\\u0007` in a string: the character itself stands there;
- it has no `* contains`: the test is written for each column;
- it has no `ipv4_is_in_range` and no `ipv6_is_in_range`: these are functions of Python here.
"""

import ipaddress
import json
import re
import sys

import duckdb_kql
from duckdb_kql.translate import functions

# A string of Kusto, or any other character.
TOKEN = re.compile(r'@"(?:[^"]|"")*"|@\'(?:[^\']|\'\')*\'|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|.', re.DOTALL)
# A test of all columns.
ANYWHERE = re.compile(r"(?<![\w\])])\* (contains|contains_cs|matches regex) $")
LACKS = [
    ("week_of_year", "duckdb-kql has no week of a year"),
]


def in_range(version):
    def answer(address: str, network: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
            wanted = ipaddress.ip_network(network, strict=False)
        except ValueError:
            return None
        if version == 6 and found.version == 4:
            found = ipaddress.ip_address(f"::ffff:{found}")
        if version == 6 and wanted.version == 4:
            wanted = ipaddress.ip_network(f"::ffff:{wanted.network_address}/{96 + wanted.prefixlen}")
        return found in wanted if found.version == wanted.version else None

    return answer


def connect():
    connection = duckdb_kql.connect()
    for version in (4, 6):
        name = f"ipv{version}_is_in_range"
        functions.SCALAR_FUNCTIONS[name] = functions.FunctionSpec(name, "template", f"sigma_{name}({{0}}, {{1}})", (2,))
        connection.create_function(
            f"sigma_{name}", in_range(version), ["VARCHAR", "VARCHAR"], "BOOLEAN", null_handling="special"
        )
    return connection


def flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    else:
        yield name, value


def stored(event):
    """An event's columns as texts; nothing where a column of strings can't hold it."""
    row = {}
    for name, value in event.items():
        for key, inner in flat(value, name):
            # `tostring` of a real has a point, which a rule's number does not ask for.
            whole = isinstance(inner, float) and inner.is_integer()
            if whole or isinstance(inner, (list, dict)):
                return None
            if inner is not None:
                row[key] = inner if isinstance(inner, str) else json.dumps(inner)
    if any("\0" in text or re.search("[\ud800-\udfff]", text) for text in row.values()):
        return None
    return row


def for_engine(query, columns):
    """The query as duckdb-kql reads it."""
    out = ""
    for token in TOKEN.findall(query):
        if len(token) > 1:
            found = ANYWHERE.search(out)
            if not token.startswith("@"):
                token = re.sub(r"\\u([0-9a-f]{4})|\\.", lambda m: chr(int(m[1], 16)) if m[1] else m[0], token)
            if out.endswith("matches regex "):
                token = token.replace("(?-u:\\b)", "\\b").replace("(?-u:\\B)", "\\B")
            if found:
                each = [f"{name} {found[1]} {token}" for name in map(quoted, columns)]
                out = out[: found.start()] + ("(" + " or ".join(each) + ")" if each else "false")
                continue
        out += token
    return out


def quoted(name):
    for sign, escape in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        name = name.replace(sign, escape)
    return f"['{name}']"


def bracketed(query):
    """The names in brackets: `['sc-status']`."""
    tokens = TOKEN.findall(query)
    for before, token, after in zip(tokens, tokens[1:], tokens[2:]):
        if before == "[" and after == "]" and token[0] == "'":
            yield re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1]), token[1:-1])


def answer(connection, query, events):
    stores = [stored(event["event"]) for event in events]
    # Kusto tells names apart by their case, DuckDB does not.
    columns = {}
    for row in stores:
        for name in row or {}:
            columns.setdefault(name.lower(), name)
            if columns[name.lower()] != name:
                return {"skipped": "names that differ in case alone"}
    for what, why in LACKS:
        if what in query:
            return {"skipped": why}
    # A name that no event has is a column all the same.
    names = list(columns.values()) + [
        name
        for name in [*bracketed(query), *re.findall(r"\b[A-Za-z_]\w*\b", query)]
        if name.lower() not in columns and not columns.update({name.lower(): name})
    ]
    marks = ", ".join('"' + name.replace('"', '""') + '" VARCHAR' for name in names)
    connection.execute(f"CREATE OR REPLACE TABLE T (row_number_ BIGINT{', ' + marks if marks else ''})")
    values = [[number, *((row or {}).get(name, "") for name in names)] for number, row in enumerate(stores)]
    if values:
        connection.executemany(f"INSERT INTO T VALUES (?{', ?' * len(names)})", values)
    try:
        found = duckdb_kql.kql(connection, for_engine(query, columns.values()) + "\n| project row_number_").fetchall()
    except duckdb_kql.KqlUnsupportedError as error:
        return {"skipped": "not in duckdb-kql: " + str(error).partition("'")[2].partition("'")[0]}
    except Exception as error:
        return {"error": f"{type(error).__name__} {str(error)[:300]}"}
    hits = {number for (number,) in found}
    return {"hits": [None if row is None else number in hits for number, row in enumerate(stores)]}


def main():
    sys.setrecursionlimit(100_000)
    connection = connect()
    for line in sys.stdin.read().split("\n"):
        if line:
            job = json.loads(line)
            print(json.dumps(answer(connection, job["query"], job["events"])), flush=True)


if __name__ == "__main__":
    main()
