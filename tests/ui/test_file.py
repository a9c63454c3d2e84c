"""What a person does with one file: play it, move about in it, choose takes and regions, read what was heard."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import write_wav
from tests.ui.conftest import RATE, Open, numbers, song
from tests.ui.serving import Serving


@pytest.fixture
def page(open_page: Open, served: Serving, tape: str) -> Page:
    """The view of the recording with two takes."""
    page = open_page(f"{served.address}/ui/#/files/{tape}")
    expect(page.locator(".zoom canvas").first).to_be_visible()
    expect(page.locator("#answers-title")).to_have_text("take 1")
    return page


def time(page: Page) -> float:
    """What the readout says, in seconds."""
    return numbers(page.locator(".time").inner_text())


def test_the_title_says_what_the_file_is(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("rehearsal tape.wav")
    for fact in ("0:18", "22.05 kHz", "mono"):
        expect(page.locator(".title .facts")).to_contain_text(fact)
    expect(page.locator(".verdict")).to_have_text(re.compile(r"^complete: \d+ answers"))


def test_it_plays_and_pauses(page: Page) -> None:
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".time")).to_have_text(re.compile(r"00:0[1-4]\."))
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stopped = time(page)
    page.wait_for_timeout(300)
    assert time(page) == stopped


def test_a_click_on_the_waveform_seeks_there(page: Page) -> None:
    box = page.locator(".zoom").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 60)
    expect(page.locator(".time")).to_have_text(re.compile(r"00:(08|09)\."))


def test_keys_go_by_beat_by_bar_and_to_the_ends(page: Page) -> None:
    page.keyboard.press("ArrowRight")
    first = time(page)
    page.keyboard.press("ArrowRight")
    assert time(page) - first == pytest.approx(0.5, abs=0.05)
    expect(page.locator(".where")).to_have_text("bar 1 beat 2")
    page.keyboard.press("Shift+ArrowRight")
    assert time(page) - first == pytest.approx(2.0, abs=0.1)
    page.keyboard.press("ArrowLeft")
    assert time(page) - first == pytest.approx(1.5, abs=0.1)
    page.keyboard.press("End")
    assert time(page) == pytest.approx(18.0, abs=0.01)
    page.keyboard.press("Home")
    assert time(page) == 0


def test_keys_rest_while_something_is_typed(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("t l")
    expect(page.locator("#answers-title")).to_have_text("take 1")
    expect(page.locator("[aria-pressed=true]", has_text="Looping")).to_have_count(0)
    assert time(page) == 0


def test_the_next_take_is_chosen_heard_and_in_the_address(page: Page) -> None:
    page.keyboard.press("t")
    expect(page.locator("#answers-title")).to_have_text("take 2")
    expect(page.locator(".answers .times")).to_have_text(re.compile(r"0:11\.\d – 0:17\.\d"))
    assert time(page) == pytest.approx(11.5, abs=0.3)
    page.reload()
    expect(page.locator("#answers-title")).to_have_text("take 2")
    page.get_by_role("button", name=re.compile("^take 1")).click()
    expect(page.locator("#answers-title")).to_have_text("take 1")


def test_a_region_is_chosen_in_its_lane_and_inherits_from_its_take(page: Page) -> None:
    lane = page.locator(".lanes canvas").bounding_box()
    assert lane is not None
    page.mouse.click(lane["x"] + lane["width"] * 0.2, lane["y"] + 14)
    expect(page.locator("#answers-title")).to_have_text("take 1, region 1")
    expect(page.locator("tr[data-question=onsets]")).to_contain_text(re.compile(r"\d+ onsets"))
    expect(page.locator("tr[data-question=beats] .from")).to_have_text("take 1")


def test_the_loop_holds_the_chosen_take(page: Page) -> None:
    page.keyboard.press("t")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Looping take 2")).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    expect(page.locator(".time")).to_have_text(re.compile(r"00:1[12]\."))
    page.keyboard.press("Space")


def test_the_answers_are_words_with_their_source(page: Page) -> None:
    said = {
        "tempo": r"1[12]\d(\.\d)? BPM|no steady tempo",
        "beats": r"\d+ beats, \d+ ms apart",
        "key": r"A major|[A-G][♯♭#b]? (major|minor)|no key",
        "onsets": r"\d+ onsets in 1 region",
        "content": r"throughout|–",
        "features": r"dB RMS",
        "mood": r"word brave, warmth 0.75",
    }
    for question, words in said.items():
        expect(page.locator(f"tr[data-question={question}] .answer")).to_have_text(re.compile(words))
    expect(page.locator("tr[data-question=beats] .confidence")).to_contain_text(re.compile(r"^\.\d\d|^1"))
    expect(page.locator("tr[data-question=content] .confidence")).to_contain_text("not calibrated")
    source = page.locator("tr[data-question=mood] details")
    source.locator("summary").click()
    expect(source).to_contain_text("mood.brave")
    expect(source).to_contain_text("model licence: CC BY-NC 4.0")


def test_what_a_person_set_says_so_and_how_sure_it_is_does_not_matter(
    open_page: Open, served: Serving
) -> None:
    path = write_wav(served.music / "known.wav", song(6.0, 97.0), RATE)
    only = ("meter.square", "tempo.librosa", "beats.librosa")
    asked = {"questions": ("tempo", "meter"), "only": only, "bpm": 98.5, "meter": "7/8 2+2+3"}
    page = open_page(f"{served.address}/ui/#/files/{served.analyze(path, **asked)}")
    for question, words in (("meter", "7/8 (2+2+3)"), ("tempo", re.compile(r"^98\.5 BPM"))):
        row = page.locator(f"tr[data-question={question}]")
        expect(row.locator(".answer")).to_have_text(words)
        expect(row.locator(".remark", has_text="set by you")).to_be_visible()
        expect(row.locator(".confidence")).to_have_text("")


def test_the_ledger_has_a_line_for_every_plugin(page: Page) -> None:
    lines = page.locator(".ledger .line")
    expect(lines.filter(has_text="beats.net")).to_contain_text("ok")
    expect(lines.filter(has_text="mood.brave")).to_contain_text("2.1.0")
    page.get_by_role("button", name="All regions").click()
    expect(lines.filter(has_text="beats.net")).to_contain_text("2 ok")


def test_zooming_shows_less_and_zero_shows_all(page: Page) -> None:
    page.keyboard.press("+")
    page.keyboard.press("+")
    box = page.locator(".zoom").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 60)
    expect(page.locator(".time")).to_have_text(re.compile(r"00:04\."))
    page.keyboard.press("0")
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 60)
    expect(page.locator(".time")).to_have_text(re.compile(r"00:13\."))


def test_tags_are_added_and_removed(page: Page) -> None:
    tags = page.locator(".title .tags")
    tags.get_by_label("Add a tag").fill("band=Fünf & Söhne")
    page.keyboard.press("Enter")
    expect(tags.locator(".tag")).to_have_text("band=Fünf & Söhne")
    expect(page.locator(".row[aria-current] .tag")).to_have_text("band=Fünf & Söhne")
    tags.get_by_role("button", name=re.compile("Remove the tag")).click()
    expect(tags.locator(".tag")).to_have_count(0)


def test_keys_are_listed(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    for words in ("play, pause", "next take", "next file", "search, or a path"):
        expect(dialog).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("h1")).to_have_text("rehearsal tape.wav")


def test_j_and_k_go_through_the_library(page: Page, served: Serving) -> None:
    served.analyze(write_wav(served.music / "beside it.wav", song(1.4, 75.0), RATE))
    page.reload()
    expect(page.locator("a.row", has_text="beside it.wav")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator("h1")).not_to_have_text("rehearsal tape.wav")
    page.keyboard.press("j")
    expect(page.locator("h1")).to_have_text("rehearsal tape.wav")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Choose a recording")).to_be_visible()


@pytest.mark.parametrize("decoded", [True, False], ids=["decoded audio kept", "decoded audio given up"])
def test_a_file_that_moved_is_found_again(open_page: Open, served: Serving, decoded: bool) -> None:
    path = write_wav(served.music / f"here {decoded}.wav", song(1.6, 85.0 + decoded), RATE)
    sha = served.analyze(path)
    there = served.music / f"moved {decoded}" / "there.wav"
    there.parent.mkdir()
    shutil.move(path, there)
    if not decoded:
        served.client.post("/api/system/cleanup").raise_for_status()
    page = open_page(f"{served.address}/ui/#/files/{sha}")
    card = page.locator(".card.moved")
    expect(card).to_contain_text(f"The file is not found at {path}")
    card.get_by_label("Where is it now?").fill(str(served.music / "rehearsal tape.wav"))
    card.get_by_role("button", name="Use this file").click()
    expect(page.locator(".said .wrong")).to_be_visible()
    card.get_by_label("Where is it now?").fill(str(there))
    card.get_by_role("button", name="Use this file").click()
    expect(card).to_have_count(0)
    expect(page.locator("h1")).to_have_text("there.wav")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()


@pytest.mark.parametrize("named", ["0" * 64, "xyz", "..%2F..%2Fetc"])
def test_an_unknown_file_is_told(open_page: Open, served: Serving, named: str) -> None:
    page = open_page(f"{served.address}/ui/#/files/{named}")
    expect(page.get_by_role("heading", name="This file is not in the library")).to_be_visible()
