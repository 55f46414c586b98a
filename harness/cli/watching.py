"""Training jobs as told: listed, shown, watched, cancelled, resumed, exported."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.cli.shell import INTERRUPTED, interruptible, say_json
from harness.cli.tables import grid
from harness.errors import UserError
from harness.figures import NONE, duration, number, share
from harness.repo import Repo
from harness.training import curve, loss
from harness.training import events as told_by
from harness.training.jobs import CANCELLED, ENDED, FAILED, SUCCEEDED, Job, Jobs

_REFRESH = 0.25  # seconds between two looks at a job


def of(root: Path) -> Jobs:
    """The jobs of the repository that holds ``root``."""
    return Jobs(Repo.open(root).home / "training")


def listed(root: Path, *, as_json: bool) -> None:
    """Oldest first."""
    known = of(root).all()
    if as_json:
        say_json({"jobs": [data(job) for job in known]})
    elif not known:
        print("no training job was started here: harness train start FILE")
    else:
        rows = [
            [job.id, job.spec.name or NONE, job.spec.method, job.spec.base, job.state, _how_far(job)] for job in known
        ]
        print(grid("Training jobs", ["Job", "Name", "Method", "Base", "State", "How far"], rows))


def show(root: Path, name: str, *, follow: bool, chart: Path | None, as_json: bool) -> None:
    """One job; with ``follow`` until it ends."""
    jobs = of(root)
    job = jobs.get(name)
    if follow and not as_json:
        _watch(jobs, job.id)
        job = jobs.get(job.id)
    losses = loss.of_job(job.folder)
    if chart:
        chart.write_text(curve.drawn(f"Training {job.id}: {job.spec.method} on {job.spec.base}", losses), "utf-8")
    if as_json:
        say_json(data(job))
    else:
        print("\n".join(page(job)))


def events(root: Path, name: str, *, as_json: bool) -> None:
    """All that was told."""
    job = of(root).get(name)
    told = told_by.read(job.folder)
    if as_json:
        say_json({"job": job.id, "events": [{"at": one.at, "kind": one.kind, **one.data} for one in told]})
        return
    for one in told:
        words = ", ".join(f"{key} {_short(value)}" for key, value in one.data.items() if value is not None)
        print(f"{one.at[:19]} {one.kind:15} {words}")


def cancel(root: Path, name: str, *, as_json: bool) -> None:
    """The job as it stands afterwards."""
    jobs = of(root)
    job = jobs.cancel(name)
    _said(job, as_json=as_json)


def resume(root: Path, name: str, *, wait: bool, as_json: bool) -> None:
    """Its process begins again."""
    jobs = of(root)
    job = jobs.resume(name)
    if wait:
        until_it_ends(jobs, job.id, as_json=as_json)
    else:
        _said(job, as_json=as_json)


def until_it_ends(jobs: Jobs, name: str, *, as_json: bool) -> None:
    """Watch, tell how it ended, and leave with the exit code of that; Ctrl-C leaves the job going."""
    if not as_json:
        _watch(jobs, name)
    job = jobs.wait(name)
    if as_json:
        say_json(data(job))
    else:
        print("\n".join(page(job)))
    if job.state == CANCELLED:
        raise typer.Exit(INTERRUPTED)
    if job.state == FAILED:
        raise typer.Exit(job.exit_code)


def export(root: Path, name: str, folder: Path, *, merged: bool, as_json: bool) -> None:
    """A copy of the result, or the base with it added in."""
    job = of(root).get(name)
    if job.state != SUCCEEDED:
        raise UserError(f"job {job.id} is {job.state}: it has left nothing", fix=f"harness train show {job.id}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("it is there already", where=str(folder), fix="name a new or an empty folder")
    if merged:
        from harness.cli.serving import in_words
        from harness.models import exporting

        with in_words():
            exporting.export(job.id, str(job.result), folder, "merged")
    else:
        shutil.copytree(job.result, folder, dirs_exist_ok=True)
    if as_json:
        say_json(
            {"job": job.id, "folder": str(folder), "merged": merged, "files": sorted(p.name for p in folder.iterdir())}
        )
    else:
        print(f"{'merged model' if merged else 'result'} of job {job.id} in {folder}")


def data(job: Job) -> dict[str, Any]:
    """A job as JSON."""
    told = told_by.read(job.folder)
    return {
        "job": job.id,
        "state": job.state,
        "reason": job.reason,
        "exit_code": job.exit_code,
        "folder": str(job.folder),
        "result": str(job.result) if job.state == SUCCEEDED else None,
        "spec": asdict(job.spec),
        "progress": next((one.data for one in reversed(told) if one.kind == "progress_update"), None),
        "estimate": next((one.data["estimate"] for one in reversed(told) if "estimate" in one.data), None),
        "losses": [asdict(one) for one in loss.of_job(job.folder)],
        "warnings": [one.data.get("message") for one in told if one.kind == "warning"],
        "metrics": told[-1].data.get("metrics") if told and job.state == SUCCEEDED else None,
    }


def page(job: Job) -> list[str]:
    """A job as lines."""
    known = data(job)
    lines = [f"job {job.id}{f' {job.spec.name!r}' if job.spec.name else ''}: {job.state}"]
    lines += [f"  {job.reason}"] if job.reason else []
    lines += [f"warning: {words}" for words in dict.fromkeys(known["warnings"])]
    lines += [f"{job.spec.method} on {job.spec.base}, data: {job.spec.data}"]
    lines += list(curve.lines(loss.of_job(job.folder)))
    if found := known["metrics"]:
        lines += _took(found)
        lines += [f"result     {job.result}"]
    return lines


def _took(found: dict[str, Any]) -> list[str]:
    """What it took, beside what was foreseen."""
    exact = "not validated" if found["validation_loss"] is None else (
        f"validation loss {number(found['validation_loss'])} at epoch {found['best_epoch']}, "
        f"{share(found['validation_exact'])} of the answers right token by token"
    )  # fmt: skip
    return [
        f"best       {exact}",
        f"trained    {found['trained_parameters']:,} of {found['parameters']:,} parameters, "
        f"{found['tokens']:,} tokens, {found['epochs']} epochs on {found['device']} in {found['dtype']}",
        f"time       {duration(found['seconds'])}, foreseen {duration(found['estimated_seconds'] or 0)}",
        f"memory     {found['peak_bytes'] / 1e9:.2f} GB, foreseen {found['estimated_bytes'] / 1e9:.2f} GB",
    ]


def _watch(jobs: Jobs, name: str) -> None:
    """A region at the bottom of the terminal until the job ends, on stderr; in a log nothing until then."""
    console = Console(stderr=True)
    with interruptible():
        try:
            with Live(console=console, transient=True, auto_refresh=False) as region:
                while (job := jobs.get(name)).state not in ENDED:
                    if console.is_terminal:
                        region.update(_region(job), refresh=True)
                    time.sleep(_REFRESH)
        except KeyboardInterrupt:
            print(f"job {name} goes on: harness train show --follow {name}", file=sys.stderr)
            raise


def _region(job: Job) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    table.add_row("Job", Text(f"{job.id} {job.spec.name}"))
    table.add_row("State", Text(job.state))
    table.add_row("Now", Text(_how_far(job)))
    for line in curve.lines(loss.of_job(job.folder)):
        table.add_row("Loss", Text(line))
    return table


def _how_far(job: Job) -> str:
    told = told_by.read(job.folder, "progress_update")
    if not told or job.state == SUCCEEDED:
        return "done" if job.state == SUCCEEDED else NONE
    found: dict[str, Any] = dict(told[-1].data)
    return (
        f"{found['percent']} %, epoch {found['epoch']}, step {found['step']} of {found['steps']}, "
        f"{found['tokens']:,} tokens, {duration(found['eta'])} left"
    )


def _said(job: Job, *, as_json: bool) -> None:
    if as_json:
        say_json(data(job))
    else:
        print(f"job {job.id}: {job.state}")


def _short(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
