"""The door for coding agents: needs the extra ``mcp``, which nothing else does."""

from __future__ import annotations

import importlib
from pathlib import Path

from harness.errors import UserError


def serve(root: Path) -> None:
    """Answer until stdin is closed. Raises UserError where the protocol's package is not installed."""
    try:
        served = importlib.import_module("harness.mcp")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "anyio"):
            raise
        raise UserError(
            "the package of the Model Context Protocol is not installed", fix="pip install 'langgraph-harness[mcp]'"
        ) from error
    served.serve(root)
