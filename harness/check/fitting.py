"""Whether the cases fit the started app: input keys that it takes, expectations that its final state can meet.

Knows the keys of the graph and of the cases; makes no call and compares no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import process

from harness.answers import NOT_COMPARED, TEXT_FIELDS, short_name
from harness.errors import HarnessError, UserError
from harness.types import Case, Facts


def misfits(facts: Facts, tested: Sequence[Case], paths: Mapping[str, str], name: str) -> list[HarnessError]:
    """What every run would trip over, once per key with the first case that shows it, "name:line".

    ``paths`` is the option ``fields`` of the metric: places in the output for ``expected_*`` fields.
    """
    found = [*_inputs(facts, tested, name), *_expected(facts, tested, paths, name)]
    return list({str(error.message): error for error in found}.values())


def _inputs(facts: Facts, tested: Sequence[Case], name: str) -> Iterator[HarnessError]:
    taken = facts.input_keys
    if not taken:
        return
    for case in tested:
        keys = tuple(case.inputs)
        if keys == ("input",) and isinstance(case.inputs["input"], str) and "input" not in taken:
            if facts.text_key is None:
                words = f"the input is a text, and the graph takes several keys: {', '.join(taken)}"
                yield UserError(words, where=_where(case, name), fix=f'write "input": {{"{taken[0]}": "..."}}')
        elif not set(keys) & set(taken):
            words = f"the input has {', '.join(keys)}; the graph takes {', '.join(taken)}"
            yield UserError(words, where=_where(case, name), fix=f"name the keys as the graph does{_near(keys, taken)}")


def _expected(facts: Facts, tested: Sequence[Case], paths: Mapping[str, str], name: str) -> Iterator[HarnessError]:
    held = facts.output_keys
    if not held:
        return
    for case in tested:
        for field in case.expected:
            first = paths[field].split(".")[0] if field in paths else short_name(field)
            if first in held or (field not in paths and field in (*TEXT_FIELDS, *NOT_COMPARED)):
                continue
            words = f"{field} is compared with {first!r}, which the final state does not have: {', '.join(held)}"
            fix = f"name it after a key of the state, or say where its value stands by `fields`{_near([first], held)}"
            yield UserError(words, where=_where(case, name), fix=fix)


def _near(written: Sequence[str], known: Sequence[str]) -> str:
    found = process.extractOne(written[0], known, score_cutoff=60) if written else None
    return f"; did you mean {found[0]!r}?" if found else ""


def _where(case: Case, name: str) -> str:
    return f"{name}:{case.line}" if case.line else name
