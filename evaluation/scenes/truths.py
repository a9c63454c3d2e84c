"""From a score and its performance to the exact truth, by the project's conventions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from evaluation.annotation import Change, HitMark, Labelled, Lag, NoteMark, Stretch, SwingStretch, Truth
from evaluation.scenes.patterns.strokes import TIMEKEEPERS
from evaluation.scenes.playing import Event
from evaluation.scenes.score import Score, State, Swung
from evaluation.scenes.tempo import TempoMap
from hemiola.results.rhythm import Polyrhythm

LEAST_DIVIDED = 8
"""With fewer beats divided in two there is no swing to speak of."""
LEAST_LAGS = 8
"""With fewer strokes an instrument's lag is not annotated."""


def rounded(seconds: float) -> float:
    """To the microsecond; a sample lasts 23."""
    return round(float(seconds), 6)


def timekeeper(events: Iterable[Event]) -> str | None:
    """The hihat or the ride, whichever has more hits; None without either."""
    names = [event.instrument for event in events]
    counted = sorted((-names.count(name), name) for name in TIMEKEEPERS if name in names)
    return counted[0][1] if counted else None


def divided_ratios(events: Sequence[Event], span: Swung) -> list[float]:
    """Long to short, as played, of every beat of a stretch that is divided in two.

    The timekeeper's hits are measured; without one, all drums', or all notes'. Beats divided otherwise are left out.
    """
    keeper = timekeeper(events)
    measured = [e for e in events if e.instrument == keeper] if keeper else list(events)
    played: dict[float, list[float]] = {}
    for event in measured:
        played.setdefault(round((event.stroke.at - span.start) / span.divided, 4), []).append(event.time_s)
    ratios = []
    for beat in range(round((span.end - span.start) / span.divided)):
        inner = [place for place in played if beat < place < beat + 1]
        if inner != [beat + 0.5] or beat not in played or beat + 1 not in played:
            continue
        start, middle, end = (float(np.mean(played[place])) for place in (beat, beat + 0.5, beat + 1))
        if start < middle < end:
            ratios.append((middle - start) / (end - middle))
    return ratios


def lags(events: Sequence[Event], score: Score) -> tuple[tuple[Lag, ...], str | None]:
    """How late each drum class plays against the timekeeper, and the timekeeper's name.

    Over the whole recording (position "all") and on each beat of the bar ("1", "2" ...), wherever there are
    LEAST_LAGS strokes or more. With one instrument alone its own mean is the zero.
    """
    numbers = {
        round(bar.start + place, 4): str(number)
        for bar in score.bars
        for number, place in enumerate(bar.meter.tactus, start=1)
    }
    late: dict[tuple[str, str], list[float]] = {}
    for event in events:
        if not event.stroke.pitched:
            number = numbers.get(round(event.stroke.at, 4))
            for position in ("all", number) if number else ("all",):
                late.setdefault((event.instrument, position), []).append(
                    1000.0 * (event.time_s - event.grid_s)
                )
    means = {place: float(np.mean(values)) for place, values in late.items() if len(values) >= LEAST_LAGS}
    whole = [name for name, position in means if position == "all"]
    reference = timekeeper(events) or (whole[0] if len(whole) == 1 else None)
    if reference not in whole:
        return (), None
    zero = means[reference, "all"]
    found = sorted((*place, round(mean - zero, 3)) for place, mean in means.items())
    return tuple(Lag(instrument=n, position=p, mean_ms=m) for n, p, m in found), reference


def _stretch(state: State, score: Score, tempo: TempoMap) -> Stretch:
    start = max(state.start, score.entry)
    first = state is score.states[0]
    begin = score.beats()[0] if first else start
    bpm = tempo.median_bpm(start, state.end)
    return Stretch(
        start_s=rounded(float(tempo.at(begin))),
        end_s=rounded(float(tempo.at(state.end))),
        meter=state.meter.name,
        grouping=state.meter.named_grouping,
        bpm=round(bpm, 3),
    )


def _changes(score: Score, tempo: TempoMap, stretches: Sequence[Stretch]) -> tuple[Change, ...]:
    starts = {state.start: index for index, state in enumerate(score.states)}
    return tuple(
        Change(
            time_s=rounded(float(tempo.at(turn.at))),
            kind=turn.kind,
            from_bpm=stretches[starts[turn.at] - 1].bpm,
            to_bpm=stretches[starts[turn.at]].bpm,
            ratio=turn.ratio,
        )
        for turn in score.turns
    )


def _swing(score: Score, events: Sequence[Event]) -> tuple[float | None, tuple[tuple[Swung, float], ...]]:
    """Mean of all divided beats where the level is one throughout, and of each stretch that has enough of them."""
    found = [(span, divided_ratios(events, span)) for span in score.swung]
    every = [ratio for _, ratios in found for ratio in ratios]
    enough = tuple((span, float(np.mean(ratios))) for span, ratios in found if len(ratios) >= LEAST_DIVIDED)
    one_level = len({span.level for span in score.swung}) == 1
    mean = float(np.mean(every)) if one_level and len(every) >= LEAST_DIVIDED else None
    return mean, enough


