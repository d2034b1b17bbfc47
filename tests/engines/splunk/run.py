#!/usr/bin/env python3
"""Do Splunk's searches find what the rules match, and do its correlations fire where the rules do?

    tests/engines/splunk/run.py [--every N] [--rounds N] [--show N] [--only rules|correlations]

There is no Splunk here: `spl/` reads and runs SPL and SPL2 by their documentation, and takes what that
leaves open by several readings. Rules over single events are those of tests/cases and, where it lies
beside the checkout (or at CORPUS), ../shared/corpus/sigmahq; their witness events and changed ones are
asked (`rules.py`). Correlations are asked random events (`correlations.py`). Exact queries must give
the rule's answers, broader ones miss nothing, narrower ones find nothing else. Ends with exit code 1
where an answer is wrong.

With VARSIGMA_ENGINES=sample, every 20th rule of the corpus is asked. With VARSIGMA_BUILT, the program is
there already, in a release build. Regular expressions need PyPI's pcre2.
"""

import argparse
import concurrent.futures
import importlib.util
import os
import pathlib
import subprocess
import sys

import correlations
import rules
from rules import ROOT, Report, Way

HOME = ROOT / "target" / "engines" / "splunk"
CORPUS = pathlib.Path(os.environ.get("CORPUS") or ROOT.parent / "shared" / "corpus" / "sigmahq")
SAMPLED = os.environ.get("VARSIGMA_ENGINES") == "sample"
PCRE = "pcre2==0.7.1"

# Ways to convert rules, and the way whose queries are not asked again where they are the same.
SPL = Way("SPL", "splunk")
SPL2 = Way("SPL2", "spl2")
WAYS = [
    (SPL, None),
    (Way("SPL, keywords=phrase", "splunk", options=["keywords=phrase"]), SPL),
    (Way("SPL, Windows pipeline", "splunk", pipelines=["splunk_windows"]), SPL),
    (Way("SPL, data model", "splunk", form="data_model", pipelines=["splunk_cim"]), None),
    (SPL2, None),
    (Way("SPL2, CIM pipeline", "spl2", pipelines=["splunk_cim"]), SPL2),
]


def with_pcre():
    """Starts again in an environment with pcre2, if this one has none and pip can make one."""
    if importlib.util.find_spec("pcre2"):
        return
    python = HOME / "venv" / "bin" / "python"
    if not python.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", HOME / "venv"], check=False)
    has = lambda: python.exists() and subprocess.run([python, "-c", "import pcre2"], check=False, capture_output=True).returncode == 0
    if not has():
        subprocess.run([python, "-m", "pip", "install", "--quiet", PCRE], check=False, capture_output=True)
    if has() and pathlib.Path(sys.executable) != python:
        os.execv(python, [str(python), *sys.argv])


def ask_rules(files, show):
    jobs, reports, made = {}, {}, {}
    for way, other in WAYS:
        made[way], refused = way.queries(files)
        reports[way.name] = Report(way.name, refused)
        for path, (queries, fidelity) in made[way].items():
            if other is None or made[other].get(path, ([],))[0] != queries:
                jobs.setdefault(path, []).append((way.name, queries, fidelity, way.language, way.pipelines))
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for (path, _), results in zip(jobs.items(), pool.map(rules.of_rule, jobs.items(), chunksize=4)):
            for name, result in results:
                reports[name].add(path, result)
    right = [report.done(show) for report in reports.values()]
    return all([*right, ask_files(files, made, show)])


def ask_files(files, made, show):
    """Documents of a rule hold its query: savedsearches.conf, and statements of a module. Those of
    counts have a schedule, of which `correlations.py` asks."""
    files = [path for path in files if not rules.AGGREGATED.search(pathlib.Path(path).read_text("utf-8"))]
    saved, _ = Way("", "splunk", form="savedsearches").queries(files)
    modules, _ = Way("", "spl2", form="module").queries(files)
    wrong = []
    for path, (texts, _) in saved.items():
        problem = rules.saved("\n".join(texts), made[SPL][path][0])
        wrong += [(path, problem)] if problem else []
    for path, (texts, _) in modules.items():
        if texts != [f"$result = {query}" for query in made[SPL2][path][0]]:
            wrong.append((path, texts[0]))
    print(f"documents: {len(saved)} of savedsearches.conf, {len(modules)} modules, {len(wrong)} read otherwise", flush=True)
    for path, problem in wrong[:show]:
        print(f"  {path}: {problem[:600]}")
    return not wrong


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--every", type=int, default=20 if SAMPLED else 1, help="ask every so many rules of the corpus")
    options.add_argument("--rounds", type=int, default=6 if SAMPLED else 30, help="random events for each correlation")
    options.add_argument("--show", type=int, default=5, help="how many problems to print")
    options.add_argument("--only", choices=["rules", "correlations"])
    options.add_argument("files", nargs="*", help="rules to ask instead")
    options = options.parse_args()
    with_pcre()
    right = True
    if options.only != "correlations":
        files = options.files or rules.of_single_events(ROOT / "tests" / "cases")
        if not options.files and CORPUS.is_dir():
            files += rules.of_single_events(CORPUS)[:: options.every]
        right = ask_rules(files, options.show)
    if options.only != "rules":
        for target in ("splunk", "spl2"):
            wrong = correlations.ask(target, [], options.rounds, options.show)
            wrong += correlations.ask(target, ["-O", "window=tumbling"], max(options.rounds // 3, 1), options.show)
            wrong += correlations.ask_documents(target, options.show)
            right = right and not wrong
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
