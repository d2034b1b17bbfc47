"""Files such as savedsearches.conf (Admin Manual, *About configuration files*; the head of each
`.spec` file): stanzas in brackets, `name = value` a line; a line that begins with `#` is a comment; a
line that ends in a backslash goes on in the next one."""

import re

from .readings import NotTaken


def stanzas(text):
    """[(stanza, {name: value}), …]"""
    found, at, lines = [], 0, text.split("\n")
    while at < len(lines):
        line = lines[at]
        at += 1
        while line.endswith("\\") and at < len(lines):
            line = line[:-1] + "\n" + lines[at]
            at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        stanza = re.fullmatch(r"\[([^\n]*)\]\s*", line)
        setting = re.fullmatch(r"([\w.]+)\s*=\s*(.*)", line, re.S)
        if stanza:
            found.append((stanza[1], {}))
        elif setting and found:
            found[-1][1][setting[1]] = setting[2].strip()
        else:
            raise NotTaken(f"not a line of a configuration file: {line!r}")
    return found
