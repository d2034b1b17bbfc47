"""The command line: ``varsigma …`` and ``python -m varsigma …``."""

from __future__ import annotations

import signal
import sys

from . import _varsigma


def main() -> int:
    """Runs the command line on the arguments of this process, and gives its exit code."""
    # As in the program itself: the interrupt key ends it at once, not at the next line of Python.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _varsigma.main(["varsigma", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
