"""Do correlations fire where the rules do?

Random events (ties, fields that are missing, several values in a field, values in other case, several
groups) are asked each of the patterns, in SPL and SPL2. What must fire is written out naively in
`windows.py`. Exact queries must fire exactly there, narrower ones nowhere else, broader ones there at
least. Percentiles, which are approximate, must fire where the documentation's readings of them say.
"""

import itertools
import json
import pathlib
import random
import re
import tempfile

from patterns import BASES, SPAN, document, patterns
from rules import BINARY, run
from spl import configuration
from spl.pipeline import Context, Search
from spl.readings import POINTS
from spl.values import Loose
from windows import firings

DAY = 86400


def random_events(rng):
    step = rng.choice([1, 1, 0.25, 5])
    events = []
    for number in range(rng.choice([8, 20, 45])):
        event = {
            "_time": 1767225600 + rng.randrange(40) * step,
            "_bkt": "main~1~A",
            "_cd": f"1:{number}",
            "any": "1",
            "kind": rng.choice("aaabbcd"),
            "user": rng.choice(["ann", "Ann", "bob", None, ["ann", "bob"]]),
            "actor": rng.choice(["ann", "ANN", "bob", None]),
            "host": rng.choice(["h1", "H1", "h2", None]),
            "value": rng.choice(["x", "X", "y", "z", "1", None, ["x", "y"]]),
            "number": rng.choice([1, 2, "3", 4.5, "text", None, -2]),
        }
        events.append({name: value for name, value in event.items() if value is not None})
    rng.shuffle(events)
    return events


def rows(events):
    """Events as Splunk has them: fields have no types, `_time` is a number."""
    loose = lambda value: [Loose(one) for one in value] if isinstance(value, list) else Loose(value)
    return [{name: value if name == "_time" else loose(value) for name, value in event.items()} for event in events]


def converted(correlations, target, options):
    """The query of the last one and its fidelity, or nothing where it is refused; with `-f`, the
    document that holds it."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rule.yml"
        path.write_text(BASES + "---\n".join(document(n, c, SPAN) for n, c in enumerate(correlations)))
        done = run([BINARY, "convert", "--json", "-t", target, *options, path])
    last = f"c{len(correlations) - 1}"
    for line in done.stdout.splitlines():
        made = json.loads(line)
        if "savedsearches" in options and made["queries"]:
            return "\n".join(made["queries"]), ""
        for rule in made.get("rules", []):
            if rule["title"] == last and rule.get("queries"):
                return rule["queries"][0], rule["fidelity"]
    if target == "splunk":
        raise SystemExit(f"{correlations}\nis not converted:\n{done.stdout}{done.stderr}")
    return None


def readings(query):
    """What the query's answers may depend on, each combined with each."""
    points = ["percentile", "window end"] if "time_window=" in query else ["null"]
    for chosen in itertools.product(*(POINTS[point] for point in points)):
        yield dict(zip(points, chosen))


def claimed(query, fidelity, options):
    """What has to hold of so few events: a subsearch gives up on none of the rows that a chain appends,
    and a percentile is asked by each reading. A chain of SPL2 with an absence is narrower and broader."""
    if options or fidelity in ("exact", "broader"):
        return fidelity
    return "broader" if fidelity == "approximate" and "time_window=" not in query else "exact"


def is_right(got, want, count, fidelity, options):
    if options and fidelity == "narrower":
        # A window's start stands for some instant in it.
        return got <= {(time // SPAN * SPAN, group) for time, group in want}
    if fidelity == "narrower":
        return got <= want
    return (got >= want if fidelity == "broader" else got == want) and count == len(got)


def ask(target, options, rounds, show):
    """Asks all patterns: how many answers are wrong."""
    wrong = asked = fired = shown = refused = 0
    for name, correlations in patterns():
        if options and len(correlations) > 1:
            continue
        made = converted(correlations, target, options)
        if made is None:
            refused += 1
            continue
        query, fidelity = made
        if options and fidelity == "approximate":
            continue
        # An order has no windows that follow one another, whatever the option.
        windows = options if re.search(r"\bbin\b", query) else []
        for seed, reading in itertools.product(range(rounds), list(readings(query))):
            events = random_events(random.Random(f"{name} {seed}"))
            latest = max(event["_time"] for event in events)
            c = correlations[-1]
            want = firings(correlations, c, events, SPAN, latest, reading)
            search = Search(rows(events), Context(latest + DAY, latest, reading, seed))
            found = search.run(query) if target == "splunk" else search.run2(query)
            got = {(row["_time"], tuple(str(row[field]) for field in c["group"])) for row in found}
            asked, fired = asked + 1, fired + len(want)
            if is_right(got, want, len(found), claimed(query, fidelity, windows), windows):
                continue
            wrong += 1
            if shown < show:
                shown += 1
                print(f"--- {name} {' '.join(options)}, seed {seed}, {fidelity}, {reading}\n{query}")
                print(f"missing {sorted(want - got)[:4]}\nextra {sorted(got - want)[:4]}")
    words = f"{target}{', ' if options else ''}{' '.join(options)}"
    print(f"{words}: correlations: {asked} questions, {fired} firings, {wrong} answered wrongly; {refused} refused", flush=True)
    return wrong


def ask_documents(target, show):
    """A saved search finds what its query does, for it looks back long enough; a statement of a module
    is the query with a name."""
    wrong = asked = 0
    form = {"splunk": "savedsearches", "spl2": "module"}[target]
    for name, correlations in patterns():
        made, plain = (converted(correlations, target, options) for options in (["-f", form], []))
        if plain is None:
            continue
        events = random_events(random.Random(name))
        latest = max(event["_time"] for event in events)
        found = []
        for query, is_document in ((plain[0], False), (made[0], True)):
            search = Search(rows(events), Context(latest + DAY, latest))
            if target == "splunk":
                if is_document:
                    query = dict(configuration.stanzas(query))[f"c{len(correlations) - 1}"]["search"]
                found.append(search.run(query))
            else:
                found.append(search.run2(query) if not is_document or query.startswith("$result = ") else None)
        asked += 1
        if known(found[0]) != known(found[1]):
            wrong += 1
            if wrong <= show:
                print(f"--- {name}, {form}\n{made[0]}")
    print(f"{target}: documents of {asked} correlations, {wrong} read otherwise", flush=True)
    return wrong


def known(found):
    """Rows in an order of their own."""
    return found and sorted(json.dumps(row, sort_keys=True) for row in found)
