"""Examples -> rows of a case file that fit the graph: its input keys, its fields, the form that case files have.

What cannot be given to the graph is told in words. Knows no files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.answers import as_text
from harness.discover import Keys
from harness.starter.material.found import Found
from harness.starter.material.records import ASKED, canonical
from harness.types import Json

_TEXT = re.compile(r"(?:Annotated\[)?(?:Required\[|NotRequired\[|Optional\[)?(?:str|Any|AnyStr)\b")
_SHORTEST = 5  # characters of a bare text in a case file
_ROLES = {"human": "user", "user": "user", "ai": "assistant", "assistant": "assistant", "system": "system"}
_TEXT_ONLY = ("intent", "answer")  # fields of a case file that hold a text


@dataclass(frozen=True, slots=True)
class Unfit:
    """An example that the graph cannot be given, and why."""

    where: str
    why: str


def text_key(keys: Keys) -> str | None:
    """The input that takes what a user says: "" = not known, so a bare text; None = none of them takes a text."""
    if not keys.given:
        return ""
    texts = [name for name, kind in keys.given.items() if _TEXT.match(kind)]
    usual = [name for name in ASKED if name in texts]
    messages = [name for name, kind in keys.given.items() if kind == "messages"]
    required = [name for name in texts if name not in keys.optional]
    return next(iter((*usual, *messages, *required, *texts)), None)


def fitting(examples: Iterable[Found], keys: Keys) -> tuple[list[Found], list[Unfit]]:
    """Those that the graph can be given, and the others with the reason."""
    found: list[Found] = []
    unfit: list[Unfit] = []
    for one in examples:
        given = _given(one.given, keys)
        if isinstance(given, Unfit):
            unfit.append(Unfit(one.where, given.why))
        else:
            found.append(one)
    return found, unfit


def rows(examples: Iterable[Found], keys: Keys, *, words_wanted: bool) -> list[dict[str, Json]]:
    """Rows of a case file of examples that fit, ids unique, equal ones once. ``words_wanted``: the goal asks for words
    that the answer holds, so the words that a test looks for are its expectation."""
    made: list[dict[str, Json]] = []
    seen: set[str] = set()
    ids: set[str] = set()
    for found in examples:
        given = _given(found.given, keys)
        expected = _expected(found, keys, words_wanted=words_wanted)
        if isinstance(given, Unfit) or (mark := canonical([given.value, expected])) in seen:
            continue
        seen.add(mark)
        row = {"id": _id(found, ids), **_about(found), "input": given.value, **expected}
        made.append({**row, "metadata": _metadata(found, given, expected, keys)})
    return made


@dataclass(frozen=True, slots=True)
class _Given:
    value: Json
    also: Mapping[str, Json]  # columns that are no input of the graph


def _given(given: Json, keys: Keys) -> _Given | Unfit:
    if isinstance(given, dict):
        return _of_table(given, keys)
    if isinstance(given, list):
        return _of_messages(given, keys)
    return _of_text(as_text(given), keys, {})


def _of_table(given: Mapping[str, Json], keys: Keys) -> _Given | Unfit:
    own = {name: item for name, item in given.items() if name in keys.fields} if keys.fields else dict(given)
    also = {name: item for name, item in given.items() if name not in own}
    if own and (not keys.given or set(own) & set(keys.given) or set(own) == set(given)):
        shaped = {name: _shaped(item, keys.given.get(name, "")) for name, item in own.items()}
        if set(shaped) == {"messages"}:
            return _bare(shaped["messages"], also)
        return _Given(shaped, also)
    texts = {name: item for name, item in given.items() if isinstance(item, str) and item.strip()}
    name = next((name for name in (*ASKED, *texts) if name in texts), "")
    messages = given.get("messages") or given.get("input")
    if isinstance(messages, list):
        return _of_messages(messages, keys)
    if not name:
        return Unfit("", f"it gives {', '.join(given)}, and the graph takes {', '.join(keys.given) or 'other keys'}")
    return _of_text(texts[name], keys, {n: item for n, item in given.items() if n != name})


def _of_messages(given: Sequence[Json], keys: Keys) -> _Given | Unfit:
    said = _messages(given)
    key = text_key(keys)
    if said is None:
        return Unfit("", "its input is a list of something else than messages")
    if key is None or (key and keys.given[key] != "messages"):
        users = [one["content"] for one in said if one["role"] == "user"]
        if len(users) == 1 and isinstance(users[0], str):
            return _of_text(users[0], keys, {})
        return Unfit("", f"it is a conversation, and the graph takes {', '.join(keys.given)}")
    return _bare(said, {}) if key in ("", "messages") else _Given({key: said}, {})


def _of_text(text: str, keys: Keys, also: Mapping[str, Json]) -> _Given | Unfit:
    key = text_key(keys)
    if key is None:
        return Unfit("", f"it is a text, and the graph takes {', '.join(f'{n} ({k})' for n, k in keys.given.items())}")
    if key == "":
        return _Given(text if len(text.strip()) >= _SHORTEST else {"input": text}, also)
    if keys.given[key] != "messages":
        return _Given({key: text}, also)
    said = [{"role": "user", "content": text}]
    return _bare(said, also) if key == "messages" else _Given({key: said}, also)


def _bare(said: Json, also: Mapping[str, Json]) -> _Given:
    """One message of a user as a bare text, which case files allow from 5 characters on."""
    one = said[0] if isinstance(said, list) and len(said) == 1 else None
    text = one.get("content") if isinstance(one, dict) and one.get("role") == "user" else None
    if isinstance(text, str) and len(text.strip()) >= _SHORTEST:
        return _Given(text, also)
    return _Given({"messages": said}, also)


def _shaped(item: Json, kind: str) -> Json:
    if kind != "messages":
        return item
    found = _messages(item if isinstance(item, list) else [item])
    return item if found is None else found


def _messages(items: Sequence[Json]) -> list[dict[str, Json]] | None:
    """Messages as {"role", "content"}, None where one of the items is something else."""
    found = [_message(item) for item in items]
    return None if None in found or not found else [one for one in found if one is not None]


def _message(item: Json) -> dict[str, Json] | None:
    if isinstance(item, str):
        return {"role": "user", "content": item}
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and item[0] in _ROLES:
        return {"role": _ROLES[item[0]], "content": item[1]}
    role = item.get("role", item.get("type")) if isinstance(item, dict) else None
    if isinstance(item, dict) and isinstance(role, str) and "content" in item:
        return {**{n: v for n, v in item.items() if n != "type"}, "role": _ROLES.get(role, role)}
    return None


def _expected(found: Found, keys: Keys, *, words_wanted: bool) -> dict[str, Json]:
    """What the example expects, under the names of the fields that the graph has."""
    made: dict[str, Json] = {}
    for name, item in found.expected.items():
        field = _field(name, len(found.expected), keys)
        made[f"expected_{field}"] = _written(field, item)
    if not made and words_wanted and found.holds:
        return {"expected_answer": found.holds[0]} if len(found.holds) == 1 else {"expected_output": list(found.holds)}
    return made


def _written(field: str, item: Json) -> Json:
    """A value in the form that a case file asks for, where it asks for one."""
    if field == "answer_semantic":
        return [as_text(one) for one in item] if isinstance(item, list) else [as_text(item)]
    return as_text(item) if field in _TEXT_ONLY else item


def _field(name: str, of: int, keys: Keys) -> str:
    """The field of the graph that an expected name means: itself, the only one whose words hold its words, the only
    one that models write. Where the graph keeps its answers in messages it is the answer."""
    plain = re.sub(r"\W+", "_", name).strip("_").lower() or "answer"
    if name in keys.fields or not keys.fields:
        return name if name in keys.fields else plain
    words = set(plain.split("_"))
    near = [field for field in keys.answered if words <= set(field.lower().split("_"))]
    if len(near) == 1:
        return near[0]
    if of == 1 and ("messages" in keys.fields or not keys.answered):
        return "answer"
    return next(iter(keys.answered)) if of == 1 and len(keys.answered) == 1 else plain


def _about(found: Found) -> dict[str, Json]:
    about = {"category": found.category, "difficulty": found.difficulty}
    return {name: text for name, text in about.items() if text}


def _metadata(found: Found, given: _Given, expected: Mapping[str, Json], keys: Keys) -> dict[str, Json]:
    marks: dict[str, Json] = {"source": found.where, "draft": True}
    own = given.value if isinstance(given.value, dict) else {"messages": given.value}
    asked = [name for name, kind in keys.given.items() if kind != "messages" and name not in keys.optional]
    if spare := [name for name in asked if name not in own]:
        marks["inputs"] = f"the graph takes {', '.join(spare)} too"
    if not expected:
        fields = () if "messages" in keys.fields else list(keys.answered)[:3]
        names = " or ".join(f"expected_{name}" for name in fields) or "expected_answer"
        marks["lacks"] = f"an expectation: add {names}"
        words = [f"a test looks for {', '.join(found.holds)}"] if found.holds else []
        words += [found.hint] if found.hint else []
        marks |= {"hint": "; ".join(words)} if words else {}
    return marks | ({"also": dict(given.also)} if given.also else {})


def _id(found: Found, ids: set[str]) -> str:
    """The example's own id, or one made from its place; with a number behind it where it is taken."""
    stem = re.sub(r"[^\w.-]+", "-", found.id or found.where.rpartition("/")[2]).strip("-")[:60] or "case"
    numbered = (f"{stem}-{number}" for number in range(2, len(ids) + 3))
    chosen = next(name for name in (stem, *numbered) if name not in ids)
    ids.add(chosen)
    return chosen
