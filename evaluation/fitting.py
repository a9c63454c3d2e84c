"""`--calibrate` and `--calibration`: confidences fitted on one run's songs, and applied to another's.

What is fitted is judged at once, each song by a fit on the others, and kept in calibrations.json with the songs
and files that it was fitted on. A run over any of these refuses it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from core.errors import BadRequest
from evaluation.calibration import (
    Calibration,
    Claims,
    Method,
    brier,
    cross_fitted,
    ece_of_the_perfect,
    expected_calibration_error,
    fit,
)
from evaluation.items import Item, Scored
from evaluation.rows import Claim, Row
from hemiola.results.base import Part

NAME = "calibrations.json"


class Fitted(Part):
    """A calibration of one system's confidences about one event, and how it did on songs left out.

    Attributes
    ----------
    ece, brier : before, over all claims
    ece_other_songs, brier_other_songs : each song's claims by a fit on the other songs; None with too few songs
    ece_expected : of a perfect system at so many claims
    """

    system: str
    calibration: Calibration
    n: int
    n_songs: int
    ece: float
    brier: float
    ece_expected: float
    ece_other_songs: float | None = None
    brier_other_songs: float | None = None


_FILE = TypeAdapter(tuple[Fitted, ...])


def fitted(scored: Sequence[Scored], method: Method, seed: int = 0) -> tuple[list[Fitted], list[str]]:
    """A calibration for every system and event with claims, and sentences about those that cannot be fitted."""
    found, refused = [], []
    clean = [one for one in scored if not one.item.variant]
    pairs = {(one.system, row.event): None for one in clean for row in one.rows if isinstance(row, Claim)}
    for system, event in pairs:
        claims = claims_of((one for one in clean if one.system == system), event)
        try:
            calibration = fit(claims, event, method)
        except ValueError as error:
            refused.append(f"{system}: {error}")
            continue
        found.append(_judged(system, calibration, claims, method, seed))
    return found, refused


def claims_of(scored: Iterable[Scored], event: str) -> Claims:
    """The claims of one system about an event, marked with the songs and files that they are about."""
    chosen = list(scored)
    rows = [
        (row.confidence, row.right, one.item.song)
        for one in chosen
        for row in one.rows
        if isinstance(row, Claim) and row.event == event
    ]
    return Claims.of(rows, marks=(one.sha256 for one in chosen if one.sha256))


def require_others(known: Sequence[Fitted], items: Sequence[Item]) -> None:
    """Refuse songs that a calibration was fitted on, before any work is done; raises FittedOnThese."""
    songs = Claims.of([(0.5, True, item.song) for item in items])
    for one in known:
        one.calibration.require_other(songs)


def applied(scored: Sequence[Scored], known: Sequence[Fitted]) -> list[Scored]:
    """The same with calibrated confidences, where a calibration of system and event is known.

    Raises
    ------
    FittedOnThese
        Something of this was fitted on; the message names it.
    """
    calibrations = {(one.system, one.calibration.event): one.calibration for one in known}
    for (system, event), calibration in calibrations.items():
        calibration.require_other(claims_of((one for one in scored if one.system == system), event))
    return [dataclasses.replace(one, rows=tuple(_calibrated(one, calibrations))) for one in scored]


def write(path: Path, found: Sequence[Fitted]) -> None:
    """Write the calibrations, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(_FILE.dump_json(tuple(found), indent=1))
    partial.replace(path)


def read(path: Path) -> tuple[Fitted, ...]:
    """Read them; raises BadRequest for what is no such file, with what was found."""
    try:
        return _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise BadRequest(f"{path}: cannot be read ({error.strerror}); give the {NAME} of a run") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise BadRequest(f"{path}: is no {NAME}: {field}: {first['msg']}") from error


def print_table(console: Console, found: Sequence[Fitted]) -> None:
    """Every fit, and what it is worth on songs that it has not seen."""
    table = Table(title="Confidences, and the same calibrated on other songs", title_justify="left", box=None)
    for title in (
        "system",
        "event",
        "claims",
        "songs",
        "ECE",
        "calibrated",
        "of a perfect system",
        "Brier",
        "calibrated",
    ):
        table.add_column(title, justify="left" if title in ("system", "event") else "right")
    for one in found:
        numbers = (one.ece, one.ece_other_songs, one.ece_expected, one.brier, one.brier_other_songs)
        shown = ("–" if number is None else f"{number:.3f}" for number in numbers)
        table.add_row(one.system, one.calibration.event, str(one.n), str(one.n_songs), *shown)
    console.print(table)


def _judged(system: str, calibration: Calibration, claims: Claims, method: Method, seed: int) -> Fitted:
    told = Fitted(
        system=system,
        calibration=calibration,
        n=len(claims),
        n_songs=len(set(claims.songs.tolist())),
        ece=expected_calibration_error(claims.confidences, claims.right),
        brier=brier(claims.confidences, claims.right),
        ece_expected=ece_of_the_perfect(claims.confidences, seed=seed)[0],
    )
    try:
        others = cross_fitted(claims, calibration.event, method, seed=seed)
    except ValueError:  # a single song, or a fold without right or without wrong ones: then it is not judged
        return told
    ece = expected_calibration_error(others.confidences, others.right)
    judged = {"ece_other_songs": ece, "brier_other_songs": brier(others.confidences, others.right)}
    return told.model_copy(update=judged)


def _calibrated(one: Scored, calibrations: dict[tuple[str, str], Calibration]) -> Iterable[Row]:
    for row in one.rows:
        if isinstance(row, Claim) and (known := calibrations.get((one.system, row.event))):
            yield dataclasses.replace(row, confidence=float(known.apply(row.confidence)))
        else:
            yield row
