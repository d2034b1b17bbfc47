"""Reads and runs SPL and SPL2 by Splunk's documentation.

In: a search as it is printed, and events as dictionaries. Out: the rows that the search finds. Each
rule of the reading says in a comment which page of the documentation it rests on: *Search Reference*,
*Search Manual* and *Knowledge Manager Manual* are Splunk Enterprise's, *SPL2 Search Manual* and
*SPL2 Search Reference* are those of SPL2. Where the pages are silent a rule says so, and the reading
is one of several (`readings.py`): a query has to be right by each of them.

| module | what it reads |
|---|---|
| `readings.py` | what the documentation leaves open |
| `values.py` | texts, numbers, several values, nothing |
| `lexing.py` | quotes, brackets, pipes; names and lists of names |
| `search.py` | the search command |
| `expressions.py` | the expressions of `eval` and `where`, and SPL2's predicates |
| `evaluation.py` | what an expression comes to |
| `comparison.py` | two values compared |
| `functions.py` | the functions of expressions |
| `times.py` | times and their formats |
| `pcre.py` | regular expressions |
| `aggregates.py` | the functions of `stats` |
| `commands.py` | commands that take a row at a time |
| `statistics.py` | `stats`, `eventstats`, `streamstats`, `tstats` |
| `pipeline.py` | whole searches, SPL's and SPL2's |
| `configuration.py` | files such as savedsearches.conf |
"""
