#!/usr/bin/env python3
"""Compares what pipelines make of rules with what pySigma makes of them.

usage: tests/pipelines/run.py [--bin PATH] [--show N] [CASE]…

Each folder of tests/pipelines/cases holds a pipeline and a rule. Both programs convert the rule to
Splunk; varsigma with `--compat pysigma`. Where pySigma refuses, varsigma has to refuse as well.

pySigma is taken from the interpreter that runs this, or installed below target/pysigma. Where
neither can be had, the script reports NOT RUN and why. With VARSIGMA_BUILT, the program is there
already, with the feature `network`.
"""
import argparse
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = pathlib.Path(__file__).resolve().parent / "cases"
NEEDED = ["pysigma==1.5.1", "pysigma-backend-splunk==2.1.0", "requests", "jq"]

# What pySigma takes only from Python, not from YAML.
FUNCTIONS = {"lower": str.lower, "upper": str.upper, "title": str.title}


def has_pysigma(python):
    found = subprocess.run(
        [python, "-c", "import sigma.backends.splunk, jq, requests; from importlib.metadata import version; print(version('pysigma'))"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return found.stdout.strip() == "1.5.1"


def find_python():
    """An interpreter with pySigma, or why there is none."""
    own = ROOT / "target" / "pysigma"
    candidates = [os.environ.get("PYSIGMA_PYTHON"), sys.executable, str(own / "bin" / "python")]
    for python in candidates:
        if python and shutil.which(python) and has_pysigma(python):
            return python, None
    made = subprocess.run([sys.executable, "-m", "venv", str(own)], capture_output=True, text=True)
    if made.returncode:
        return None, made.stderr.strip().splitlines()[-1]
    python = str(own / "bin" / "python")
    made = subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDED], capture_output=True, text=True)
    if made.returncode or not has_pysigma(python):
        return None, (made.stderr.strip().splitlines() or ["it can't be imported"])[-1]
    return python, None


def expected(folder):
    """What pySigma makes of a case: {"queries": […]} or {"error": "…"}."""
    import warnings
    import yaml
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
    from sigma.processing.pipeline import ProcessingPipeline, QueryPostprocessingItem

    warnings.simplefilter("ignore")
    os.chdir(folder)
    try:
        data = yaml.safe_load(pathlib.Path("pipeline.yml").read_text("utf-8"))
        for item in data.get("transformations", []):
            if item["type"] == "field_name_transform":
                item["transform_func"] = FUNCTIONS[item["transform_func"]]
        for item in data.get("postprocessing", []):
            if item["type"] == "nest":
                item["items"] = [QueryPostprocessingItem.from_dict(inner) for inner in item["items"]]
        pipeline = ProcessingPipeline.from_dict(data, allow_external_sources=True)
        rules = SigmaCollection.from_yaml(pathlib.Path("rule.yml").read_text("utf-8"))
        queries = SplunkBackend(pipeline).convert(rules)
    except Exception as error:  # whatever it is, there is no query
        return {"error": f"{type(error).__name__}: {error}"}
    return {"queries": queries if isinstance(queries, list) else [queries]}


def got(binary, folder):
    command = [binary, "convert", "--json", "-t", "splunk", "--compat", "pysigma",
               "-p", "pipeline.yml", "--allow-exec", "--allow-network", "rule.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        return json.loads(line)
    return {"error": {"message": done.stderr.strip()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--bin")
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--expected", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("case", nargs="*")
    args = parser.parse_args()
    if args.expected:
        for folder in args.case:
            print(json.dumps(expected(folder)), flush=True)
        return 0
    python, problem = find_python()
    if not python:
        print(f"NOT RUN: pipelines against pySigma: {problem}")
        return 0
    if not args.bin and "VARSIGMA_BUILT" not in os.environ:
        # Some cases ask the server below for values.
        subprocess.run(["cargo", "build", "--quiet", "--features", "network"], cwd=ROOT, check=True)
    binary = args.bin or ROOT / "target" / "debug" / "varsigma"
    names = args.case or sorted(path.name for path in CASES.iterdir() if path.is_dir())
    shown = agree = 0
    with tempfile.TemporaryDirectory() as folder:
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
        handler.log_message = lambda *_: None
        http.server.SimpleHTTPRequestHandler.log_message = lambda *_: None
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cases = [pathlib.Path(folder) / name for name in names]
        for case in cases:
            shutil.copytree(CASES / case.name, case)
            pipeline = case / "pipeline.yml"
            address = f"{server.server_port}/{case.name}"
            pipeline.write_text(pipeline.read_text("utf-8").replace("@PORT@", address), "utf-8")
        # One process answers all cases, as pySigma takes longer to load than to convert.
        asked = subprocess.run([python, __file__, "--expected", *map(str, cases)], capture_output=True, text=True)
        wanted = [json.loads(line) for line in asked.stdout.splitlines()]
        if len(wanted) != len(names):
            print(f"pySigma ended at {names[len(wanted)]}: {asked.stderr}")
        for name, case, want in zip(names, cases, wanted):
            have = got(binary, case)
            same = ("error" in want and "queries" not in have) or (
                "queries" in want and want["queries"] == have.get("queries"))
            agree += same
            if not same and shown < args.show:
                shown += 1
                print(f"{name}\n  want {json.dumps(want, ensure_ascii=False)}\n  got  {json.dumps(have.get('queries', have.get('error')), ensure_ascii=False)}")
        server.shutdown()
    print(f"{agree} of {len(names)} pipelines give what pySigma gives")
    return 0 if agree == len(names) and names else 1


sys.exit(main())
