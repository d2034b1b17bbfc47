"""`varsigma mcp` with the protocol's official client."""

from __future__ import annotations

import asyncio
import pathlib
import sys

import pytest

mcp = pytest.importorskip("mcp")

RULE = "title: t\nlogsource: {product: windows}\ndetection: {s: {Image: cmd.exe}, condition: s}\n"
SCRIPT = str(pathlib.Path(sys.executable).parent / "varsigma")


async def spoken(arguments: list[str], mode: str) -> None:
    server = mcp.StdioServerParameters(command=SCRIPT, args=["mcp", *arguments])
    async with mcp.Client(server, mode=mode) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names == ["convert", "lint", "explain", "test", "witness", "diff", "targets"]
        converted = await client.call_tool("convert", {"rules": RULE, "target": "splunk"})
        assert not converted.is_error
        assert converted.structured_content["queries"] == ['Image="cmd.exe"']
        assert converted.content[0].text == 'Image="cmd.exe"'
        wrong = await client.call_tool("convert", {"rules": RULE, "target": "splnk"})
        assert wrong.is_error and "did you mean `splunk`?" in wrong.content[0].text
        made = await client.call_tool("witness", {"rules": RULE})
        event = made.structured_content["events"][0]["event"]
        tested = await client.call_tool("test", {"rules": RULE, "events": [event]})
        assert tested.structured_content["events"][0]["rules"][0]["title"] == "t"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_is_served(mode):
    asyncio.run(asyncio.wait_for(spoken([], mode), 60))


def test_reading_is_allowed_for_a_folder(tmp_path):
    (tmp_path / "a.yml").write_text(RULE)

    async def run() -> None:
        arguments = ["mcp", "--allow-read", str(tmp_path)]
        server = mcp.StdioServerParameters(command=SCRIPT, args=arguments)
        async with mcp.Client(server) as client:
            linted = await client.call_tool("lint", {"rules_path": "a.yml"})
            assert linted.structured_content["diagnostics"][0]["path"] == "a.yml"

    asyncio.run(asyncio.wait_for(run(), 60))
