"""An evaluator of another tool as a metric, known by how it wants to be called; none of those tools is imported by name
before an evaluator of it is there.

- a function of ``inputs``, ``outputs``, ``reference_outputs`` (openevals, agentevals, LangSmith), or of ``run`` and
  ``example``, that answers a number, {"key", "score"} or a list of those;
- an object with ``evaluate_run(run, example)`` (LangSmith);
- an object with ``measure(test_case)`` and a ``score`` (deepeval);
- an object with ``single_turn_ascore(sample)`` or ``ascore(...)`` (ragas).
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

TRIO = ("inputs", "outputs", "reference_outputs")
_SCORES = ("score", "value")  # where results keep the number


def load(target: str) -> Any:
    """What ``module:name`` names, with the folders of sys.path as they are."""
    module, _, name = target.partition(":")
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return Evaluator(found)


class Evaluator:
    """Looks like a metric's module: ``score(case, run, options)``."""

    def __init__(self, found: Any) -> None:
        self._found = found
        self._made: Any = None

    def score(self, case: Any, run: Any, options: Mapping[str, Any]) -> float | str:
        """What the evaluator says of the run; a failure of the app is 0 of a share of which more is better."""
        if run.fault:
            share = options.get("unit", "") == "" and options.get("direction", "higher") == "higher"
            why = "the network failed" if run.lost else "the app failed on this case"
            return 0.0 if share and not run.lost else why
        if self._made is None:
            self._made = self._found(**options.get("arguments", {})) if inspect.isclass(self._found) else self._found
        return number(_asked(self._made, Material(case, run, options)), str(options.get("key", "")))


class Material:
    """One run as evaluators want to see it; ``options`` name dotted places where the plain ones do not fit."""

    def __init__(self, case: Any, run: Any, options: Mapping[str, Any]) -> None:
        self.run, self.case = run, case
        expected = {key.removeprefix("expected_"): item for key, item in case.expected.items()}
        self.inputs = _place(case.inputs, options.get("input"), case.inputs)
        self.outputs = _place(run.output, options.get("output"), run.output)
        self.references = _place(expected, str(options.get("reference", "")).removeprefix("expected_"), expected)
        self.context = [text(_place(run.output, place, None)) for place in _list(options.get("context"))]

    @property
    def question(self) -> str:
        """The inputs as one text."""
        return _only(self.inputs)

    @property
    def reply(self) -> str:
        """The outputs as one text: the last message, or the only text that the app added."""
        if not isinstance(self.outputs, Mapping):
            return text(self.outputs)
        messages = self.outputs.get("messages")
        if isinstance(messages, list) and messages:
            return text(messages[-1].get("content") if isinstance(messages[-1], Mapping) else messages[-1])
        return _only({key: item for key, item in self.outputs.items() if self.case.inputs.get(key) != item})

    @property
    def reference(self) -> str | None:
        """What was expected as one text, None where nothing was."""
        return _only(self.references) if self.references else None


def _asked(made: Any, told: Material) -> Any:
    """The evaluator's answer, by the convention that it follows."""
    if callable(getattr(made, "evaluate_run", None)):
        return _done(made.evaluate_run(*_traced(told)))
    if callable(getattr(made, "measure", None)):
        answer = _done(made.measure(_case_of_deepeval(told)))
        return made if getattr(made, "score", None) is not None else answer
    if callable(getattr(made, "single_turn_ascore", None)):
        return _done(made.single_turn_ascore(_sample(told)))
    known = _known(told)
    for method in (getattr(made, "ascore", None), made):
        if callable(method):
            return _done(_called(method, known))
    raise TypeError(f"{type(made).__name__} is no evaluator: it has none of the calls that are known")


def _known(told: Material) -> dict[str, Callable[[], Any]]:
    """Names of arguments that evaluators use, and what each is given."""
    return {
        "inputs": lambda: told.inputs,
        "outputs": lambda: told.outputs,
        "reference_outputs": lambda: told.references or None,
        "run": lambda: _traced(told)[0],
        "example": lambda: _traced(told)[1],
        "user_input": lambda: told.question,
        "response": lambda: told.reply,
        "reference": lambda: told.reference,
        "retrieved_contexts": lambda: told.context,
        "reference_contexts": lambda: told.context,
        "case": lambda: told.case,
    }


