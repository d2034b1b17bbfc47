"""Follows the links of a built site: every page and anchor that a page names is there.

    python3 tests/site/links.py target/site
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Addresses on the network are not asked: a test that needs them fails when they do.
FEWEST_PAGES = 25


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def faults(root: Path) -> list[str]:
    # The page of everything, for printing, and the one for missing pages hold others' links.
    paths = [path for path in sorted(root.rglob("*.html")) if path.name not in ("print.html", "404.html", "toc.html")]
    paths = [path for path in paths if "playground" not in path.relative_to(root).parts]
    if len(paths) < FEWEST_PAGES:
        return [f"{len(paths)} pages, at least {FEWEST_PAGES} expected"]
    pages = {path.resolve(): Page(path.read_text()) for path in paths}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("#!"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            place = f"{path.relative_to(root.resolve())}: {link}"
            if not target.is_file():
                found.append(f"{place}: there is no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{place}: there is no such anchor")
    return sorted(set(found))


def main() -> None:
    root = Path(sys.argv[1])
    found = faults(root)
    print("\n".join(found))
    if not list(root.glob("searchindex*")):
        found.append("there is no index for the search")
    if found:
        sys.exit(f"{len(found)} faults in the links of {root}")
    print("every link of the site leads somewhere")


if __name__ == "__main__":
    main()
