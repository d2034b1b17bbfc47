"""Compiles Sigma detection rules into the queries of SIEMs, and matches them against events.

>>> import varsigma
>>> rule = r'''
... title: Shell of the web server
... logsource: {category: process_creation, product: windows}
... detection:
...   selection: {ParentImage|endswith: '\\w3wp.exe'}
...   condition: selection
... '''
>>> result = varsigma.convert(rule, target="splunk")
>>> print(result.queries[0])
ParentImage="*\\\\w3wp.exe"
>>> result.fidelity
'exact'

Rules are given as text (``str`` or ``bytes``), as path objects of files or folders, or as a list of
these. Nothing else is read: pipelines reach no file, no server and no command.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any, Literal, NamedTuple, Optional, TypedDict, Union, cast

from ._error import VarsigmaError
from ._varsigma import (
    Compiler,
    Diagnostic,
    Label,
    MatchedRule,
    Pipeline,
    Query,
    Reason,
    Result,
    Rule,
    RuleSet,
    __version__,
    _diff,
    _explain,
    _page,
    _pipelines,
    _targets,
    _witness,
    lint,
)

__all__ = [
    "Compiler",
    "Diagnostic",
    "Difference",
    "Explanation",
    "Label",
    "MatchedRule",
    "Pipeline",
    "Query",
    "Reason",
    "Result",
    "Rule",
    "RuleSet",
    "VarsigmaError",
    "Witness",
    "__version__",
    "convert",
    "diff",
    "explain",
    "lint",
    "page",
    "pipelines",
    "targets",
    "witness",
]

OneText = Union[str, bytes, "PathLike[str]"]
Rules = Union[OneText, Iterable[OneText]]
PipelineLike = Union[str, "PathLike[str]", Pipeline]


class Witness(NamedTuple):
    """An event that was made for a rule."""

    matches: bool
    """Does the rule match it? Of a correlation: does it fire on the sequence?"""
    about: str
    """What it is there for: ``Image: in other case``."""
    event: dict[str, Any]
    """The event, a flat object."""
    rule: str
    """The rule's id, or else its title."""
    sequence: Optional[int] = None
    """Of a correlation the number of the sequence that the event is part of."""


class Difference(NamedTuple):
    """What changed in what a rule matches."""

    id: str | None
    title: str | None
    relation: Literal["equal", "broader", "narrower", "changed", "unknown", "added", "removed"]
    """Of the new version to the old one: *broader* matches all that it did, and more."""
    why: str | None
    """Why the relation is not known, or how it is proven that both are equal."""
    gained: dict[str, Any] | list[dict[str, Any]] | None
    """An event that the new version alone matches; of a correlation a list of events."""
    lost: dict[str, Any] | list[dict[str, Any]] | None
    """An event that the old version alone matched; of a correlation a list of events."""
    edits: list[str]
    """What was edited, in words."""


class Explanation(NamedTuple):
    """What a diagnostic code is about."""

    code: str
    title: str
    text: str
    """The reason, an example and what to do, as Markdown."""


class Option(TypedDict):
    """Something that can be set for a target."""

    target: str
    name: str
    default: str
    values: list[str]
    """Empty: any."""
    about: str


class Format(TypedDict):
    """An output format of a target."""

    target: str
    name: str
    title: str
    extension: str
    profile: str | None
    whole: bool
    """Is it one document for all queries?"""


class Proof(TypedDict):
    """How it is known that a target's queries mean what rules do."""

    how: str
    by: str


class Target(TypedDict):
    """A target: an engine, by the language that it searches with."""

    name: str
    title: str
    about: str
    aliases: list[str]
    known_as: list[str]
    extension: str
    profiles: list[str]
    formats: list[Format]
    options: list[Option]
    proof: Proof | None
    assumes: str


class BuiltInPipeline(TypedDict):
    """A pipeline that comes along."""

    name: str
    title: str | None
    priority: int
    targets: list[str]
    """Empty: all."""


def convert(
    rules: Rules,
    target: str,
    *,
    pipelines: PipelineLike | Iterable[PipelineLike] | None = None,
    format: str | None = None,
    options: Mapping[str, object] | None = None,
    compat: Literal["native", "pysigma", "sigmac"] | None = None,
    strict: bool = False,
    schema: str | None = None,
    backends: Mapping[str, str] | None = None,
    collect_errors: bool = False,
) -> Result:
    """Converts rules for a target.

    ``pipelines`` are names of built-in ones, path objects of files, or :class:`Pipeline` objects.
    With ``strict`` a query that is not exact is an error. A rule that fails raises
    :class:`VarsigmaError`; with ``collect_errors`` the others are converted, and
    :attr:`Result.errors` says why it failed.

    To convert more than once for a target, make a :class:`Compiler`.
    """
    compiler = Compiler(
        target,
        pipelines=pipelines,
        format=format,
        options=options,
        compat=compat,
        strict=strict,
        schema=schema,
        backends=backends,
    )
    return compiler.convert(rules, collect_errors=collect_errors)


def witness(rules: Rules, *, limit: int = 64) -> list[Witness]:
    """Makes events that rules must match, and near misses that they must not.

    At most ``limit`` for each condition. The same rule gives the same events. Of correlations they
    are sequences of events; filters among the rules are joined to those that they apply to.
    """
    return [Witness(**line) for line in json.loads(_witness(rules, limit))]


def diff(before: OneText, after: OneText) -> list[Difference]:
    """Compares two versions of rules: what does the new one match that the old one did not?

    *Broader*, *narrower* and *equal* are proven; ``gained`` and ``lost`` show it, by an event or, of
    a correlation, by a list of events.
    """
    return [_difference(row) for row in json.loads(_diff(before, after))]


def _difference(row: dict[str, Any]) -> Difference:
    meaning = row["meaning"] or {}
    relation = meaning.get("relation", "unknown")
    if row["before"] is None:
        relation = "added"
    elif row["after"] is None:
        relation = "removed"
    return Difference(
        id=row["id"],
        title=row["title"],
        relation=relation,
        why=meaning.get("why"),
        gained=meaning.get("gained"),
        lost=meaning.get("lost"),
        edits=[edit["text"] for edit in meaning.get("edits", [])],
    )


def page(
    rules: Rules, *, target: str | None = None, template: Literal["document", "modern"] = "document"
) -> list[str]:
    """Makes a page of each rule, as Markdown: what it finds, what it needs, its query."""
    return _page(rules, target, template)


def targets() -> list[Target]:
    """The targets, with their formats and options."""
    return cast("list[Target]", json.loads(_targets()))


def pipelines() -> list[BuiltInPipeline]:
    """The pipelines that come along."""
    return cast("list[BuiltInPipeline]", json.loads(_pipelines()))


def explain(code: str) -> Explanation:
    """Explains a diagnostic code, such as ``VS0401``. Raises ``ValueError`` if there is none."""
    return Explanation(*_explain(code))
