"""``train start`` and ``train estimate``: examples and parameters read and checked, then a job or its estimate."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from harness import lessons
from harness.cli import watching
from harness.cli.shell import say_json
from harness.errors import UserError
from harness.figures import count, duration
from harness.lessons import Lessons
from harness.repo import Repo
from harness.sources import utf8
from harness.training import bases, examples, parameters
from harness.training.bases import Base
from harness.training.estimate import Estimate
from harness.training.jobs import Jobs
from harness.training.parameters import Parameters
from harness.training.spec import Spec
from harness.types import Json

_SMALL = 30e6  # parameters: in smaller matrices threads wait for each other longer than they compute


@dataclass(frozen=True, slots=True)
class Given:
    """Where the examples are to come from."""

    file: Path | None
    run: str | None
    cases: Path | None
    node: str
    field: str
    system: Path | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A job as asked for on the command line."""

    given: Given
    method: str
    base: str
    settings: tuple[str, ...]  # "lora_rank=16"
    name: str
    description: str
    template: str
    usd_per_hour: float


def start(root: Path, wish: Wish, *, wait: bool, as_json: bool) -> None:
    """Everything that can be known to be wrong is said before a job is made."""
    _installed()
    repo = Repo.open(root)
    asked, told, _, _ = _understood(repo, wish)
    jobs = Jobs(repo.home / "training")
    job = jobs.start(asked, told.examples)
    if not as_json:
        print(f"job {job.id}: {wish.method} on {wish.base}, {count(len(told.examples), 'example')} of {told.source}")
        for note in told.notes:
            print(f"warning: {note}", file=sys.stderr)
    if wait:
        watching.until_it_ends(jobs, job.id, as_json=as_json)
    elif as_json:
        say_json({"job": job.id, "state": job.state, "folder": str(job.folder)})
    else:
        print(f"it trains by itself; watch it: harness train show --follow {job.id}")


def estimated(root: Path, wish: Wish, *, as_json: bool) -> None:
    """The data by the real tokenizer, and a few batches on the real model."""
    _installed()
    asked, told, base, chosen = _understood(Repo.open(root), wish)
    from harness.training import preparing, sitting

    ready = preparing.prepare(asked, base, chosen, told.examples)
    foreseen = sitting.foreseen(asked, ready)
    notes = [*told.notes, *ready.notes]
    if as_json:
        whole = {"training": len(ready.training.kept), "validation": len(ready.validation.kept)}
        say_json({**asdict(foreseen), "epochs": ready.epochs, "examples": whole, "notes": notes})
        return
    print(page(foreseen, ready.epochs))
    for note in notes:
        print(f"warning: {note}", file=sys.stderr)


def page(foreseen: Estimate, epochs: int) -> str:
    """The estimate as lines."""
    money = "this machine's own" if foreseen.usd is None else f"{foreseen.usd:.4f} USD"
    time = "not known" if foreseen.seconds is None else f"about {duration(foreseen.seconds)} by a few steps here"
    return "\n".join(
        [
            f"tokens    {foreseen.tokens:,} in {count(epochs, 'epoch')}, should it not stop early",
            f"trained   {foreseen.trained:,} parameters",
            f"memory    about {foreseen.memory / 1e9:.2f} GB at the peak, {foreseen.available / 1e9:.1f} GB are free",
            f"time      {time}",
            f"cost      {money}",
        ]
    )


def _understood(repo: Repo, wish: Wish) -> tuple[Spec, Lessons, Base, Parameters]:
    """Raises the family's errors for data, parameters and base, in this order."""
    given: dict[str, Json] = dict(_pair(text) for text in wish.settings)
    chosen = parameters.read(wish.method, given)
    told = _lessons(repo, wish.given)
    base = bases.find(wish.base)
    _check_template(base, wish.template)
    asked = Spec(
        method=wish.method,
        base=wish.base if base.name == "embedded" or not Path(wish.base).is_dir() else str(base.folder),
        data=told.source,
        parameters=given,
        name=wish.name,
        description=wish.description,
        template=wish.template,
        threads=1 if base.parameters < _SMALL else os.cpu_count() or 1,
        usd_per_hour=wish.usd_per_hour,
        notes=told.notes,
    )
    return asked, told, base, chosen


def _lessons(repo: Repo, given: Given) -> Lessons:
    sources = [source for source in (given.file, given.run, given.cases) if source is not None]
    if len(sources) != 1:
        said = "no examples are named" if not sources else "examples are named twice"
        raise UserError(said, fix="a file, or --from-run RUN, or --from-cases FILE")
    if given.run is not None:
        return lessons.of_run(repo, given.run, given.node, given.field)
    if given.cases is not None:
        system = utf8(given.system, str(given.system)).strip() if given.system else ""
        return lessons.of_cases(repo.root, given.cases, given.field, system)
    path = given.file or Path()
    return Lessons(examples.load(path), path.as_posix())


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--set {text!r} names no value", fix="--set lora_rank=16")
    return name, value


def _check_template(base: Base, template: str) -> None:
    if template not in ("", "plain"):
        raise UserError(f"there is no template {template!r}", fix="--template plain, or none")
    if not base.has_template and not template:
        said = "its tokenizer has no chat template: nothing says how messages become text"
        fix = "add its chat_template.jinja, or take a plain one: --template plain"
        raise UserError(said, where=str(base.folder), fix=fix)


def _installed() -> None:
    """Raises UserError where the packages of training are missing; loads none of them."""
    from importlib.util import find_spec

    missing = [name for name in ("torch", "transformers", "peft", "bitsandbytes") if find_spec(name) is None]
    if missing:
        raise UserError(f"training needs {', '.join(missing)}", fix="pip install 'langgraph-harness[train]'")
