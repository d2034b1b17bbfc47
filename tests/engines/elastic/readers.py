"""Do the patterns in ES|QL and EQL mean to their evaluators what they mean to Elasticsearch?

Both languages hand patterns to Lucene: as queries of the types `wildcard` and `regexp`, and `QSTR` as
`query_string`. These are asked of the values that the rules' events have, as they are and in lower case.
"""

import re

import elasticsearch
import evaluate_eql
import evaluate_esql
from report import Report, bits
from rules import fields_of, queries, witnesses


def esql(sign, text):
    """An Elasticsearch query, and the evaluator's test of a value."""
    if sign == "LIKE":
        return {"wildcard": {"v": {"value": text}}}, evaluate_esql.wildcard(text).fullmatch
    if sign == "RLIKE":
        return {"regexp": {"v": {"value": text}}}, re.compile(text, re.S).fullmatch
    found = evaluate_esql.anywhere(text, str)
    return {"query_string": {"query": text}}, lambda value: found({"v": value})


def eql(sign, text):
    """The same for EQL."""
    caseless = sign in (":", "like~", "regex~")
    kind = "regexp" if sign.startswith("regex") else "wildcard"
    value = text if kind == "regexp" else text.replace("\\", "\\\\")
    return {kind: {"v": {"value": value, "case_insensitive": caseless}}}, evaluate_eql.matcher(sign, text).fullmatch


# The signs of patterns, and how many tokens after a sign the pattern is.
SIGNS = {"esql": (esql, {"LIKE": 1, "RLIKE": 1, "QSTR": 2}), "eql": (eql, {":": 1, "LIKE": 1, "like~": 1, "regex": 1, "regex~": 1})}


def patterns(target, files):
    """The patterns of the queries, each with values."""
    found = {}
    for path, output in queries(target, files)[0].items():
        condition = output.query.split(" | WHERE ", 1)[1] if target == "esql" else output.query.split(" where ", 1)[1]
        texts = {text for event in witnesses(path) for some in fields_of(event).values() for text in some}
        tokens = evaluate_esql.tokens(condition)
        for at, (kind, sign) in enumerate(tokens):
            after = SIGNS[target][1].get(sign)
            if kind != "raw" and after and tokens[at + after][0] == "raw":
                found.setdefault((sign, tokens[at + after][1]), set()).update(texts | {text.lower() for text in texts})
    return found


def check(version, target, files, show):
    """Whether the evaluator agrees with Elasticsearch about every value."""
    report, mapping = Report(f"Elasticsearch {version}, patterns of {target}", show), {"properties": {"v": {"type": "keyword"}}}
    found = [(*pattern, sorted(values)) for pattern, values in patterns(target, files).items()]
    asked = [(sign, text, values, *SIGNS[target][0](sign, text)) for sign, text, values in found]
    lines = elasticsearch.ask(version, [(query, mapping, [{"v": value} for value in values]) for *_, values, query, _ in asked])
    for (sign, text, values, _, test), line in zip(asked, lines):
        if line.startswith("error"):
            report.add(sign, text, line)
            continue
        answers = bits(line)
        differ = [value for value, answer in zip(values, answers) if answer is not None and answer != bool(test(value))]
        # Lucene 10 takes the letters of one class for each other, and 9 pairs of letters alone.
        classes = sign == "regex~" and not text.isascii() and not version.startswith("8")
        excuse = "Elasticsearch 9 takes `ς` for `σ`, too" if classes else None
        report.add(sign, text, f"not the same of {differ[:3]}" if differ else None, excuse, len(values))
    return report.done()
