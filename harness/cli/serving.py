"""``models list``, ``show``, ``serve`` and ``export``: what runs here, as tables, over HTTP, or as folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from harness import figures
from harness.cli.shell import interruptible, say_json
from harness.cli.tables import grid
from harness.errors import MachineError, UserError
from harness.models import shelf
from harness.models.folders import NotAModelError
from harness.models.shelf import Item

_SERVICE = "pip install 'langgraph-harness[local,service]'"


@dataclass(frozen=True, slots=True)
class Where:
    """Where to listen."""

    host: str
    port: int
    public: bool


def listed(root: Path, *, as_json: bool) -> None:
    """Every model with its size and what it stands on."""
    found = list(shelf.items(root))
    if as_json:
        say_json({"models": [asdict(one) for one in found]})
        return
    rows = [[one.name, one.method, f"{one.parameters:,}", told(root, one.base), one.problem] for one in found]
    print(grid("Models that run here", ["Name", "Method", "Parameters", "Beside the base", "Problem"], rows))
    print("harness models serve NAME ... answers for them over HTTP; in code: init_chat_model('local:FOLDER')")


def told(root: Path, folder: str) -> str:
    """A folder as a person reads it: relative to the repository where it lies in it."""
    path = Path(folder)
    return str(path.relative_to(root.resolve())) if folder and path.is_relative_to(root.resolve()) else folder


def shown(root: Path, wanted: str, *, as_json: bool) -> None:
    """One model."""
    with in_words():
        found = shelf.item(*shelf.named(root, wanted))
    if as_json:
        say_json(asdict(found))
        return
    print("\n".join(page(root, found)))


def page(root: Path, found: Item) -> Iterator[str]:
    """One model as lines."""
    yield f"name        {found.name}"
    yield f"folder      {told(root, found.model)}"
    yield f"method      {found.method}"
    if found.base:
        yield f"base        {told(root, found.base)}"
    yield f"parameters  {found.parameters:,} in {found.bytes / 1e6:.1f} MB"
    yield f"weights     {found.digest}"
    for name in ("data", "data_digest", "parameters", "metrics"):
        if value := found.record.get(name):
            shown = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
            yield f"{name.replace('_', ' '):<12}{shown}"
    if found.problem:
        yield f"problem     {found.problem}"


def served(root: Path, wanted: Sequence[str], where: Where, *, as_json: bool) -> None:
    """Load, listen, and answer until the user ends it."""
    try:
        from harness.models.shared import served as model_of
        from harness.service import run
        from harness.service.openai import application
    except ImportError as error:
        raise MachineError(f"serving needs more than is installed ({error.name})", fix=_SERVICE) from error
    place = run.Place(where.host, where.port, where.public)
    with in_words():
        names = dict(chosen(root, wanted))
        bound = run.listen(place)  # before minutes go by with loading
        models = {name: model_of(model) for name, model in names.items()}
        for model in models.values():
            model.generate(model.format.prompt([{"role": "user", "content": "Hello"}]), run.FIRST)

    def ready(address: str) -> None:
        if as_json:
            say_json({"address": f"{address}/v1", "models": list(models)})
        else:
            print(f"serving {', '.join(models)} at {address}/v1; Ctrl-C ends it", flush=True)

    with interruptible():
        run.serve(application(models, place.hosts, run.key()), bound, ready)
    if not as_json:
        print("stopped")


def chosen(root: Path, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(name, model) of what is to be served. Raises UserError where two would have one name."""
    names: set[str] = set()
    for one in wanted or [item.name for item in shelf.items(root) if not item.problem]:
        name, model = shelf.named(root, one)
        if name in names:
            raise UserError(f"two models are to be called {name!r}", fix=f"give one another name: OTHER={model}")
        names.add(name)
        yield name, model


def exported(root: Path, wanted: str, folder: Path, to: str, *, as_json: bool) -> None:
    """Copy for another program."""
    from harness.models import exporting

    with in_words():
        name, model = shelf.named(root, wanted)
        written, command = exporting.export(name, model, folder, to)
    if as_json:
        say_json({"folder": str(folder), "files": written, "command": command})
    else:
        print(f"{figures.count(len(written), 'file')} in {folder}\n{command}")


@contextmanager
def in_words() -> Iterator[None]:
    """What cannot be loaded, as an error of the user."""
    try:
        yield
    except (NotAModelError, FileNotFoundError) as error:
        raise UserError(str(error), fix="`harness models list` shows what is here") from error
    except ImportError as error:
        raise MachineError(f"this model needs more than is installed ({error})", fix=_SERVICE) from error
