"""Every measure by its stable name: what it is, of which question, and which way is better.

Rows of several kinds make figures of several names: a Value its mean (`beats.f`), Counts `NAME.micro`, `NAME.macro`
and `NAME[label]`, a Choice its accuracy `NAME` and, over two classes or more, `NAME.macro`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: stable name, question it belongs to, words for tables, unit, and which way is better."""

    name: str
    question: str
    title: str
    better: Literal["higher", "lower"] = "higher"
    unit: str = ""


_ALL = (
    Measure("beats.f", "beats", "beat F (70 ms)"),
    Measure("beats.f_any_level", "beats", "beat F, any level"),
    Measure("beats.cmlt", "beats", "beat CMLt"),
    Measure("beats.amlt", "beats", "beat AMLt"),
    Measure("beats.false_claim", "beats", "beats heard where none are", "lower"),
    Measure("units.f", "meter", "unit F (70 ms)"),
    Measure("downbeats.f", "meter", "downbeat F (70 ms)"),
    Measure("meter.exact", "meter", "meter exact"),
    Measure("meter.bar_length", "meter", "bar length right"),
    Measure("meter.grouping", "meter", "grouping right"),
    Measure("meter.time_right", "meter", "time in the right meter"),
    Measure("meter.false_odd", "meter", "false odd meter", "lower"),
    Measure("modulations.f", "meter", "changes found (1 s)"),
    Measure("modulations.error_s", "meter", "time error of changes", "lower", "s"),
    Measure("polyrhythms.f", "subdivision", "polyrhythms found"),
    Measure("polyrhythms.false_alarm", "subdivision", "false polyrhythm", "lower"),
    Measure("tempo.acc1", "tempo", "tempo Acc1 (4 %)"),
    Measure("tempo.acc2", "tempo", "tempo Acc2 (4 %)"),
    Measure("tempo.false_claim", "tempo", "tempo claimed where none is", "lower"),
    Measure("swing.error", "groove", "swing ratio error", "lower"),
    Measure("microtiming.error_ms", "groove", "microtiming error", "lower", "ms"),
    Measure("onsets.f_25ms", "onsets", "onset F (25 ms)"),
    Measure("onsets.f_50ms", "onsets", "onset F (50 ms)"),
    Measure("onsets.error_ms", "onsets", "onset time error, median", "lower", "ms"),
    Measure("hits.f_50ms", "hits", "hit F (50 ms)"),
    Measure("hits.velocity_r", "hits", "velocity correlation"),
    Measure("key.exact", "key", "key exact"),
    Measure("key.weighted", "key", "key weighted (MIREX)"),
    Measure("sections.f_05s", "sections", "boundary F (0.5 s)"),
    Measure("sections.f_3s", "sections", "boundary F (3 s)"),
    Measure("sections.pairwise_f", "sections", "pairwise label F"),
    Measure("regions.f_50ms", "regions", "region boundary F (50 ms)"),
    Measure("regions.error_ms", "regions", "region boundary error, median", "lower", "ms"),
    Measure("regions.count_error", "regions", "regions too many or too few", "lower"),
    Measure("content.time_right", "content", "time under the right content label"),
    Measure("notes.f_onset", "notes", "note F, onset and pitch"),
    Measure("notes.f", "notes", "note F, onset, pitch and offset"),
    Measure("chords.root", "chords", "chord root"),
    Measure("chords.majmin", "chords", "chord majmin"),
)
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}

EVENTS: dict[str, str] = {
    "key_exact": "the key is exact",
    "meter_exact": "the meter is exact",
    "tempo_4pct": "the tempo is within 4 %",
    "beats_f90": "the beats reach F 0.9 (70 ms)",
    "downbeats_f90": "the downbeats reach F 0.9 (70 ms)",
    "hit_50ms": "a hit of its class within 50 ms",
    "boundary_3s": "a section boundary within 3 s",
    "content_right": "a content label is right",
}
"""What a confidence is the probability of."""
