"""The commands of ``harness`` by name, in the order in which its help lists them.

Imports of rooms stand inside the commands, so that ``harness --help`` loads neither langgraph nor scipy.
"""

from collections.abc import Callable, Mapping

from harness.cli.commands.beside import doctor, judge, mcp
from harness.cli.commands.first import check, init, nodes, plan, targets, techniques
from harness.cli.commands.records import compare, diff, report, runs, show
from harness.cli.commands.spending import aa, baseline, resume, run, try_

COMMANDS: Mapping[str, Callable[..., None]] = {
    "init": init,
    "check": check,
    "nodes": nodes,
    "targets": targets,
    "techniques": techniques,
    "run": run,
    "try": try_,
    "baseline": baseline,
    "plan": plan,
    "aa": aa,
    "resume": resume,
    "runs": runs,
    "report": report,
    "show": show,
    "diff": diff,
    "compare": compare,
    "judge": judge,
    "mcp": mcp,
    "doctor": doctor,
}
