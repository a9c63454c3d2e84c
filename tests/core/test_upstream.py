"""What a provider is handed: the nearest coarser answer, all finer ones, or what is missing and why."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.chain import Provider
from core.upstream import Answers, Known, Missing, Tree
from database.records import Region


def region(name: str, level: str, parent: str | None, first: int, stop: int) -> Region:
    return Region(name, "f", level, parent, first, stop, first / 10, stop / 10)


FILE = region("file", "file", None, 0, 100)
LONE = region("lone", "take", "file", 0, 20)
ONLY = region("only", "region", "lone", 0, 20)
TAKE = region("take", "take", "file", 50, 90)
ONE, TWO = region("one", "region", "take", 50, 60), region("two", "region", "take", 70, 90)


@pytest.fixture
def tree() -> Tree:
    return Tree([TWO, FILE, ONLY, ONE, TAKE, LONE])


def asks(needs: tuple[str, ...] = (), uses: tuple[str, ...] = ()) -> Provider:
    manifest = SimpleNamespace(needs=needs, uses=uses)
    return cast(Provider, SimpleNamespace(manifest=manifest, upstream=(*needs, *uses)))


def known(question: str, of: Region) -> Known:
    return Known(question, of, f"{question}-{of.id}", "hash")


def names(given: Any) -> list[tuple[str, bool]]:
    return [(one.known.key, one.finer) for one in given]


def test_levels_come_in_order_of_time(tree: Tree) -> None:
    assert [r.id for r in tree.at("take")] == ["lone", "take"]
    assert [r.id for r in tree.inside(FILE)] == ["lone", "only", "take", "one", "two"]


def test_a_region_is_handed_its_takes_answer(tree: Tree) -> None:
    answers = Answers(tree)
    answers.win(known("beats", TAKE), TAKE)
    assert names(answers.given(asks(needs=("beats",)), TWO)) == [("beats-take", False)]


def test_a_take_is_handed_the_list_of_its_regions_answers(tree: Tree) -> None:
    answers = Answers(tree)
    for one in (TWO, ONE, ONLY):
        answers.win(known("onsets", one), one)
    assert names(answers.given(asks(needs=("onsets",)), TAKE)) == [("onsets-one", True), ("onsets-two", True)]


def test_what_is_missing_says_whether_it_was_skipped(tree: Tree) -> None:
    answers = Answers(tree)
    answers.skip("beats", TAKE, "only speech")
    assert answers.given(asks(needs=("beats",)), ONE) == Missing("beats", "only speech")
    assert answers.given(asks(needs=("beats",)), ONLY) == Missing("beats", None)
    assert answers.given(asks(uses=("beats",)), ONE) == []


def test_a_take_with_a_single_region_shares_its_answers(tree: Tree) -> None:
    answers = Answers(tree)
    answers.win(known("key", LONE), LONE)
    assert tree.twin(ONLY) == LONE and tree.twin(ONE) is None
    answers.share("key", LONE, ONLY)
    assert names(answers.given(asks(needs=("key",)), ONLY)) == [("key-lone", False)]
