"""A change of a model's id to an adapter: the id is written, the files come with it, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import changes
from harness.changes import Refused, apply, bind_parameter, files_of
from harness.types import ModelUse, Node, Proposal, Span

SOURCE = 'MODEL = "embedded"\nmodel = init_chat_model(MODEL, temperature=0)\n'
PLACE = Span("models.py", 8, 18, 1, 1)


def node(name: str = "classify") -> Node:
    use = ModelUse("embedded", "embedded", {}, "models.py:2", {"model": PLACE}, None, "embedded")
    return Node(name, "graph.py", 1, name, "nodes.py", 1, 3, True, "calls it", models=(use,))


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "kept" / "lora-1"
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    (folder / "adapter_config.json").write_text("{}")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "models.py").write_text(SOURCE)
    return tree


def proposal(adapter: Path) -> Proposal:
    return Proposal("adapter", ("embedded:adapters/lora-1",), "why", "model", PLACE, brings=str(adapter))


def test_the_files_come_with_the_id(tree: Path, adapter: Path) -> None:
    nodes = [node(), node("route")]
    change = bind_parameter(proposal(adapter), nodes[0], nodes, id="c01", proposer="adapter")
    assert change.nodes == ("classify", "route")
    apply(tree, change)
    assert (tree / "models.py").read_text() == SOURCE.replace('"embedded"', '"embedded:adapters/lora-1"')
    assert files_of(change) == ["models.py", "adapters/lora-1"]
    brought = {path.name: path.read_bytes() for path in (tree / "adapters" / "lora-1").iterdir()}
    assert brought == {"adapter_model.safetensors": b"weights", "adapter_config.json": b"{}"}
    assert sorted(path.name for path in (tree / "adapters").iterdir()) == ["lora-1"]


def test_nothing_is_written_where_the_text_is_another(tree: Path, adapter: Path) -> None:
    change = bind_parameter(proposal(adapter), node(), [node()], id="c01", proposer="adapter")
    (tree / "models.py").write_text(SOURCE.replace("embedded", "another1"))
    with pytest.raises(changes.Stale):
        apply(tree, change)
    assert not (tree / "adapters").exists()


def test_what_a_repository_should_not_hold_is_refused(adapter: Path, tree: Path) -> None:
    with (adapter / "adapter_model.safetensors").open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(Refused, match="60 MB"):
        bind_parameter(proposal(adapter), node(), [node()], id="c01", proposer="adapter")
    with pytest.raises(Refused, match="nothing in"):
        bind_parameter(proposal(adapter / "none"), node(), [node()], id="c01", proposer="adapter")


def test_a_folder_that_leads_out_of_the_tree_is_refused(tree: Path, adapter: Path, tmp_path: Path) -> None:
    (tree / "adapters").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    change = bind_parameter(proposal(adapter), node(), [node()], id="c01", proposer="adapter")
    with pytest.raises(Refused, match="leads out"):
        apply(tree, change)
