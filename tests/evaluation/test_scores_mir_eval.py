"""mir_eval's own references, estimates and expected scores come out of this project's scoring path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
import pytest

from evaluation.annotation import Estimate, Labelled, Truth
from evaluation.rows import Value
from evaluation.scores import Options, beats, chords, key, notes, onsets, score, sections, tempo
from evaluation.scores.matching import found
from evaluation.scores.spans import arrays, flat

OPTIONS = Options(trim=True, merge_s=0.0)
EXACT = 1e-6
TEN = range(10)


class Triple:
    """A reference, an estimate and the scores expected of them."""

    def __init__(self, folder: Path, number: int, ending: str) -> None:
        self.reference = str(folder / f"ref{number:02d}.{ending}")
        self.estimate = str(folder / f"est{number:02d}.{ending}")
        self.expected: dict[str, float] = json.loads((folder / f"output{number:02d}.json").read_text())

    def load(self, how: Any) -> tuple[Any, Any]:
        return how(self.reference), how(self.estimate)

    def holds(self, scores: Mapping[str, float]) -> None:
        assert scores == {name: pytest.approx(self.expected[name], abs=EXACT) for name in scores}


@pytest.fixture
def folder(eval_folder: Path) -> Path:
    return eval_folder / "mir_eval"


def values(truth: dict[str, Any], estimate: dict[str, Any]) -> dict[str, float]:
    """The values that the whole path gives for fields of a truth and an answer."""
    known = Truth(kind="mix", origin="recording", source="mir_eval", licence="MIT", **truth)
    rows = score(known, Estimate(**estimate), OPTIONS)
    return {row.measure: row.value for row in rows if isinstance(row, Value)}


@pytest.mark.parametrize("number", TEN)
def test_beats(folder: Path, number: int) -> None:
    triple = Triple(folder / "beat", number, "txt")
    reference, estimate = triple.load(mir_eval.io.load_events)
    names = [
        f"{level} Metric Level {kind}" for level in ("Correct", "Any") for kind in ("Continuous", "Total")
    ]
    triple.holds(dict(zip(names, beats.continuity(reference, estimate, OPTIONS), strict=True)))
    triple.holds({"F-measure": beats.f_measure(reference, estimate, OPTIONS).f})
    told = values({"beats": tuple(reference)}, {"beats": tuple(estimate)})
    triple.holds({"F-measure": told["beats.f"]})
    if len(beats.prepared(reference, OPTIONS)) > 1:
        triple.holds({"Correct Metric Level Total": told["beats.cmlt"]})
        triple.holds({"Any Metric Level Total": told["beats.amlt"]})


@pytest.mark.parametrize("number", TEN)
def test_what_is_prepared_gives_all_other_scores_of_beats(folder: Path, number: int) -> None:
    triple = Triple(folder / "beat", number, "txt")
    true, told = (beats.prepared(times, OPTIONS) for times in triple.load(mir_eval.io.load_events))
    cemgil, best_cemgil = mir_eval.beat.cemgil(true, told)
    triple.holds({"Cemgil": cemgil, "Cemgil Best Metric Level": best_cemgil})
    triple.holds({"Goto": mir_eval.beat.goto(true, told), "P-score": mir_eval.beat.p_score(true, told)})
    triple.holds({"Information gain": mir_eval.beat.information_gain(true, told)})


@pytest.mark.parametrize("number", TEN)
def test_onsets(folder: Path, number: int) -> None:
    triple = Triple(folder / "onset", number, "txt")
    reference, estimate = triple.load(mir_eval.io.load_events)
    true, heard = onsets.prepared(reference, OPTIONS), onsets.prepared(estimate, OPTIONS)
    counts = found(true, heard, onsets.WIDE_S)
    triple.holds({"F-measure": counts.f, "Precision": counts.precision, "Recall": counts.recall})
    told = values({"onsets": tuple(reference)}, {"onsets": tuple(estimate)})
    triple.holds({"F-measure": told["onsets.f_50ms"]})


@pytest.mark.parametrize("number", range(4))
def test_tempo(folder: Path, number: int) -> None:
    triple = Triple(folder / "tempo", number, "lab")
    (reference, weight), (estimate, _) = triple.load(mir_eval.io.load_tempo)
    scores = tempo.detection(reference, weight, estimate, tolerance=0.08)
    triple.holds(dict(zip(("P-score", "One-correct", "Both-correct"), scores, strict=True)))


@pytest.mark.parametrize("number", TEN)
def test_keys(folder: Path, number: int) -> None:
    triple = Triple(folder / "key", number, "txt")
    reference, estimate = triple.load(mir_eval.io.load_key)
    triple.holds({"Weighted Score": key.weighted(reference, estimate)})
    triple.holds({"Weighted Score": values({"key": reference}, {"key": estimate})["key.weighted"]})


@pytest.mark.parametrize("number", TEN)
def test_segments(folder: Path, number: int) -> None:
    triple = Triple(folder / "segment", number, "lab")
    parts = [
        tuple(Labelled(start_s=a, end_s=b, label=label) for (a, b), label in zip(*given, strict=True))
        for given in triple.load(mir_eval.io.load_labeled_intervals)
    ]
    laid = [flat((part.start_s, part.end_s, part.label) for part in side) for side in parts]
    true, told = sections.adjusted(*laid)
    pairwise = sections.pairwise(true, told)
    assert pairwise is not None
    for at, window in (("@0.5", 0.5), ("@3.0", 3.0)):
        names = (f"Precision{at}", f"Recall{at}", f"F-measure{at}")
        triple.holds(dict(zip(names, sections.detection(true, told, window), strict=True)))
    names = ("Pairwise Precision", "Pairwise Recall", "Pairwise F-measure")
    triple.holds(dict(zip(names, pairwise, strict=True)))
    rows = values({"sections": parts[0]}, {"sections": parts[1]})
    triple.holds({"F-measure@0.5": rows["sections.f_05s"], "F-measure@3.0": rows["sections.f_3s"]})
    triple.holds({"Pairwise F-measure": rows["sections.pairwise_f"]})
    both, labels = (arrays(true)[0], arrays(told)[0]), (*arrays(true), *arrays(told))
    names = ("Ref-to-est deviation", "Est-to-ref deviation")
    triple.holds(dict(zip(names, mir_eval.segment.deviation(*both), strict=True)))
    triple.holds(
        {
            "Rand Index": mir_eval.segment.rand_index(*labels),
            "Adjusted Rand Index": mir_eval.segment.ari(*labels),
        }
    )
    for names, scores in (
        (("V Precision", "V Recall", "V-measure"), mir_eval.segment.vmeasure(*labels)),
        (("NCE Over", "NCE Under", "NCE F-measure"), mir_eval.segment.nce(*labels)),
        (
            ("Mutual Information", "Adjusted Mutual Information", "Normalized Mutual Information"),
            mir_eval.segment.mutual_information(*labels),
        ),
    ):
        triple.holds(dict(zip(names, scores, strict=True)))


@pytest.mark.parametrize("number", TEN)
def test_transcriptions(folder: Path, number: int) -> None:
    triple = Triple(folder / "transcription", number, "txt")
    sides = triple.load(mir_eval.io.load_valued_intervals)
    true, told = (notes.Notes(*given).part(np.argsort(given[0][:, 0], kind="stable")) for given in sides)
    for ending, with_offsets in (("", True), ("_no_offset", False)):
        found = notes.f_measure(true, told, with_offsets=with_offsets)
        names = (f"Precision{ending}", f"Recall{ending}", f"F-measure{ending}")
        triple.holds(dict(zip(names, (found.precision, found.recall, found.f), strict=True)))
        pairs = notes.matched(true, told, with_offsets=with_offsets)
        overlap = mir_eval.transcription.average_overlap_ratio(true.intervals, told.intervals, pairs)
        triple.holds({f"Average_Overlap_Ratio{ending}": overlap})
    for part, scored in (
        ("Onset", mir_eval.transcription.onset_precision_recall_f1),
        ("Offset", mir_eval.transcription.offset_precision_recall_f1),
    ):
        names = (f"{part}_Precision", f"{part}_Recall", f"{part}_F-measure")
        triple.holds(dict(zip(names, scored(true.intervals, told.intervals), strict=True)))


@pytest.mark.parametrize("number", TEN)
def test_transcriptions_by_midi_pitch(folder: Path, number: int) -> None:
    triple = Triple(folder / "transcription", number, "txt")
    marks = [
        tuple(
            {"onset_s": a, "offset_s": b, "pitch": float(mir_eval.util.hz_to_midi(hz))}
            for (a, b), hz in zip(*given, strict=True)
        )
        for given in triple.load(mir_eval.io.load_valued_intervals)
    ]
    told = values({"notes": marks[0]}, {"notes": marks[1]})
    triple.holds({"F-measure": told["notes.f"], "F-measure_no_offset": told["notes.f_onset"]})


@pytest.mark.parametrize("number", TEN)
def test_chords(folder: Path, number: int) -> None:
    triple = Triple(folder / "chord", number, "lab")
    parts = [
        tuple(Labelled(start_s=a, end_s=b, label=label) for (a, b), label in zip(*given, strict=True))
        for given in triple.load(mir_eval.io.load_labeled_intervals)
    ]
    true, told = chords.laid(parts[0]), chords.laid(parts[1])
    kinds = [name for name in triple.expected if not name.endswith("seg")]
    triple.holds({kind: chords.compared(true, told, kind)[0] or 0.0 for kind in kinds})
    rows = values({"chords": parts[0]}, {"chords": parts[1]})
    triple.holds({"root": rows["chords.root"], "majmin": rows["chords.majmin"]})
    (true_s, true_labels), (told_s, told_labels) = arrays(true), arrays(told)
    told_s, told_labels = mir_eval.util.adjust_intervals(
        told_s, told_labels, true_s.min(), true_s.max(), mir_eval.chord.NO_CHORD, mir_eval.chord.NO_CHORD
    )
    merged = [
        mir_eval.chord.merge_chord_intervals(*side) for side in ((true_s, true_labels), (told_s, told_labels))
    ]
    for name in ("underseg", "overseg", "seg"):
        triple.holds({name: getattr(mir_eval.chord, name)(*merged)})
