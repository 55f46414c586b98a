"""Apps of strangers, tuned end to end against a stand-in for their model provider that answers by rules.

    git clone https://github.com/OWNER/NAME PATH     # what `--app email --describe` names, at the commit it names
    python -m benchmarks.wild --app email --checkout PATH [--runs 2] [--keep FOLDER] [--json]
    python -m benchmarks.wild --app email --serve 8931   # the stand-in alone, to try commands by hand

The run is what a user does: a clone, ``harness init``, cases, ``check``, a commit, ``run``, a merge. Nothing of the app
is edited or replaced but its environment variables, and clients of search services that have no such variable. The
app's packages are installed into PATH/.venv on the first call. Files of ``wild_apps`` have the cases, the rules of the
stand-in and what the app needs; they hold nothing of the repositories.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import tempfile
import time
import tomllib
import venv
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT, finish, git, start
from harness.journal import Journal
from tests.providers.rules import Skill, ruled
from tests.providers.server import Page, Provider, listening

APPS = ROOT / "benchmarks" / "wild_apps"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the texts that it was made of."""

    case: Json
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one app."""

    app: str
    repository: str
    nodes: int  # found
    asking: int  # of them call a model
    prompts: int  # texts found to reach a model
    proved: int  # by the baseline run
    exit: int
    kept: str  # techniques and nodes
    files: str  # changed beside the reports
    cases: int
    sealed: int
    before: float | None  # target metric on the sealed cases
    after: float | None
    low: float | None  # 95 % interval of the gain
    high: float | None
    goal: str  # "accuracy met"
    calls: int
    seconds: float
    stopped: str


def app_of(name: str) -> Json:
    """The file of an app."""
    return tomllib.loads((APPS / f"{name}.toml").read_text("utf-8"))


def filled(value: Any, slots: Mapping[str, str]) -> Any:
    """``value`` with "{name}" in its texts replaced."""
    if isinstance(value, dict):
        return {key: filled(item, slots) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, slots) for item in value]
    if isinstance(value, str):
        for key, text in slots.items():
            value = value.replace(f"{{{key}}}", text)
    return value


def rows(app: Json) -> list[Row]:
    """Every case: the product of the parts of its label and of those that all labels share; ``turns`` take turns."""
    made = app["cases"]
    shared, turns = made.get("shared", {}), made.get("turns", [])
    found: list[Row] = []
    for label, parts in made["labels"].items():
        crossed = {name: texts for name, texts in {**parts, **shared}.items() if name not in turns}
        for texts in product(*crossed.values()):
            slots = dict(zip(crossed, texts, strict=True))
            slots.update({name: parts[name][len(found) % len(parts[name])] for name in turns})
            slots["name"] = filled(made.get("name", ""), slots)
            slots["text"] = filled(made["template"], slots)
            case = {"id": f"{label}-{len(found):03d}", "category": label, "input": filled(made["input"], slots)}
            found.append(Row({**case, f"expected_{made['expected']}": label}, slots))
    return found


def pages(app: Json) -> Page:
    """What the search service finds: the page of the case whose name the question holds."""
    known = {row.slots["name"]: row.slots for row in rows(app)}

    def page(path: str, sent: Json) -> Any:
        asked = json.dumps(sent)
        found = next((slots for name, slots in known.items() if name in asked), None)
        told = app.get("pages", {})
        return filled(told["reply"], found) if found and path == told.get("path") else None

    return page


def stand_in(app: Json, port: int = 0) -> Any:
    """The provider and the search service of an app, as a context."""
    return listening(ruled([Skill(**skill) for skill in app["skills"]]), pages(app), port)


def environment(app: Json, server: Provider) -> dict[str, str]:
    """What the app is to find in its environment."""
    given = filled(app["env"], {"url": server.url, "root": server.root})
    stubs = [str(APPS / "stubs" / name) for name in app.get("stubs", [])]
    return {**given, "PYTHONPATH": os.pathsep.join(stubs)} if stubs else given


def prepared(name: str, checkout: Path, tree: Path) -> Json:
    """A fresh clone at the app's commit with goals, cases and settings, committed; its packages beside it."""
    app = app_of(name)
    if not (checkout / ".venv").exists():
        venv.create(checkout / ".venv", with_pip=True)
        wanted = [part for package in app["packages"] for part in package.split()]
        subprocess.run([checkout / ".venv/bin/pip", "install", "-q", *wanted], cwd=checkout, check=True)
    subprocess.run(["git", "clone", "-q", str(checkout), str(tree)], check=True)
    git(tree, "checkout", "-q", "-B", "main", app["commit"])
    (tree / ".git/info/exclude").write_text(".venv\n", "utf-8")
    (tree / ".venv").symlink_to(checkout.resolve() / ".venv")
    spoken(tree, {}, "init", "--yes", "--graph", app["graph"])
    wishes = "".join(f"- {goal}\n" for goal in app["goals"])
    (tree / "fine-tune.md").write_text(f"# Goals\n\n## Optimization Objectives\n\n{wishes}", "utf-8")
    (tree / "evals/cases.jsonl").write_text("".join(json.dumps(row.case) + "\n" for row in rows(app)), "utf-8")
    settings = tree / ("pyproject.toml" if (tree / "pyproject.toml").exists() else "harness.toml")
    prefix = "tool.harness" if settings.name == "pyproject.toml" else ""
    settings.write_text(settings.read_text("utf-8") + "\n".join(toml(app["settings"], prefix)) + "\n", "utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "Goals and cases for harness")
    return app


def toml(table: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Keys that go on in the table ``prefix``, then the tables below it."""
    yield from (f"{key} = {json.dumps(value)}" for key, value in table.items() if not isinstance(value, dict))
    for key, value in table.items():
        if isinstance(value, dict):
            yield f"\n[{prefix}.{key}]" if prefix else f"\n[{key}]"
            yield from toml(value, f"{prefix}.{key}" if prefix else key)


def spoken(tree: Path, env: Mapping[str, str], *arguments: str) -> Json:
    """What a command of harness says as JSON. Raises SystemExit with its error where it ends badly."""
    code, out, err = finish(start(tree, (*arguments, "--json"), env))
    if code not in (0, 1):
        raise SystemExit(f"harness {' '.join(arguments)} ended with {code}:\n{err}")
    said: Json = json.loads(out)
    return {**said, "exit": code} if isinstance(said, dict) else {"said": said, "exit": code}


def tuned(name: str, checkout: Path, tree: Path, runs: int) -> Told:
    """All of it, and a check of what the branch changes."""
    app = prepared(name, checkout, tree)
    begun = time.monotonic()
    with stand_in(app) as server:
        env = environment(app, server)
        spoken(tree, env, "check", "--import")
        found = spoken(tree, env, "nodes")
        told = spoken(tree, env, "run", "--runs", str(runs))
    seconds = time.monotonic() - begun
    changed = git(tree, "diff", "--name-only", f"main..{told['branch']}", "--", ":!reports").split()
    for file in changed:
        if file.endswith(".py"):
            ast.parse(git(tree, "show", f"{told['branch']}:{file}"))
    git(tree, "merge", "-q", "--ff-only", told["branch"])
    claimed = told["claimed"] or {}
    goal = told["goals"][0]
    return Told(
        app=name,
        repository=app["repository"],
        nodes=len(found["nodes"]),
        asking=sum(node["is_llm"] for node in found["nodes"]),
        prompts=len(found["prompts"]),
        proved=proofs(tree, told["run"]),
        exit=told["exit"],
        kept=", ".join(f"{t['technique']} at {t['node']}" for t in told["trials"] if t["stage"] == "kept"),
        files=", ".join(changed),
        cases=len(rows(app)),
        sealed=claimed.get("n", 0),
        before=goal["initial"],
        after=goal["final"],
        low=claimed.get("low"),
        high=claimed.get("high"),
        goal=f"{goal['metric']} {goal['state']}",
        calls=told["spend"]["calls"],
        seconds=seconds,
        stopped=told["stopped"],
    )


def proofs(tree: Path, run: str) -> int:
    """Prompts that the baseline of a run proved to reach a model."""
    with closing(Journal(tree / ".harness/state.sqlite", run)) as record:
        found = record.read("proved")[0].data
    return sum(prompt["proof"] == "proved" for prompt in found["prompts"])


def main() -> None:
    """One app from its checkout to a merged branch, or its stand-in alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", required=True, choices=sorted(file.stem for file in APPS.glob("*.toml")))
    parser.add_argument("--checkout", type=Path, help="a clone of the app's repository")
    parser.add_argument("--runs", type=int, default=2, help="runs of each case when deciding")
    parser.add_argument("--keep", type=Path, help="a new folder for the tuned clone, which is thrown away otherwise")
    parser.add_argument("--serve", type=int, metavar="PORT", help="the stand-in alone, until it is stopped")
    parser.add_argument("--describe", action="store_true", help="repository and commit of the app")
    asked = parser.parse_args()
    app = app_of(asked.app)
    if asked.describe:
        print(f"https://github.com/{app['repository']} at {app['commit']}")
    elif asked.serve is not None:
        with stand_in(app, asked.serve) as server:
            print("\n".join(f"export {key}={value}" for key, value in environment(app, server).items()), flush=True)
            while True:
                time.sleep(60)
    elif asked.checkout is None:
        parser.error("--checkout PATH: a clone of what --describe names")
    else:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(asdict(tuned(asked.app, asked.checkout, asked.keep or Path(folder) / "app", asked.runs))))


if __name__ == "__main__":
    main()