def _swing_stretches(
    swings: Sequence[tuple[Swung, float]], score: Score, tempo: TempoMap
) -> tuple[SwingStretch, ...] | None:
    made = (
        SwingStretch(**_span(span.start, span.end, score, tempo), swing_ratio=round(ratio, 4))
        for span, ratio in swings
    )
    return tuple(made) or None


def _layers(score: Score, tempo: TempoMap) -> tuple[Polyrhythm, ...]:
    return tuple(
        Polyrhythm(**_span(layer.start, layer.end, score, tempo), ratio=layer.ratio, kind=layer.kind)
        for layer in score.layers
    )


def _span(start: float, end: float, score: Score, tempo: TempoMap) -> dict[str, float]:
    """Where a stretch of the score lies in the recording; what precedes a random entry is not heard."""
    return {
        "start_s": rounded(float(tempo.at(max(start, score.entry)))),
        "end_s": rounded(float(tempo.at(end))),
    }


def truth_of(
    score: Score,
    tempo: TempoMap,
    events: Sequence[Event],
    *,
    kind: str,
    source: str,
    song: str,
    kit: str | None,
    microtiming: bool = False,
) -> Truth:
    """All that is true of a rendered scene.

    Beats and units include a count-in's; downbeats, as a cut first bar has none, begin at bar one. The first stretch
    begins at the first beat. Swing and microtiming are measured on what was played, the rest is the grid's.
    """
    stretches = tuple(_stretch(state, score, tempo) for state in score.states)
    meters = {(state.meter.name, state.meter.grouping) for state in score.states}
    one = score.states[0].meter
    swing, swings = _swing(score, events)
    late, reference = lags(events, score) if microtiming else (None, None)
    return Truth(
        kind=kind,
        origin="generated",
        source=source,
        licence="CC0-1.0",
        song=song,
        kit=kit,
        beats=_seconds(score.beats(), tempo),
        units=_seconds(score.units(), tempo),
        downbeats=_seconds(score.downbeats(), tempo),
        meter=one.name if len({name for name, _ in meters}) == 1 else None,
        grouping=one.named_grouping if len(meters) == 1 else None,
        segments=stretches,
        modulations=_changes(score, tempo, stretches),
        tempo=_tempo(score, tempo),
        swing=None if swing is None else round(swing, 4),
        swing_segments=_swing_stretches(swings, score, tempo),
        microtiming=late,
        microtiming_reference=reference,
        polyrhythms=_layers(score, tempo),
        onsets=tuple(sorted(rounded(event.time_s) for event in events)),
        hits=_hits(events),
        key=score.key,
        notes=_notes(events),
        chords=_chords(score, tempo),
    )


def _seconds(places: Sequence[float], tempo: TempoMap) -> tuple[float, ...]:
    return tuple(rounded(t) for t in tempo.at(places)) if places else ()


def _tempo(score: Score, tempo: TempoMap) -> float | None:
    """The one tempo; where states differ in theirs there is none."""
    bpms = [tempo.median_bpm(max(s.start, score.entry), s.end) for s in score.states]
    if any(turn.kind != "meter_change" for turn in score.turns) or max(bpms) > 1.08 * min(bpms):
        return None
    return round(tempo.median_bpm(max(score.states[0].start, score.entry), score.states[-1].end), 3)


def _hits(events: Sequence[Event]) -> tuple[HitMark, ...]:
    drums = (event for event in events if not event.stroke.pitched)
    return tuple(
        HitMark(time_s=rounded(e.time_s), instrument=e.instrument, velocity=round(e.stroke.velocity, 3))
        for e in drums
    )


def _notes(events: Sequence[Event]) -> tuple[NoteMark, ...]:
    return tuple(
        NoteMark(
            onset_s=rounded(e.time_s),
            offset_s=rounded(e.time_s + e.length_s),
            pitch=e.stroke.pitch,
            velocity=round(e.stroke.velocity, 3),
        )
        for e in events
        if e.stroke.pitched
    )


def _chords(score: Score, tempo: TempoMap) -> tuple[Labelled, ...] | None:
    if not score.chords:
        return None
    merged: list[list[float | str]] = []
    for chord in score.chords:
        if merged and merged[-1][2] == chord.label and merged[-1][1] == chord.start:
            merged[-1][1] = chord.end
        else:
            merged.append([chord.start, chord.end, chord.label])
    kept = [(max(float(a), score.entry), float(b), str(c)) for a, b, c in merged if float(b) > score.entry]
    return tuple(
        Labelled(start_s=rounded(float(tempo.at(a))), end_s=rounded(float(tempo.at(b))), label=c)
        for a, b, c in kept
    )
