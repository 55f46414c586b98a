"""The repo's own metrics: files of ``evals/``, found by reading them. None of them runs before it is asked to score.

A file is a metric when it has a function ``score`` at its top and either one of the texts of a metric or the arguments
``(case, run, options)``; other files of the folder are the user's own affair.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from harness.app import Source
from harness.errors import HarnessError, PluginError
from harness.plugins.contract import METRIC, unusable
from harness.types import Direction

FOLDER = "evals"
_STATISTIC = "STATISTIC"  # a fifth text, for a metric that is no mean over cases
_TEXTS = (*METRIC.texts, _STATISTIC)
_EXAMPLE = 'NAME, VERSION, DIRECTION, UNIT = "my_metric", "1", "higher", ""'


@dataclass(frozen=True, slots=True)
class Found:
    """A metric file and what it says of itself."""

    name: str
    version: str
    direction: Direction
    unit: str
    source: Source
    statistic: str = ""  # "p95" = the metric of a set is that percentile of its values; "" = their mean

    @property
    def where(self) -> str:
        """ "file:line" of its score function."""
        return f"{self.source.path}:{self.source.line}"


def found(root: Path) -> tuple[list[Found], list[HarnessError]]:
    """The metrics of the repo at ``root`` by file name, and what is wrong with those that are none yet."""
    metrics: list[Found] = []
    findings: list[HarnessError] = []
    for path in sorted((root / FOLDER).glob("*.py")):
        try:
            metric = _metric(path, path.relative_to(root).as_posix())
        except PluginError as error:
            findings.append(error)
        else:
            metrics += [metric] if metric else []
    return metrics, findings


def digests(root: Path) -> dict[str, str]:
    """sha-256 of each metric file, by its name relative to ``root``."""
    texts = {metric.source.path: metric.source.text for metric in found(root)[0]}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def _metric(path: Path, name: str) -> Found | None:
    """The metric of one file, None when it is none. Raises PluginError when it lacks what a metric has."""
    try:
        text = path.read_text("utf-8-sig")
        body = ast.parse(text).body
    except SyntaxError as error:
        if f"def {METRIC.method}(" not in text:
            return None
        raise PluginError(f"not Python: {error.msg}", where=f"{name}:{error.lineno}", fix="mend that line") from error
    except ValueError:  # not UTF-8, or null bytes: no metric of ours
        return None
    score = _score(body)
    said = dict(_texts(body))
    if score is None or not (said or _arguments(score) == METRIC.arguments):
        return None
    where = f"{name}:{score.lineno}"
    statistic = said.pop(_STATISTIC, None)
    lacking = [key for key in METRIC.texts if key not in said]
    if lacking:
        fix = f"a metric has four texts at the top of its file, such as {_EXAMPLE}"
        raise PluginError(f"this metric does not say its {', '.join(lacking)}", where=where, fix=fix)
    values = {key: _value(key, node, name) for key, node in said.items()}
    if values["DIRECTION"] not in ("higher", "lower"):
        line = said["DIRECTION"].lineno
        fix = 'say "higher" or "lower" is better'
        raise PluginError(f"DIRECTION is {values['DIRECTION']!r}", where=f"{name}:{line}", fix=fix)
    if not _takes_three(score.args):
        words = f"score takes {', '.join(_arguments(score)) or 'nothing'}"
        raise PluginError(words, where=where, fix=METRIC.shape)
    direction = cast(Direction, values["DIRECTION"])
    source = Source(values["NAME"], name, score.lineno, text)
    return Found(values["NAME"], values["VERSION"], direction, values["UNIT"], source, _statistic(statistic, name))


def _statistic(node: ast.expr | None, name: str) -> str:
    """The percentile that a metric names. Raises PluginError for anything else: its counts are not asked for."""
    if node is None:
        return ""
    said = _value(_STATISTIC, node, name)
    wrong = unusable(said, counts=False)
    if wrong:
        raise PluginError(f"STATISTIC is {said!r}", where=f"{name}:{node.lineno}", fix='write a percentile: "p95"')
    return said


def _score(body: list[ast.stmt]) -> ast.FunctionDef | None:
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == METRIC.method]
    return functions[-1] if functions else None


def _texts(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """What is assigned to the names of a metric's texts: one by one, annotated, or several in one line."""
    for node in body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            yield from ((t.id, value) for t, value in pairs if isinstance(t, ast.Name) and t.id in _TEXTS)


def _value(key: str, node: ast.expr, name: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and (node.value or key == "UNIT"):
        return node.value
    fix = "write it as a text, so that it can be read without running the file"
    raise PluginError(f"{key} is {ast.unparse(node)}", where=f"{name}:{node.lineno}", fix=fix)


def _arguments(score: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(argument.arg for argument in (*score.args.posonlyargs, *score.args.args))


def _takes_three(arguments: ast.arguments) -> bool:
    """Whether the function can be called with the case, the run and the options."""
    places = len(arguments.posonlyargs) + len(arguments.args)
    needed = places - len(arguments.defaults)
    named = [default for default in arguments.kw_defaults if default is None]
    wanted = len(METRIC.arguments)
    return not named and needed <= wanted and (places >= wanted or arguments.vararg is not None)
