"""What a person does with the library: give it recordings, watch them, look for them, take them out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import write_wav
from tests.ui.conftest import RATE, Open, drop, room, song
from tests.ui.serving import Serving

MARKED = """
    const seen = window.seen = [];
    const told = new EventSource("/events");
    told.addEventListener("progress", (event) => seen.push(["told", JSON.parse(event.data).now, performance.now()]));
    new MutationObserver(() => {
        const now = document.querySelector(".row.working .now");
        if (now) seen.push(["shown", now.textContent, performance.now()]);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
"""


@pytest.fixture
def page(open_page: Open, served: Serving, tape: str) -> Page:
    """The library with a file in it."""
    page = open_page(f"{served.address}/ui/")
    expect(page.locator("a.row", has_text="rehearsal tape.wav")).to_be_visible()
    return page


def give_path(page: Page, path: str) -> None:
    """Paste a path into the box, and press enter."""
    page.keyboard.press("/")
    page.locator("#search").fill(path)
    page.keyboard.press("Enter")


def test_a_dropped_file_gets_a_row_that_fills_and_opens_by_itself(page: Page, tmp_path: Path) -> None:
    page.evaluate(MARKED)
    drop(page, write_wav(tmp_path / "dropped.wav", song(6.5, 100.0), RATE))
    expect(page.locator("h1")).to_have_text("dropped.wav")
    expect(page.locator(".verdict")).to_have_text(re.compile("^complete: [0-9]+ answers"))
    expect(page.locator(".zoom canvas").first).to_be_visible()
    expect(page.get_by_role("button", name="take 1")).to_be_visible()
    expect(page.locator("a.row", has_text="dropped.wav").locator(".mark")).to_have_text("ok")
    seen = page.evaluate("window.seen")
    told = {now: at for kind, now, at in reversed(seen) if kind == "told"}
    shown = [(text, at) for kind, text, at in seen if kind == "shown"]
    plugins = [now for now in told if "." in now.split(",")[0]]
    assert any(now.startswith("beats.") for now in plugins)
    for now in plugins:
        late = [at - told[now] for text, at in shown if text.startswith(now)]
        assert late and min(late) < 500, f"{now} was shown {late} ms after it was told"


def test_a_row_never_runs_backwards(page: Page, tmp_path: Path) -> None:
    page.evaluate("""
        window.parts = [];
        const take = () => {
            const rows = [...document.querySelectorAll(".row.working[data-job]")];
            const row = rows.find((one) => one.textContent.includes("forwards"));
            if (row) window.parts.push(Number(row.querySelector(".bar").style.transform.slice(7, -1)));
        };
        new MutationObserver(take).observe(document.body, {subtree: true, childList: true, attributes: true});
    """)
    drop(page, write_wav(tmp_path / "forwards.wav", song(6.25, 110.0), RATE))
    expect(page.locator(".verdict")).to_have_text(re.compile("^complete"))
    parts = page.evaluate("window.parts")
    assert len(parts) > 3
    assert parts == sorted(parts)


def test_a_folder_is_sent_without_what_is_not_audio(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    write_wav(folder / "one.wav", song(1.5, 90.0), RATE)
    write_wav(folder / "disc 2" / "two.wav", song(1.25, 95.0), RATE)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / ".hidden.wav").write_bytes(b"")
    drop(page, folder)
    expect(page.get_by_role("status").filter(has_text="left out")).to_contain_text(
        "1 file in the folder left out"
    )
    for name in ("one.wav", "two.wav"):
        expect(page.locator("a.row", has_text=name).locator(".mark")).not_to_have_class(
            re.compile("running|queued")
        )


def test_files_are_chosen_with_a_button(page: Page, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "chosen.wav", song(1.3, 88.0), RATE)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add files").click()
    chooser.value.set_files(path)
    expect(page.locator("h1")).to_have_text("chosen.wav")


def test_a_pasted_path_is_analysed_where_it_is(page: Page, served: Serving) -> None:
    path = write_wav(served.music / "by path.wav", song(1.75, 90.0), RATE)
    give_path(page, str(path))
    expect(page.locator("h1")).to_have_text("by path.wav")
    expect(page.locator("#search")).to_have_value("")
    expect(page.locator("h1")).to_have_attribute("title", str(path))


@pytest.mark.parametrize("as_pasted", [str, "'{}'".format, Path.as_uri], ids=["plain", "quoted", "file URI"])
def test_a_path_that_is_known_is_opened(
    page: Page, served: Serving, as_pasted: Callable[[Path], str]
) -> None:
    give_path(page, as_pasted(served.music / "rehearsal tape.wav"))
    expect(page.locator("h1")).to_have_text("rehearsal tape.wav")


def test_what_became_of_a_path_is_said_where_another_file_is_open(page: Page, served: Serving) -> None:
    page.locator("a.row", has_text="rehearsal tape.wav").click()
    expect(page.locator("h1")).to_have_text("rehearsal tape.wav")
    give_path(page, str(served.music))
    expect(page.locator(".said .wrong")).to_contain_text("is a folder")
    give_path(page, str(write_wav(served.music / "beside.wav", song(1.4, 97.0), RATE)))
    expect(page.locator(".said")).to_contain_text("beside.wav is in the library.")
    expect(page.locator(".said .wrong")).to_have_count(0)
    expect(page.locator("h1")).to_have_text("rehearsal tape.wav")


def test_a_path_that_is_not_there_is_told_in_words(page: Page, served: Serving) -> None:
    give_path(page, str(served.music / "nowhere.wav"))
    said = page.locator(".said")
    expect(said).to_contain_text("“nowhere.wav” is not there")
    expect(said).to_contain_text("HEMIOLA_ALLOW")
    expect(page.locator("#search")).to_have_value(str(served.music / "nowhere.wav"))


def test_what_is_no_recording_is_listed_with_the_reason(page: Page, tmp_path: Path) -> None:
    (tmp_path / "picture.wav").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(4000))
    drop(page, tmp_path / "picture.wav")
    row = page.locator(".row", has_text="picture.wav")
    expect(row.locator(".mark")).to_have_text("not read")
    expect(row).to_contain_text("is not a sound file")
    row.get_by_role("button", name="Try again").click()
    expect(row.locator(".mark")).to_have_text("not read")
    row.get_by_role("button", name=re.compile("out of the list")).click()
    expect(row).to_have_count(0)


def test_a_hostile_name_is_shown_as_text(page: Page, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.wav"
    page.on("dialog", lambda dialog: pytest.fail(f"the name was run: {dialog.message}"))
    drop(page, write_wav(tmp_path / name, room(1.0) + song(1.0, 60.0), RATE))
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("a.row", has_text=name)).to_be_visible()
    assert page.locator("img").count() == 0


def test_typing_filters_the_library(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("rehears")
    expect(page.locator("a.row")).to_have_count(1)
    expect(page.locator(".tally")).to_have_text("1 match")
    page.keyboard.type("xyz")
    expect(page.locator(".library")).to_contain_text("Nothing in the library matches “rehearsxyz”.")
    page.keyboard.press("Escape")
    expect(page.locator("a.row", has_text="rehearsal tape.wav")).to_be_visible()


def test_a_file_is_removed_after_asking_and_the_recording_stays(page: Page, served: Serving) -> None:
    path = write_wav(served.music / "unwanted.wav", song(1.1, 80.0), RATE)
    served.analyze(path)
    page.locator("a.row", has_text="unwanted.wav").click()
    page.get_by_role("button", name="Remove from the library").click()
    expect(page.get_by_role("dialog")).to_contain_text("the file itself stays where it is")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("a.row", has_text="unwanted.wav")).to_be_visible()
    page.get_by_role("button", name="Remove from the library").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("a.row", has_text="unwanted.wav")).to_have_count(0)
    assert path.exists()
    page.reload()
    expect(page.locator("a.row", has_text="rehearsal tape.wav")).to_be_visible()
    expect(page.locator("a.row", has_text="unwanted.wav")).to_have_count(0)
