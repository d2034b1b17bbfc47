"""The package as its users see it: the built wheel, in an environment of its own."""

from __future__ import annotations

import collections
import json
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest

import varsigma

RULE = r"""
title: Shell of the web server
id: 5fc8cb1a-0b2c-4d52-a3d1-6b7c1f4e0f6d
logsource: {category: process_creation, product: windows}
detection:
  selection:
    ParentImage|endswith: '\w3wp.exe'
  condition: selection
"""
RULE_ID = "5fc8cb1a-0b2c-4d52-a3d1-6b7c1f4e0f6d"
QUERY = r'ParentImage="*\\w3wp.exe"'
KEYWORD = "title: t\nlogsource: {product: linux}\ndetection: {k: [linpeas.sh], condition: k}\n"
BROKEN = RULE.replace("condition: selection", "condition: slection")
EVENT = {"ParentImage": "C:\\w3wp.exe"}


def test_a_rule_is_converted():
    result = varsigma.convert(RULE, target="splunk")
    assert result.queries == [QUERY]
    assert result.fidelity == "exact"
    assert result.reasons == result.errors == []
    assert result.document is None
    (rule,) = result.rules
    assert rule.title == "Shell of the web server"
    assert rule.id == "5fc8cb1a-0b2c-4d52-a3d1-6b7c1f4e0f6d"
    assert (rule.path, rule.line, rule.error) == (None, 2, None)
    assert str(rule.queries[0]) == rule.queries[0].text == QUERY


def test_rules_come_in_every_form(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.yml").write_text(RULE)
    (tmp_path / "b.yaml").write_text(KEYWORD)
    (tmp_path / ".hidden.yml").write_text("no rule")
    (tmp_path / "notes.txt").write_text("no rule")
    file = tmp_path / "deep" / "a.yml"
    for rules in (RULE, RULE.encode(), file, [RULE], (RULE.encode(),), iter([file])):
        assert varsigma.convert(rules, "splunk").queries == [QUERY]
    result = varsigma.convert(tmp_path, "splunk")
    assert [rule.path for rule in result.rules] == [(tmp_path / "b.yaml").as_posix(), file.as_posix()]
    assert len(varsigma.convert([RULE, tmp_path], "splunk").queries) == 3


TESTS_OF_RULE = "- name: t\n  event: {ParentImage: x}\n  match: false\n"


def test_a_folder_has_the_files_that_the_commands_read(tmp_path):
    (tmp_path / "a.yml").write_text(RULE)
    (tmp_path / "B.YML").write_text(KEYWORD)
    (tmp_path / "a.test.yml").write_text(TESTS_OF_RULE)
    (tmp_path / "A.Test.YAML").write_text(TESTS_OF_RULE)
    (tmp_path / ".gitignore").write_text("made/\n")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "c.yml").write_text(BROKEN)
    result = varsigma.convert(tmp_path, "splunk")
    names = [pathlib.Path(rule.path).name for rule in result.rules]
    assert names == ["B.YML", "a.yml"] and result.diagnostics == []
    assert len(varsigma.RuleSet(tmp_path)) == len(varsigma.page(tmp_path)) == 2
    assert {made.rule for made in varsigma.witness(tmp_path)} == {RULE_ID, "t"}
    assert "error" not in {found.severity for found in varsigma.lint(tmp_path)}
    # A list of a folder's files has those of tests.
    tests = tmp_path / "a.test.yml"
    result = varsigma.convert(sorted(tmp_path.glob("a.*yml")), "splunk")
    assert result.queries == [QUERY] and result.errors == []
    assert [found.code for found in result.diagnostics] == ["VS0010"]
    assert [found.code for found in varsigma.RuleSet([RULE, tests]).diagnostics] == ["VS0010"]
    with pytest.raises(varsigma.VarsigmaError):
        varsigma.diff(tests, tests)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own")
