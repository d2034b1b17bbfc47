"""Do the engines give the reference's answers to what the regex stage writes for them?

    VARSIGMA_REGEX_CASES=cases.jsonl cargo test --lib ::write_cases -- --ignored
    python tests/engines/regex.py cases.jsonl

Each engine that can be had is asked: Python's re; RE2 in DuckDB (pip: duckdb); PCRE2 (pip: pcre2);
XQuery in Saxon (pip: saxonche); Java (a JDK), and Lucene 9 and 10 (by Maven); PostgreSQL (DSN in PGDSN).
Lucene is asked also whether it takes the patterns of cases.limits.jsonl: it must take those
that the program does not call too complex.
Ends with exit code 1 where an answer differs.
"""

import base64
import functools
import json
import os
import pathlib
import re
import subprocess
import sys

import maven


def ask_python(cases):
    for case in cases:
        try:
            compiled = re.compile(case["text"])
        except re.error as error:
            yield [f"error: {error}"] * len(case["subjects"])
            continue
        yield [compiled.search(subject) is not None for subject in case["subjects"]]


def ask_pcre(cases):
    import pcre2

    for case in cases:
        try:
            # The compiler of PCRE2 10.47 overlooks matches.
            compiled = pcre2.compile("(*NO_JIT)" + case["text"])
        except Exception as error:
            yield [f"error: {error}"] * len(case["subjects"])
            continue
        answers = []
        for subject in case["subjects"]:
            try:
                answers.append(compiled.search(subject) is not None)
            except Exception as error:
                answers.append(False if "no match" in str(error).lower() else f"error: {error}")
        yield answers


def ask_duckdb(cases):
    import duckdb

    connection = duckdb.connect()
    for case in cases:
        try:
            rows = connection.execute(
                "SELECT regexp_matches(s, ?) FROM (SELECT unnest(?) AS s)",
                [case["text"], case["subjects"]],
            ).fetchall()
            yield [row[0] for row in rows]
        except Exception as error:
            yield [f"error: {error}"] * len(case["subjects"])


def ask_postgres(cases):
    import psycopg2

    connection = psycopg2.connect(os.environ["PGDSN"])
    connection.autocommit = True
    cursor = connection.cursor()
    for case in cases:
        try:
            cursor.execute(
                "SELECT s ~ %s FROM unnest(%s::text[]) WITH ORDINALITY AS t(s, n) ORDER BY n",
                [case["text"], case["subjects"]],
            )
            yield [row[0] for row in cursor.fetchall()]
        except Exception as error:
            yield [f"error: {error}"] * len(case["subjects"])


def ask_xquery(cases):
    """Saxon's `fn:matches`, by whose rules ISO SQL's LIKE_REGEX goes."""
    import saxonche

    with saxonche.PySaxonProcessor(license=False) as processor:
        xpath = processor.new_xpath_processor()
        for name in ("subjects", "pattern"):
            xpath.declare_variable(name)
        for case in cases:
            text = processor.make_string_value
            subjects = saxonche.PyXdmValue(processor)
            for subject in case["subjects"]:
                subjects.add_xdm_item(text(subject))
            xpath.set_parameter("subjects", subjects)
            xpath.set_parameter("pattern", text(case["text"]))
            try:
                found = xpath.evaluate("for $s in $subjects return matches($s, $pattern, 's')")
                yield [found.item_at(at).boolean_value for at in range(found.size)]
            except Exception as error:
                yield [f"error: {error}"] * len(case["subjects"])


def ask_lines(program, asked):
    encode = lambda text: base64.b64encode(text.encode()).decode() or "="
    lines = [" ".join(map(encode, words)) for words in asked]
    answered = subprocess.run(
        program, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True
    )
    return answered.stdout.splitlines()


def ask_java(program, cases):
    """A small program reads base64 lines and answers with 0, 1 or an error."""
    lines = ask_lines(program, [[case["text"], *case["subjects"]] for case in cases])
    for line, case in zip(lines, cases, strict=True):
        if line.startswith("error"):
            yield [line] * len(case["subjects"])
        else:
            yield [answer == "1" for answer in line]


# Version of lucene-core, and the oldest JDK that it runs on.
LUCENE = (("9.12.3", 17), ("10.3.2", 21))


