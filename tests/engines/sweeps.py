"""Does one pass over a table (`-f sweep`) find for each row the rules whose own queries find it?

The rules are of three log sources, whose conditions pipelines put in front, and two have several
conditions; titles try to leave their literals. The rows are all combinations of values and of no value.
A sweep with a value that is changed has to differ, or nothing was compared.
"""

import itertools
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COLUMNS = {
    "Channel": ["Microsoft-Windows-Sysmon/Operational", "security", None],
    "EventID": ["1", "22", None],
    "Image": ["C:\\a.exe", "B.exe", "b%_!", None],
    "User": ["x", "it's", None],
}
ROWS = [list(row) for row in itertools.product(*COLUMNS.values())]
LOG_SOURCES = ["category: process_creation, product: windows", "category: dns_query, product: windows", "product: test"]
# Detections and the conditions over them.
DETECTIONS = [
    ("s: {Image: 'c:\\a.exe'}", ["s"]),
    ("s: {Image|endswith: .exe}\n  t: {User: x}", ["s and not t"]),
    ("s: {Image|contains: '%_'}\n  t: {User: [x, y]}", ["s or t"]),
    ("s: {Image|endswith: .exe, User: null}", ["s"]),
    ("s: {User: [x, \"it's\"]}", ["not s"]),
    ("s: {Image|re: '^[bB]'}", ["s"]),
    ("s: {Image|endswith: .exe, User: x}\n  t: {Image|endswith: .exe, User: \"it's\"}", ["s", "t"]),
    ("s: {Image|exists: false}\n  t: {User|cased: x}", ["s", "t"]),
]
TITLES = ["Plain", "It's \"q\" `b` \\", "*/ ; -- /*", "a, b", "x {} {{ y }} 日本"]


def rules(sources):
    """Texts of rules, each with what labels it and how many queries it has."""
    made = []
    for number, (source, (detection, conditions)) in enumerate(itertools.product(sources, DETECTIONS)):
        title = TITLES[number] if number < len(TITLES) else f"Rule {number}"
        identity = None if number < len(TITLES) else f"00000000-0000-4000-8000-{number:012}"
        head = f"title: {json.dumps(title)}\n" + (f"id: {identity}\n" if identity else "")
        text = f"{head}logsource: {{{source}}}\ndetection:\n  {detection}\n  condition: [{', '.join(conditions)}]\n"
        made.append((text, identity or title, len(conditions)))
    return made


def converted(target, form, path):
    program = str(ROOT / "target" / "debug" / "varsigma")
    options = ["-q", "-t", target, "-f", form, "-p", "sysmon", "-p", "windows-logsources", "-O", "columns=row_number_"]
    command = [program, "convert", *options, path]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()


def labels(value):
    """The rules of a row: a list, or the text of one."""
    return [str(label) for label in (json.loads(value) if isinstance(value, str) else value)]


def pairs(engine, statements):
    rows = [row for statement in statements for row in engine.answers(statement)]
    found = [(int(row[0]), label) for row in rows for label in labels(row[1])]
    if len(set(found)) < len(found):
        raise ValueError("a row has a rule twice")
    return set(found)


def run(engine, target):
    """Says what is wrong, and gives how many queries there were and how much is wrong."""
    # Without guards where an evaluator can't join lists.
    made = rules(LOG_SOURCES if getattr(engine, "joins_lists", True) else LOG_SOURCES[2:])
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("---\n".join(text for text, _, _ in made))
        file.flush()
        sweep = [part for part in converted(target, "sweep", file.name).split(";\n") if part.strip()]
        queries = iter(converted(target, "default", file.name).splitlines())
    singles = [(label, query) for _, label, count in made for query in itertools.islice(queries, count)]
    # `before` makes a table that stays.
    ask = lambda query: engine.ask(list(COLUMNS), ["text"] * len(COLUMNS), ROWS, query, ("SELECT 1",))
    rows = [ask(statement) for statement in sweep]
    if rows[0] is None:
        print(f"{target:12} sweep     {len(sweep)} statements parsed", flush=True)
        return len(sweep), 0
    again = getattr(engine, "again", ask)
    expected = {(row, label) for label, query in singles for row in again(query)}
    wrong = {row for row, _ in expected} ^ set().union(*rows)
    if hasattr(engine, "answers"):
        wrong = expected ^ pairs(engine, sweep)
        changed = [statement.replace(".exe", ".dll") for statement in sweep]
        if expected == pairs(engine, changed):
            wrong.add("a changed sweep finds the same")
    for pair in sorted(map(str, wrong))[:5]:
        print(f"  sweep: differs in {pair}")
    print(f"{target:12} sweep     {len(expected)} matches of {len(made)} rules, {len(wrong)} wrong", flush=True)
    return len(sweep) + len(singles), len(wrong)
