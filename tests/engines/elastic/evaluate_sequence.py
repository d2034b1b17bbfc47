"""Evaluates the sequences of EQL that the program writes, as Elasticsearch is documented to match them.

Events are in the order of their times, and of their places where these are equal. A step takes the
latest sequence of the step before that ended earlier, and drops it and those that are older from
there; one that is longer than `maxspan`, whose end is included, is no sequence. Events without a key
are left out. `![…]` after the last step: no such event follows within `maxspan`.
"""

import re

import evaluate_eql

HEAD = re.compile(r"sequence(?: by (?P<by>.*?))? with maxspan=(?P<count>\d+)(?P<unit>ms|[smhd])$")
STEP = re.compile(r"  (?P<absent>!?)\[(?P<event>.*)\](?: by (?P<by>.*?))?(?: with runs=(?P<runs>\d+))?$", re.S)
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def names(text):
    return re.findall(r"[^\s,`]+", text or "")


def answers(query, events, time="@timestamp"):
    """The keys and times of what is found; `events` are maps of names to texts with a time each."""
    ordered = sorted(range(len(events)), key=lambda at: (events[at][time], at))
    if not query.startswith("sequence"):
        fields = [{k: v for k, v in event.items() if k != time} for event in events]
        hits = evaluate_eql.answers(query, fields)
        return [(at, events[at][time]) for at in ordered if hits[at]]
    first, *lines = query.split("\n")
    head = HEAD.match(first)
    span = int(head["count"]) * MILLISECONDS[head["unit"]]
    steps, absent = [], None
    for line in lines:
        step = STEP.match(line)
        fields = [{k: v for k, v in event.items() if k != time} for event in events]
        hits = evaluate_eql.answers(step["event"], fields)
        by = names(head["by"]) + names(step["by"])
        keyed = []
        for place, at in enumerate(ordered):
            key = tuple(events[at].get(name) for name in by)
            if hits[at] and None not in key:
                keyed.append((place, key, at))
        if step["absent"]:
            absent = keyed
        else:
            steps += [keyed] * int(step["runs"] or 1)
    if len(steps) + (absent is not None) < 2:
        raise ValueError("a sequence has two steps at least")
    # A sequence: the place and time where it began, the place of its last event, and that event.
    when = lambda at: events[at][time]
    stage = {}
    for place, key, at in steps[0]:
        stage.setdefault(key, []).append((when(at), place, at))
    for step in steps[1:]:
        following = {}
        for place, key, at in step:
            before = [one for one in stage.get(key, []) if one[1] < place]
            if not before:
                continue
            start = before[-1][0]
            stage[key] = stage[key][len(before) :]
            if when(at) - start <= span:
                following.setdefault(key, []).append((start, place, at))
        stage = following
    found = [(key, one) for key, sequences in stage.items() for one in sequences]
    if absent is not None:
        follows = lambda key, one: any(
            key == other and place > one[1] and when(at) - one[0] <= span for place, other, at in absent
        )
        return [(one[2], when(one[2]) + span) for key, one in found if not follows(key, one)]
    return [(one[2], when(one[2])) for _, one in found]
