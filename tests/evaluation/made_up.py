"""Made-up scores with known properties, for the tests of figures and reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from evaluation import figures
from evaluation.annotation import Origin, Truth
from evaluation.figures.records import records_of
from evaluation.items import Item, PluginRun, Scored
from evaluation.rows import Choice, Claim, Counts, Failure, Row, Value

ALL = ("beats", "meter", "tempo", "subdivision", "groove", "onsets", "hits", "key", "regions")
METERS = ("4/4", "3/4", "7/8", "5/4", "6/8")


def figures_of(
    made: Iterable[Scored], seed: int = 0, trained_on: figures.TrainedOn | None = None
) -> figures.Figures:
    """The figures of scores, by way of the records that results.json keeps."""
    records, notices = records_of(made)
    return figures.figures_of(records, seed=seed, trained_on=trained_on, notices=notices)


def item(
    name: str,
    *,
    set: str = "set",
    origin: Origin = "recording",
    kind: str = "drums",
    song: str | None = None,
    meter: str | None = "4/4",
    kit: str | None = None,
    variant: str = "",
) -> Item:
    truth = Truth(kind=kind, origin=origin, source="made up", licence="CC0", song=song, meter=meter, kit=kit)
    return Item(set, name, Path("/audio") / set / name, truth, variant)


def scored(
    item: Item,
    rows: Sequence[Row],
    *,
    system: str = "hemiola",
    verdict: str = "complete",
    reason: str = "",
    runs: tuple[PluginRun, ...] = (),
    questions: tuple[str, ...] = ALL,
    duration_s: float = 20.0,
) -> Scored:
    return Scored(item, system, verdict, reason, duration_s, tuple(rows), runs, questions)


def values(numbers: Sequence[float], measure: str = "beats.f", **more: object) -> list[Scored]:
    """An item, which is a song, for each number."""
    return [
        scored(item(f"{index:03}.wav"), [Value(measure, number)], **more)  # type: ignore[arg-type]
        for index, number in enumerate(numbers)
    ]


SKILL = {"hemiola": 0.86, "madmom": 0.8, "essentia": 0.72, "librosa": 0.62, "key.librosa": 0.5}
ANSWERS = {
    "hemiola": ALL,
    "madmom": ("beats", "meter", "onsets", "key", "tempo"),
    "essentia": ("beats", "tempo", "onsets", "key"),
    "librosa": ("beats", "tempo", "onsets"),
    "key.librosa": ("key",),
}


def run_of(
    items: int = 40, *, seed: int = 0, skill: dict[str, float] | None = None, variants: Sequence[str] = ("",)
) -> list[Scored]:
    """A whole run: three sets, one of each origin, with every kind of row; peers less able than the project."""
    random = np.random.default_rng(seed)
    sets: tuple[tuple[str, Origin], ...] = (
        ("builtin", "generated"),
        ("rendered-drums", "human"),
        ("mdb-drums", "recording"),
    )
    found: list[Scored] = []
    for name, origin in sets:
        for index in range(items // 3 if origin != "generated" else items):
            for variant in variants:
                made = item(
                    f"{index:03}.wav",
                    set=name,
                    origin=origin,
                    kind=("plain", "odd meter", "swing ladder", "polyrhythm")[index % 4],
                    song=f"song {index // 2}" if origin == "human" else None,
                    meter="4/4" if origin == "recording" else METERS[index % 5],
                    kit=f"kit {index % 3}" if origin == "human" else None,
                    variant=variant,
                )
                hard = random.normal(0, 0.12)
                for system, level in (skill or SKILL).items():
                    worn = 0.07 if variant else 0.0
                    found.append(_made(made, system, level - worn + hard, random))
    return found


def _made(made: Item, system: str, level: float, random: np.random.Generator) -> Scored:
    def near(offset: float = 0.0, spread: float = 0.08) -> float:
        return float(np.clip(level + offset + random.normal(0, spread), 0, 1))

    def right(offset: float = 0.0) -> bool:
        return bool(random.random() < np.clip(level + offset, 0.02, 0.98))

    meter = made.truth.meter or "4/4"
    answered = meter if right() else "4/4"
    rows: list[Row] = [
        Value("beats.f", near()),
        Value("beats.f_any_level", near(0.05)),
        Value("downbeats.f", near(-0.1)),
        Choice("meter.exact", meter, answered, answered == meter),
        Value("meter.bar_length", float(right(0.05))),
        Value("tempo.acc1", float(right())),
        Value("tempo.acc2", float(right(0.1))),
        Value("onsets.f_50ms", near(0.05)),
        Value("onsets.f_25ms", near(-0.03)),
        Value("onsets.error_ms", float(abs(random.normal(4, 2)))),
        Choice("key.exact", "A minor", "A minor" if right() else "C major", level > 0.8),
        Value("key.weighted", near()),
        Value("swing.error", float(abs(random.normal(0, 0.1)))),
        *(
            Counts("hits.f_50ms", label, int(random.binomial(n, min(0.99, max(0, level)))), 3, 4)
            for label, n in (("kick", 30), ("snare", 20), ("hihat", 60), ("tom", 6))
        ),
        Counts("polyrhythms.f", "", int(right()), int(not right()), int(not right())),
        Value("meter.false_odd", float(not right(0.1))),
    ]
    confidence = near(0.0, 0.2)
    rows += [
        Claim("meter_exact", confidence, answered == meter),
        Claim("tempo_4pct", near(0.0, 0.2), right()),
        *(Claim("hit_50ms", float(given), bool(random.random() < given**1.4)) for given in random.random(12)),
        Failure("beats.f", 7.25, f"a beat is missing at 7.25 s in {made.name}"),
    ]
    if answered != meter:
        rows.append(Failure("meter.exact", 2.5, f"answered {answered} for {meter}"))
    runs = (
        PluginRun(f"beats.{system}", "ok", "", 0.8 + random.random(), 120.0),
        PluginRun(f"key.{system}", "ok" if right(0.1) else "crashed", "", 0.2, 60.0),
    )
    return scored(made, rows, system=system, runs=runs, questions=ANSWERS.get(system, ALL))
