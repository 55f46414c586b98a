"""fine-tune.md -> the sentences that matter, with their lines. Knows Markdown and headings, no metrics and no values.

Two layouts are met in the wild: "Evaluation Metrics" as H2 with one H3 per metric, and as H3 (below "Evaluation
Method") with one H4 per metric. Both are read by the same rule: what stands below that heading, at any depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

_KEY = re.compile(
    r"\s*(?:\*\*|__)?(?P<key>[^\W\d_][^:：*]{0,60}?)(?:\*\*|__)?\s*[:：]\s*(?:\*\*|__)?\s*(?P<value>.*)", re.DOTALL
)
_OBJECTIVES = re.compile(r"optimi[sz]ation (objectives?|goals?)|objectives?|goals?")
_METRICS = re.compile(r"evaluation metrics?|metrics?")
_METHOD = re.compile(r"evaluation methods?")
_CRITERIA = re.compile(r"pass(ing)? criteria")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A name and what is said of it."""

    name: str  # as written: "Accuracy", "Latency (Response Time)"
    text: str
    line: int  # 1-based


@dataclass
class Document:
    """What a goals file says, uninterpreted."""

    title: str = ""
    objectives: list[Sentence] = field(default_factory=list)  # bullets of "Optimization Objectives"
    targets: list[Sentence] = field(default_factory=list)  # "Target value" of each metric
    cases: Sentence | None = None  # "Test Cases" or "Dataset"
    command: str = ""  # "Execution Command"
    criteria: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A bullet, paragraph or code block with the headings above it."""

    headings: tuple[str, ...]  # from H2 down, as written
    depth: int  # of nested lists: 0 outside, 1 in a list, 2 in a list within
    text: str
    line: int


def read(text: str) -> Document:
    """Every known sentence of the file; what is not known is passed over, because the file is prose for people too."""
    document = Document()
    for piece in _pieces(text, document):
        plain = [_plain(h) for h in piece.headings]
        if not plain:
            continue
        if any(_METRICS.fullmatch(h) for h in plain):
            _metric(document, piece, plain)
        elif _OBJECTIVES.fullmatch(plain[0]):
            _objective(document, piece)
        elif _METHOD.fullmatch(plain[0]):
            _method(document, piece, plain)
        elif _CRITERIA.fullmatch(plain[0]):
            document.criteria.append(piece.text)
    return document


def _pieces(text: str, document: Document) -> Iterator[_Piece]:
    headings: list[tuple[int, str]] = []
    depth, level = 0, 0
    for token in MarkdownIt("commonmark").parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "inline" and level == 1:
            document.title = document.title or token.content.strip()
            headings = []
        elif token.type == "inline" and level:
            headings = [h for h in headings if h[0] < level] + [(level, token.content.strip())]
        elif token.map is not None and token.type in ("inline", "fence"):
            above = tuple(name for _, name in headings)
            first = token.map[0] + (2 if token.type == "fence" else 1)
            yield from (_Piece(above, depth, said, first + offset) for offset, said in _sentences(token.content))


def _sentences(content: str) -> Iterator[tuple[int, str]]:
    """(line offset, text): a new sentence begins where a line looks like "Key: value"; other lines go on."""
    start, lines = 0, list[str]()
    for offset, line in enumerate(content.splitlines()):
        if lines and _KEY.fullmatch(line):
            yield start, " ".join(lines)
            lines = []
        if not lines:
            start = offset
        lines.append(line.strip())
    if lines:
        yield start, " ".join(lines)


def _objective(document: Document, piece: _Piece) -> None:
    """Bullets of the first depth are objectives; a "Target" below a bullet or a heading of its own belongs to that."""
    key, value = _pair(piece.text)
    if _is_target(key):
        above = piece.headings[-1] if len(piece.headings) > 1 else ""
        name = document.objectives[-1].name if piece.depth > 1 and document.objectives else above
        document.targets.append(Sentence(name, value, piece.line))
    elif piece.depth == 1:
        document.objectives.append(Sentence(key, value, piece.line))


def _metric(document: Document, piece: _Piece, plain: list[str]) -> None:
    key, value = _pair(piece.text)
    if _is_target(key) and not _METRICS.fullmatch(plain[-1]):
        document.targets.append(Sentence(piece.headings[-1], value, piece.line))


def _method(document: Document, piece: _Piece, plain: list[str]) -> None:
    key, value = _pair(piece.text)
    known = ("test cases", "test case", "dataset", "execution command")
    if _plain(key) not in known:  # the key may be the heading itself, with the value below
        key, value = plain[-1], piece.text
    if _plain(key) == "execution command" and not document.command:
        document.command = _bare(value)
    elif _plain(key) in known[:3] and document.cases is None and (path := _path(value)):
        document.cases = Sentence(key, path, piece.line)


def _pair(text: str) -> tuple[str, str]:
    """(key, value) of "**Key**: value" and of "**Key**" alone; ("", text) of anything else."""
    if match := _KEY.fullmatch(text):
        return match["key"].strip(), match["value"].strip()
    alone = re.fullmatch(r"\s*(?:\*\*|__)([^*_]+)(?:\*\*|__)\s*", text)
    return (alone[1].strip(), "") if alone else ("", text)


def _is_target(key: str) -> bool:
    return _plain(key) in ("target value", "target")


def _path(value: str) -> str:
    """ "`tests/cases.json` (20 cases)" -> "tests/cases.json"; "" when it names no file."""
    link = re.match(r"\[.*?\]\((.*?)\)", value)
    path = link[1] if link else re.sub(r"\s*\([^)]*\)\s*$", "", _bare(value))
    path = _bare(path)
    return path if re.search(r"[./]", path) and " " not in path.strip() else ""


def _bare(text: str) -> str:
    return text.strip().strip("`").strip()


def _plain(text: str) -> str:
    """Heading or key for comparison: lower case, without numbering, marks and emphasis."""
    return re.sub(r"^[\W\d_]+|[\W_]+$", "", text).lower()
