"""YAML: where each text stands, and how to write another there in its own style. The values are those of PyYAML.

A block scalar's place ends with its last line that holds something; the line ending after it stays outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from harness.documents.blocks import block_candidates, block_end
from harness.documents.flows import flow_candidates
from harness.documents.items import DocumentError, Item, Leaf, Other

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]*(?:\r\n|\r|\n)?[ \t]*)*")
_TEXT = "tag:yaml.org,2002:str"
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool")}
_MERGE = "tag:yaml.org,2002:merge"


def read(text: str) -> Item:
    """The values of the document, a list of them where the file holds several. Raises DocumentError."""
    made: dict[int, Item] = {}
    try:
        items = [_item(node, text, made) for node in list(yaml.compose_all(text, Loader=yaml.SafeLoader))]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DocumentError(f"no YAML: {error}") from error
    return items[0] if len(items) == 1 else items


def candidates(text: str, leaf: Leaf, new: str) -> Iterator[str]:
    """Ways to write ``new`` where ``leaf`` stands, the nearest to what is there first."""
    code = text[leaf.start : leaf.end].replace("\r\n", "\n")
    if code[:1] in ("|", ">"):
        yield from block_candidates(code, leaf.value, new, _indent(text, leaf.start))
        yield from flow_candidates('""', "", new)
        return
    flows = list(flow_candidates(code, leaf.value, new))
    if "\n" in new and "\n" not in leaf.value:
        yield from block_candidates("|", "", new, _indent(text, leaf.start))
    yield from flows


def _indent(text: str, start: int) -> int:
    """The column at which the collection around a value begins."""
    line = text[max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1 : start]
    match = re.match(r"(?: |[-?] +)*", line)
    return match.end() if match else 0


def _item(node: yaml.Node, text: str, made: dict[int, Item]) -> Item:
    if id(node) in made:
        return made[id(node)]
    if isinstance(node, yaml.ScalarNode):
        plain = yaml.safe_load(node.value) if node.tag in _PLAIN else None
        leaf = _leaf(node, text)
        made[id(node)] = leaf if node.tag == _TEXT else Other(plain, f"{node.tag} {node.value}", leaf.start, leaf.end)
    elif isinstance(node, yaml.SequenceNode):
        items: list[Item] = []
        made[id(node)] = items
        items += [_item(child, text, made) for child in node.value]
    elif isinstance(node, yaml.MappingNode):
        entries: dict[str, Item] = {}
        made[id(node)] = entries
        for key, value in node.value:
            item = _item(value, text, made)
            if key.tag == _MERGE:
                for base in item if isinstance(item, list) else [item]:
                    entries.update(
                        {k: v for k, v in base.items() if k not in entries} if isinstance(base, dict) else {}
                    )
            else:
                entries[str(key.value)] = item
    return made[id(node)]


def _leaf(node: yaml.ScalarNode, text: str) -> Leaf:
    start, end = node.start_mark.index, node.end_mark.index
    match = _PROPERTIES.match(text, start)
    start = match.end() if match else start
    if node.style in ("|", ">"):
        end = block_end(text, start, end)
    return Leaf(node.value, start, end)
