"""What figures are: the parts of results.json, by stable names.

A figure's name is its measure's, with a suffix for what was done over classes: `NAME` the mean over items, or the
accuracy over items; `NAME.micro` events of all classes together; `NAME.macro` the mean over the classes of the
truth, where it has two or more; `NAME[CLASS]` one class; each of the latter two also with `.precision` and
`.recall`; `NAME.invented` events per item that are not there. Places never mix origins.
"""

from __future__ import annotations

from typing import Literal

from evaluation.annotation import Origin
from hemiola.results.base import Number, Part

Verdict = Literal["better", "worse", "no difference shown", "too few songs"]
By = Literal["", "kind", "meter", "kit"]
Triple = tuple[int, int, int]


class Place(Part):
    """Which items: a set's (or, with an empty name, those of all sets) of one origin, all or a group of them."""

    set: str
    origin: Origin
    variant: str = ""
    """How the audio was worn down; empty: as it is."""
    by: By = ""
    group: str = ""
    """The kind, meter or kit that these items share; empty: all."""


class Size(Place):
    """How many items and songs lie at a place, whatever is known about them."""

    n_items: int
    n_songs: int


class Figure(Place):
    """A number about a system, with its 95 % interval from resampled songs.

    No interval with a single song, or, of a mean over classes, with a class of a single song.
    """

    name: str
    measure: str
    system: str
    value: Number
    low: Number | None
    high: Number | None
    n_items: int
    n_songs: int
    unit: str
    better: Literal["higher", "lower"]
    trained_on: str = ""
    """Why the system may know these items; empty: it does not, as far as is known."""


class Comparison(Place):
    """A system beside another on the items that both were scored on; `difference` is `value` less `other`.

    `kind` peer: against another system; variant: the worn-down audio against the clean (`against` is "clean");
    baseline: these results against older ones of the same system.
    """

    kind: Literal["peer", "variant", "baseline"]
    name: str
    measure: str
    system: str
    against: str
    value: Number
    other: Number
    difference: Number
    low: Number | None
    high: Number | None
    n_items: int
    n_songs: int
    unit: str
    better: Literal["higher", "lower"]
    verdict: Verdict
    trained_on: str = ""


class Confusion(Place):
    """How often each class (rows) was answered with each (columns); the empty answer is none."""

    measure: str
    system: str
    truths: tuple[str, ...]
    answers: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Tally(Place):
    """Events of a class that were found, invented and missed."""

    measure: str
    system: str
    label: str
    found: int
    invented: int
    missed: int


class Cost(Part):
    """What a plugin (or, without one, a whole system) took over all items it ran on.

    `real_time_factor` is seconds of work for each second of audio; `statuses` counts the ledger's words.
    """

    system: str
    plugin: str
    n_items: int
    seconds: Number
    audio_s: Number
    real_time_factor: Number
    peak_mb: Number
    statuses: dict[str, int]


class Bin(Part):
    """Claims whose confidence lies in [low, high): how many, their mean, and the share that came true."""

    low: Number
    high: Number
    n: int
    confidence: Number | None
    right: Number | None
    right_low: Number | None = None
    right_high: Number | None = None


class Reliability(Place):
    """How far a system's confidences about one event can be believed.

    Attributes
    ----------
    ece : expected calibration error over ten equal bins
    ece_expected, ece_p95 : mean and 95 % quantile of the same for a system whose confidences are exactly true,
        at these very confidences: what chance alone makes of so few claims
    brier : mean squared difference of confidence and outcome
    coverage, risk : share of claims kept, the most confident first, and the share of wrong ones among them
    risk_area : mean risk over coverage; a confidence that says nothing gives the share of wrong claims
    auc : chance that of a wrong and a right claim the wrong one has the lower confidence; None where all are
        right, or all are wrong
    """

    event: str
    system: str
    n: int
    n_songs: int
    n_right: int
    bins: tuple[Bin, ...]
    ece: Number
    ece_expected: Number
    ece_p95: Number
    brier: Number
    coverage: tuple[Number, ...]
    risk: tuple[Number, ...]
    risk_area: Number
    auc: Number | None
    auc_low: Number | None
    auc_high: Number | None
    trained_on: str = ""


class Figures(Part):
    """Everything that is told about a run."""

    sizes: tuple[Size, ...] = ()
    figures: tuple[Figure, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    tallies: tuple[Tally, ...] = ()
    reliabilities: tuple[Reliability, ...] = ()
    costs: tuple[Cost, ...] = ()
    answers: dict[str, tuple[str, ...]] = {}
    """By system: the questions that it answers. Others have no figures, and are a dash in a table."""
    notices: tuple[str, ...] = ()
