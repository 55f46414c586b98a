"""README, CONTRIBUTING and docs/: code that runs, commands that exist, links that lead somewhere, a fresh reference."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from docs import generate
from harness import plugins, settings
from harness.cli import app
from harness.types import Settings
from tests import makers, toys
from tests.conformance.metric import MetricSuite
from tests.conformance.proposer import ProposerSuite
from tests.docs.pages import PAGES, ROOT, anchors, blocks, file_in, module_of, tokens

README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
COMMANDS = typer.main.get_command(app).commands


def test_the_reference_is_what_the_code_says() -> None:
    assert generate.TARGET.read_text("utf-8") == generate.page(), "run `make docs`"


# ---- links and commands --------------------------------------------------------------------------------------------


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target and "://" not in str(target):
                yield str(target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def commands(page: Path) -> Iterator[str]:
    """Every ``harness ...`` of the page, in a block or in a code span."""
    for token in tokens(page):
        lines = token.content.splitlines() if token.type == "fence" and token.info in ("sh", "console") else []
        spans = [child.content for child in token.children or () if child.type == "code_inline"]
        for text in (*lines, *spans):
            text = text.removeprefix("$ ")
            if re.match(r"harness \w", text):
                yield re.split(r"\s+#|\s\||\s&&", text)[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_exists(page: Path) -> None:
    for text in commands(page):
        _, name, *words = shlex.split(text)
        for one in name.split("|"):
            assert one in COMMANDS, text
            known = {
                option for given in called(one, words).params for option in (*given.opts, *given.secondary_opts)
            } | {"--help", "--json"}
            used = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert used <= known, text


def called(name: str, words: list[str]) -> Any:
    """The command, of a group the one that the next word names."""
    of_group = getattr(COMMANDS[name], "commands", {})
    return of_group[words[0].split("|")[0]] if of_group and words else COMMANDS[name]


def test_every_figure_of_how_it_decides_stands_where_it_was_measured() -> None:
    """README and the decisions hold what the benchmarks printed."""
    text = (ROOT / "docs/how-it-decides.md").read_text("utf-8")
    rows = [line.split("|")[2] for line in text.split("<!-- figures")[1].splitlines() if line.startswith("| ")]
    sources = [README, *sorted((ROOT / "docs/decisions").glob("*.md"))]
    known = re.findall(r"[+.\d]*\d", " ".join(source.read_text("utf-8") for source in sources))
    figures = {figure for row in rows for figure in re.findall(r"[+.\d]*\d(?= %|\b)", row)}
    assert len(figures) > 20
    assert figures <= set(known), f"measured nowhere: {sorted(figures - set(known))}; refresh the table"


# ---- README --------------------------------------------------------------------------------------------------------


def test_the_settings_of_the_readme_are_settings(tmp_path: Path) -> None:
    (text,) = blocks(README, "toml")
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    chosen = settings.load(tmp_path, {})
    known, findings = plugins.survey(chosen, tmp_path)
    assert not findings
    assert set(chosen.metrics) <= set(known)
    polite = known["polite"].score(
        makers.case(), makers.run({"answer": "Thank you!"}), plugins.options(chosen, "polite")
    )
    assert polite == 1.0


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    metric, proposer = blocks(README, "python")
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/short.py").write_text(metric, "utf-8")
    (tmp_path / "my_ideas.py").write_text(proposer, "utf-8")
    found = plugins.metrics(Settings(), tmp_path)
    try:
        assert [found["short"].score(makers.case(), makers.run({"answer": "x" * n}), {}) for n in (200, 201)] == [1, 0]
    finally:
        plugins.release(found)
    (own,) = plugins.proposers(["my_ideas.py:propose"], tmp_path)
    for brief in toys.BRIEFS.values():
        (proposal,) = own.propose(brief)
        assert proposal.parts[:-1] == brief.prompt.parts


# ---- CONTRIBUTING --------------------------------------------------------------------------------------------------

polite = module_of(file_in(CONTRIBUTING, "evals/polite.py"), "contributed_polite")
double_check = module_of(file_in(CONTRIBUTING, "harness/proposers/double_check.py"), "contributed_double_check")
SUITES = {"MetricSuite": MetricSuite, "ProposerSuite": ProposerSuite}
SUITES |= {"polite": polite, "double_check": double_check}
for text in blocks(CONTRIBUTING, "python"):
    if text.startswith("class Test"):
        exec(text, SUITES)
TestPoliteConforms, TestDoubleCheckConforms = SUITES["TestPoliteConforms"], SUITES["TestDoubleCheckConforms"]


def test_the_contributed_metric_runs_in_a_repo_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/polite.py").write_text(file_in(CONTRIBUTING, "evals/polite.py"), "utf-8")
    found = plugins.metrics(Settings(), tmp_path)
    said = [({"answer": "Please wait."}, {}), ({"answer": "No."}, {}), ({"answer": "No."}, {"words": ["no"]})]
    try:
        scores = [found["polite"].score(makers.case(), makers.run(output), options) for output, options in said]
    finally:
        plugins.release(found)
    assert scores == [1.0, 0.0, 1.0]


def test_the_contributed_technique_proposes_where_something_fails() -> None:
    proposed = [double_check.propose(brief) for brief in toys.BRIEFS.values()]
    assert any(proposed)
    assert {p.technique for ideas in proposed for p in ideas} == {double_check.TECHNIQUE.name}


def test_the_contributed_proposer_is_heard(tmp_path: Path) -> None:
    (tmp_path / "ideas.py").write_text(file_in(CONTRIBUTING, "ideas.py"), "utf-8")
    (own,) = plugins.proposers(["ideas.py:propose"], tmp_path)
    proposed = {name: own.propose(brief) for name, brief in toys.BRIEFS.items()}
    assert any(proposed.values())
    for name, ideas in proposed.items():
        assert all(
            idea.parts[: len(toys.BRIEFS[name].prompt.parts)] == toys.BRIEFS[name].prompt.parts for idea in ideas
        )
