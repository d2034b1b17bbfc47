"""What the documentation leaves open, and how it can be read.

A `Context` is what a search is run with. Code that comes to a point on which the documentation is
silent asks it: `context.reads("null")` gives the reading that is taken, and notes that the answer
depends on it. `answers` runs a search by each reading of the points that it came to.
"""

# The first reading of each point is that of everyone who writes searches.
POINTS = {
    # Does a comparison with nothing (null) stay nothing under AND, OR and NOT, so that `null OR true`
    # is true, or is it false? No page says. `where` itself returns only rows for which the expression
    # is true (Search Reference, *where*).
    "null": ("unknown", "false"),
    # Operators and functions other than those that *Multivalue eval functions* and *Text functions*
    # name, on a field of several values: any of them, or nothing at all.
    "several values": ("any", "none"),
    # A text in quotes beside a field whose value looks like a number. The examples of *Aggregate
    # functions* compare `status="404"`, and those of *Comparison and Conditional functions*
    # `status==404`, so that 404 equals both; whether 404.0 equals "404" is not said.
    "digits": ("text", "number"),
    # Does `field="10.0.0.0/8"` in a search find that text itself, beside the addresses of the network
    # (Search Reference, *search*, CIDR matching)?
    "network": ("addresses", "addresses and its text"),
    # *Conversion functions* has digits and a point for `tonumber`; signs of other forms, exponents and
    # a point without digits on one side of it are open.
    "number forms": ("all", "plain"),
    # Does `field=*` find a field whose value is the empty text? *Difference between NOT and !=* has it
    # find fields that are there, and `*` is any number of characters.
    "empty value": ("found", "not found"),
    # Does a search for `""` find everything, or nothing?
    "empty phrase": ("everything", "nothing"),
    # *streamstats* calls a time window "the previous 5 minutes": is an event of exactly then inside?
    "window end": ("inside", "outside"),
    # *Aggregate functions* says that percentiles are nearest ranks, and has examples that lie between
    # two ranks. The median of an even number is the higher of two "by default".
    "percentile": ("between", "nearest"),
}


class Unclear(Exception):
    """The documentation does not say what this does, and no query should rely on it."""


class NotTaken(Exception):
    """Splunk does not take such a search."""


class Context:
    """What a search is run with: its time, its readings, and the points that it came to."""

    def __init__(self, now=0, latest=0, readings=None):
        self.now, self.latest = now, latest
        self.readings = dict(readings or {})
        self.open = set()

    def reads(self, point):
        self.open.add(point)
        return self.readings.get(point, POINTS[point][0])

    def notes(self, point):
        """The answer depends on what no reading helps with."""
        self.open.add(point)
