"""Real recordings, dropped on the page by hand: what a musician reads is what they are."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.ui.conftest import Open, drop
from tests.ui.serving import Serving

LISTENED_MS = 90_000


def dropped(open_page: Open, served: Serving, recording: Path) -> Page:
    page = open_page(f"{served.address}/ui/")
    expect(page.locator("a.row", has_text="rehearsal tape.wav")).to_be_visible()
    drop(page, recording)
    expect(page.locator("h1")).to_have_text(recording.name)
    expect(page.locator(".verdict")).to_have_text(
        re.compile("^complete: [0-9]+ answers"), timeout=LISTENED_MS
    )
    return page


def test_a_song_is_told_by_tempo_and_key_and_plays(
    open_page: Open, served: Serving, tape: str, eval_folder: Path
) -> None:
    page = dropped(open_page, served, eval_folder / "mdb-drums" / "mix" / "MusicDelta_Hendrix_MIX.flac")
    row = page.locator("a.row", has_text="MusicDelta_Hendrix_MIX.flac")
    expect(row).to_contain_text("bpm")
    bpm = re.search(r"([\d.]+) bpm", row.inner_text())
    assert bpm is not None and 105 < float(bpm[1]) < 115
    expect(page.get_by_role("button", name="take 1")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator(".time")).to_have_text(re.compile(r"00:0[1-9]\."))


def test_a_tape_of_sounds_is_cut_where_they_are(
    open_page: Open, served: Serving, tape: str, eval_folder: Path
) -> None:
    truth = json.loads((eval_folder / "regions" / "regions.json").read_text())["regions"]
    gaps = [after["start"] - before["end"] for before, after in pairwise(truth)]
    page = dropped(open_page, served, eval_folder / "regions" / "regions_clean_-67dBnoise.flac")
    chosen = page.get_by_label("Choose a take or a region").locator("option")
    regions = [text for text in chosen.all_inner_texts() if "region" in text]
    fewest, most = (
        1 + sum(gap > edge for gap in gaps) for edge in (0.31, 0.29)
    )  # two gaps are 0.3 s, the limit
    assert fewest <= len(regions) <= most and most > 5
