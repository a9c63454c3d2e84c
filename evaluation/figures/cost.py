"""What each plugin and each system took: seconds for a second of audio, and memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evaluation.figures.records import Record
from evaluation.figures.shape import Cost
from evaluation.figures.systems import systems_of


def costs(records: Sequence[Record]) -> list[Cost]:
    """A row for each plugin of each system, and one, without a plugin, for all of the system's.

    A plugin's audio is that of the items it ran on; an answer that was reused costs what it did when it was made.
    """
    found: list[Cost] = []
    for system in systems_of(records):
        own = [record for record in records if record.system == system and record.runs]
        if not own:
            continue
        found.append(_cost(system, "", own))
        for plugin in sorted({run.plugin for record in own for run in record.runs}):
            found.append(_cost(system, plugin, own))
    return found


def _cost(system: str, plugin: str, records: Sequence[Record]) -> Cost:
    ran = [
        (record, [run for run in record.runs if plugin in ("", run.plugin)])
        for record in records
        if any(plugin in ("", run.plugin) for run in record.runs)
    ]
    runs = [run for _, each in ran for run in each]
    seconds = sum(run.seconds for run in runs)
    audio_s = sum(record.duration_s for record, _ in ran)
    return Cost(
        system=system,
        plugin=plugin,
        n_items=len(ran),
        seconds=seconds,
        audio_s=audio_s,
        real_time_factor=seconds / audio_s if audio_s else 0.0,
        peak_mb=max((run.peak_mb for run in runs), default=0.0),
        statuses=dict(sorted(Counter(run.status for run in runs).items())),
    )
