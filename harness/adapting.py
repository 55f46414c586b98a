"""Adapters that compete with prompts: trained here from dev cases by ``harness.training``, or given as a folder.

Trains in a process of its own, so that a run that tunes never loads torch. An adapter is kept under its data, base and
method, so that the same one is never trained twice, and a training that ended with its run goes on from its last
checkpoint when the run does. Knows nothing of how it is measured or judged.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness import figures
from harness.errors import MachineError, UserError
from harness.models.folders import EMBEDDED, NotAModelError, is_adapter, method_of, place_of, weights_digest
from harness.proposers.adapter import AdapterProposer, Learnt, Lesson
from harness.repo import HOME
from harness.training import examples, manifest
from harness.training.examples import Example
from harness.training.jobs import CANCELLED, FAILED, SUCCEEDED, Jobs, bound
from harness.training.spec import Spec
from harness.types import Json

_METHOD = "lora"
PARAMETERS: Mapping[str, Json] = {}  # of the training, beside the defaults of the method
_KEPT = (".safetensors", ".json")


def proposer(root: Path, folder: str = "") -> AdapterProposer:
    """One that trains from the dev cases, or, with a folder, one that proposes what lies there.

    Raises UserError where that is no adapter, or what training needs is not installed.
    """
    if folder:
        path = (root / folder).resolve()
        if not is_adapter(path):
            fix = "name the result of a training job, or a folder as PEFT saves it"
            raise UserError("this is no adapter folder", where=folder, fix=fix)
        return AdapterProposer(partial(_given, root, path))
    if find_spec("peft") is None or find_spec("torch") is None:
        raise UserError(
            "training an adapter needs more than is installed", fix="pip install 'langgraph-harness[train]'"
        )
    return AdapterProposer(partial(train, root))


def train(root: Path, base: str, lessons: Sequence[Lesson], seed: int) -> Learnt:
    """An adapter of what the app names as its model. Raises MachineError when the training fails."""
    start = _start(root, base)
    data = [Example((*one.messages, {"role": "assistant", "content": one.answer}), one.case) for one in lessons]
    asked = Spec(_METHOD, start, "dev cases of a tuning run", {**PARAMETERS, "seed": seed}, name=f"adapter for {base}")
    weights = weights_digest(EMBEDDED if start == "embedded" else Path(start))
    mark = hashlib.sha256(json.dumps([examples.digest(data), start, weights, seed]).encode()).hexdigest()[:10]
    kept = root / HOME / "adapters" / f"{_METHOD}-{mark}"
    if not kept.is_dir():
        _keep(_trained(Jobs(root / HOME / "training"), asked, data), kept, base)
    return Learnt(str(kept), _told(kept, len(data), len({one.case for one in lessons})))


def _start(root: Path, base: str) -> str:
    """What a training starts from: of an app that uses an adapter already, that one's base."""
    path = root / base
    try:
        place = place_of(str(path) if path.is_dir() else base)
    except (NotAModelError, FileNotFoundError) as error:
        raise UserError(str(error), where=base, fix="put the model where the app looks for it") from error
    return "embedded" if place.base == EMBEDDED else str(place.base)


def _trained(jobs: Jobs, asked: Spec, data: Sequence[Example]) -> Path:
    """The folder that the job leaves: of a new one, or of one that ended with the run that it was bound to."""
    # A run that is killed, or an interrupt or spent budget that leaves the thread of a proposer behind, ends the job.
    with bound() as tie:
        known = jobs.same(asked, data)
        if known is None:
            job = jobs.start(asked, data, tie)
        else:
            job = jobs.resume(known.id, tie) if known.state in (CANCELLED, FAILED) else known
        done = jobs.wait(job.id)
    if done.state != SUCCEEDED:
        fix = f"`harness train events {job.id}` says what happened; or leave --allow adapter out"
        raise MachineError(f"the training of an adapter is {done.state}: {done.reason}", fix=fix)
    return done.result


def _keep(result: Path, kept: Path, base: str) -> None:
    """Copy what the app needs, whole or not at all, with no path of this machine in it."""
    with _copied(result, kept) as draft:
        _rewrite(draft / manifest.NAME, base_path="")
        _rewrite(draft / "adapter_config.json", base_model_name_or_path=base)


@contextmanager
def _copied(folder: Path, kept: Path) -> Iterator[Path]:
    """A draft with the files of an adapter that the app needs; it becomes ``kept`` at the end, whole or not at all."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as name:
        draft = Path(name) / kept.name
        draft.mkdir()
        for file in sorted(folder.iterdir()):
            if file.suffix in _KEPT:
                shutil.copyfile(file, draft / file.name)
        yield draft
        draft.rename(kept)


def _rewrite(file: Path, **values: str) -> None:
    """Set keys of a JSON file."""
    whole: dict[str, Any] = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(whole | values, indent=2, sort_keys=True) + "\n", "utf-8")


def _told(kept: Path, count: int, cases: int) -> str:
    """What the adapter was trained on, how long, and what that cost."""
    found = manifest.read(kept).metrics
    seconds, tokens, usd = (found.get(key) for key in ("seconds", "tokens", "usd"))
    parts = [f"{_METHOD} on {figures.count(count, 'answer')} of {figures.count(cases, 'dev case')}"]
    parts += [f"{tokens:,} tokens"] if isinstance(tokens, int) else []
    parts += [f"trained in {figures.duration(seconds)}"] if isinstance(seconds, int | float) else []
    parts += [f"for {usd:.4f} USD" if isinstance(usd, int | float) and usd else "on this machine, for nothing"]
    return ", ".join(parts)


def _given(root: Path, folder: Path, base: str, lessons: Sequence[Lesson], seed: int) -> Learnt:
    """The user's own adapter. Raises UserError where it was made for another model than the app's."""
    start = _start(root, base)
    place = place_of(str(folder))
    if place.base != (EMBEDDED if start == "embedded" else Path(start)):
        fix = "train one for the model that the app uses, or let --allow adapter do it"
        raise UserError(f"this adapter is for {place.base}, and the app uses {base}", where=str(folder), fix=fix)
    kept = root / HOME / "adapters" / f"{method_of(folder)}-{weights_digest(folder)[:10]}"
    if not kept.is_dir():
        with _copied(folder, kept):
            pass
    return Learnt(str(kept), f"{folder.name}, an adapter of your own")
