"""An engine's answers beside the reference's."""

import json
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
import proof

# What a report proves, by its name.
PROVES = [
    (r"^Elasticsearch \S+ Lucene|^Elasticsearch \S+, Lucene", ("lucene", "run", "Elasticsearch")),
    (r"^Elasticsearch \S+, KQL", ("kql", "evaluated", "Kibana's parser and Elasticsearch")),
    (r"^ES\|QL, case", ("esql", "evaluated", "an evaluator of the tests")),
    (r"^EQL$", ("eql", "evaluated", "an evaluator of the tests")),
    (r"^PPL, OpenSearch", ("ppl", "run", "OpenSearch")),
    (r"^opensearch on OpenSearch", ("opensearch", "run", "OpenSearch")),
]


def bits(line):
    """A line of answers: 0, 1, or something else where there is none."""
    return [{"0": False, "1": True}.get(bit) for bit in line]


def judge(events, answers, fidelity):
    """What is wrong with an engine's answers, or nothing."""
    for event, answer in zip(events, answers, strict=True):
        if answer is None or answer == event["matches"]:
            continue
        if fidelity == "approximate" or fidelity == ("broader" if answer else "narrower"):
            continue
        said = "a hit" if answer else "no hit"
        return f"{said}, expected otherwise: {event['about']}: {json.dumps(event['event'])}"
    return None


class Report:
    def __init__(self, name, show):
        self.name, self.show, self.good, self.total, self.bad = name, show, 0, 0, []
        self.excused, self.answers = {}, 0

    def add(self, path, query, problem, excuse=None, answers=0):
        self.total += 1
        self.answers += answers
        if not problem:
            self.good += 1
        elif excuse:
            self.excused.setdefault(excuse, []).append(path)
        else:
            self.bad.append((path, query, problem))

    def compare(self, path, query, events, answers, fidelity, excuse=None):
        asked = sum(answer is not None for answer in answers)
        self.add(path, query, judge(events, answers, fidelity), excuse, asked)

    def done(self, refused=None):
        more = "" if refused is None else f", {refused} rules refused"
        print(f"{self.name}: {self.good} of {self.total} agree, {self.answers} answers{more}", flush=True)
        proves = (told for name, told in PROVES if re.search(name, self.name))
        for target, how, by in proves:
            proof.tell(target, how, by, self.total, self.answers, len(self.bad))
        for excuse, paths in self.excused.items():
            print(f"  {len(paths)} differ: {excuse}: {', '.join(sorted(paths))}")
        for path, query, problem in self.bad[: self.show]:
            print(f"  {path}\n    {query[:300]}\n    {problem[:300]}")
        return not self.bad