def test_a_file_that_is_not_there_fails_by_itself(tmp_path):
    (tmp_path / "b.yml").write_text(RULE)
    (tmp_path / "a.yml").symlink_to("nowhere.yml")
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.convert(tmp_path, "splunk")
    (found,) = raised.value.diagnostics
    assert (found.code, found.path) == ("VS0001", (tmp_path / "a.yml").as_posix())
    result = varsigma.convert(tmp_path, "splunk", collect_errors=True)
    assert result.queries == [QUERY] and [found.code for found in result.errors] == ["VS0001"]
    lines = [json.loads(line) for line in result.to_json().splitlines()]
    assert [pathlib.Path(line["path"]).name for line in lines] == ["a.yml", "b.yml"]
    rules = varsigma.RuleSet(tmp_path, collect_errors=True)
    assert len(rules) == len(rules.errors) == 1
    assert "VS0001" in {found.code for found in varsigma.lint(tmp_path)}


def test_rules_are_utf_8_everywhere(tmp_path):
    path = tmp_path / "latin.yml"
    path.write_bytes(b"title: \xff\n")
    for ask in (
        lambda rules: varsigma.convert(rules, "splunk"),
        varsigma.RuleSet,
        varsigma.witness,
        varsigma.page,
        lambda rules: varsigma.diff(rules, RULE),
        lambda rules: varsigma.convert(RULE, "splunk", pipelines=rules),
    ):
        with pytest.raises(varsigma.VarsigmaError) as raised:
            ask(path)
        (found,) = raised.value.diagnostics
        assert found.code == "VS0002" and pathlib.Path(found.path) == path
    assert [found.code for found in varsigma.lint([path])] == ["VS0002"]
    rules = varsigma.RuleSet([path, RULE], collect_errors=True)
    assert len(rules) == 1 and [found.code for found in rules.errors] == ["VS0002"]


def test_what_are_no_rules_is_refused(tmp_path):
    for rules in (5, None, [5], {"title": "t"}.items()):
        with pytest.raises(TypeError, match="expected rules as str, bytes, a path"):
            varsigma.convert(rules, "splunk")
    for rules, name in (({"title": "t"}, "dict"), (bytearray(RULE.encode()), "bytearray")):
        with pytest.raises(TypeError, match=f"found {name}"):
            varsigma.convert(rules, "splunk")
    missing = tmp_path / "no.yml"
    with pytest.raises(FileNotFoundError, match="no.yml") as raised:
        varsigma.convert(missing, "splunk")
    assert raised.value.filename == str(missing)
    with pytest.raises(FileNotFoundError, match="no.yml") as raised:
        varsigma.convert(RULE, "splunk", pipelines=[missing])
    assert raised.value.filename == str(missing)
    with pytest.raises(FileNotFoundError, match="no .yml or .yaml files"):
        varsigma.convert(tmp_path, "splunk")


def test_a_failure_has_its_diagnostics():
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.convert([RULE, BROKEN], "splunk")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("VS0502", "error")
    assert (diagnostic.line, diagnostic.column) == (8, 14)
    assert diagnostic.labels[0].line == 8
    assert "did you mean `selection`?" in diagnostic.help[0]
    assert "condition: slection" in str(raised.value)
    assert "selection" in diagnostic.explanation
    result = varsigma.convert([RULE, BROKEN], "splunk", collect_errors=True)
    assert result.queries == [QUERY]
    assert [error.code for error in result.errors] == ["VS0502"]
    assert result.rules[1].error.code == "VS0502"


def test_bytes_that_are_no_text_are_an_error():
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.convert(b"title: \xff", "splunk")
    assert raised.value.diagnostics[0].code == "VS0002"


def test_what_is_asked_for_is_checked():
    for arguments in (
        {"target": "splnk"},
        {"target": "splunk", "format": "no"},
        {"target": "splunk", "options": {"no": "1"}},
        {"target": "splunk", "pipelines": ["no"]},
    ):
        with pytest.raises(varsigma.VarsigmaError):
            varsigma.convert(RULE, **arguments)
    with pytest.raises(ValueError, match="`pysigma` or `sigmac`"):
        varsigma.convert(RULE, "splunk", compat="no")


