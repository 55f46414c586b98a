"""Lists of rows that are written down in Python, as data for an evaluation: ``EXAMPLES = [{"question": ...}, ...]``.

Read by ``ast``, never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from harness.discover import Keys
from harness.starter.material import constants
from harness.starter.material.constants import Env, UnknownError
from harness.starter.material.found import Found
from harness.starter.material.records import ASKED, example
from harness.types import Json

_NAMED = re.compile(
    r"(?i)(examples?|cases|dataset|samples|questions|queries|prompts_to_test|golden|inputs|test_data)s?\b"
)
_ASKS = re.compile(r"(?i)questions|queries|inputs|user_messages")
_SHOTS = re.compile(r"(?i)few_?shot|prompt")  # examples that are part of a prompt are no cases


def examples(tree: ast.Module, file: str, keys: Keys, *, is_eval: bool) -> Iterator[Found]:
    """Every row of the lists at module level, in order. Outside the folders for evaluation (``is_eval``) only those of
    lists that are named like a set of cases."""
    env: dict[str, Json] = {}
    for statement in tree.body:
        name, given = _list(statement)
        if given is not None and not _SHOTS.search(name) and (is_eval or _NAMED.search(name)):
            for item in given.elts:
                yield from _row(item, name, env, keys, f"{file}:{item.lineno}")
        env = constants.names([statement], env)


def _list(statement: ast.stmt) -> tuple[str, ast.List | ast.Tuple | None]:
    target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
    target = statement.target if isinstance(statement, ast.AnnAssign) else target
    given = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(given, ast.Dict):  # one list by name inside a table: {"examples": [...]}
        given = next((item for item in given.values if isinstance(item, ast.List)), None)
    is_list = isinstance(target, ast.Name) and isinstance(given, ast.List | ast.Tuple)
    return (target.id, given) if is_list and isinstance(target, ast.Name) else ("", None)  # type: ignore[return-value]


def _row(item: ast.expr, name: str, env: Env, keys: Keys, where: str) -> Iterator[Found]:
    try:
        told = constants.value(item, env)
    except UnknownError:
        return
    if isinstance(told, str) and _ASKS.search(name) and len(told.split()) > 1:
        yield Found(told, where)
    elif isinstance(told, list) and len(told) == 2 and all(isinstance(one, str) for one in told) and " " in told[0]:
        yield Found(told[0], where, {"answer": told[1]})  # ("What is ...?", "It is ...")
    elif isinstance(told, dict) and set(told) & {*ASKED, *keys.given}:
        found = example(told, keys, where)
        yield from [found] if found else []
