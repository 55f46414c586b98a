"""JUnit XML, as pytest and most test runners write it: a case is a test, passed is 1, failed or broken 0.

A skipped test is unscored. Numbers among the properties of a test are metrics of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as Tree

from harness.errors import UserError
from harness.results.opened import Opened
from harness.results.rows import Content, Row, number, scored
from harness.types import Json

NAME = "JUnit XML"
HINT = "testsuite elements with testcase elements"
_ROOTS = ("testsuites", "testsuite")
_SHOWN = 300  # characters of why a test broke


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    root = _root(file)
    return root is not None and root.tag in _ROOTS


def read(file: Opened) -> Content:
    """See ``Format``. A test that stands there again because its clean-up broke counts once, as broken."""
    root, found = _root(file), dict[str, tuple[str, list[Tree.Element]]]()
    for index, test in enumerate(root.iter("testcase") if root is not None else ()):
        where = f"testcase[{index}]"
        case = _case(file.name, where, test)
        first, tests = found.setdefault(case, (where, []))
        if tests and test.find("error") is None:
            words = f"the test {case!r:.80} stands at {first} already"
            raise UserError(words, where=f"{file.name}: {where}", fix="give every test a name of its own")
        tests.append(test)
    rows = [row for case, (where, tests) in found.items() for row in _values(file.name, case, where, tests)]
    return Content(rows, told={case: told for case, (_, tests) in found.items() if (told := dict(_texts(tests)))})


def _root(file: Opened) -> Tree.Element | None:
    if not file.text.lstrip().startswith("<") or "<!ENTITY" in file.text:  # no test runner declares entities
        return None
    try:
        return Tree.fromstring(file.text.lstrip())  # noqa: S314 - without entities there is nothing to expand
    except (Tree.ParseError, ValueError):
        return None


def _case(name: str, where: str, test: Tree.Element) -> str:
    if not test.get("name"):
        raise UserError("a testcase without a name", where=f"{name}: {where}", fix="give every test a name")
    return "::".join(filter(None, [test.get("classname"), test.get("name")]))


def _values(name: str, case: str, where: str, tests: list[Tree.Element]) -> Iterator[Row]:
    broken = any(test.find(tag) is not None for test in tests for tag in ("failure", "error"))
    skipped = next((skip for test in tests if (skip := test.find("skipped")) is not None), None)
    if skipped is not None and not broken:
        why = skipped.get("message") or (skipped.text or "").strip()
        yield Row(case, "accuracy", None, where, f"skipped: {why}".removesuffix(": ")[:_SHOWN], 0)
        return
    yield Row(case, "accuracy", 0.0 if broken else 1.0, where, "", 0)
    if tests[0].get("time"):
        yield scored(tests[0].get("time"), name, Row(case, "latency", None, where, "", 0))
    for key, value in _properties(tests):
        if number(value) is not None:
            yield scored(value, name, Row(case, key, None, where, "", 0))


def _properties(tests: list[Tree.Element]) -> Iterator[tuple[str, str]]:
    """(name, value) of each property, a name once."""
    found = {
        one.get("name", ""): one.get("value", "") for test in tests for one in test.iterfind("properties/property")
    }
    yield from ((key, value) for key, value in found.items() if key)


def _texts(tests: list[Tree.Element]) -> Iterator[tuple[str, Json]]:
    """Properties that are no numbers, and why a test broke before it could fail."""
    yield from ((key, value) for key, value in _properties(tests) if number(value) is None)
    errors = [error for test in tests if (error := test.find("error")) is not None]
    if errors:
        yield "error", (errors[0].get("message") or errors[0].text or "error").strip()[:_SHOWN]
