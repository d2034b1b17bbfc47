"""Speed through the package, beside the command line and the library itself.

Arguments: a folder of rules, the program `varsigma`. Prints each figure, and fails where one is too
low: converting takes at most 1.5 times the command line's time, and `match` of a dictionary has at
least half the pace of `match_all`, which reads the same events as JSON and asks the library without
Python in between. The best of several runs counts, as other programs run beside.
"""

from __future__ import annotations

import json
import pathlib
import random
import subprocess
import sys
import time
from collections.abc import Callable

import varsigma

MOST_TIME = 1.5
LEAST_PACE = 0.5
RUNS = 7
EVENTS = 2000


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def events(rules: varsigma.RuleSet, folder: pathlib.Path) -> list[dict[str, object]]:
    """Flat events as Sysmon's, of some 600 bytes; a third has the fields of an event that a rule
    must match, or just misses."""
    chance = random.Random(7)
    paths = sorted(folder.rglob("*.yml"))
    made: list[dict[str, object]] = []
    for number in range(EVENTS):
        names = ["cmd.exe", "svchost.exe", "powershell.exe", "explorer.exe", "chrome.exe"]
        image = f"C:\\Windows\\System32\\{chance.choice(names)}"
        event: dict[str, object] = {
            "EventID": chance.choice([1, 3, 7, 11, 13]),
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": f"host{chance.randrange(500)}.example.org",
            "UtcTime": f"2024-05-0{chance.randrange(1, 9)} 10:11:12.{number % 1000:03}",
            "ProcessGuid": "{c2e9e2a0-%08x-0000-0010-000000000000}" % number,
            "ProcessId": chance.randrange(65536),
            "Image": image,
            "CommandLine": f"{image} /c run {number} --quiet --log C:\\Temp\\{number}.log",
            "CurrentDirectory": "C:\\Windows\\system32\\",
            "User": "NT AUTHORITY\\SYSTEM",
            "LogonId": hex(chance.randrange(1 << 32)),
            "IntegrityLevel": "System",
            "Hashes": "SHA256=%064x" % chance.getrandbits(256),
            "ParentImage": "C:\\Windows\\System32\\services.exe",
            "ParentCommandLine": "C:\\Windows\\system32\\services.exe",
        }
        if number % 3 == 0:
            try:
                witnesses = varsigma.witness(chance.choice(paths), limit=4)
            except varsigma.VarsigmaError:
                witnesses = []
            if witnesses:
                event.update(chance.choice(witnesses).event)
        made.append(event)
    return made


def main() -> int:
    folder, program = sys.argv[1:]
    rules = pathlib.Path(folder)
    count = len(varsigma.convert(rules, "splunk", collect_errors=True).rules)

    def through_api() -> None:
        result = varsigma.convert(rules, "splunk", collect_errors=True)
        assert len(result.queries) and len(result.rules) == count

    command = [program, "convert", "-q", "-s", "-t", "splunk", folder]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    own = best(lambda: subprocess.run(command, **silent))
    api = best(through_api)
    print(f"convert {count} rules: {api:.3f} s, command line {own:.3f} s: {api / own:.2f} times")

    chosen = varsigma.RuleSet(rules, collect_errors=True)
    asked = events(chosen, rules)
    lines = "\n".join(json.dumps(event) for event in asked)
    found = [len(chosen.match(event)) for event in asked]
    assert found == [len(matched) for matched in chosen.match_all(lines)]
    match = chosen.match

    def one_by_one() -> None:
        for event in asked:
            match(event)

    ones = len(asked) / best(one_by_one)
    library = len(asked) / best(lambda: chosen.match_all(lines))
    print(
        f"match {len(asked)} events ({sum(found)} matches) with {len(chosen)} rules: "
        f"{ones:,.0f} events/s, library {library:,.0f}: {ones / library:.2f} of its pace"
    )
    return 0 if api <= MOST_TIME * own and ones >= LEAST_PACE * library else 1


if __name__ == "__main__":
    sys.exit(main())
