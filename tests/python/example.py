"""What `mypy --strict` checks: the types of the package in the hands of a user."""

from __future__ import annotations

from pathlib import Path

import varsigma

RULE = "title: t\nlogsource: {product: windows}\ndetection: {s: {Image: cmd.exe}, condition: s}\n"


def queries(folder: Path) -> dict[str, list[str]]:
    compiler = varsigma.Compiler("splunk", pipelines=["sysmon"], options={"keywords": "phrase"})
    result = compiler.convert(folder, collect_errors=True)
    for error in result.errors:
        place: int | None = error.line
        print(error.path, place, error.message)
    return {rule.title or "": [query.text for query in rule.queries] for rule in result.rules}


def exact(rule: str) -> bool:
    result: varsigma.Result = varsigma.convert(rule, target="esql", format=None, strict=False)
    if result.fidelity == "broader":
        reason: varsigma.Reason = result.reasons[0]
        print(reason.text.upper(), reason.line + 1)
    return result.fidelity == "exact"


def titles(events: list[dict[str, object]]) -> list[str]:
    rules = varsigma.RuleSet([RULE, RULE.encode()])
    return [rule.title for event in events for rule in rules.match(event)]


def changes(before: Path, after: str) -> list[str]:
    try:
        return [change.relation for change in varsigma.diff(before, after)]
    except varsigma.VarsigmaError as error:
        return [diagnostic.code for diagnostic in error.diagnostics]


if __name__ == "__main__":
    assert exact(RULE)
    assert titles([{"Image": "cmd.exe"}]) == ["t", "t"]
    assert varsigma.witness(RULE)[0].event["Image"] == "cmd.exe"
    assert varsigma.targets()[0]["options"][0]["values"] is not None
