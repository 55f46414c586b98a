"""Entry of the host process: ``python <this folder> CONTROL_FD``. Knows only how to load this folder as a package."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

NAME = "_harness_worker"


def load() -> None:
    """Import this folder as the package ``NAME`` and take it off sys.path, before any module of the user's exists."""
    folder = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"the worker folder {folder} cannot be loaded")
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load()
    sys.exit(importlib.import_module(f"{NAME}.host").main(sys.argv[1:]))
