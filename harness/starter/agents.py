"""What a coding agent is told in ``AGENTS.md``: it proposes, harness judges. Written only where it is asked for."""

from __future__ import annotations

from pathlib import Path

from harness.starter.drafts import Draft

FILE = "AGENTS.md"
_TITLE = "## Tuning the prompts of this app"

SECTION = f"""{_TITLE}
This repository is tuned with `harness`: you propose changes, it measures and judges them. Goals are in `fine-tune.md`.

1. `harness check --json`, `harness nodes --json`, `harness targets --json`: what is wrong, which text reaches which
   model, what fails and why. None of them calls a model.
2. `harness plan`: which lift the cases can see, and what it costs. `harness baseline` measures the app as it is.
3. Change one thing (a prompt, a parameter, a few lines of code) in the working tree, then
   `harness try --title "..."`: kept on a branch (exit 0) or rejected with the reason (exit 1). The rule keeps a change
   that makes no difference in at most 5 % of whole runs.
4. Each try uses up some of the error level of the sealed cases: do not try one idea again in other words. A rejected
   change is a result: say so, and do not tell it as progress.
5. Never change the cases, the metrics or `fine-tune.md` to make a change look better, and do not read the cases beyond
   what these commands print: most of them are sealed.

The same tools over the Model Context Protocol: `harness mcp` (stdin and stdout), such as
`{{"command": "harness", "args": ["mcp"]}}` in the settings of the agent.
"""


def agents(root: Path) -> Draft:
    """The section for agents, in a file of its own or at the end of the one that stands."""
    path = root / FILE
    if not path.exists():
        return Draft(FILE, "how a coding agent works with harness", f"# Notes for coding agents\n\n{SECTION}")
    stands = path.read_bytes().decode("utf-8", errors="replace")
    if _TITLE in stands:
        return Draft(FILE, "stands already")
    end = "\r\n" if "\r\n" in stands else "\n"
    gap = end if stands.endswith("\n") or not stands else end * 2
    return Draft(
        FILE, "a section for coding agents at its end, the rest as it was", gap + SECTION.replace("\n", end), True
    )
