"""The texts that the settings name: which files they are, how their variables are written, and what stands in the way.

Takes the user's word that a command's app reads them. Knows no process and runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from rapidfuzz import process

from harness import documents
from harness.errors import HarnessError, UserError
from harness.literals import LiteralError, parse_text
from harness.repo import Repo
from harness.sources import Source, UnreadableError
from harness.types import Discovery, FileTemplate, Node, Parts, Prompt, Proof, Settings, Variable

NODE = "command"
PROVED_BY = "named in the settings; not proved by a recorded call"
_SIGNS: Mapping[FileTemplate, re.Pattern[str]] = {  # by which a kind shows, asked in this order
    "jinja": re.compile(r"\{\{[-+]?\s*[^\W\d]\w*[^{}]*\}\}|\{%.*?%\}", re.DOTALL),
    "format": re.compile(r"(?<![{$])\{[^\W\d]\w*[^{}]*\}(?!\})"),
    "dollar": re.compile(r"\$\{?[^\W\d]"),
}
_NAME = re.compile(r"[^\W\d]\w*(\.\w+|\[\w+\])*")
Where = Callable[[str], str]  # settings key -> "file:line" or flag where it was set


def discovery(tree: Path, settings: Settings) -> Discovery:
    """One node, the command, that every named text feeds. Raises UserError for a text that cannot be tuned."""
    prompts, notes = [], []
    for file in files(tree, settings.prompts):
        source = read(tree, file)
        template = template_of(file, settings) or guessed(_text(source, file))
        prompts.append(_prompt(source, file, template))
        if template == "plain" and re.search(r"\{\s*\w+\s*\}|\$\w", source.text):
            notes.append(
                f"{file}: its signs of variables fit no kind of template in full, so it is taken as plain text; to "
                f'say the kind: [tool.harness.templates] "{file}" = "format"'
            )
    node = Node(
        name=NODE,
        graph_file=settings.command,
        line=0,
        function=settings.command,
        file="",
        first_line=0,
        last_line=0,
        is_llm=True,
        why="the settings name the texts that its app reads",
        prompts=tuple(prompt.id for prompt in prompts),
    )
    return Discovery(settings.command, (node,), tuple(prompts), tuple(notes))


def files(tree: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """The files that the patterns name, each once, in the order of the patterns and sorted within one."""
    found: dict[str, None] = {}
    for pattern in patterns:
        inside = not PurePosixPath(pattern).is_absolute() and ".." not in PurePosixPath(pattern).parts
        matched = sorted(path for path in tree.glob(pattern) if path.is_file()) if inside and pattern else []
        found.update(dict.fromkeys(path.relative_to(tree).as_posix() for path in matched))
    return tuple(name for name in found if not name.startswith((".git/", ".harness/")))


def read(tree: Path, file: str) -> Source:
    """The text of a file. Raises UserError where it is none that can be rewritten as a whole."""
    if file.endswith((".py", ".pyi")) or PurePosixPath(file).suffix in documents.SUFFIXES:
        words = "`prompts` names whole text files, and this one holds more than a prompt"
        raise UserError(words, where=file, fix="move the text into a file of its own, such as prompts/NAME.md")
    if not (tree / file).resolve().is_relative_to(tree.resolve()):
        raise UserError("this link leads out of the repository", where=file, fix="keep prompts in the repository")
    try:
        return Source.read(tree / file)
    except (OSError, UnreadableError) as error:
        raise UserError(f"cannot be read as text: {error}", where=file, fix="save it as UTF-8") from error


def _text(source: Source, file: str) -> str:
    return source.slice(source.whole(file))


def template_of(file: str, settings: Settings) -> FileTemplate | None:
    """What the settings say of a file, by its name or the first pattern that fits it; None when they say nothing."""
    named = settings.templates.get(file)
    return named or next((kind for glob, kind in settings.templates.items() if fnmatchcase(file, glob)), None)


def guessed(text: str) -> FileTemplate:
    """The kind of template that a text is written in, as far as its variables have the names of variables."""
    for kind, sign in _SIGNS.items():
        if not sign.search(text):
            continue
        try:
            variables = [part for part in parse_text(text, kind) if isinstance(part, Variable)]
        except LiteralError:
            continue
        if variables and (kind == "jinja" or all(_NAME.fullmatch(variable.name) for variable in variables)):
            return kind
    return "plain"


def _prompt(source: Source, file: str, template: FileTemplate) -> Prompt:
    span = source.whole(file)
    try:
        parts: Parts = parse_text(source.slice(span), template)
    except LiteralError as error:
        fix = f'[tool.harness.templates] "{file}" = "plain", or another kind'
        raise UserError(f"this is no {template} template: {error}", where=file, fix=fix) from error
    proof: Proof = "proved" if any(isinstance(part, str) and part.strip() for part in parts) else "unresolved"
    reason = PROVED_BY if proof == "proved" else "holds no words of its own"
    return Prompt(file, span, "file", template, "", parts, (NODE,), proof, reason=reason)


def problems(repo: Repo, settings: Settings, where: Where) -> Iterator[HarnessError]:
    """Patterns without a file, texts that cannot be tuned, files that no commit holds, kinds for other files."""
    for pattern in settings.prompts:
        if not files(repo.root, [pattern]):
            near = process.extractOne(pattern, _texts(repo.root), score_cutoff=60)
            hint = f"did you mean {near[0]!r}? " if near else ""
            fix = f"{hint}patterns are relative to the root of the repository: prompts/*.md"
            yield UserError(f"no file fits the pattern {pattern!r}", where=where("prompts"), fix=fix)
    named = files(repo.root, settings.prompts)
    for file in named:
        try:
            discovery(repo.root, replace(settings, prompts=(file,)))
        except UserError as error:
            yield error
            continue
        if repo.read("HEAD", file) is None:
            yield UserError(
                "no commit holds this prompt", where=file, fix=f"git add {file} && git commit: a run reads it"
            )
    for glob in settings.templates:
        if not any(file == glob or fnmatchcase(file, glob) for file in named):
            fix = f"name one of {', '.join(named) or 'the files of `prompts`'}"
            yield UserError(f"templates names {glob!r}, which is no prompt", where=where("templates"), fix=fix)


def _texts(root: Path) -> list[str]:
    """Text files that may have been meant."""
    found = (
        path.relative_to(root)
        for suffix in ("md", "txt", "jinja", "j2", "prompt")
        for path in root.rglob(f"*.{suffix}")
    )
    return sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
