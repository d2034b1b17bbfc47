#!/usr/bin/env python3
"""SigmaHQ's regression samples, end to end: `tests/regression.py [RULES SAMPLES]`.

Each sample goes through `varsigma hunt` with all rules, and log sources as the events show them. The
rules that an `info.yml` names have to match as often as it says, and no rule for another log source
may match at all. By default both folders are those of the corpus beside the repository; without them
nothing is run. PyYAML is installed below target/ where Python lacks it.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "engines" / "regression"
try:
    import yaml
except ImportError:
    python = VENV / "bin" / "python"
    if pathlib.Path(sys.prefix) != VENV:
        venv.create(VENV, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pyyaml"], check=False)
        os.execv(python, [python, __file__, *sys.argv[1:]])
    sys.exit(print("NOT RUN: regression samples: PyPI can't be reached for PyYAML"))

CORPUS = ROOT.parent / "shared" / "corpus"
KEYS = ("product", "category", "service")

# Log sources that one event has beside another: (of the sample's rule, of the rule that matched).
# Sysmon's events 12 to 14 are what the generic category means, too.
ALIASES = {
    ("registry_set", "registry_event"),
    ("registry_event", "registry_set"),
    ("registry_add", "registry_event"),
    ("registry_delete", "registry_event"),
}


def program():
    for kind in ("release", "debug"):
        path = ROOT / "target" / kind / "varsigma"
        if path.exists():
            return path
    sys.exit("build varsigma first")


def documents(path):
    with open(path, encoding="utf-8") as file:
        try:
            return [one for one in yaml.safe_load_all(file) if isinstance(one, dict)]
        except yaml.YAMLError:
            return []


def logsources(folder):
    """The log source of each rule, by its id and its file."""
    found = {}
    for path in folder.rglob("*.yml"):
        for document in documents(path):
            source = document.get("logsource") or {}
            parts = tuple(source.get(key) for key in KEYS)
            found[document.get("id"), str(path)] = parts
    return found


def samples(folder):
    """Each sample's file with the ids of its rules, and how often each matches at least."""
    for path in sorted(folder.rglob("info.yml")):
        [info] = documents(path)
        rules = [rule["id"] for rule in info.get("rule_metadata", [])]
        named = info.get("regression_tests_info") or []
        files = [(path.parent / one["path"].rsplit("/", 1)[-1], one.get("match_count")) for one in named]
        if not files:
            endings = ("evtx", "json", "jsonl", "raw", "log")
            tried = [path.parent / f"{rule}.{ending}" for rule in rules for ending in endings]
            files = [(file, None) for file in tried if file.exists()][:1]
        for file, count in files:
            yield str(file), rules, count or 1


def is_same(ours, theirs):
    """Is a rule of their log source one for the events of ours?"""
    for our, their in zip(ours, theirs):
        if their is not None and our is not None and our != their and (our, their) not in ALIASES:
            return False
    # A category says which events there are; a service alone, where they come from.
    return not (theirs[1] and not ours[1] and ours[2])


def main():
    folders = [pathlib.Path(one).resolve() for one in sys.argv[1:]]
    rules, regression = folders or (CORPUS / "sigmahq", CORPUS / "regression")
    if not rules.is_dir() or not regression.is_dir():
        print(f"NOT RUN: regression samples: {rules} or {regression} is missing")
        return 0
    command = [program(), "hunt", str(rules), str(regression), "--json"]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    matches = collections.defaultdict(collections.Counter)
    for line in run.stdout.splitlines():
        found = json.loads(line)
        matches[found["file"]][found["id"], found["path"]] += 1
    sources = logsources(rules)
    of_id = {id: parts for (id, _), parts in sources.items()}
    faults = []
    fired = asked = other = 0
    for file, ids, count in samples(regression):
        name = os.path.relpath(file, regression)
        known = [id for id in ids if id in of_id]
        if not known:
            faults.append(f"{name}: no rule has one of the ids {ids}")
        for id in known:
            asked += 1
            found = sum(times for (of, _), times in matches[file].items() if of == id)
            fired += found >= count
            if found < count:
                faults.append(f"{name}: expected {count} matches of {id} {of_id[id]}, found {found}")
        for (id, path), times in sorted(matches[file].items(), key=str):
            if id in ids:
                continue
            other += 1
            theirs = sources[id, path]
            if not any(is_same(of_id[one], theirs) for one in known):
                ours = [of_id[one] for one in known]
                faults.append(f"{name}: {times} matches of {path} {theirs}, the sample is of {ours}")
    print(f"{fired} of {asked} rules match their samples as often as they have to")
    print(f"{other} more rules match, those of other log sources are faults: {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults or not asked else 0


if __name__ == "__main__":
    sys.exit(main())
