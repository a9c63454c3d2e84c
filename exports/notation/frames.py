"""From a meter result to bars and beats in time: which beats a bar has, how long each is, where it lies."""

from __future__ import annotations

import bisect
import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hemiola.results import Meter, Tempo

from ..errors import NothingToWrite

NEAR = 0.25
"""Of a unit: times closer than this are the same."""
SHORTEST_UNIT_S = 0.02
MOST_UNITS = 60
"""Of one bar; a longer stretch without a downbeat is cut into bars."""
MOST_BARS = 100_000


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat: `edges` are the times of its units and of its end, seconds; `length` is in quarters."""

    edges: tuple[float, ...]
    length: Fraction

    @property
    def start_s(self) -> float:
        """Where it begins."""
        return self.edges[0]

    @property
    def end_s(self) -> float:
        """Where the next one begins."""
        return self.edges[-1]

    def position(self, time_s: float) -> float:
        """Where in the beat a time lies, 0 to 1; units share the beat evenly."""
        if time_s <= self.edges[0]:
            return 0.0
        if time_s >= self.edges[-1]:
            return 1.0
        unit = bisect.bisect_right(self.edges, time_s) - 1
        begin, end = self.edges[unit], self.edges[unit + 1]
        return (unit + (time_s - begin) / (end - begin)) / (len(self.edges) - 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """A bar before anything is written in it. A pick-up bar is shorter than its meter."""

    meter: tuple[int, int]
    beats: tuple[Beat, ...]
    pickup: bool = False

    @property
    def start_s(self) -> float:
        """Where it begins."""
        return self.beats[0].start_s

    @property
    def end_s(self) -> float:
        """Where the next one begins."""
        return self.beats[-1].end_s

    @property
    def length(self) -> Fraction:
        """Quarters in it."""
        return sum((beat.length for beat in self.beats), Fraction(0))

    @property
    def bpm(self) -> float:
        """Quarters a minute, as played in this bar."""
        return float(self.length) * 60 / (self.end_s - self.start_s)


@dataclass(frozen=True, slots=True)
class _Signature:
    numerator: int
    denominator: int
    grouping: tuple[int, ...]

    @classmethod
    def of(cls, meter: str, grouping: Sequence[int]) -> _Signature:
        numerator, denominator = map(int, meter.split("/"))
        return cls(numerator, denominator, tuple(grouping) if sum(grouping) == numerator else ())

    def groups(self, units: int) -> list[int]:
        """Units of each beat in a bar of `units`: those of the grouping, where the bar is whole."""
        if self.denominator <= 4:
            return [1] * units
        whole = self.grouping if self.grouping and units == self.numerator else self._usual(units)
        return [part for group in whole for part in self._parted(group)]

    def _usual(self, units: int) -> list[int]:
        """Threes where the meter is of threes, else quarters with what is left at the end."""
        threes = self.numerator % 3 == 0 and self.numerator > 3 and set(self.grouping) <= {3}
        size = 3 if threes or (self.numerator, self.denominator) == (3, 8) else self.denominator // 4
        full, rest = divmod(units, size)
        return [size] * full + ([rest] if rest else [])

    def _parted(self, group: int) -> list[int]:
        """A group as beats of a quarter, of a dotted quarter, or of what is smaller."""
        quarter = self.denominator // 4
        if group in (3, 3 * quarter // 2):
            return [group]
        parts = [quarter] * (group // quarter)
        rest = group % quarter
        if rest and parts and quarter == 2:  # five eighths are a dotted quarter and a quarter
            return [3, *parts[1:]]
        return parts + [1 << bit for bit in reversed(range(rest.bit_length())) if rest >> bit & 1]


def frames(
    meter: Meter | None, tempo: Tempo | None, first_s: float, last_s: float
) -> tuple[list[Frame], str]:
    """Bars that hold every hit from the first to the last, and a remark on how they were found ("" for none).

    Without downbeats it is 4/4 at the tempo, from the first hit on.

    Raises
    ------
    NothingToWrite
        There is no meter and no tempo, or there are far more bars than anyone writes.
    """
    remark = ""
    if meter is None or meter.meter is None or not meter.downbeat_times:
        meter, remark = _assumed(tempo, first_s)
    return _Framing(meter).bars(first_s, last_s), remark


def _assumed(tempo: Tempo | None, first_s: float) -> tuple[Meter, str]:
    if tempo is None or tempo.bpm is None:
        raise NothingToWrite(
            "neither a meter nor a tempo was found, so the hits have no bars to stand in; say the tempo with --bpm"
        )
    bar = 4 * 60 / tempo.bpm
    times = (first_s, first_s + bar)
    units = tuple(first_s + n * bar / 4 for n in range(8))
    remark = f"No meter was found: written in 4/4 at {tempo.bpm:.0f} BPM from the first hit on."
    return Meter(meter="4/4", downbeat_times=times, unit_times=units), remark


class _Framing:
    def __init__(self, meter: Meter) -> None:
        assert meter.meter is not None
        self._usual = _Signature.of(meter.meter, meter.grouping)
        self._segments = [
            (one.start_s, _Signature.of(one.meter, one.grouping), 240 / one.bpm) for one in meter.segments
        ]
        self._starts = [start for start, _, _ in self._segments]
        self._units = _apart(meter.unit_times, SHORTEST_UNIT_S)
        self._downs = _apart(meter.downbeat_times, SHORTEST_UNIT_S)
        self._unit_s = (
            statistics.median(map(_span, itertools.pairwise(self._units))) if self._units[1:] else None
        )
        self._made = 0

    def bars(self, first_s: float, last_s: float) -> list[Frame]:
        """From before `first_s` to after `last_s`."""
        before = self._before(first_s)
        between = [
            frame for start, end in itertools.pairwise(self._downs) for frame in self._between(start, end)
        ]
        return [*before, *between, *self._after(last_s)]

    # -- the meter and its unit at a time ----------------------------------------------------

    def _signature(self, time_s: float) -> tuple[_Signature, float]:
        """The meter from a time on, and about how long its unit lasts."""
        at = bisect.bisect_right(self._starts, time_s + 0.05) - 1
        if at >= 0:
            _, signature, whole_s = self._segments[at]
            return signature, whole_s / signature.denominator
        signature = self._segments[0][1] if self._segments else self._usual
        return signature, self._unit_near(time_s, signature)

    def _unit_near(self, time_s: float, signature: _Signature) -> float:
        """The unit as played about a time, where no segment says it."""
        if self._unit_s is not None:
            at = bisect.bisect_left(self._units, time_s)
            near = self._units[max(0, at - 4) : at + 5]
            return statistics.median(map(_span, itertools.pairwise(near))) if near[1:] else self._unit_s
        if self._downs[1:]:
            at = min(bisect.bisect_left(self._downs, time_s), len(self._downs) - 2)
            return _span((self._downs[at], self._downs[at + 1])) / signature.numerator
        return 2.0 / signature.denominator

    def _inside(self, start: float, end: float, near: float) -> list[float]:
        first = bisect.bisect_right(self._units, start + near)
        stop = bisect.bisect_left(self._units, end - near)
        return self._units[first:stop]

    # -- stretches -----------------------------------------------------------------------------

    def _between(self, start: float, end: float) -> list[Frame]:
        """The bar between two downbeats, of as many units as its meter says or as were heard; several where long."""
        signature, unit = self._signature(start)
        usual = signature.numerator
        edges = [start, *self._inside(start, end, NEAR * (end - start) / usual), end]
        if len(edges) - 1 == usual:
            return [self._frame(signature, edges)]
        count = max(1, round((end - start) / unit))
        if count >= 2 * usual or count > MOST_UNITS:
            parts = max(2, round(count / usual))
            step = (end - start) / parts
            self._count(parts)
            return [
                self._frame(signature, _even(start + n * step, start + (n + 1) * step, usual))
                for n in range(parts)
            ]
        if len(edges) - 1 == count:
            return [self._frame(signature, edges)]
        return [self._frame(signature, _even(start, end, count))]

    def _before(self, first_s: float) -> list[Frame]:
        """What comes before the first downbeat: whole bars, and before them a pick-up."""
        start = self._downs[0]
        signature, unit = self._signature(start)
        edges = [*self._inside(min(first_s, start) - unit, start, NEAR * unit), start]
        while edges and first_s < edges[0] - NEAR * unit:
            edges.insert(0, edges[0] - unit)
            self._count()
        while len(edges) > 1 and edges[1] <= first_s + NEAR * unit:
            edges.pop(0)
        bars: list[Frame] = []
        while len(edges) > 1:
            bars.insert(0, self._frame(signature, edges[-signature.numerator - 1 :], pickup=True))
            edges = edges[: -signature.numerator] if len(edges) > signature.numerator else []
        return bars

    def _after(self, last_s: float) -> list[Frame]:
        """From the last downbeat until nothing follows, and a bar for what is early for it."""
        start = self._downs[-1]
        signature, unit = self._signature(start)
        edges = [start, *self._inside(start, last_s + unit, NEAR * unit)]
        bars: list[Frame] = []
        while not bars or bars[-1].end_s <= last_s + unit:
            while len(edges) <= signature.numerator:
                edges.append(edges[-1] + unit)
            bars.append(self._frame(signature, edges[: signature.numerator + 1]))
            edges = edges[signature.numerator :]
        return bars

    def _frame(self, signature: _Signature, edges: list[float], *, pickup: bool = False) -> Frame:
        self._count()
        units = len(edges) - 1
        usual = signature.groups(signature.numerator)
        short = pickup and units < signature.numerator
        groups = _tail(usual, units) if short else signature.groups(units)
        beats, at = [], 0
        for group in groups:
            beats += _beats(edges[at : at + group + 1], Fraction(4 * group, signature.denominator))
            at += group
        numerator = signature.numerator if short else units
        return Frame((numerator, signature.denominator), tuple(beats), short)

    def _count(self, bars: int = 1) -> None:
        self._made += bars
        if self._made > MOST_BARS:
            raise NothingToWrite(f"the meter has over {MOST_BARS:,} bars, more than a sheet can hold")


def _beats(edges: list[float], length: Fraction) -> list[Beat]:
    """One beat, or quarters where it is longer."""
    parts = int(length) if length > Fraction(3, 2) else 1
    if parts == 1:
        return [Beat(tuple(edges), length)]
    even = _even(edges[0], edges[-1], parts)
    return [Beat(pair, Fraction(1)) for pair in itertools.pairwise(even)]


def _tail(groups: list[int], units: int) -> list[int]:
    """The last `units` units of a bar of these groups."""
    kept: list[int] = []
    for group in reversed(groups):
        taken = min(group, units - sum(kept))
        if taken:
            kept.insert(0, taken)
    return kept


def _even(start: float, end: float, count: int) -> list[float]:
    return [start + (end - start) * n / count for n in range(count)] + [end]


def _apart(times: Sequence[float], least: float) -> list[float]:
    """Ascending times, without those that are hardly later than the one before."""
    kept: list[float] = []
    for time_s in times:
        if not kept or time_s - kept[-1] >= least:
            kept.append(time_s)
    return kept


def _span(pair: tuple[float, float]) -> float:
    return pair[1] - pair[0]
