"""What trained is written down, and nothing that evaluation hears is in it: by name, by bytes and by ear."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.scenes.sounds import RATE, Samples, attack_of
from evaluation.training import manifest
from evaluation.training.manifest import Material
from evaluation.training.sources import drummers, kits

EVALUATION_KITS = (
    *kits.JUDGES,
    "avldrums",
    "fluidr3",
    "fluid-soundfont",
    "musescore-general",
    "muldjord",
    "sonic-pi",
    "sonicpi",
    "lm-2",
    "cr-78",
    "tr-505",
    "uzu",
    "oneshots",
)
"""Parts of the names of kits that judge."""
HEAD = 4410
"""Samples of a stroke that are compared: a tenth of a second from its attack."""
ALIKE = 0.97
"""Correlation of two recordings that are one; of different ones, toms are the likest, up to .9."""
LAG = 220
"""How many samples, 5 ms, their attacks may be off."""


@pytest.fixture(scope="module")
def listed() -> tuple[Material, ...]:
    """The manifest of the checkout."""
    return manifest.read()


@pytest.fixture(scope="module")
def groove(eval_folder: Path) -> Path:
    """Groove MIDI."""
    folder = eval_folder / "groove-midi"
    if not folder.is_dir():
        pytest.skip("Groove MIDI is not among the evaluation recordings")
    return folder


@pytest.fixture(scope="module")
def sampled() -> tuple[kits.Library, ...]:
    """The kits of this machine."""
    found = kits.libraries()
    if not found:
        pytest.skip("Debian's hydrogen-drumkits is not installed")
    return found


def head(samples: Samples) -> npt.NDArray[np.complex64]:
    """The spectrum of a stroke's first tenth of a second, of unit energy."""
    first = max(0, attack_of(samples) - 100)
    cut = np.zeros(HEAD, dtype=np.float32)
    part = samples[first : first + HEAD]
    cut[: len(part)] = part
    return np.fft.rfft(cut / max(float(np.linalg.norm(cut)), 1e-9), 2 * 4096).astype(np.complex64)


def likeness(one: npt.NDArray[np.complex64], others: npt.NDArray[np.complex64]) -> float:
    """The highest correlation with any of the others, whatever their levels and signs."""
    correlation = np.abs(np.fft.irfft(others * np.conj(one), 2 * 4096))
    return float(max(correlation[:, :LAG].max(), correlation[:, -LAG:].max()))


def heads(libraries: tuple[kits.Library, ...]) -> npt.NDArray[np.complex64]:
    """Of every sample of some kits."""
    drums = [drum for library in libraries for of in library.drums.values() for drum in of]
    files = sorted({layer.file for drum in drums for layer in drum})
    return np.array([head(kits.one_shot(file).samples) for file in files])


def test_every_source_says_its_licence_and_how_its_clips_are_seeded() -> None:
    sources = json.loads(manifest.PATH.read_text(encoding="utf-8"))["sources"]
    assert {"generated", "performed"} <= {source["source"] for source in sources}
    assert all(source["licence"] and source["seed"] and len(source["code"]) == 64 for source in sources)


def test_everything_that_is_heard_has_a_licence_a_split_and_a_hash(listed: tuple[Material, ...]) -> None:
    assert len(listed) > 1000
    assert all(one.licence and one.split in ("train", "validation") for one in listed)
    assert all(len(one.sha256) == 64 for one in listed)


def test_no_kit_that_judges_is_listed(listed: tuple[Material, ...]) -> None:
    for judge in EVALUATION_KITS:
        assert not [one.name for one in listed if judge.lower() in one.name.lower()]


def test_no_performance_of_rendered_drums_is_listed(
    listed: tuple[Material, ...], eval_folder: Path, groove: Path
) -> None:
    heard = {json.loads(file.read_text())["source"] for file in eval_folder.glob("rendered-drums/*.json")}
    with open(groove / "info.csv", newline="") as file:
        ids = {row["id"] for row in csv.DictReader(file) if row["midi_filename"] in heard}
    assert len(ids) == 6
    assert ids == drummers.JUDGES
    assert not ids & {one.name.removeprefix("groove-midi/") for one in listed}


def test_the_performances_that_hemiola_evaluate_renders_are_not_listed_even_under_other_names(
    listed: tuple[Material, ...], groove: Path
) -> None:
    hashes = {one.sha256 for one in listed}
    with open(groove / "info.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "validation"]
    assert not {row["id"] for row in rows} & {one.name.removeprefix("groove-midi/") for one in listed}
    with zipfile.ZipFile(groove / "groove-midi.zip") as archive:
        contents = [archive.read(row["midi_filename"]) for row in rows]
    assert not hashes & {hashlib.sha256(content).hexdigest() for content in contents}


def test_one_drummer_all_fills_and_one_kit_only_validate(listed: tuple[Material, ...]) -> None:
    trained = {one.name for one in listed if one.split == "train"}
    validating = {one.name for one in listed if one.split == "validation"}
    assert not [name for name in trained if "drummer7/" in name]
    assert len([name for name in validating if "drummer7/" in name]) == 263
    assert not [name for name in trained if any(f"/{kit}/" in name for kit in kits.LEFT_OUT)]
    assert not trained & validating


def test_the_sides_of_the_source_are_those_of_the_manifest(
    listed: tuple[Material, ...], groove: Path
) -> None:
    split = {one.name.removeprefix("groove-midi/"): one.split for one in listed if one.source == "performed"}
    assert {split[row.id] for row in drummers.of_side(False, groove)} == {"train"}
    assert {split[row.id] for row in drummers.of_side(True, groove)} == {"validation"}
    assert {split[row.id] for row in drummers.fills(groove)} == {"validation"}


def test_every_sample_that_can_be_heard_here_is_listed(
    listed: tuple[Material, ...], sampled: tuple[kits.Library, ...]
) -> None:
    known = {one.name: one.sha256 for one in listed}
    for library in sampled:
        drum = next(iter(library.drums.values()))[0]
        name = f"hydrogen-drumkits/{library.name}/{drum[0].file.name}"
        assert known[name] == manifest.audio_hash(drum[0].file)


def test_no_sample_is_a_one_shot_of_the_evaluation(
    eval_folder: Path, sampled: tuple[kits.Library, ...]
) -> None:
    known = heads(sampled)
    shots = sorted(
        file
        for file in eval_folder.glob("oneshots/*/*")
        if file.suffix.lower() in (".wav", ".flac", ".ogg", ".aif", ".aiff")
    )
    assert len(shots) > 100
    alike = {file.name: likeness(head(kits.one_shot(file).samples), known) for file in shots}
    assert max(alike.values()) < ALIKE, max(alike, key=lambda name: alike[name])


def test_the_same_recording_is_known_by_ear_at_another_level_and_place(
    sampled: tuple[kits.Library, ...],
) -> None:
    known = heads(sampled[:1])
    drum = sampled[0].drums["snare"][0]
    samples = kits.one_shot(drum[0].file).samples
    quieter = np.concatenate([np.zeros(RATE // 10, np.float32), samples * np.float32(-0.3)])
    noise = np.random.default_rng(1).normal(0, 0.001, len(quieter)).astype(np.float32)
    assert likeness(head(quieter + noise), known) > ALIKE
