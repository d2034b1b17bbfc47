"""Where the program and the rules are, and how the scripts below this folder run programs."""

import argparse
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILT = "VARSIGMA_BUILT" in os.environ
BINARY = os.environ.get("VARSIGMA") or ROOT / "target" / ("release" if BUILT else "debug") / "varsigma"
CASES = ROOT / "tests" / "cases"
CORPUS = pathlib.Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus" / "sigmahq")
SAMPLED = os.environ.get("VARSIGMA_ENGINES") == "sample"
# Correlations are asked by scripts of their own, and a filter among the cases would apply to all of them.
LINKED = re.compile(r"^(?:correlation|filter):|\|\s*(?:count|sum|min|max|avg|near)\b", re.MULTILINE)


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def rows(text):
    """Lines; `splitlines` knows other ends of lines than these, which JSON may hold."""
    return [line for line in text.split("\n") if line]


def not_run(what, why):
    print(f"NOT RUN: {what}: {why}", flush=True)


def build():
    """Builds the program, unless it is there or another one is named."""
    if "VARSIGMA" not in os.environ and not BUILT:
        subprocess.run(["cargo", "build", "--quiet", "--bins"], check=True, cwd=ROOT)


def of_single_events(folder):
    """The rules of a folder, in order, that a single event matches or not."""
    rules = sorted(folder.rglob("*.yml"))
    return [str(rule) for rule in rules if not LINKED.search(rule.read_text("utf-8", "replace"))]


def options(document):
    """What every script takes: how much it shows; and how many rules it asks, where `every` is read."""
    parser = argparse.ArgumentParser(description=document.partition("\n")[0])
    parser.add_argument("--show", type=int, default=20, help="how many problems to print")
    parser.add_argument("--every", type=int, default=1, help="ask every so many rules of the corpus")
    return parser


def asked_rules(every):
    """Our cases, and every so many rules of the corpus."""
    corpus = of_single_events(CORPUS)
    if not corpus:
        not_run("the corpus", "there is no ../shared/corpus")
    return of_single_events(CASES), corpus[::every]