def java_programs():
    """Name and family of each engine that RegexAnswers.java asks, and the command that does.

    LookupError: Java and Lucene can't be had.
    """
    for version, least in LUCENE:
        jars = maven.jars(f"lucene-{version}", f"org.apache.lucene:lucene-core:{version}")
        tools = maven.jdk(least) / "bin"
        path = f"{jars.parent}:{jars}/*"
        source = pathlib.Path(__file__).with_name("RegexAnswers.java")
        subprocess.run([tools / "javac", "-cp", path, "-d", jars.parent, source], check=True)
        program = [tools / "java", "-cp", path, "RegexAnswers"]
        if (version, least) == LUCENE[0]:
            yield "java", "java", [*program, "java"]
        yield f"lucene {version}", "lucene", [*program, "lucene"]


def engines():
    """Name and family of each engine, and what asks it."""
    yield "python", "python", ask_python
    for family, module, ask in (
        ("re2", "duckdb", ask_duckdb),
        ("pcre", "pcre2", ask_pcre),
        ("xquery", "saxonche", ask_xquery),
    ):
        try:
            __import__(module)
            yield family, family, ask
        except ImportError:
            print(f"NOT RUN: {family}: {module} is not installed")
    if os.environ.get("PGDSN"):
        yield "postgres", "postgres", ask_postgres
    try:
        for name, family, program in java_programs():
            yield name, family, functools.partial(ask_java, program)
    except LookupError as error:
        print(f"NOT RUN: java, lucene: {error}")


def is_known(family, case, subject):
    """Corners where an engine goes its own way, as src/pattern/mod.rs says."""
    written = case["source"]["regex"]
    words = "\\b" in written or "\\B" in written
    lines = "m" in case["source"]["flags"]
    foreign = not subject.isascii()
    last = subject == "" or subject.endswith("\n")
    return (
        # RE2's \B stands between the bytes of a character; Java's and PostgreSQL's edges are
        # Unicode's; the pcre2 package compiles with UCP, so its classes are too.
        (words and foreign and family in ("re2", "java", "postgres"))
        or (foreign and family == "pcre" and (words or "\\w" in written or "\\W" in written))
        # PCRE and Java have no line behind the last newline, Java none in an empty value.
        or (lines and last and family in ("pcre", "java"))
        # Python before 3.14 has no \B in an empty value.
        or (words and subject == "" and family == "python")
    )


def takes_what_is_not_too_complex(name, program, cases):
    """Does Lucene take each pattern that the program calls none of too many states?"""
    lines = ask_lines(program, [[case["kind"], case["text"]] for case in cases])
    missed = vain = 0
    for case, line in zip(cases, lines, strict=True):
        vain += case["complex"] and line == "1"
        if not case["complex"] and line != "1":
            missed += 1
            if missed <= 10:
                print(f"{name}: {case['kind']} {case['text']!r} is not too complex, but: {line[-100:]}")
    refused = sum(line != "1" for line in lines)
    print(f"{name}: {len(cases)} patterns, {refused} refused, {missed} of them not foreseen; {vain} warned of in vain")
    return not missed


def main(path):
    everything = [json.loads(line) for line in open(path, encoding="utf-8")]
    limits = pathlib.Path(path).with_suffix(".limits.jsonl")
    limits = [json.loads(line) for line in open(limits, encoding="utf-8")]
    failed = False
    for name, family, ask in engines():
        cases = [
            {"text": case["said"][family], "source": case, "subjects": case["subjects"]}
            for case in everything
            if family in case["said"]
        ]
        asked = differ = 0
        for case, answers in zip(cases, ask(cases), strict=True):
            for subject, answer, expected in zip(
                case["subjects"], answers, case["source"]["expected"], strict=True
            ):
                if is_known(family, case, subject):
                    continue
                asked += 1
                if answer is not expected:
                    differ += 1
                    if differ <= 10:
                        source = case["source"]
                        print(
                            f"{name}: {source['regex']!r} {source['flags']} as {case['text']!r}"
                            f" on {subject!r}: expected {expected}, found {answer}"
                        )
        print(f"{name}: {len(cases)} expressions, {asked} answers, {differ} differ")
        failed |= differ > 0
        if family == "lucene":
            failed |= not takes_what_is_not_too_complex(name, [*ask.args[0][:-1], "limits"], limits)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
