"""What to install where a module is missing: all that the repo declares, else the package that has the module.

Knows names that differ between a module and its package; not what is installed.
"""

from __future__ import annotations

import re
from pathlib import Path

# Modules whose package has another name. Where the obvious name is taken by a stranger's package, it must not be told.
_PACKAGES = {
    **{"bs4": "beautifulsoup4", "cv2": "opencv-python", "docx": "python-docx", "dotenv": "python-dotenv"},
    **{"dateutil": "python-dateutil", "faiss": "faiss-cpu", "fitz": "pymupdf", "git": "gitpython", "jwt": "pyjwt"},
    **{"google.genai": "google-genai", "google.generativeai": "google-generativeai", "google": "google-api-core"},
    **{"googleapiclient": "google-api-python-client", "magic": "python-magic", "multipart": "python-multipart"},
    **{"OpenSSL": "pyopenssl", "PIL": "pillow", "pptx": "python-pptx", "psycopg2": "psycopg2-binary"},
    **{"sklearn": "scikit-learn", "slugify": "python-slugify", "tavily": "tavily-python", "yaml": "pyyaml"},
}
_MANIFESTS = {"requirements.txt": "-r requirements.txt", "pyproject.toml": "-e ."}


def package(module: str) -> str:
    """The package to install for a dotted module."""
    parts = module.split(".")
    names = [_PACKAGES.get(".".join(parts[:n])) for n in range(len(parts), 0, -1)]
    return next(filter(None, names), parts[0].replace("_", "-"))


def wanted(root: Path, module: str) -> str:
    """What to hand to ``pip install`` in ``root``: its requirements where they name the package, else the package."""
    name = package(module)
    written = re.compile(rf"(?<![\w.-]){re.sub('[-_.]', '[-_.]', name)}(?![\w.-]*\w)", re.I)
    for file, arguments in _MANIFESTS.items():
        try:
            text = (root / file).read_text("utf-8", "replace")
        except OSError:
            continue
        if written.search(text):
            return arguments
    return name
