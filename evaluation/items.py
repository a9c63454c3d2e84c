"""An item of a set: a recording with its truth; and what one system made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from evaluation.annotation import Truth
from evaluation.rows import Row


@dataclass(frozen=True, slots=True)
class Item:
    """A recording with its truth.

    Attributes
    ----------
    set : name of the set it is of ("mdb-drums", "builtin", a folder's name)
    name : unique within the set; the audio file's path relative to the set's folder, as a rule
    audio : the file
    truth : what is known about it
    variant : "" as it is, else how it was worn down ("mp3_64k"); see `robustness`
    """

    set: str
    name: str
    audio: Path
    truth: Truth
    variant: str = ""

    @property
    def song(self) -> str:
        """What intervals are clustered by."""
        return f"{self.set}/{self.truth.song or self.name}"


@dataclass(frozen=True, slots=True)
class PluginRun:
    """What one plugin did on one item, over all its regions."""

    plugin: str
    status: str
    """The ledger's word; the worst of the regions'."""
    reason: str
    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Scored:
    """What one system made of one item."""

    item: Item
    system: str
    """"hemiola", a peer ("madmom") or a provider ("key.essentia")."""
    verdict: str
    """The document's, or "lost" where there is none; `reason` says why."""
    reason: str
    duration_s: float
    rows: tuple[Row, ...]
    runs: tuple[PluginRun, ...] = field(default=())
    questions: tuple[str, ...] = field(default=())
    """Those that this system answers at all: others are shown as a dash."""
    sha256: str = ""
    """Of the file's bytes; empty where there is no document."""
