"""Where things are, and how programs are run."""

import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
TARGET = ROOT / "target" / "engines" / "elastic"
BUILT = "VARSIGMA_BUILT" in os.environ
BINARY = os.environ.get("VARSIGMA") or ROOT / "target" / ("release" if BUILT else "debug") / "varsigma"
CORPUS = pathlib.Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus" / "sigmahq")


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
        subprocess.run(["cargo", "build", "--quiet"], check=True)
