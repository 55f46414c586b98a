from __future__ import annotations

import pytest

from harness import plugins
from harness.errors import PluginError
from harness.types import Proposal, Settings
from tests import makers, toys

BRIEF = toys.BRIEFS["labels, human template"]

GOOD = """
from __future__ import annotations
from dataclasses import dataclass
from harness.types import Proposal

@dataclass
class Idea:
    text: str

def shout(brief):
    return [Proposal("capitals", ("READ WELL. ", *brief.prompt.parts), Idea("some do not read").text)]

def raises(brief):
    raise ValueError("no idea")

def texts(brief):
    return ["a text"]

def nothing(brief):
    return None

def too_many(brief, other):
    return []

class Named:
    NAME = "named"
    VERSION = "7"
    def propose(self, brief):
        return shout(brief)

named = Named()

def leaves(brief):
    raise SystemExit(0)

def no_text(brief):
    return [Proposal(3, brief.prompt.parts, "why")]

def half_a_character(brief):
    return [Proposal("odd", brief.prompt.parts, "why \\ud800")]

def talks(brief):
    print("thinking aloud")
    return []

class Nameless:
    def propose(self, brief):
        return []
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "ideas.py").write_text(GOOD)
    (tmp_path / "broken.py").write_text("import no_such_module_anywhere\n")
    return tmp_path


def test_the_built_in_proposers_come_in_the_order_named(root):
    names = Settings().proposers
    assert [p.NAME for p in plugins.proposers(names, root)] == list(names)


def test_a_users_function_is_a_proposer_named_after_itself(root):
    (proposer,) = plugins.proposers(["ideas.py:shout"], root)
    (proposal,) = proposer.propose(BRIEF)
    assert proposer.NAME == "shout"
    assert isinstance(proposal, Proposal)
    assert proposal.parts[1:] == BRIEF.prompt.parts


def test_a_users_object_keeps_its_name(root):
    (proposer,) = plugins.proposers(["ideas.py:named"], root)
    assert (proposer.NAME, proposer.VERSION) == ("named", "7")
    assert len(proposer.propose(BRIEF)) == 1


def test_no_idea_is_an_answer(root):
    assert list(plugins.proposers(["ideas.py:nothing"], root)[0].propose(BRIEF)) == []


@pytest.mark.parametrize(
    ("name", "says", "fix"),
    [
        ("few_shots", "few_shots", "did you mean 'few_shot'"),
        ("missing.py:idea", "missing.py", "relative to"),
        ("ideas.py:shuot", "no 'shuot'", "shout"),
        ("broken.py:idea", "no_such_module_anywhere", ""),
        ("ideas.py:too_many", "cannot be called", "def propose(brief)"),
        ("ideas.py:Nameless", "NAME, VERSION", "def propose(brief)"),
        ("ideas.py:GOOD_NOT_THERE", "GOOD_NOT_THERE", "shout"),
    ],
)
def test_what_cannot_be_loaded_says_where_and_how_to_mend_it(root, name, says, fix):
    with pytest.raises(PluginError) as caught:
        plugins.proposers([name], root)
    assert says in str(caught.value)
    assert fix in caught.value.fix
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("import os\n\nimport no_such_module_anywhere\n", "late.py:3"),
        ("x = 1\ndef idea(brief:\n    pass\n", "late.py:2"),
        ("import json\n\n\njson.loads('{')\n", "late.py:4"),
    ],
)
def test_a_file_that_does_not_import_is_named_with_its_line(root, text, where):
    (root / "late.py").write_text(text, "utf-8")
    with pytest.raises(PluginError) as caught:
        plugins.proposers(["late.py:idea"], root)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raises", "ValueError: no idea"),
        ("texts", "'a text'"),
        ("leaves", "SystemExit"),
        ("no_text", "Proposal"),
        ("half_a_character", "Proposal"),
    ],
)
def test_a_proposer_that_breaks_its_contract_is_named(root, name, says):
    (proposer,) = plugins.proposers([f"ideas.py:{name}"], root)
    with pytest.raises(PluginError, match=says) as caught:
        proposer.propose(BRIEF)
    assert name in caught.value.message
    assert caught.value.where.startswith("ideas.py:")


def test_every_built_in_metric_is_there_under_its_name(root):
    found = plugins.metrics(Settings(), root)
    assert {"accuracy", "latency", "cost", "regex", "within"} <= set(found)
    assert all(name == metric.NAME for name, metric in found.items())


def test_options_of_an_unknown_metric_are_refused(root):
    with pytest.raises(PluginError) as caught:
        plugins.metrics(Settings(metrics={"acuracy": {}}), root)
    assert "did you mean 'accuracy'" in caught.value.fix


def test_a_metric_is_handed_the_price_table_and_its_own_options():
    settings = Settings(prices={"acme:small": (1.0, 2.0)}, metrics={"cost": {"currency": "USD"}})
    assert plugins.options(settings, "cost") == {"prices": {"acme:small": (1.0, 2.0)}, "currency": "USD"}


METRIC = 'NAME, VERSION, DIRECTION, UNIT = "{name}", "1", "{direction}", ""\ndef score({names}):\n    return {value}\n'
PLUGINS = {
    "good": {"name": "good", "direction": "higher", "names": "case, run, options", "value": "1"},
    "taken": {"name": "cost", "direction": "lower", "names": "case, run, options", "value": "1"},
    "sideways": {"name": "sideways", "direction": "up", "names": "case, run, options", "value": "1"},
    "odd": {"name": "odd", "direction": "lower", "names": "case, run, options", "value": "[]"},
    "narrow": {"name": "narrow", "direction": "lower", "names": "case", "value": "1"},
}


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution with one metric entry point on the path."""

    def do(name: str) -> None:
        module = f"metric_of_{name}"
        (tmp_path / f"{module}.py").write_text(METRIC.format(**PLUGINS[name]))
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[harness.metrics]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(tmp_path)

    return do


def test_an_installed_metric_joins_the_built_in_ones(install, root):
    install("good")
    metric = plugins.metrics(Settings(metrics={"good": {}}), root)["good"]
    assert metric.score(makers.case(), makers.run({}), {}) == 1.0


@pytest.mark.parametrize(
    ("name", "says"), [("taken", "exists already"), ("sideways", "DIRECTION"), ("narrow", "cannot be called")]
)
def test_an_installed_metric_must_keep_the_protocol(install, root, name, says):
    install(name)
    with pytest.raises(PluginError, match=says) as caught:
        plugins.metrics(Settings(), root)
    assert f"metric_of_{name}" in caught.value.where


def test_a_metric_that_answers_neither_number_nor_sentence_is_no_zero(install, root):
    install("odd")
    metric = plugins.metrics(Settings(), root)["odd"]
    with pytest.raises(PluginError, match=r"answered \[\] for case c1"):
        metric.score(makers.case(), makers.run({}), {})


def test_a_file_of_the_user_leaves_nothing_in_his_tree(root, monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    before = sorted(root.rglob("*"))
    (proposer,) = plugins.proposers(["ideas.py:talks"], root)
    assert proposer.propose(BRIEF) == []
    assert sorted(root.rglob("*")) == before
