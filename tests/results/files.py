"""Small files as the tools write them, after their public schemas: promptfoo's EvaluateResult, Inspect's EvalLog and
EvalSample, LangSmith's two CSV forms, DSPy's save_as_json."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Scores = Sequence[Sequence[float]]  # by case, one per run
PROVIDERS = ("openai:gpt-4o-mini", "openai:gpt-4o")


def promptfoo(path: Path, scores: Scores, providers: Sequence[str] = PROVIDERS[:1], **changes: Any) -> Path:
    """One test per case and repetition, each with its own testIdx; the second provider gets 1 everywhere."""
    entries, test = [], 0
    for case, runs in enumerate(scores):
        for score in runs:
            for column, provider in enumerate(providers):
                value = score if column == 0 else 1.0
                entries.append(_entry(test, column, provider, f"Question {case}?", value))
            test += 1
    for index, change in changes.items():
        entries[int(index[1:])] |= change
    summary = {"version": 3, "timestamp": "2026-01-15T10:30:00Z", "prompts": [], "results": entries, "stats": {}}
    whole = {"evalId": "eval-abc", "results": summary, "config": {}, "shareableUrl": None}
    path.write_text(json.dumps(whole), "utf-8")
    return path


def _entry(test: int, column: int, provider: str, question: str, score: float) -> dict[str, Any]:
    asserts = [{"type": "equals", "value": "42"}]
    return {
        "cost": 0.001, "error": None, "gradingResult": {"pass": score == 1, "score": score, "reason": "graded"},
        "id": f"{test}-{column}", "latencyMs": 1200, "namedScores": {"tone": score},
        "prompt": {"raw": "{{q}}", "label": "p"},
        "promptId": "1", "promptIdx": column, "provider": {"id": provider, "label": ""}, "response": {"output": "42"},
        "score": score, "success": score == 1, "testCase": {"vars": {"q": question}, "assert": asserts},
        "testIdx": test, "vars": {"q": question}, "metadata": {}, "failureReason": 0, "tokenUsage": {"total": 30},
    }  # fmt: skip


def inspect_json(path: Path, scores: Scores, version: int = 0, **changes: Any) -> Path:
    path.write_text(json.dumps({**_head(version), "samples": _samples(scores, changes)}), "utf-8")
    return path


def inspect_eval(path: Path, scores: Scores, version: int = 0, **changes: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": _head(version)["eval"]}))
        for sample in _samples(scores, changes):
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps(_head(version)))
    return path


def _head(version: int) -> dict[str, Any]:
    about = {"task": "quiz", "task_version": version, "model": "openai/gpt-4o", "created": "2026-01-15T10:30:00+00:00"}
    return {"version": 2, "status": "success", "eval": about, "plan": {}, "results": {}, "stats": {}}


def _samples(scores: Scores, changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    samples = []
    for case, runs in enumerate(scores):
        for k, score in enumerate(runs):
            letter = {1.0: "C", 0.5: "P", 0.0: "I"}.get(score, score)
            made = {"match": {"value": letter, "answer": "42"}, "judge": {"value": {"tone": score, "form": 1}}}
            usage = {"openai/gpt-4o": {"input_tokens": 20, "output_tokens": 10, "total_tokens": 30}}
            asked = {"id": case + 1, "epoch": k + 1, "input": f"Question {case}?", "target": "42", "choices": None}
            samples.append({**asked, "scores": made, "model_usage": usage, "total_time": 1.2, "error": None})
    for index, change in changes.items():
        samples[int(index[1:])] |= change
    return samples


def langsmith_page(path: Path, scores: Scores, **changes: Any) -> Path:
    """As downloaded from an experiment's page."""
    rows = [
        {
            "id": f"11111111-0000-0000-0000-{case:012d}", "inputs": json.dumps({"q": f"Question {case}?"}),
            "outputs": '{"answer": "42"}', "reference_outputs": '{"answer": "42"}', "session_name": "mine-1a2b",
            "error": "", "latency": "1.2", "correctness": score, "remark": "fine",
        }
        for case, runs in enumerate(scores)
        for score in runs
    ]  # fmt: skip
    return _table(path, rows, changes)


def langsmith_frame(path: Path, scores: Scores, **changes: Any) -> Path:
    """As to_pandas().to_csv() writes it, the index column among the others."""
    rows = [
        {
            "": number, "inputs.q": f"Question {case}?", "outputs.answer": "42", "error": "", "reference.answer": "42",
            "feedback.correctness": score, "execution_time": 1.2, "example_id": f"11111111-{case:012d}",
            "id": f"run-{number}",
        }
        for case, runs in enumerate(scores)
        for number, score in enumerate(runs, 10 * case)
    ]  # fmt: skip
    return _table(path, rows, changes)


def dspy(path: Path, scores: Scores, **changes: Any) -> Path:
    items = [
        {
            "question": f"Question {case}?", "example_answer": "42", "reasoning": f"thought {score}",
            "pred_answer": "42", "correctness": score,
        }
        for case, runs in enumerate(scores)
        for score in runs
    ]  # fmt: skip
    for index, change in changes.items():
        items[int(index[1:])] |= change
    path.write_text(json.dumps(items), "utf-8")
    return path


def plain(path: Path, scores: Scores, **changes: Any) -> Path:
    rows = [
        {"case": f"q{case}", "run": k + 1, "score": score}
        for case, runs in enumerate(scores)
        for k, score in enumerate(runs)
    ]
    return _table(path, rows, changes)


def _table(path: Path, rows: list[dict[str, Any]], changes: Mapping[str, Any]) -> Path:
    for index, change in changes.items():
        rows[int(index[1:])] |= change
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), "utf-8")
    return path


# name -> (writer, metric that holds the score, what r3={...} must change to set that score)
WRITERS: Mapping[str, tuple[Callable[..., Path], str, Callable[[Any], dict[str, Any]]]] = {
    "promptfoo": (promptfoo, "score", lambda value: {"score": value}),
    "inspect json": (inspect_json, "match", lambda value: {"scores": {"match": {"value": value}}}),
    "inspect eval": (inspect_eval, "match", lambda value: {"scores": {"match": {"value": value}}}),
    "langsmith page": (langsmith_page, "correctness", lambda value: {"correctness": value}),
    "langsmith frame": (langsmith_frame, "correctness", lambda value: {"feedback.correctness": value}),
    "dspy": (dspy, "correctness", lambda value: {"correctness": value}),
    "plain": (plain, "score", lambda value: {"score": value}),
}
