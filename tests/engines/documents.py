"""Do documents of many rules run on an engine: `view`, a file of views, and `union`, one statement?

Titles are such as try to leave their literal. Each rule has to find its own rows, by its view and by
its title among the rows of the union.
"""

import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROWS = ["a", "b", "xbx", None]
# The title, the name of the rule's view, its test of the column A, the rows that it finds.
RULES = [
    ("Plain", "sigma_plain", "s: {A: A}\n  condition: s", {0}),
    ("It's \"q\" `b` \\", "sigma_it_s_q_b", "s: {A|contains: B}\n  condition: not s", {0, 3}),
    ("*/ ; -- /*", "sigma", "s: {A|contains: B}\n  condition: s", {1, 2}),
]


def document(target, form):
    """The document that the program makes of the rules."""
    rules = [
        f"title: {json.dumps(title)}\nlogsource: {{product: windows}}\ndetection:\n  {detection}\n"
        for title, _, detection, _ in RULES
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("---\n".join(rules))
        file.flush()
        program = str(ROOT / "target" / "debug" / "varsigma")
        options = ["-q", "-t", target, "-f", form, "-O", "columns=row_number_"]
        return subprocess.run([program, "convert", *options, file.name], check=True, stdout=subprocess.PIPE).stdout.decode()


def statements(text):
    """The statements of a file of views."""
    parts = text.replace(";\nGO\n", ";\n").split(";\n")
    return [part for part in parts if part.strip()]


def run(engine, target):
    """Says what is wrong, and gives how many queries there were and how much is wrong."""
    rows = [[value] for value in ROWS]
    ask = lambda query, before=(): engine.ask(["A"], ["text"], rows, query, before)
    union = document(target, "union")
    views = statements(document(target, "view"))
    # A title's first letter tells it, without the engine's own quotes.
    asked = [(ask(union), {0, 1, 2, 3}, "union")]
    for title, _, _, expected in RULES:
        query = f"SELECT row_number_ FROM ({union}) u WHERE rule_title LIKE '{title[0]}%'"
        asked.append((ask(query), expected, f"union, {title}"))
    if getattr(engine, "views", True):
        # Views stand on the table: it is made once.
        for at, (_, name, _, expected) in enumerate(RULES):
            query = f"SELECT row_number_ FROM {name}"
            found = ask(query, views) if at == 0 else engine.again(query)
            asked.append((found, expected, name))
    wrong = [(what, found) for found, expected, what in asked if found is not None and found != expected]
    for what, found in wrong:
        print(f"  {what}: found {found}")
    print(f"{target:12} documents {len(views)} views, {len(wrong)} wrong answers", flush=True)
    return len(asked), len(wrong)
