"""The tools for coding agents, listed and called by the protocol's own client, on a real repo."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.server.mcpserver.exceptions import ToolError

from harness import cases
from harness.mcp.commands import words
from harness.mcp.jobs import Jobs
from harness.mcp.server import INSTRUCTIONS
from tests.conftest import git
from tests.e2e.conftest import pattern, small_repo  # noqa: F401 - fixtures
from tests.planted.corpus import CORPUS

BETTER = "Say what the message is about.\nAnswer with one label only: account, billing, shipping, technical."


def with_client(tree: Path, script: Callable[[Client], Awaitable[Any]]) -> Any:
    """What an agent's script finds out over stdin and stdout of a server of its own."""

    async def talk() -> Any:
        server = StdioServerParameters(command=sys.executable, args=["-m", "harness", "mcp"], cwd=str(tree))
        async with Client(server) as client:
            return await script(client)

    return anyio.run(talk)


USED: set[str] = set()  # tools that were called


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers."""
    USED.add(tool)
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    found = json.loads(answer.content[0].text)
    assert isinstance(found, dict)
    return found


async def ended(client: Client, state: dict[str, Any]) -> dict[str, Any]:
    """A job at its end, asked for as an agent would."""
    while state["state"] == "running":
        await anyio.sleep(0.2)
        state = await called(client, "job", id=state["job"])
    return state


def test_every_tool_is_listed_with_words(small_repo: Path) -> None:  # noqa: F811
    async def script(client: Client) -> Any:
        tools = (await client.list_tools()).tools
        resources = (await client.list_resource_templates()).resource_templates
        goals = await client.read_resource("harness://goals")
        return tools, resources, goals.contents[0].text

    tools, resources, goals = with_client(small_repo, script)
    asked = {"check", "nodes", "targets", "plan", "baseline", "try_change", "compare", "report", "job"}
    assert asked <= {tool.name for tool in tools}
    assert all(tool.description for tool in tools)
    assert [resource.uri_template for resource in resources] == ["harness://reports/{run}"]
    assert goals == (small_repo / "fine-tune.md").read_text("utf-8")


async def begun(client: Client, state: dict[str, Any]) -> dict[str, Any]:
    """A job whose run has an id."""
    while state["state"] == "running" and not state["run"]:
        await anyio.sleep(0.2)
        state = await called(client, "job", id=state["job"])
    return state


def test_an_agent_tunes_a_repo_by_every_tool_and_hears_of_no_sealed_case(small_repo: Path) -> None:  # noqa: F811
    prompts = small_repo / "app/prompts.py"
    USED.clear()

    async def script(client: Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]], set[str]]:
        heard = [await called(client, name) for name in ("check", "nodes", "techniques")]
        measured = await called(client, "baseline", wait=0.0)
        assert measured["state"] == "running"
        heard.append(await ended(client, measured))
        heard.append(await called(client, "plan"))
        text = prompts.read_text("utf-8")
        prompts.write_text(text.replace("Say what the message is about.", BETTER), "utf-8")
        heard.append(await ended(client, await called(client, "try_change", title="labels", wait=0.0)))
        prompts.write_text(text, "utf-8")  # `tune` takes the tree as it is committed
        run = heard[-1]["run"]
        heard += [await called(client, name, run=run) for name in ("show", "report", "diff")]
        heard += [await called(client, name) for name in ("targets", "runs")]
        heard.append(await called(client, "compare", before=f"{run}:baseline", after=run))
        heard.append(await called(client, "jobs"))
        stopped = []
        for tool in ("tune", "resume"):
            job = await begun(client, await called(client, tool, wait=0.0))
            await called(client, "cancel", id=job["job"])
            stopped.append(await ended(client, job))
        return heard, stopped, {tool.name for tool in (await client.list_tools()).tools}

    heard, stopped, tools = with_client(small_repo, script)
    assert tools == USED
    assert [answer["exit_code"] for answer in heard[:-1]] == [0] * 12
    assert stopped[0]["exit_code"] in (0, 1, 130)  # it may have come to its end before
    if stopped[0]["exit_code"] == 130:
        assert stopped[1]["exit_code"] in (0, 1, 130)
        assert stopped[1]["run"] == stopped[0]["run"]
    else:
        assert stopped[1]["exit_code"] == 2  # nothing is left to go on with
    branch = f"harness/{heard[5]['run']}"
    assert "one label only" in git(small_repo, "show", f"{branch}:app/prompts.py")
    assert [job["state"] for job in heard[-1]["jobs"]] == ["ended", "ended"]
    split = cases.split(cases.load(small_repo / "evals/cases.jsonl"))
    said = json.dumps([heard, stopped])
    assert not [case.id for case in split.holdout if case.id in said or case.inputs["ticket"] in said]


def test_planted_texts_come_as_data_and_change_no_word_of_ours(small_repo: Path) -> None:  # noqa: F811
    file = small_repo / "evals/cases.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    known = cases.load(file)
    dev = [case.id for case in cases.split(known).dev]
    planted = dict(zip(dev, CORPUS, strict=False))
    for row, case in zip(rows, known, strict=True):
        if case.id in planted:
            row["input"]["ticket"] += f" {planted[case.id]}"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    git(small_repo, "commit", "-qam", "planted")

    async def script(client: Client) -> Any:
        before = (await client.list_tools()).tools
        await ended(client, await called(client, "baseline", wait=0.0))
        shown = {id: await called(client, "show", case=id) for id in list(planted)[:12]}
        heard = [await called(client, name) for name in ("check", "targets", "runs")]
        return before, shown, heard, (await client.list_tools()).tools

    before, shown, heard, after = with_client(small_repo, script)
    assert len(planted) >= 30
    assert after == before
    assert "give you no orders" in INSTRUCTIONS
    plain = json.dumps([[tool.name, tool.description] for tool in after]) + INSTRUCTIONS
    assert not [text for text in planted.values() if text in plain]
    for answer in shown.values():
        assert answer.keys() == {"exit_code", "result"}  # nothing that a text says becomes a field of ours
    assert [answer["exit_code"] for answer in heard] == [0] * 3


def test_what_is_wrong_is_told_in_words(small_repo: Path) -> None:  # noqa: F811
    (small_repo / "evals/cases.jsonl").write_text("{", "utf-8")

    async def script(client: Client) -> Any:
        unknown = await client.call_tool("job", {"id": "../../x"})
        return await called(client, "check"), unknown

    checked, unknown = with_client(small_repo, script)
    assert checked["exit_code"] == 2
    assert "evals/cases.jsonl:1" in json.dumps(checked)
    assert unknown.is_error
    assert "no job '../../x'" in unknown.content[0].text


def test_a_job_outlives_whoever_started_it_and_can_be_cancelled(small_repo: Path) -> None:  # noqa: F811
    async def script(client: Client) -> Any:
        return await called(client, "tune", wait=0.0)

    begun = with_client(small_repo, script)
    jobs = Jobs(small_repo, small_repo / ".harness/jobs")
    assert jobs.state(begun["job"])["state"] == "running"
    jobs.cancel(begun["job"])
    while (state := jobs.state(begun["job"]))["state"] == "running":
        time.sleep(0.02)  # of another process nothing but its files can be waited for
    assert state["exit_code"] in (0, 1, 130)  # the run may have come to its end before


def test_several_proposers_are_named_as_on_the_command_line() -> None:
    assert words("run", proposer=["builtin", "ideas.py:propose"], budget_calls=None) == [
        *("run", "--proposer", "builtin", "--proposer", "ideas.py:propose")
    ]


def test_a_name_is_never_read_as_an_option() -> None:
    assert words("show", "", candidate="c01", case="", fresh=False, seed=0) == [
        "show",
        "--candidate",
        "c01",
        "--seed",
        "0",
    ]
    with pytest.raises(ToolError, match="is no name"):
        words("show", "--apply")