def _called(function: Callable[..., Any], known: Mapping[str, Callable[[], Any]]) -> Any:
    """Call by the names that the function takes; one that takes any gets the three that all of them know."""
    parameters = inspect.signature(function).parameters.values()
    names = [p.name for p in parameters if p.name in known]
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        names += [name for name in TRIO if name not in names]
    if not names:
        raise TypeError(f"it takes {', '.join(p.name for p in parameters) or 'nothing'}, none of {', '.join(known)}")
    return function(**{name: known[name]() for name in names})


def _done(answer: Any) -> Any:
    """What an answer becomes; coroutines are run to their end."""
    return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer


async def _awaited(answer: Any) -> Any:
    return await answer


def _traced(told: Material) -> tuple[Any, Any]:
    """A run and an example as LangSmith has them, of its own classes where they are installed."""
    outputs = told.outputs if isinstance(told.outputs, Mapping) else {"output": told.outputs}
    references = told.references if isinstance(told.references, Mapping) else {"output": told.references}
    now, own = datetime.now().astimezone(), uuid.uuid4()
    run = {"id": own, "trace_id": own, "name": "app", "run_type": "chain", "start_time": now, "end_time": now,
           "inputs": dict(told.case.inputs), "outputs": dict(outputs), "dotted_order": ""}  # fmt: skip
    example = {"id": uuid.uuid4(), "dataset_id": uuid.uuid4(), "inputs": dict(told.case.inputs),
               "outputs": dict(references), "metadata": dict(told.case.metadata)}  # fmt: skip
    return _of("langsmith.schemas", "Run", run), _of("langsmith.schemas", "Example", example)


def _case_of_deepeval(told: Material) -> Any:
    values = {"input": told.question, "actual_output": told.reply, "expected_output": told.reference,
              "context": told.context or None, "retrieval_context": told.context or None}  # fmt: skip
    return _of("deepeval.test_case", "LLMTestCase", values)


def _sample(told: Material) -> Any:
    values = {"user_input": told.question, "response": told.reply, "reference": told.reference,
              "retrieved_contexts": told.context or None}  # fmt: skip
    return _of("ragas.dataset_schema", "SingleTurnSample", values)


def _of(module: str, name: str, values: dict[str, Any]) -> Any:
    """An object of the tool's own class, or a plain one with the same attributes where the tool is not there."""
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return SimpleNamespace(**values)
    return kind(**values)


def number(answer: Any, key: str = "") -> float | str:
    """The number of an answer: itself, or its score; of several results that of ``key``, or the only one's."""
    if isinstance(answer, Mapping) and isinstance(answer.get("results"), list):
        answer = answer["results"]
    if isinstance(answer, list | tuple):
        chosen = [one for one in answer if not key or _field(one, "key") == key]
        if len(chosen) != 1:
            keys = ", ".join(str(_field(one, "key")) for one in answer)
            return f"the evaluator gave {len(answer)} results ({keys}): name one with the option `key`"
        return number(chosen[0])
    if isinstance(answer, bool) or hasattr(answer, "__float__"):
        return float(answer)
    found = [value for name in _SCORES if (value := _field(answer, name)) is not None]
    scores = [value for value in found if not isinstance(value, str) and hasattr(value, "__float__")]
    if scores:
        return float(scores[0])
    said = _field(answer, "comment") or _field(answer, "reason") or (found[0] if found else answer)
    return f"the evaluator gave no number: {text(said)[:200]}"


def _field(answer: Any, name: str) -> Any:
    return answer.get(name) if isinstance(answer, Mapping) else getattr(answer, name, None)


def _place(value: Any, path: Any, plain: Any) -> Any:
    """What stands at a dotted place, ``plain`` where none is named."""
    if not path:
        return plain
    for step in str(path).split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            raise KeyError(f"nothing stands at {path!r}")
    return value


def _list(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _only(value: Any) -> str:
    """The only text of a mapping, else all of it as JSON."""
    texts = [item for item in value.values() if isinstance(item, str)] if isinstance(value, Mapping) else []
    return texts[0] if len(texts) == 1 else text(value)


def text(value: Any) -> str:
    """Texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
