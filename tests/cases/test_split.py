"""Dev and holdout: decided by ids alone, clusters whole, sizes kept."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cases import Split, load, split
from harness.errors import Problems
from harness.types import Case


def make(count: int, clusters: int = 0, prefix: str = "case") -> list[Case]:
    return [
        Case(
            f"{prefix}-{n}",
            {"input": f"text {n} of {prefix}"},
            {"expected_intent": "x"},
            cluster=f"c{n % clusters}" if clusters else "",
        )
        for n in range(count)
    ]


def ids(chosen: tuple[Case, ...]) -> set[str]:
    return {case.id for case in chosen}


@settings(max_examples=50)
@given(st.integers(90, 600), st.integers(0, 200), st.text(max_size=4))
def test_sides_are_disjoint_complete_and_large_enough(count: int, clusters: int, prefix: str) -> None:
    made = make(count, clusters, prefix)
    got = split(made)
    assert ids(got.dev) | ids(got.holdout) == ids(tuple(made))
    assert not ids(got.dev) & ids(got.holdout)
    assert got.two_stage == bool(got.holdout)
    if got.two_stage:
        assert len(got.holdout) >= 60
        assert got.dev
        assert not {c.cluster for c in got.dev if c.cluster} & {c.cluster for c in got.holdout}


@settings(max_examples=50)
@given(st.integers(90, 400))
def test_single_cases_split_about_one_to_two(count: int) -> None:
    got = split(make(count))
    assert got.two_stage
    assert 1 / 6 <= len(got.dev) / count <= 0.5


@given(st.integers(1, 89))
def test_few_cases_are_one_stage(count: int) -> None:
    made = make(count)
    got = split(made)
    assert got == Split(tuple(made), (), got.digest, two_stage=False)


def test_one_cluster_cannot_be_divided() -> None:
    got = split(make(120, clusters=1))
    assert (len(got.dev), got.holdout, got.two_stage) == (120, (), False)


def test_order_says_nothing_and_each_side_keeps_it() -> None:
    made = make(200, clusters=70)
    shuffled = Random(3).sample(made, len(made))
    one, other = split(made), split(shuffled)
    assert (ids(one.dev), one.digest) == (ids(other.dev), other.digest)
    assert other.dev == tuple(case for case in shuffled if case.id in ids(one.dev))


def test_new_cases_do_not_move_old_ones() -> None:
    small, large = split(make(300)), split(make(400))
    assert ids(small.dev) <= ids(large.dev)
    assert ids(small.holdout) <= ids(large.holdout)


def test_the_digest_follows_what_decides_and_nothing_else() -> None:
    made = make(200)
    base = split(made)
    dev, held = base.dev[0], base.holdout[0]

    def with_text(case: Case) -> str:
        return split([Case(c.id, {"input": "new"}, c.expected) if c.id == case.id else c for c in made]).digest

    assert with_text(dev) == base.digest
    assert with_text(held) != base.digest
    relabelled = [Case(c.id, c.inputs, {"expected_intent": "z"}) if c.id == held.id else c for c in made]
    assert split(relabelled).digest != base.digest


def test_the_split_is_the_same_in_another_process() -> None:
    script = (
        "from harness.cases import split\nfrom harness.types import Case\n"
        "s = split([Case(f'case-{n}', {'input': f'text {n} of case'}, {'expected_intent': 'x'}) for n in range(120)])\n"
        "print(s.digest, len(s.dev))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    here = split(make(120))
    assert done.stdout.split() == [here.digest, str(len(here.dev))]


def write(path: Path, made: list[Case]) -> Path:
    path.write_text("".join(json.dumps({"id": c.id, "input": dict(c.inputs)}) + "\n" for c in made), encoding="utf-8")
    return path


def test_a_sealed_file_is_the_holdout(tmp_path: Path) -> None:
    sealed = write(tmp_path / "sealed.jsonl", make(60, prefix="sealed"))
    got = split(make(20), sealed)
    assert (len(got.dev), len(got.holdout), got.two_stage) == (20, 60, True)


def test_an_input_that_dev_has_seen_seals_nothing(tmp_path: Path) -> None:
    held = make(60, prefix="sealed")
    sealed = write(tmp_path / "sealed.jsonl", [*held[:59], replace(held[59], inputs=make(5)[4].inputs)])
    with pytest.raises(Problems) as caught:
        split(make(20), sealed)
    (finding,) = caught.value.findings
    assert finding.where == f"{sealed}:60" and "'case-4'" in finding.message


def test_equal_inputs_stand_on_one_side_and_count_once(tmp_path: Path) -> None:
    twice = [replace(case, id=f"{case.id}-again") for case in make(120)]
    path = write(tmp_path / "cases.jsonl", [*make(120), *twice, *make(10, prefix="other")])
    read = load(path)
    got = split(read)
    dev, held = ({str(case.inputs) for case in side} for side in (got.dev, got.holdout))
    assert not dev & held and len(got.dev) + len(got.holdout) == 250
    assert len({case.cluster or case.id for case in read}) == 130


def test_a_sealed_file_that_overlaps_or_is_small_is_refused(tmp_path: Path) -> None:
    sealed = write(tmp_path / "sealed.jsonl", [*make(1, prefix="sealed"), *make(2)])
    with pytest.raises(Problems) as caught:
        split(make(20), sealed)
    assert [finding.where for finding in caught.value.findings] == [f"{sealed}:2", f"{sealed}:3", str(sealed)]
    assert "at least 60" in caught.value.findings[-1].message
