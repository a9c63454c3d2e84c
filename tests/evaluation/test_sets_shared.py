"""The evaluation recordings beside the checkout: every folder loads, with counts and a few values that are right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evaluation import sets
from evaluation.annotation import Truth


def truths(folder: Path) -> dict[str, Truth]:
    return {item.name: item.truth for item in sets.load(folder).items}


def test_the_whole_folder_is_one_collection(eval_folder: Path) -> None:
    loaded = sets.load(eval_folder)
    assert Counter(item.set for item in loaded.items) == {
        "chords": 24,
        "oneshots": 187,
        "single_hits": 100,
        "field": 8,
        "key": 3,
        "loops": 3,
        "madmom": 2,
        "mdb-drums": 14,
        "notes": 2,
        "polymetre-synthetic": 6,
        "regions": 2,
        "rendered-drums": 8,
        "rendered-piano": 5,
        "rhythm": 1,
    }
    assert all(item.audio.is_file() for item in loaded.items)
    assert len({(item.set, item.name) for item in loaded.items}) == len(loaded.items)
    told = "\n".join(loaded.notices)
    for folder in ("formats", "groove-midi", "mir_eval"):
        assert f"{folder}: " in told


@pytest.mark.parametrize("name", ["formats", "groove-midi", "mir_eval"])
def test_folders_without_truth_are_refused(eval_folder: Path, name: str) -> None:
    with pytest.raises(sets.NothingToScore, match=name):
        sets.load(eval_folder / name)


def test_mdb_drums_is_in_four_four_near_110(eval_folder: Path) -> None:
    found = truths(eval_folder / "mdb-drums")
    assert {truth.meter for truth in found.values()} == {"4/4"}
    assert all(108 < (truth.tempo or 0) < 116 for truth in found.values())
    assert len({truth.song for truth in found.values()}) == 7
    assert [name for name, truth in found.items() if truth.drums] == ["mix/MusicDelta_Reggae_MIX"]


def test_of_the_rendered_drums_only_the_five_eighths_lack_a_tactus(eval_folder: Path) -> None:
    found = truths(eval_folder / "rendered-drums")
    assert {truth.meter for truth in found.values() if truth.beats is None} == {"5/8"}
    assert Counter(truth.kit for truth in found.values()) == {"muldjord": 3, "sonicpi": 4, "linn": 1}
    assert sum(truth.swing is not None for truth in found.values()) == 3


def test_the_rendered_sonata_in_six_eight_has_its_tempo_in_quarters(eval_folder: Path) -> None:
    sonata = truths(eval_folder / "rendered-piano")["Beethoven_Piano_Sonatas_15-4"]
    assert (sonata.meter, sonata.key) == ("6/8", "D major")
    assert sonata.tempo == pytest.approx(1.5 * 79.09, abs=0.1)


def test_each_generated_case_has_its_truth(eval_folder: Path) -> None:
    found = {truth.kind: truth for truth in truths(eval_folder / "polymetre-synthetic").values()}
    assert len(found) == 6
    assert [(c.kind, c.ratio) for c in found["metric modulation"].modulations or ()] == [("metric", "3:2")]
    assert [len(found[kind].modulations or ()) for kind in ("changing meters", "ramp")] == [3, 0]
    assert [p.ratio for p in found["polymeter"].polyrhythms or ()] == [(3, 4)]
    assert [s.swing_ratio for s in found["swing ladder"].swing_segments or ()] == [1.0, 1.5, 2.0, 3.0]
    assert found["ramp"].tempo == pytest.approx(120, abs=1)
    assert found["changing meters"].beats != found["changing meters"].units


def test_both_noise_floors_have_the_same_twelve_regions(eval_folder: Path) -> None:
    clean, noisy = truths(eval_folder / "regions").values()
    assert clean.regions == noisy.regions and len(clean.regions or ()) == 12


def test_notes_chords_keys_and_onsets_are_all_read(eval_folder: Path) -> None:
    assert [len(truth.notes or ()) for truth in truths(eval_folder / "notes").values()] == [129, 59]
    assert (
        len({truth.chords[0].label for truth in truths(eval_folder / "chords").values() if truth.chords})
        == 24
    )
    assert sorted(truth.key or "" for truth in truths(eval_folder / "key").values()) == [
        "B minor",
        "E minor",
        "G minor",
    ]
    [samba] = truths(eval_folder / "rhythm").values()
    assert len(samba.onsets or ()) == 215 and samba.meter == "2/4"


def test_one_shots_are_all_of_the_six_drums(eval_folder: Path) -> None:
    found = truths(eval_folder / "oneshots").values()
    drums = Counter(hit.instrument for truth in found for hit in truth.hits or ())
    assert drums.keys() == {"kick", "snare", "hihat", "ride", "tom", "crash"}