def test_reasons_say_what_is_not_exact():
    result = varsigma.convert(KEYWORD, "esql")
    assert result.fidelity == "approximate"
    reason = result.reasons[0]
    assert (reason.fidelity, reason.line, reason.column) == ("approximate", 3, 17)
    with pytest.raises(varsigma.VarsigmaError):
        varsigma.convert(KEYWORD, "esql", strict=True)


def test_formats_options_and_pipelines_are_chosen(tmp_path):
    compiler = varsigma.Compiler(
        "splunk",
        format="savedsearches",
        options={"keywords": "phrase"},
        pipelines=["sysmon"],
    )
    assert (compiler.format, compiler.extension, compiler.target) == (
        "savedsearches",
        "conf",
        "splunk",
    )
    result = compiler.convert([RULE, KEYWORD])
    assert result.document.count("search = ") == 2
    assert "EventID=1" in result.document
    text = "transformations:\n  - type: field_name_mapping\n    mapping: {ParentImage: parent}\n"
    path = tmp_path / "p.yml"
    path.write_text(text)
    for pipeline in (varsigma.Pipeline.from_yaml(text), path):
        for pipelines in (pipeline, [pipeline]):
            result = varsigma.convert(RULE, "splunk", pipelines=pipelines)
            assert result.queries == [r'parent="*\\w3wp.exe"']
    assert varsigma.convert(RULE, "splunk", compat="pysigma").queries == [QUERY]


def test_backend_files_and_schemas_are_texts():
    backend = "title = 'Ours'\nextends = 'splunk'\n"
    result = varsigma.convert(RULE, "ours", backends={"ours": backend})
    assert result.queries == [QUERY]
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.convert(RULE, "ours", backends={"ours": backend + "no = 1\n"})
    assert raised.value.diagnostics[0].path == "ours.toml"


