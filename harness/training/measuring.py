"""One method for a moment on this machine: ``python -m harness.training.measuring BASE METHOD FILE STEPS`` prints JSON.

A process for each, because the peak of memory is a property of a process. What is measured is told by ``Measured``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.errors import HarnessError, MachineError
from harness.training import bases, examples, parameters
from harness.training.spec import Spec

STEPS = 40  # of the optimizer, batches of 4: enough to see a loss fall
_WORDS = {"red": "colour", "blue": "colour", "cat": "animal", "dog": "animal", "oak": "plant", "rose": "plant"}


@dataclass(frozen=True, slots=True)
class Measured:
    """One method after equal steps on equal data."""

    method: str
    trained: int  # parameters that move
    peak_bytes: int  # of the process, or of the GPU
    seconds_per_1000_tokens: float
    loss_before: float  # on the validation part, nats an answer token
    loss_after: float
    exact_after: float  # share of validation answers right token by token
    tokens: int  # trained on
    device: str


def measured(base: str, method: str, data: Path, steps: int = STEPS) -> Measured:
    """In a process of its own. Raises MachineError with its last words where that one ended badly."""
    command = [sys.executable, "-m", __name__, base, method, str(data), str(steps)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise MachineError(f"{method} could not be measured: {said}", fix="measure a smaller base, or free memory")
    return Measured(**json.loads(done.stdout))


def sample() -> tuple[examples.Example, ...]:
    """A task for a moment: the kind of a word."""
    told = [(f"What kind of thing is {word}? ({number})", kind) for number in range(7) for word, kind in _WORDS.items()]
    messages = (({"role": "user", "content": asked}, {"role": "assistant", "content": kind}) for asked, kind in told)
    return tuple(examples.Example(one) for one in messages)


def main() -> None:
    """Measure and print."""
    name, method, file, steps = sys.argv[1:]
    import torch

    from harness.training import leaving, loop, preparing, sitting, weights
    from harness.training.forward import validate
    from harness.training.methods import METHODS

    asked = Spec(method, name, file)
    chosen = parameters.read(method, {"epochs": 50, "patience": 50})
    ready = preparing.prepare(asked, bases.find(name), chosen, examples.load(Path(file)))
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    model = METHODS[method].build(ready.base, chosen)
    epochs = max(1, round(int(steps) / loop.steps_of(len(ready.training.kept), chosen)))
    with tempfile.TemporaryDirectory() as folder:
        course = sitting.course_of(Path(folder), asked, ready, epochs=epochs)
        before, _ = validate(model, course.validation, chosen.batch_size, course.pad)
        progress = loop.train(model, course, lambda progress, steps: None)
        after, exact = validate(model, course.validation, chosen.batch_size, course.pad)
    pace = 1000 * progress.seconds / progress.tokens
    moved = weights.count(model)[0]
    found = Measured(method, moved, leaving.peak(model), pace, before, after, exact, progress.tokens, str(model.device))
    print(json.dumps(asdict(found)))  # noqa: T201 - read by ``measured``


if __name__ == "__main__":
    try:
        main()
    except HarnessError as error:
        sys.exit(str(error))
