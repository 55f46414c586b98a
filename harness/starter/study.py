"""Everything about an app that its first files are drafted from: read once, in the order that the parts need."""

from __future__ import annotations

from harness import discover
from harness.discover import Keys
from harness.figures import count
from harness.repo import Repo
from harness.starter import material
from harness.starter.aims import aims
from harness.starter.drafts import Known, case_file
from harness.starter.material import Source
from harness.types import Settings

MOST = 300  # cases that are drafted


def study(repo: Repo, chosen: Settings, entry: str) -> Known:
    """What is known of the app with the graph ``entry`` ("" = none was found), and up to 300 cases for it.

    No file of the repository is changed, imported or run. Examples are read even where a case file stands, because the
    goals rest on them.
    """
    keys = discover.keys(repo.root, entry) if entry else Keys()
    found = discover.discover(repo.root, entry) if entry else None
    taken = case_file(repo.root, chosen)
    gathered = material.gather(repo.root, [name for name in repo.files() if name != taken], keys, entry)
    fitting, unfit = material.fitting((one for _, one in gathered.examples), keys)
    goals = aims(fitting, keys, found, chosen)
    rows = material.rows(fitting, keys, words_wanted=goals.metric == "Contains")
    notes = list(gathered.notes)
    if unfit:
        notes.append(f"{unfit[0].where}: {count(len(unfit), 'example')} left out: {unfit[0].why}")
    if len(rows) > MOST:
        notes.append(f"{MOST} of {len(rows):,} examples were taken, those with an expectation first")
        rows = rows[:MOST]
    kinds = {one.where.rpartition(":")[0]: kind for kind, one in gathered.examples}
    kept = [str(row["metadata"]["source"]).rpartition(":")[0] for row in rows]
    sources = [Source(file, kinds[file], total, kept.count(file)) for file, total in gathered.counts.items()]
    return Known(entry, keys, goals, tuple(rows), tuple(sources), tuple(notes))
