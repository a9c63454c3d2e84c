"""The page: well-formed, self-contained, and safe whatever a file is called."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluation.items import Item, Scored
from evaluation.report import RunInfo, against, results_of, write_page
from evaluation.report.markup import tag, text
from evaluation.report.page import page
from evaluation.rows import Choice, Failure, Value
from tests.evaluation.made_up import item, run_of, scored, values

VOID = {"meta", "input", "br", "link", "img"}
HOSTILE = '<script>alert(1)</script>" onmouseover="x" & \x00.wav'


class Reading(HTMLParser):
    """Elements, attributes and text of a page; asserts that what is opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.words += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.elements if each == name]


@pytest.fixture(scope="module")
def whole() -> str:
    two = {"hemiola": 0.8, "madmom": 0.7}
    made = run_of(9, skill=two, variants=("", "mp3_64k"))
    results = results_of(made, run=RunInfo(command="hemiola evaluate builtin"))
    return page(results, against(results, results_of(run_of(9, skill=two, seed=1))))


@pytest.fixture(scope="module")
def reading(whole: str) -> Reading:
    return Reading(whole)


def test_the_page_is_well_formed(reading: Reading) -> None:
    sections = {each["id"] for each in reading.named("section")}
    assert {"baseline", "figures", "peers", "groups", "confusions", "confidence"} <= sections
    assert {"wear", "cost", "failures", "every"} <= sections
    assert {each["href"] for each in reading.named("a") if (each["href"] or "").startswith("#")} == {
        f"#{name}" for name in sections
    }


def test_no_address_outside_is_named(whole: str, reading: Reading) -> None:
    assert not re.search(r"https?:|//[a-z]+\.", whole)
    assert not re.search(r"@import|url\((?!#)", whole)
    assert not reading.named("link") and not reading.named("img") and not reading.named("iframe")
    for name, attributes in reading.elements:
        for key in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert (attributes.get(key) or "#").startswith(("#", "file:///")), (name, attributes)


def test_ids_are_told_once(reading: Reading) -> None:
    ids = [attributes["id"] for _, attributes in reading.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_plots_follow_the_theme(whole: str) -> None:
    plots = re.findall(r'<svg role="img".*?</svg>', whole, flags=re.DOTALL)
    assert len(plots) >= 4
    assert all("var(--hue-0)" in plot and "var(--line)" in plot and "#b5480a" not in plot for plot in plots)


def failing(made: Item, *faults: Failure) -> Scored:
    return scored(made, [Value("beats.f", 0.5), *faults])


def test_a_failure_links_to_the_second_in_its_file() -> None:
    made = failing(item("odd name #1?.wav"), Failure("beats.f", 72.26, "two beats are missing"))
    links = [each for each in Reading(page(results_of([made]))).named("a") if "data-at" in each]
    assert [each["href"] for each in links] == ["file:///audio/set/odd%20name%20%231%3F.wav#t=72.26"]
    assert [each["data-at"] for each in links] == ["72.26"]


def test_no_name_becomes_an_element() -> None:
    hostile = item(HOSTILE, set=HOSTILE, kind=HOSTILE, kit=HOSTILE)
    other = item("other.wav", set=HOSTILE, kind="drums", kit="b")
    rows = [
        Value("beats.f", 0.5),
        Choice("meter.exact", "4/4", HOSTILE, False),
        Failure("beats.f", 1, HOSTILE),
    ]
    made = [
        scored(each, rows, system=system, verdict="lost", reason=HOSTILE)
        for each in (hostile, other)
        for system in ("hemiola", HOSTILE)
    ]
    results = results_of(made, run=RunInfo(command=HOSTILE), trained_on=lambda *_: HOSTILE)
    html = page(results, against(results, results))
    reading = Reading(html)
    assert len(reading.named("script")) == 1
    assert not [attributes for _, attributes in reading.elements if "onmouseover" in attributes]
    assert "<script>alert(1)</script>" in reading.words
    assert "\x00" not in html


def test_lost_items_come_before_all_else() -> None:
    lost = scored(item("broken.wav"), [Value("beats.f", 0.0)], verdict="none", reason="no frame was read")
    html = page(results_of([*values([0.5] * 3), lost]))
    assert next(each["id"] for each in Reading(html).named("section")) == "lost"
    assert html.index("no frame was read") < html.index('id="figures"')


def test_a_dagger_has_its_footnote() -> None:
    results = results_of(
        [*values([0.5] * 6), *values([0.8] * 6, system="madmom")],
        trained_on=lambda system, *_: "it knows these songs" if system == "madmom" else None,
    )
    words = Reading(page(results)).words
    assert "0.800†" in words and "† it knows these songs" in words


def test_many_failures_are_cut_and_counted() -> None:
    faults = [Failure("beats.f", float(index), "missing") for index in range(30)]
    reading = Reading(page(results_of([failing(item("a.wav"), *faults)])))
    assert len([each for each in reading.named("a") if "data-at" in each]) == 8
    assert "8 of 30 places" in reading.words


@pytest.mark.parametrize("made", [[], [scored(item("a.wav"), [])], values([0.5]), values([1.0, 1.0])])
def test_little_or_nothing_is_a_page_as_well(made: list[Scored]) -> None:
    results = results_of(made)
    Reading(page(results, against(results, results_of([]))))


def test_equal_results_make_equal_pages() -> None:
    results = results_of(values([0.5, 0.7]))
    assert page(results) == page(results)


def test_what_is_written_is_the_page(tmp_path: Path) -> None:
    results = results_of(values([0.5]))
    write_page(tmp_path / "report.html", results)
    assert (tmp_path / "report.html").read_text() == page(results)


def test_text_is_escaped_and_markup_is_not_twice() -> None:
    inner = tag("b", "a < b")
    assert inner == "<b>a &lt; b</b>"
    assert tag("p", inner, None, title='"', hidden=True, class_=None) == (
        '<p title="&quot;" hidden><b>a &lt; b</b></p>'
    )
    assert text("\x1b\ud800") == "\ufffd\ufffd"
