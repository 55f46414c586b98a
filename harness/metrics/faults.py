"""Runs that say nothing about the app, for the metrics of this folder."""

from __future__ import annotations

from harness.types import Run


def missing(run: Run) -> str:
    """Why the run is a missing value: a fault of the infrastructure. "" for every other run, failed or not."""
    if run.fault is None or not run.lost:
        return ""
    return f"infrastructure: {run.fault.type}: {run.fault.message}"
