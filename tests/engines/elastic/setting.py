"""Where things are for the engines of Elastic's languages and their relatives."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from place import BINARY, ROOT, SAMPLED, asked_rules, build, not_run, options, rows, run  # noqa: F401

TARGET = ROOT / "target" / "engines" / "elastic"
