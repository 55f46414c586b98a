"""Places that hold the same text as a prompt and that the reading does not follow: a run cannot tell such a place from
the prompt by what was sent. Python that nothing reads imports, and tests, are no such places.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from harness import documents
from harness.discover.files import Files
from harness.documents import DocumentError
from harness.literals import LiteralError, parse_text
from harness.sources import Source, UnreadableError
from harness.types import Parts, Prompt, Span, TemplateKind

_DOCUMENTS = {"json": "json", "yaml": "yaml", "yml": "yaml", "toml": "toml"}
_TEXTS = ("md", "txt", "j2", "jinja", "jinja2", "prompt", "tmpl")
_LARGEST = 200_000  # bytes; beyond it a file is data, not prompts
_WORDS = 4  # the longest of a text: files without all of them cannot hold it
_FILLED = "\ue000"  # private use: stands for a variable


def with_twins(files: Files, prompts: Sequence[Prompt]) -> tuple[Prompt, ...]:
    """The prompts, each with the first place that holds its text too, where there is one."""
    wanted = [_Wanted.of(prompt) for prompt in prompts if prompt.proof == "likely" and _words(prompt.parts)]
    twins: dict[str, str] = {}
    for file in _holders(files, [one.words for one in wanted]):
        inside = file.endswith(".py")  # the keys of one document tell its values apart
        asked = [one for one in wanted if one.prompt.id not in twins and (inside or file != one.prompt.span.file)]
        for place, one in _places(files, file, [one for one in asked if files.holds(file, one.words)]):
            if one.prompt.id not in twins and not _is_known(place, one.prompt, prompts):
                files.content(file)  # noted as read: the proof hangs on it
                twins[one.prompt.id] = f"{place.file}:{place.line}"
    return tuple(replace(p, twin=twins[p.id]) if p.id in twins else p for p in prompts)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A prompt that is looked for elsewhere."""

    prompt: Prompt
    words: tuple[bytes, ...]
    spoken: tuple[str, ...]  # the same words as text
    size: int  # letters that a text with all of them has at least
    flat: str

    @staticmethod
    def of(prompt: Prompt) -> _Wanted:
        words = _words(prompt.parts)
        spoken = tuple(word.decode() for word in words)
        return _Wanted(prompt, words, spoken, max(map(len, spoken)), _flat(prompt.parts))


def _holders(files: Files, needles: Iterable[tuple[bytes, ...]]) -> list[str]:
    """Files that the app may read, Python first, that hold the words of some prompt."""
    needles = list(dict.fromkeys(needles))
    python = [file for file in files.python() if any(files.holds(file, words) for words in needles)]
    if any(file not in files.read for file in python):
        imported = _imported(files)
        python = [file for file in python if file in imported]
    others = files.small((*_DOCUMENTS, *_TEXTS), _LARGEST)
    return [*python, *(file for file in others if any(files.holds(file, words) for words in needles))]


def _imported(files: Files) -> set[str]:
    """The files that were read and all that they import, at whatever place."""
    found: set[str] = set()
    queue = [file for file in files.read if file.endswith((".py", ".ipynb"))]
    while queue:
        file = queue.pop()
        if file not in found:
            found.add(file)
            parsed = files.get(file)
            queue += _imports(files, file, parsed.tree) if parsed else []
    return found


def _imports(files: Files, file: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names: list[tuple[str, int]] = []
        if isinstance(node, ast.Import):
            names = [(alias.name, 0) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base, dot = node.module or "", "." if node.module else ""
            names = [(base, node.level), *((f"{base}{dot}{alias.name}", node.level) for alias in node.names)]
        for dotted, level in names:
            found = files.module(dotted, level, file) if dotted or level else None
            if found and not found.endswith("/"):
                yield found


def _places(files: Files, file: str, wanted: Sequence[_Wanted]) -> Iterator[tuple[Span, _Wanted]]:
    """Where the file holds the text of a prompt as a whole literal, value or file. The file is gone through once."""
    least = min((one.size for one in wanted), default=0)
    try:
        for place, text in (_python(files, file) if file.endswith(".py") else _data(files, file)) if wanted else ():
            if len(text) < least:
                continue
            for one in wanted:
                if all(word in text for word in one.spoken) and _flat(_read(text, one.prompt.template)) == one.flat:
                    yield place(), one
    except (UnreadableError, DocumentError, LiteralError, OSError):
        return


def _python(files: Files, file: str) -> Iterator[tuple[Callable[[], Span], str]]:
    found = files.get(file)
    queue: list[ast.AST] = [found.tree] if found else []
    while found and queue:
        node = queue.pop()
        text = _literal(node)
        if text is None:
            queue += reversed(list(ast.iter_child_nodes(node)))
        else:
            yield partial(found.source.span, file, node), text  # type: ignore[arg-type]


def _literal(node: ast.AST) -> str | None:
    """The text of a literal, or of literals joined by ``+``, each field of an f-string as one character."""
    pieces: list[str] = []
    queue = [node]
    while queue:
        part = queue.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            queue += [part.right, part.left]
        elif isinstance(part, ast.JoinedStr):
            queue += reversed(part.values)
        elif isinstance(part, ast.FormattedValue):
            pieces.append(_FILLED)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            pieces.append(part.value)
        else:
            return None
    return "".join(pieces)


def _data(files: Files, file: str) -> Iterator[tuple[Callable[[], Span], str]]:
    source = Source.of((files.root / file).read_bytes(), python=False)
    kind = _DOCUMENTS.get(file.rpartition(".")[2])
    if kind is None:
        yield partial(source.whole, file), source.slice(source.whole(file))
        return
    for leaf in documents.leaves(documents.read(kind, source.text)):
        yield partial(source.between, file, leaf.start, leaf.end), leaf.value


def _read(text: str, template: TemplateKind) -> Parts:
    try:
        return (text,) if template == "fstring" else parse_text(text, template)
    except LiteralError:
        return (text,)


def _flat(parts: Parts) -> str:
    """The text with white space evened out, as stripping and dedenting may, and its variables without names."""
    return " ".join("".join(part if isinstance(part, str) else _FILLED for part in parts).split())


def _words(parts: Parts) -> tuple[bytes, ...]:
    words = dict.fromkeys(re.findall(r"\w{2,}", " ".join(part for part in parts if isinstance(part, str))))
    return tuple(word.encode() for word in sorted(words, key=len, reverse=True)[:_WORDS])


def _is_known(place: Span, prompt: Prompt, prompts: Iterable[Prompt]) -> bool:
    """Whether the place is the prompt, or one that a run is told of by itself: likely too, or of other nodes."""
    for other in prompts:
        if other.span.file == place.file and other.span.start <= place.start < other.span.end:
            return other.proof == "likely" or not set(other.nodes) & set(prompt.nodes)
    return False