def test_pipelines_reach_nothing(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    pipeline = tmp_path / "p.yml"
    pipeline.write_text(f"transformations:\n  - type: file_placeholders\n    path: {secret}\n")
    rule = RULE.replace("ParentImage|endswith: '\\w3wp.exe'", "ParentImage|expand: '%secret%'")
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.convert(rule, "splunk", pipelines=pipeline)
    assert not any("secret\n" in str(found) for found in raised.value.diagnostics)


NAMED = RULE.replace("title:", "name: shell\ntitle:")
CORRELATION = """title: Many
correlation:
  type: event_count
  rules: [shell]
  group-by: [User]
  timespan: 5m
  condition: {gte: 10}
"""


def test_correlations_refer_to_rules_of_other_files():
    result = varsigma.convert([NAMED, CORRELATION], "splunk")
    assert result.rules[1].title == "Many"
    with pytest.raises(varsigma.VarsigmaError):
        varsigma.convert(CORRELATION, "splunk")


def test_json_is_that_of_the_command_line(tmp_path):
    (tmp_path / "a.yml").write_text(KEYWORD)
    result = varsigma.convert(tmp_path / "a.yml", "esql")
    command = [sys.executable, "-m", "varsigma", "convert", "-q", "-t", "esql", "--json"]
    printed = subprocess.run([*command, str(tmp_path / "a.yml")], capture_output=True, text=True)
    assert json.loads(result.to_json()) == json.loads(printed.stdout)


def test_rules_match_events():
    rules = varsigma.RuleSet([RULE, KEYWORD])
    assert len(rules) == 2
    (matched,) = rules.match(EVENT)
    assert (matched.id, matched.title, matched.path) == (
        "5fc8cb1a-0b2c-4d52-a3d1-6b7c1f4e0f6d",
        "Shell of the web server",
        None,
    )
    assert rules.match({"message": ["x", {"deep": "/tmp/linpeas.sh"}]})[0].title == "t"
    for event in (json.dumps(EVENT), json.dumps(EVENT).encode(), collections.UserDict(EVENT)):
        assert [rule.title for rule in rules.match(event)] == ["Shell of the web server"]
    assert rules.match({"a": None, "b": True, "c": 1.5, "d": 2**70, "e": (), "f": -1}) == []
    lines = json.dumps(EVENT) + "\n" + json.dumps({"a": 1})
    assert [len(found) for found in rules.match_all(lines)] == [1, 0]


def test_values_mean_what_they_mean_in_json():
    def matches(value: str, event: object) -> bool:
        rule = f"title: t\nlogsource: {{product: p}}\ndetection: {{s: {{f: {value}}}, condition: s}}\n"
        rules = varsigma.RuleSet(rule)
        found = bool(rules.match({"f": event}))
        if not isinstance(event, float) or event == event:
            assert found == bool(rules.match(json.dumps({"f": event}))), (value, event)
        return found

    assert matches("1", 1) and matches("1", 1.0) and not matches("1", True)
    assert matches("'true'", True) and matches("null", None) and matches("null", float("nan"))
    assert matches("1180591620717411303424", 2**70)
    assert matches("x", ["a", "X"]) and matches("x", ("a", "x"))


@pytest.mark.parametrize(
    "event",
    [
        {"Event": {"System": {"EventID": 1}, "EventData": EVENT}},
        {"hits": {"hits": [{"_id": "1", "_source": EVENT}]}},
        {"Records": [EVENT]},
        {"_index": "logs", "_source": EVENT},
        collections.UserDict({"event": EVENT, "sourcetype": "json"}),
    ],
)
def test_a_mapping_is_the_event_that_its_json_is(event):
    rules = varsigma.RuleSet(RULE)
    assert len(rules.match(event)) == len(rules.match(json.dumps(dict(event)))) == 1


def test_a_mapping_that_wraps_many_events_is_refused():
    rules = varsigma.RuleSet(RULE)
    for event in ({"Records": [EVENT, EVENT]}, '{"Records": [{}, {}]}'):
        with pytest.raises(ValueError, match="expected one event, found 2"):
            rules.match(event)


def test_what_is_no_event_is_refused():
    rules = varsigma.RuleSet(RULE)
    for event in (5, [EVENT], None, {"a": object()}, {"a": b"x"}, {1: "x"}):
        with pytest.raises(TypeError):
            rules.match(event)
    for event in ("{}{}", ""):
        with pytest.raises(ValueError, match="expected one event"):
            rules.match(event)
    with pytest.raises(varsigma.VarsigmaError):
        rules.match("{")
    for number, found in (
        (10**400, "an integer of more than 308 digits"),
        (float("inf"), "an infinite one"),
        (-float("inf"), "an infinite one"),
    ):
        for event in ({"a": number}, {"Event": {"System": number}}):
            with pytest.raises(ValueError, match=f"a float can hold, found {found}"):
                rules.match(event)
    deep = value = {}
    for _ in range(100_000):
        value["a"] = value = {}
    with pytest.raises(ValueError, match="nested too deeply"):
        rules.match(deep)


def test_a_rule_set_has_no_broken_rules():
    placeholder = RULE.replace("endswith: '\\w3wp.exe'", "expand: '%x%'")
    for rules in (BROKEN, placeholder):
        with pytest.raises(varsigma.VarsigmaError):
            varsigma.RuleSet(rules)
        found = varsigma.RuleSet([rules, RULE], collect_errors=True)
        assert len(found) == len(found.errors) == 1
        assert len(found.match(EVENT)) == 1


def test_a_correlation_is_left_out_of_a_rule_set_with_a_warning(tmp_path):
    path = tmp_path / "many.yml"
    path.write_text(CORRELATION)
    rules = varsigma.RuleSet([NAMED, path])
    assert len(rules) == 1 and rules.errors == []
    (found,) = rules.diagnostics
    assert (found.code, found.severity, found.path) == ("VS1010", "warning", path.as_posix())
    assert found.line == 1


def test_pickle_takes_data_and_errors():
    result = varsigma.convert([KEYWORD, BROKEN], "esql", collect_errors=True)
    (error,) = result.errors
    (matched,) = varsigma.RuleSet(RULE).match(EVENT)
    for one in (error, *error.labels, *result.reasons, *result.rules, matched):
        same = pickle.loads(pickle.dumps(one))
        assert type(same) is type(one)
        for name in dir(one):
            value = getattr(one, name)
            if not name.startswith("_") and not callable(value):
                assert repr(getattr(same, name)) == repr(value) or "object at" in repr(value)
        assert str(same) == str(one) or "object at" in str(one)
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.convert(BROKEN, "splunk")
    same = pickle.loads(pickle.dumps(raised.value))
    assert type(same) is varsigma.VarsigmaError and str(same) == str(raised.value)
    assert [str(found) for found in same.diagnostics] == [str(error)]


FILTER = """title: The build server
logsource: {product: windows}
filter: {rules: any, build: {Computer: build}, condition: not build}
"""


def test_filters_hold_for_the_rules_of_all_files():
    rules = varsigma.RuleSet([RULE, FILTER])
    assert len(rules) == 1 and len(rules.match(EVENT)) == 1
    assert rules.match({**EVENT, "Computer": "build"}) == []
    assert len(varsigma.RuleSet(RULE).match({**EVENT, "Computer": "build"})) == 1


def test_pages_know_the_rules_of_other_files():
    page, _, of_correlation = varsigma.page([NAMED, FILTER, CORRELATION])
    assert 'NOT (Computer="build")' in page
    assert QUERY in of_correlation
    with pytest.raises(varsigma.VarsigmaError) as raised:
        varsigma.page(CORRELATION)
    assert [found.code for found in raised.value.diagnostics] == ["VS1251"]


def test_lint_knows_the_rules_of_other_files(tmp_path):
    def codes(rules) -> set[str]:
        return {found.code for found in varsigma.lint(rules)}

    assert "VS1107" not in codes(RULE) and "VS1107" in codes([RULE, RULE])
    (tmp_path / "a.yml").write_text(RULE)
    (found,) = [found for found in varsigma.lint([tmp_path, RULE]) if found.code == "VS1107"]
    assert found.path is None and found.line == 3 and "a.yml" in found.message
    assert "VS1150" in codes(FILTER) and "VS1150" not in codes([FILTER, RULE])
    assert "VS1231" in codes([RULE, FILTER.replace("rules: any", "rules: [no]")])
    everything = FILTER.replace("{Computer: build}", "{ParentImage: '*'}")
    assert "VS1151" in codes([RULE, everything])
    assert "VS1251" in codes(CORRELATION) and "VS1251" not in codes([NAMED, CORRELATION])


def test_witnesses_of_a_correlation_are_sequences():
    correlation = CORRELATION.replace("gte: 10", "gte: 3")
    made = varsigma.witness([NAMED, correlation], limit=4)
    first = [event for event in made if event.sequence == 1]
    assert len(first) == 3 and all(event.matches and event.rule == "Many" for event in first)
    assert any(event.sequence and not event.matches for event in made)
    with pytest.raises(varsigma.VarsigmaError):
        varsigma.witness(correlation)


def test_events_of_a_correlation_that_changed_are_lists():
    before = f"{NAMED}---\n{CORRELATION}"
    *_, change = varsigma.diff(before, before.replace("gte: 10", "gte: 3"))
    assert (change.title, change.relation) == ("Many", "broader")
    assert len(change.gained) == 3 and change.lost is None


def test_lint_witness_diff_page_explain():
    codes = {found.code for found in varsigma.lint(RULE.replace("endswith", "endwith"))}
    assert "VS0401" in codes
    events = varsigma.witness(RULE, limit=8)
    rules = varsigma.RuleSet(RULE)
    assert len(events) == 8 and events[0].matches
    for made in events:
        assert bool(rules.match(made.event)) == made.matches
    with pytest.raises(varsigma.VarsigmaError):
        varsigma.witness(BROKEN)
    after = RULE.replace(r"'\w3wp.exe'", r"['\w3wp.exe', '\nginx.exe']")
    (change,) = varsigma.diff(RULE, after)
    assert change.relation == "broader" and change.lost is None
    assert not rules.match(change.gained) and varsigma.RuleSet(after).match(change.gained)
    assert varsigma.diff(after, RULE)[0].relation == "narrower"
    assert varsigma.diff(RULE, RULE)[0].relation == "equal"
    assert [row.relation for row in varsigma.diff(RULE, f"{RULE}---\n{KEYWORD}")] == [
        "equal",
        "added",
    ]
    assert "w3wp" in varsigma.page(RULE)[0]
    assert varsigma.page(RULE, target="sqlite", template="modern")[0].startswith("# Shell")
    with pytest.raises(ValueError, match="expected `document` or `modern` as template, found `modrn`"):
        varsigma.page(RULE, template="modrn")
    assert varsigma.explain("vs401").code == "VS0401"
    with pytest.raises(ValueError, match="no diagnostic code"):
        varsigma.explain("VS9999")


def test_targets_and_pipelines_are_data():
    splunk = next(target for target in varsigma.targets() if target["name"] == "splunk")
    assert "savedsearches" in [form["name"] for form in splunk["formats"]]
    assert splunk["options"][0]["target"] == "splunk"
    assert "sysmon" in [pipeline["name"] for pipeline in varsigma.pipelines()]


def test_objects_are_not_changed():
    result = varsigma.convert(RULE, "splunk")
    with pytest.raises(AttributeError):
        result.rules[0].title = "other"


def many(count: int) -> list[str]:
    values = ", ".join(f"'*\\a{number}.exe'" for number in range(60))
    return [RULE.replace(r"'\w3wp.exe'", f"[{values}, x{n}]") for n in range(count)]


def test_other_threads_run_while_rules_are_converted():
    """The interpreter's lock is free: a thread of Python counts on while another converts."""
    rules = many(3000)
    compiler = varsigma.Compiler("splunk")
    done = threading.Event()
    counted = 0

    def convert() -> None:
        compiler.convert(rules)
        done.set()

    # With the lock held, this thread would not run before the end.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        thread = threading.Thread(target=convert)
        thread.start()
        while not done.is_set():
            counted += 1
            time.sleep(0.001)
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert counted > 5


def test_two_threads_convert_at_once():
    """Each is inside a call that the other one sees: both are converting at the same time."""
    rules = many(1500)
    compiler = varsigma.Compiler("splunk")
    spans: list[tuple[float, float]] = []
    barrier = threading.Barrier(2)

    def convert() -> None:
        barrier.wait()
        begin = time.perf_counter()
        result = compiler.convert(rules)
        spans.append((begin, time.perf_counter()))
        assert len(result.queries) == len(rules)

    threads = [threading.Thread(target=convert) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (begin, end), (other_begin, other_end) = spans
    together = min(end, other_end) - max(begin, other_begin)
    assert together > 0.5 * min(end - begin, other_end - other_begin)


# ---- The command line -------------------------------------------------------------------------------

SCRIPT = pathlib.Path(sys.executable).parent / "varsigma"
COMMANDS = ([str(SCRIPT)], [sys.executable, "-m", "varsigma"])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_is_that_of_the_program(command, tmp_path):
    (tmp_path / "a.yml").write_text(RULE)
    (tmp_path / "b.yml").write_text(BROKEN)

    def run(*arguments: str, **more):
        return subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, **more)

    converted = run("convert", "-q", "-t", "splunk", "a.yml")
    assert (converted.stdout.decode(), converted.returncode) == (QUERY + "\n", 0)
    assert run("convert", "-t", "splunk", "b.yml").returncode == 1
    wrong = run("convert", "-t", "nowhere", "a.yml")
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert run("nothing").returncode == 2
    assert run("--version").stdout.startswith(b"varsigma ")
    assert b"Usage: varsigma" in run("--help").stdout
    piped = run("convert", "-q", "-t", "splunk", "-", input=RULE.encode())
    assert piped.stdout.decode() == QUERY + "\n"
    completion = run("completions", "bash")
    assert b"VARSIGMA_COMPLETE" in completion.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_pipe_and_the_interrupt_key_end_it(command, tmp_path):
    (tmp_path / "many.yml").write_text("---".join(many(400)))
    with subprocess.Popen(
        [*command, "convert", "-q", "-t", "splunk", "many.yml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
    with subprocess.Popen([*command, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT
