"""What a system answers, and which systems are set beside which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.figures.records import Record
from evaluation.figures.shape import Triple
from evaluation.measures import MEASURES

PROJECT = "hemiola"
CONSTANT = "constant"
"""The answer that never listened; it stands last."""

QUESTION_OF_EVENT = {
    "key_exact": "key",
    "meter_exact": "meter",
    "tempo_4pct": "tempo",
    "beats_f90": "beats",
    "downbeats_f90": "meter",
    "hit_50ms": "hits",
    "boundary_3s": "sections",
    "content_right": "content",
}


def systems_of(records: Iterable[Record]) -> list[str]:
    """The project first, then its providers, then peers, each in the order they came."""
    found = list(dict.fromkeys(record.system for record in records))
    return sorted(found, key=_rank)


def is_peer(system: str) -> bool:
    """Whether a system is another project's; a provider of this one has its question's name and a dot."""
    return system != PROJECT and "." not in system


def pairs(systems: Sequence[str]) -> list[tuple[str, str]]:
    """Who is compared with whom: the project and its providers with each peer, the project with its providers."""
    own = [system for system in systems if not is_peer(system)]
    peers = [system for system in systems if is_peer(system)]
    within = [(PROJECT, system) for system in own if system != PROJECT and PROJECT in own]
    return [(system, peer) for system in own for peer in peers] + within


def answers_of(records: Iterable[Record]) -> dict[str, tuple[str, ...]]:
    """The questions that each system answers; a lost item may not tell."""
    found: dict[str, set[str]] = {}
    for record in records:
        found.setdefault(record.system, set()).update(record.questions)
    return {system: tuple(sorted(found[system])) for system in sorted(found, key=_rank)}


def only_answered(records: Iterable[Record], answers: dict[str, tuple[str, ...]]) -> list[Record]:
    """The records without scores of questions that their system does not answer, and with empty counts in full."""
    return with_empty_counts(
        [_only(record, frozenset(answers[record.system])) for record in records], answers
    )


def with_empty_counts(records: Sequence[Record], answers: dict[str, tuple[str, ...]]) -> list[Record]:
    """The records, each with an empty count where another system has events of a measure on the same item.

    An item without events, of which a system rightly answers none, has no counts; it was scored all the same.
    """
    counted: dict[tuple[str, str, str], set[str]] = {}
    for record in records:
        counted.setdefault((record.set, record.item, record.variant), set()).update(record.counts)
    found: list[Record] = []
    for record in records:
        measures = counted[record.set, record.item, record.variant] - record.counts.keys()
        empty: dict[str, dict[str, Triple]] = {
            name: {} for name in sorted(measures) if MEASURES[name].question in answers[record.system]
        }
        found.append(record.model_copy(update={"counts": {**record.counts, **empty}}) if empty else record)
    return found


def _only(record: Record, questions: frozenset[str]) -> Record:
    def answered(measure: str) -> bool:
        return MEASURES[measure].question in questions

    return record.model_copy(
        update={
            "values": {name: each for name, each in record.values.items() if answered(name)},
            "counts": {name: each for name, each in record.counts.items() if answered(name)},
            "choices": {name: each for name, each in record.choices.items() if answered(name)},
            "claims": {
                event: each for event, each in record.claims.items() if QUESTION_OF_EVENT[event] in questions
            },
            "failures": tuple(fault for fault in record.failures if answered(fault.measure)),
        }
    )


def _rank(system: str) -> int:
    if system == PROJECT:
        return 0
    if system == CONSTANT:
        return 3
    return 2 if is_peer(system) else 1
