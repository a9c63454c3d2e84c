"""What the shipped networks are trained on: the sources, how many clips of each, and through which kits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.scenes.kits import Kit
from evaluation.training.sources import Source
from evaluation.training.sources.corpus import table_path
from evaluation.training.sources.generated import Generated, own_kit
from evaluation.training.sources.invented import Invented
from evaluation.training.sources.invented_piano import InventedPiano
from evaluation.training.sources.kits import training_kit
from evaluation.training.sources.performed import Performed
from evaluation.training.sources.scores import Scores

SAMPLED = 0.6
"""Of the kits: sampled ones where they are installed, the others synthesised."""


@dataclass(frozen=True)
class Portion:
    """A source with its numbers of seen and left-out clips."""

    source: Source
    seen: int
    left_out: int


def any_kit(random: np.random.Generator, left_out: bool) -> Kit:
    """A kit of the side, sampled or synthesised."""
    return training_kit(random, left_out) if random.random() < SAMPLED else own_kit(random, left_out)


def portions(scale: float = 1.0) -> list[Portion]:
    """All sources, the scores only where their table is; `scale` makes all portions smaller alike, for a trial."""
    whole = (
        Portion(Generated(kit=any_kit), 2400, 80),
        Portion(Invented(kit=any_kit), 3600, 70),
        Portion(Performed(), 3600, 70),
        Portion(InventedPiano(), 2600, 40),
        *((Portion(Scores(), 2400, 40),) if table_path().is_file() else ()),
    )
    return [
        Portion(p.source, max(1, round(scale * p.seen)), max(1, round(scale * p.left_out))) for p in whole
    ]
