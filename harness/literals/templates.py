"""Template texts to Parts and back, one reading for each kind of template. Knows no Python syntax and no files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from string import Template

from harness.types import Parts, TemplateKind, Variable

_JINJA = re.compile(
    r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}"
    r"|\{\{(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\"'])*?\}\}"
    r"|\{%(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\"'])*?%\}|\{#.*?#\}",
    re.DOTALL,
)
_JINJA_OPENS = re.compile(r"\{[{%#]")
_MUSTACHE = re.compile(r"\{\{\{.*?\}\}\}|\{\{.*?\}\}", re.DOTALL)
_PERCENT = re.compile(
    r"%(?:(?P<two>%)|(?:\((?P<key>[^()]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[diouxXeEfFgGcrsa])"
)
_DOLLAR: re.Pattern[str] = Template.pattern  # compiled when the class is made
_BRACE = re.compile(r"[{}]")
_BLOCK = re.compile(r"\{%|\{\{[#^/]")
_DOUBLED = {"format": "{}", "fstring": "{}", "dollar": "$", "percent": "%"}


class LiteralError(ValueError):
    """The text is not a literal, or not one of the template kind asked for; the text says why."""


def normal(parts: Parts) -> Parts:
    """The same parts with neighbouring texts joined and empty ones left out."""
    merged: list[str | Variable] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return tuple(merged)


def parse_text(text: str, template: TemplateKind) -> Parts:
    """Parts of an unescaped text that is filled in later as ``template``.

    Raises LiteralError where the text is no such template: braces unbalanced, a sign that stands alone.
    """
    reader = _READERS.get(template)
    return normal(tuple(reader(text)) if reader else (text,))


def render_text(parts: Parts, template: TemplateKind) -> str:
    """The inverse of ``parse_text``. Raises LiteralError when the template has no way to write a text."""
    text = "".join(p.source if isinstance(p, Variable) else doubled(p, template) for p in parts)
    if parse_text(text, template) != normal(parts):
        raise LiteralError(f"a {template} template cannot carry this text")
    return text


def doubled(text: str, template: TemplateKind) -> str:
    """``text`` with the signs that mean something to the template written twice, where that makes them plain."""
    for sign in _DOUBLED.get(template, ""):
        text = text.replace(sign, sign * 2)
    return text


def bound_order(parts: Parts, template: TemplateKind) -> tuple[str, ...]:
    """Sources of the variables that must stay in this order: by position, or all for blocks."""
    sources = [part.source for part in parts if isinstance(part, Variable)]
    if template in ("jinja", "mustache"):
        return tuple(sources) if any(_BLOCK.match(source) for source in sources) else ()
    if template == "format":
        return tuple(s for s in sources if re.match(r"\{\s*[!:}.\[]", s))
    return tuple(s for s in sources if not s.startswith("%(")) if template == "percent" else ()


def _format_parts(text: str) -> Iterator[str | Variable]:
    at = 0
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            yield text[at]
            at += 2
        elif text[at] == "}":
            raise LiteralError("a single } in a format template")
        elif text[at] == "{":
            end = _closing(text, at)
            yield Variable(re.split(r"[!:]", text[at + 1 : end - 1], maxsplit=1)[0].strip(), text[at:end])
            at = end
        else:
            stop = _BRACE.search(text, at)
            end = stop.start() if stop else len(text)
            yield text[at:end]
            at = end


def _closing(text: str, at: int) -> int:
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index + 1
    raise LiteralError("a single { in a format template")


def _tagged(
    text: str, tags: re.Pattern[str], opens: re.Pattern[str], name: Callable[[str], str]
) -> Iterator[str | Variable]:
    """Text and tags in turn; a tag that opens without an end is no text."""
    at = 0
    for match in [*tags.finditer(text), None]:
        between = text[at : match.start()] if match else text[at:]
        if opens.search(between):
            raise LiteralError(f"a tag opens without an end: {between[-30:]!r}")
        yield between
        if match:
            yield Variable(name(match[0]), match[0])
            at = match.end()


def _jinja_parts(text: str) -> Iterator[str | Variable]:
    return _tagged(text, _JINJA, _JINJA_OPENS, lambda tag: tag[2:-2].strip("-+ \n\t"))


def _mustache_parts(text: str) -> Iterator[str | Variable]:
    if "{{=" in text:
        raise LiteralError("a mustache template that sets delimiters of its own")
    return _tagged(text, _MUSTACHE, re.compile(r"\{\{"), lambda tag: tag.strip("{}#/^&!> \n\t"))


def _dollar_parts(text: str) -> Iterator[str | Variable]:
    at = 0
    for match in _DOLLAR.finditer(text):
        if match["invalid"] is not None:
            raise LiteralError("a single $ in a string template")
        yield text[at : match.start()]
        yield "$" if match["escaped"] else Variable(match["named"] or match["braced"], match[0])
        at = match.end()
    yield text[at:]


def _percent_parts(text: str) -> Iterator[str | Variable]:
    at = 0
    for match in _PERCENT.finditer(text):
        yield _without_percent(text[at : match.start()])
        yield "%" if match["two"] else Variable(match["key"] or match[0], match[0])
        at = match.end()
    yield _without_percent(text[at:])


def _without_percent(text: str) -> str:
    if "%" in text:
        raise LiteralError("a single % in a text that the % operator fills")
    return text


_READERS: dict[str, Callable[[str], Iterator[str | Variable]]] = {
    "format": _format_parts,
    "jinja": _jinja_parts,
    "mustache": _mustache_parts,
    "dollar": _dollar_parts,
    "percent": _percent_parts,
}
