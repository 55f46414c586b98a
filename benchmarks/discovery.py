"""Score the static discovery against hand labels: ``python benchmarks/discovery.py LABELS.json REPO=CHECKOUT ...``.

LABELS.json holds repositories at fixed commits; REPO names one of them ("owner/name"), CHECKOUT is that commit on disk.
Beside LABELS.json lies the scorer that goes with it, ``score.py`` (prediction format and counts are its own).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections import Counter
from pathlib import Path
from types import ModuleType

from harness.discover import discover, export_labels


def load_scorer(labels: Path) -> ModuleType:
    """The scorer that lies beside the labels."""
    spec = importlib.util.spec_from_file_location("score", labels.with_name("score.py"))
    if spec is None or spec.loader is None:
        sys.exit(f"no score.py beside {labels}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print one line per repository, then the scorer's table over all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("checkouts", nargs="+", metavar="REPO=CHECKOUT")
    options = parser.parse_args()
    labels = json.loads(options.labels.read_text())
    commits = {entry["repo"]: entry for entry in labels["repos"]}
    chosen, predictions = [], {}
    for given in options.checkouts:
        repo, _, path = given.partition("=")
        if repo not in commits:
            sys.exit(f"{repo} is not among the labels: {', '.join(commits)}")
        begun = time.perf_counter()
        found = discover(Path(path))
        seconds = time.perf_counter() - begun
        proofs = Counter(prompt.proof for prompt in found.prompts)
        print(f"{repo}: {len(found.nodes)} nodes, prompts {dict(proofs)}, {len(found.notes)} notes, {seconds:.2f} s")
        chosen.append(commits[repo])
        predictions[f"{repo}@{commits[repo]['commit']}"] = export_labels(found)
    scorer = load_scorer(options.labels)
    total, single = scorer.score(predictions, {**labels, "repos": chosen})
    for repo, counts in single.items():
        shown = {k: v for k, v in sorted(counts.items()) if not k.startswith(("kind", "diff"))}
        print(repo.partition("@")[0], shown)
    scorer.show(total)


if __name__ == "__main__":
    main()
