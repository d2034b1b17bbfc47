"""The examples of docs/python.md: each block of Python runs, one after another in one namespace.

A line `>>> x` is followed by what it prints. Where pySigma is not installed, its blocks are left out.
"""

from __future__ import annotations

import doctest
import importlib.util
import os
import pathlib
import re

import pytest

REPOSITORY = pathlib.Path(os.environ["VARSIGMA_REPOSITORY"])
HAS_PYSIGMA = importlib.util.find_spec("sigma") is not None


@pytest.mark.parametrize("name", ["docs/python.md", "bindings/python/README.md"])
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    ran = 0
    for block in blocks:
        if not HAS_PYSIGMA and re.search(r"\bsigma\.|\bpysigma_", block):
            continue
        ran += 1
        if ">>>" not in block:
            exec(compile(block, name, "exec"), names)
            continue
        parser = doctest.DocTestParser()
        case = parser.get_doctest(block, names, name, name, 0)
        runner.run(case, clear_globs=False)
        names = case.globs
    assert ran and runner.failures == 0


def test_the_docstring_of_the_package_runs():
    import varsigma

    assert doctest.testmod(varsigma).failed == 0
