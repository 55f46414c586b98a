"""Writes docs/reference.md from the code: commands, settings, exit codes, metrics, techniques. Says nothing of its own.

    python -m docs.generate           write it
    python -m docs.generate --check   exit 1 when what stands there is not what the code says

A fact that has no place in the code yet (the unit of a setting) stands here, and a setting without one is an error.
"""

from __future__ import annotations

import inspect
import io
import re
import sys
import tempfile
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer
from typer.core import TyperArgument

from harness import errors, plugins, settings
from harness.cli import app
from harness.cli.shell import INTERRUPTED
from harness.metrics import calls
from harness.metrics import fields as expected
from harness.types import Budget, Settings, wanted

TARGET = Path(__file__).resolve().parent / "reference.md"
HEAD = """<!-- Written by `make docs` from the code. Edit the code, not this page. -->
# Reference
[Commands](#commands) · [exit codes](#exit-codes) · [settings](#settings) · [metrics](#metrics) · [techniques](#techniques)
"""  # noqa: E501 - one line of Markdown
UNITS = {
    "seed": "number",
    "runs": "runs per case",
    "alpha": "probability",
    "max_iterations": "confirmations",
    "max_candidates": "candidates per iteration",
    "compose": "rounds",
    "looks": "looks",
    "margin": "fraction of the baseline",
    "concurrency": "cases",
    "workers": "processes",
    "timeout": "seconds",
    "recursion_limit": "LangGraph steps",
    "budget.calls": "model calls",
    "budget.seconds": "seconds",
    "budget.usd": "USD",
    "prices": "USD per 1M tokens",
}
KINDS = {"str": "text", "int": "integer", "float": "number", "bool": "true or false"}
ENDS = {
    0: "The goals are met or reached; or the command did what it was asked.",
    1: "The run ended and a goal is neither met nor reached.",
    INTERRUPTED: "Interrupted by Ctrl-C or SIGTERM. Nothing is lost: `harness resume` goes on.",
}


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; pipes in cells are escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in lines
    )


def code(text: str) -> str:
    """A code span, or nothing."""
    return f"`{text}`" if text else ""


# ---- commands ------------------------------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield "## Commands"
    yield (
        "Every command is run in the repository that it is about, and takes `--json` and `--help`. `harness --version` "
        "says which one is installed."
    )
    for name, command, function in leaves(app, typer.main.get_command(app)):
        hints = get_type_hints(function)
        arguments = [placed(p) for p in command.params if isinstance(p, TyperArgument)]
        yield f"### harness {' '.join([name, *arguments])}"
        yield command.help or ""
        rows = [parameter(p, hints[p.name]) for p in command.params if p.name != "as_json"]
        yield table(["Option", "Meaning"], rows) if rows else ""


