"""Is the syntax of the filters that of a grammar which others wrote?

PyPI's logscale-tools has a tree-sitter grammar made from the documentation, as C source. It has no flags
after regular expressions and no functions inside of filters, so these are left out or replaced by `true`;
what remains must parse, and `AND`, `OR` and `NOT` must nest as `cql.py` has them. Whole queries of one
function, and queries with functions after `|`, are parsed as they are.
"""

import ctypes
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import cql

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
TARGET = ROOT / "target" / "engines" / "logscale"
GRAMMAR, PARSER = "logscale-tools==0.1.8", "tree-sitter==0.25.2"
# A text, a regular expression with its flags, or a function with its arguments; the first that begins.
PIECES = re.compile(
    r'"(?:\\.|[^"\\])*"'
    r"|(?P<regex>(?:(?<==)|(?<=[ (])|^)/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+/)(?P<flags>[a-z]*)"
    r"|(?P<function>[a-z]+(?::[a-zA-Z]+)?\()",
    re.DOTALL,
)


def run_quietly(command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def parser():
    """The compiled grammar, or why there is none."""
    if not shutil.which("cc"):
        return None, "no C compiler"
    library, python = TARGET / "logscale.so", TARGET / "venv" / "bin" / "python"
    TARGET.mkdir(parents=True, exist_ok=True)
    if not python.exists():
        run_quietly([sys.executable, "-m", "venv", TARGET / "venv"])
    packages = next(TARGET.glob("venv/lib/python*/site-packages"), None)
    if packages is None:
        return None, "no virtual environment"
    if not (packages / "tree_sitter").exists():
        run_quietly([python, "-m", "pip", "install", "--quiet", PARSER])
    if not library.exists():
        # Its wheel asks for a newer Python than the source needs.
        asked = ["--python-version", "3.14", "--no-deps", "--only-binary=:all:", "-d", TARGET, GRAMMAR]
        done = run_quietly([python, "-m", "pip", "download", "--quiet", *asked])
        wheel = next(TARGET.glob("logscale_tools-*.whl"), None)
        if wheel is None:
            return None, done.stderr[:200]
        zipfile.ZipFile(wheel).extractall(TARGET / "source")
        source = TARGET / "source" / "logscale_query_language" / "grammar_src"
        command = ["cc", "-shared", "-fPIC", "-O1", f"-I{source}", "-o", library, source / "parser.c", source / "scanner.c"]
        done = run_quietly(command)
        if done.returncode:
            return None, done.stderr[:200]
    sys.path.append(str(packages))
    try:
        import tree_sitter
    except ImportError as error:
        return None, str(error)
    language = ctypes.CDLL(str(library)).tree_sitter_logscale
    language.restype = ctypes.c_void_p
    capsule = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    made = capsule(("PyCapsule_New", ctypes.pythonapi))(language(), b"tree_sitter.Language", None)
    return tree_sitter.Parser(tree_sitter.Language(made)), None


def known(query):
    """A filter without what the grammar doesn't know: flags go, functions become `true`."""
    out, at = [], 0
    while found := PIECES.search(query, at):
        out.append(query[at : found.start()])
        at = found.end()
        if found["regex"]:
            out.append(found["regex"])
        elif found["function"]:
            at = after(query, found.end())
            out.append("true")
        else:
            out.append(found[0])
    return "".join(out) + query[at:]


def after(query, at):
    """The end of a function's arguments."""
    depth = 1
    while depth:
        found = re.compile(r'"(?:\\.|[^"\\])*"|[()]', re.DOTALL).search(query, at)
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found[0], 0)
    return at


def shape(node):
    """How a parsed filter nests: `("and", […])`, and `None` for a test."""
    kinds = {"and_filter": "and", "or_filter": "or", "not_filter": "not"}
    if node.type in kinds:
        return (kinds[node.type], [shape(child) for child in node.named_children])
    if node.type in ("query", "pipeline", "filter", "parenthesized_filter"):
        return shape(node.named_children[0])
    return None


def ours(tree):
    """The same of a tree of `cql.py`."""
    if tree[0] in ("and", "or"):
        return (tree[0], [ours(part) for part in tree[1]])
    return ("not", [ours(tree[1])]) if tree[0] == "not" else None


def run(found, show):
    """Parses the queries of paths; says whether all are taken."""
    parse, why = parser()
    if parse is None:
        print(f"NOT RUN: syntax: {why}", flush=True)
        return True
    wrong, taken = [], 0
    for path, (query, _) in found.items():
        text = known(query)
        try:
            # `!=` is a test to the grammar.
            expected = ours(cql.read(text.replace("!=", "=")))
        except cql.Invalid as invalid:
            wrong.append((path, text, str(invalid)))
            continue
        root = parse.parse(text.encode("utf-8", "surrogatepass")).root_node
        if root.has_error:
            wrong.append((path, text, "is not taken"))
        elif shape(root) != expected:
            wrong.append((path, text, f"nests otherwise: {shape(root)} for {expected}"))
        else:
            taken += 1
    print(f"syntax: {taken} of {len(found)} taken, {len(wrong)} not")
    for path, text, problem in wrong[:show]:
        print(f"  {path}\n    {text[:300]}\n    {problem[:300]}")
    return not wrong
