"""What ``show --case`` says: one case, what each version made of it, the calls of one run of each. Prints nothing."""

from __future__ import annotations

import functools
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from harness import figures
from harness.answers import ABSENT, app_value, as_text, content_text, same, short_name
from harness.cli.tables import grid
from harness.history import Version
from harness.types import Call, Case, Json, Run

_LONG = 1500  # characters of one text that are shown; --json has all of it
_WIDTH = 110  # columns at which texts of the app are wrapped, less on a narrower terminal


def page(asked: Case, seen: Sequence[Version], paths: Mapping[str, str]) -> str:
    """One case: what goes in, what is wanted, what each version made of it, and the calls of one run of each.

    ``paths`` says where in the output the app keeps its answer to an ``expected_*`` field (see answers.app_value).
    """
    about = ", ".join(word for word in (asked.category, asked.difficulty) if word)
    parts = [f"case {asked.id}" + (f" ({about})" if about else ""), *named("in", asked.inputs)]
    parts += named("wanted", {short_name(field): wanted for field, wanted in asked.expected.items()})
    if not seen:
        return "\n".join([*parts, "it has not been measured yet"])
    rows = [[str(k + 1), *(verdicts(asked, found, paths) for found in row)] for k, row in by_index(seen)]
    parts.append(grid("Runs", ["Run", *(version.title for version in seen)], rows))
    k = telling(rows)
    before: Sequence[Call] = ()
    for version in seen:
        found = next((one for one in version.runs if one.k == k), None)
        if found is not None:
            parts += ["", f"== {version.title}, run {k + 1}: {verdicts(asked, found, paths)}", *calls(found, before)]
            before = found.calls
    return "\n".join(parts)


def by_index(seen: Sequence[Version]) -> Iterator[tuple[int, list[Run | None]]]:
    """Run index and the run of it of every version, None where there is none."""
    tables = [{run.k: run for run in version.runs} for version in seen]
    for k in sorted({k for table in tables for k in table}):
        yield k, [table.get(k) for table in tables]


def telling(rows: Sequence[Sequence[str]]) -> int:
    """Index of the first run that all versions have and in which they differ, else of the first run."""
    apart = (row for row in rows if len(set(row[1:])) > 1 and figures.NONE not in row)
    return int(next(apart, rows[0])[0]) - 1


def verdicts(asked: Case, found: Run | None, paths: Mapping[str, str]) -> str:
    """What the app answered to each expected field, or why it did not."""
    if found is None:
        return figures.NONE
    if found.fault is not None:
        return f"failed: {found.fault.type}: {found.fault.message}"
    said = []
    for field, wanted in asked.expected.items():
        got = app_value(field, asked.inputs, found.output, paths.get(field, ""))
        if got is ABSENT:
            said.append(f"{short_name(field)} is not in the output")
        else:
            said.append(
                f"{short_name(field)} {'right' if same(wanted, got) else 'wrong'}: {shortened(as_text(got), 60)}"
            )
    return "; ".join(said) or "nothing is expected of it"


def calls(found: Run, before: Sequence[Call]) -> Iterator[str]:
    """The calls of a run in order; messages that ``before`` sent at the same node are not shown again."""
    known = {(call.node, repr(call.messages)) for call in before}
    for call in found.calls:
        yield f"-- {call.node or 'outside the graph'} ({call.model}): {used(call)}"
        if (call.node, repr(call.messages)) in known:
            yield "   the same messages as above"
        else:
            for message in call.messages:
                asked = tools(message.get("tool_calls"))
                yield from named(str(message.get("role", "")), {"": content_text(message) + asked})
        yield from named("failed" if call.error else "answer", {"": call.error or call.text + tools(wished(call))})
    if not found.calls:
        yield "   no model call"


def wished(call: Call) -> Json:
    """The tools that the reply asks for, as LangChain's dump of it keeps them."""
    generations = call.response.get("generations") or [{}]
    return generations[0].get("message", {}).get("data", {}).get("tool_calls")


def tools(asked: Json) -> str:
    """The tools that a message asks for, "" for none."""
    found = asked if isinstance(asked, list | tuple) else ()
    return "".join(f"\n{tool.get('name')}({as_text(tool.get('args', {}))})" for tool in found)


def used(call: Call) -> str:
    """Tokens, seconds, and whether the call was made or replayed."""
    tokens = "tokens unknown" if call.tokens_in is None else f"{call.tokens_in} tokens in, {call.tokens_out or 0} out"
    retried = f", {figures.count(call.retries, 'retry')}" if call.retries else ""
    return f"{tokens}, {figures.number(call.seconds)} s, {'replayed' if call.replayed else 'made'}{retried}"


def named(title: str, fields: Mapping[str, Json]) -> list[str]:
    """Texts under a title, wrapped, with their names where they have one."""
    texts = [(f"{name}: " if name else "") + shortened(as_text(value), _LONG) for name, value in fields.items()]
    width = min(_WIDTH, shutil.get_terminal_size((_WIDTH, 1)).columns) - 11
    wrap = functools.partial(textwrap.wrap, width=width, replace_whitespace=False, break_on_hyphens=False)
    rows = [row for text in texts for line in text.splitlines() or [""] for row in wrap(line) or [""]]
    return [f"   {title if index == 0 else '':<7} {row}".rstrip() for index, row in enumerate(rows)]


def shortened(text: str, most: int) -> str:
    """The beginning of a long text, with what was left out counted."""
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most:,} more characters)"