def leaves(holder: typer.Typer, built: Any, before: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(name, command, its function) of every command, those of groups under the group's name."""
    functions = {
        info.name or info.callback.__name__: info.callback for info in holder.registered_commands if info.callback
    }
    groups = {info.name or info.typer_instance.info.name: info.typer_instance for info in holder.registered_groups}
    for name, command in built.commands.items():
        if name in groups:
            yield from leaves(groups[name], command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command, functions[name]


def placed(argument: TyperArgument) -> str:
    """An argument in the line of its command: in brackets where it can be left out."""
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def parameter(given: Any, hint: Any) -> list[str]:
    """One argument or option."""
    if isinstance(given, TyperArgument):
        return [code(str(given.name).upper()), given.help or ""]
    value = "" if given.is_flag else f" {plain(hint).upper()}"
    told = given.default in (None, False, "", ()) or "Default" in given.help
    return [code(f"{given.opts[0]}{value}"), given.help + ("" if told else f" Default {given.default}.")]


def plain(hint: Any) -> str:
    """ "text" of ``str | None``, of ``list[str] | None`` and of ``str``."""
    inner = [part for part in get_args(hint) if part is not type(None)]
    return plain(inner[0]) if inner else KINDS.get(hint.__name__, hint.__name__.lower())


# ---- exit codes ----------------------------------------------------------------------------------------------------


def exit_codes() -> Iterator[str]:
    """By code: what it says, and the kinds of error that end with it."""
    yield "## Exit codes"
    yield "An error is printed as `error: FILE:LINE: what happened` and a line `fix: ...`, never as a traceback."
    found: dict[int, list[str]] = {number: [words] for number, words in ENDS.items()}
    family = [kind for kind in errors.HarnessError.__subclasses__() if kind.__module__ == errors.__name__]
    for kind in family:  # not those of rooms that happen to be loaded
        words = re.sub(r": exit \d+\.$", ".", (inspect.getdoc(kind) or "").splitlines()[0])
        found.setdefault(kind.exit_code, []).append(words)
    yield table(["Code", "Meaning"], ([str(number), " ".join(found[number])] for number in sorted(found)))


# ---- settings ------------------------------------------------------------------------------------------------------


def setting_rows() -> Iterator[list[str]]:
    """Key, type, default, unit, range, meaning of every setting."""
    comments = meanings()
    for holder, prefix in ((Settings, ""), (Budget, "budget.")):
        hints = get_type_hints(holder)
        for one in fields(holder):
            key = prefix + one.name
            if key == "budget":
                continue
            kind = shape(hints[one.name])
            if ("number" in kind or "integer" in kind) and key not in UNITS:
                raise SystemExit(f"docs/generate.py: give {key} its unit in UNITS")
            if not comments[key]:
                raise SystemExit(f"harness/types/wanted.py: say beside {key} what it is for")
            low, high = settings.RANGES.get(key, (None, None))
            limits = "" if low is None or high is None else f"{bound(low)} to {high:,.10g}"
            yield [code(key), kind, default(one), UNITS.get(key, ""), limits, comments[key]]


def meanings() -> Mapping[str, str]:
    """Meaning of each setting: the comment beside its field."""
    text = inspect.getsource(wanted)
    notes = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    found, prefix = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"class (\w+)", line):
            prefix = {"Settings": "", "Budget": "budget."}.get(match[1])
        elif prefix is not None and (match := re.match(r"    (\w+): ", line)):
            found[prefix + match[1]] = notes.get(number, "")
    return found


def shape(hint: Any) -> str:
    """A type as a person writes a value of it in TOML."""
    text = str(hint)
    if "Mapping" in text and "Literal" in text:
        return "table of texts"
    if "Literal" in text:
        return " or ".join(f'`"{choice}"`' for choice in get_args(hint))
    if "Mapping" in text:
        return "table of two numbers" if "float" in text else "table of tables"
    return "list of texts" if "tuple" in text else plain(hint)


def default(one: Field[Any]) -> str:
    """The default as it would stand in TOML; nothing where leaving the key out is its own meaning."""
    if one.default is MISSING or one.default in (None, "", ()):
        return ""
    if isinstance(one.default, tuple):
        return "all built-in ones, in this order: " + ", ".join(map(code, one.default))
    return code(str(one.default).lower() if isinstance(one.default, bool) else f"{one.default}")


def bound(low: float) -> str:
    """The lower end of a range."""
    return "above 0" if 0 < low < 1e-9 else f"{low:g}"


def settings_part() -> Iterator[str]:
    """All keys."""
    yield "## Settings"
    yield (
        "Keys stand below `[tool.harness]` in `pyproject.toml`, or at the top of `harness.toml`; a flag of a command "
        "comes before a key. An unknown key is refused, and the nearest known one named."
    )
    yield table(["Key", "Type", "Default", "Unit", "Range", "Meaning"], setting_rows())


# ---- metrics -------------------------------------------------------------------------------------------------------


def metrics() -> Iterator[str]:
    """Every built-in metric with its options."""
    yield "## Metrics"
    yield (
        'Options stand below `[tool.harness.metrics.NAME]`. There `kind = "OTHER"` makes NAME a further name of the '
        "metric OTHER, so that it can be measured twice with other options. A goal is set with the name: "
        "`- **Exact**: 90% or higher`. A metric of your own is one file in `evals/`: see "
        "[CONTRIBUTING](../CONTRIBUTING.md#add-a-metric). An evaluator of openevals, agentevals, LangSmith, deepeval "
        "or ragas is one [by its import path](judge.md#evaluators-of-other-tools)."
    )
    with tempfile.TemporaryDirectory() as nowhere:
        found = plugins.metrics(Settings(), Path(nowhere))
    always = plugins.measured(found, Settings(), wanted.Goals(()))
    for name, metric in found.items():
        if name in plugins.PERCENTILES:
            continue  # told in one paragraph, below
        yield f"### {name}"
        unit = metric.UNIT or "share of 1"
        when = "measured in every run" if name in always else "measured where a goal or the settings name it"
        yield f"Unit: {unit}. Better: {metric.DIRECTION}. {when.capitalize()}."
        told = inspect.getdoc(inspect.getmodule(metric.score)) or ""
        yield getattr(metric, "about", "") or " ".join(told.split("\n\n")[0].split())
        yield documented(metric.score)
        rules = getattr(metric, "OPTIONS", {})
        required = getattr(metric, "REQUIRED", ())
        if rules:
            rows = ([code(key), rule(None), "yes" if key in required else ""] for key, rule in rules.items())
            yield table(["Option", "Value", "Required"], rows)
    yield "### Options that several metrics share"
    yield f"`fields`, `only`: {documented(expected.judged, skip=1)}"
    yield f"`node`: {documented(calls.answered)}"
    yield "### Statistics of the whole set of cases"
    whole = [name for name, metric in found.items() if getattr(metric, "STATISTIC", "")]
    named = [name for name in whole if name not in plugins.PERCENTILES]
    yield (
        f"{', '.join(map(code, named))} and `latency_p01` to `latency_p99` are no means over cases. Goals are set on "
        "them like on any other: a change is decided by the swap of arms "
        "([how it decides](how-it-decides.md#statistics-of-the-whole-set)). Percentiles are linear between neighbours "
        "and take the options of `latency`. A metric of your own becomes a percentile of its values with a fifth text "
        'in its file, `STATISTIC = "p95"`.'
    )
    yield f"{', '.join(map(code, plugins.measures({}, Settings())))} is told and cannot be a goal: aim at `latency`."


def documented(function: Any, skip: int = 0) -> str:
    """A docstring as running text without its first ``skip`` paragraphs: ``options["x"]`` is `x`."""
    text = " ".join("\n".join((inspect.getdoc(function) or "").split("\n\n")[skip:]).split())
    text = re.sub(r'``options\["(\w+)"\]``', r"`\1`", text).replace("``", "`")
    text = text.replace(" as in `fields.judged`", ": see [below](#options-that-several-metrics-share)")
    return re.sub(r" `name` is the metric's\.$", "", text)


# ---- techniques ----------------------------------------------------------------------------------------------------


def techniques() -> Iterator[str]:
    """Every built-in technique."""
    yield "## Techniques"
    yield (
        "Names in brackets are those of `--proposer` and of the setting `proposers`. Stars say how often and how much "
        "a technique is expected to help; `harness techniques` shows how often it was kept in your repository."
    )
    rows = (
        [
            f"{one.name} (`{name}`)",
            parameter_of(one.parameter),
            one.symptom,
            one.effect,
            f"{one.stars} of 5: {one.reason}",
        ]
        for name, one in sorted(plugins.techniques().items(), key=lambda pair: -pair[1].stars)
    )
    yield table(["Technique", "Changes", "Symptom that calls for it", "Expected effect", "Stars and reason"], rows)


def parameter_of(name: str) -> str:
    """What a technique changes."""
    return f"parameter `{name}`" if name else "prompt"


def page() -> str:
    """The whole reference."""
    parts = [HEAD.rstrip("\n"), *commands(), *exit_codes(), *settings_part(), *metrics(), *techniques()]
    return "\n\n".join(part for part in parts if part) + "\n"


def main() -> None:
    """Command line."""
    text = page()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, "utf-8")
    elif not TARGET.is_file() or TARGET.read_text("utf-8") != text:
        raise SystemExit(f"{TARGET.name} is stale: run `make docs`")


if __name__ == "__main__":
    main()
