"""Regular expressions: Splunk's are PCRE (Knowledge Manager Manual, *About Splunk regular
expressions*), so PCRE reads them. Python's own would read some otherwise; without PyPI's `pcre2` they
are not asked."""

import functools

from .readings import NotTaken


class NoPcre(Exception):
    """PCRE is not installed."""


@functools.lru_cache(maxsize=8192)
def compiled(expression):
    try:
        import pcre2
    except ImportError as error:
        raise NoPcre(str(error)) from error
    try:
        # Whether `\w` and `\b` know other letters than ASCII's is not said; PCRE's own way is not to.
        # The compiler at run time of the release inside PyPI's package finds nothing by
        # `(abcd|cpi) .{2,12} -D` in `cpi xx -D`, unlike the library without it.
        return pcre2.compile(f"(*NO_JIT){expression}", flags=pcre2.ASCII)
    except Exception as error:
        raise NotTaken(f"PCRE does not take {expression!r}: {error}") from error


def search(expression, text):
    """The first match anywhere in a text, or nothing."""
    return compiled(expression).search(str(text))
