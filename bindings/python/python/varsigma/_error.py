"""The exception of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._varsigma import Diagnostic


class VarsigmaError(Exception):
    """What was given is wrong, or a rule can't be converted.

    The message shows each error with the lines that it is about; ``diagnostics`` has them as data.
    """

    diagnostics: list[Diagnostic]

    def __init__(self, message: str, diagnostics: list[Diagnostic] | None = None) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics or []
