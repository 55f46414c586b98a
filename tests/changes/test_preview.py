"""A change as a diff that git applies, and a text as people write it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.changes import Refused, apply, as_parts, bind, preview
from harness.discover import discover
from harness.types import Change, Proposal, Variable, text_of

APP = """\
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph
llm = ChatOpenAI(model="m")
P = "Sort {ticket} into billing\\n or other."
def work(s): return llm.invoke([("system", P.format(ticket=s["ticket"]))])
builder = StateGraph(dict)
builder.add_node("work", work)
graph = builder.compile()"""
TICKET = Variable("ticket", "{ticket}")


def change_of(root: Path, text: str) -> Change:
    found = discover(root, "app.py:graph")
    prompt = replace(found.prompts[0], proof="proved")
    idea = Proposal("given", as_parts(text, prompt.parts), "why")
    return bind(idea, prompt, found.nodes[0], id="c01", proposer="test")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_git_makes_of_the_diff_what_apply_makes(tmp_path: Path, newline: str, end: str) -> None:
    raw = (APP + end).replace("\n", newline).encode()
    (tmp_path / "app.py").write_bytes(raw)
    change = change_of(tmp_path, 'Sort\u2028 the "ticket" {ticket}\n\n{as JSON}\n')
    diff = preview(tmp_path, change)
    assert (tmp_path / "app.py").read_bytes() == raw
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    by_git = (tmp_path / "app.py").read_bytes()
    (tmp_path / "app.py").write_bytes(raw)
    apply(tmp_path, change)
    assert (tmp_path / "app.py").read_bytes() == by_git != raw


def test_a_refused_edit_has_no_diff(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    with pytest.raises(Refused, match=r"lost \{ticket\}"):
        change_of(tmp_path, "Sort the ticket.")


@given(st.lists(st.text(st.characters(exclude_characters="{\r", exclude_categories=["Cs"])), min_size=3, max_size=3))
def test_variables_are_found_where_they_stand(texts: list[str]) -> None:
    other = Variable("ticket", "{ticket!r}")
    like = ("a ", TICKET, " b ", other, " c")
    parts = as_parts(f"{texts[0]}{{ticket}}{texts[1]}{{ticket!r}}{texts[2]}", like)
    assert [p for p in parts if isinstance(p, Variable)] == [TICKET, other]
    assert text_of(parts) == f"{texts[0]}{{ticket}}{texts[1]}{{ticket!r}}{texts[2]}".removesuffix("\n")


def test_an_editors_last_line_ending_is_no_part_of_a_text_that_has_none() -> None:
    assert as_parts("Sort.\r\nNow.\n", ("Old.",)) == ("Sort.\nNow.",)
    assert as_parts("Sort.\n", ("Old.\n",)) == ("Sort.\n",)
