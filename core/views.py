"""The cache of decoded audio: per file the views that workers map, and what a waveform is drawn from.

    CACHE/DATA/audio/SHA/play.wav   for a browser, made when it asks
    CACHE/DATA/audio/SHA/VERSION/   facts.json  peaks.dat  blocks.f32  overview.f32  zoom.f32  envelope.f32
                                    RATE-CHANNELS-N.f32

All of it can be made again from the file. The least recently used goes when there is too much; never
what a job holds.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hemiola.manifest import ViewManifest

VERSION = "1"
"""Of decoding: part of every cache key. A change in what is decoded raises it."""


@dataclass(frozen=True, slots=True, order=True)
class View:
    """A rate (0: the file's own) and a channel count (0: all of the file's)."""

    rate: int
    channels: int

    @classmethod
    def of(cls, audio: ViewManifest) -> View:
        """The view that a plugin's declaration asks for."""
        return cls(audio.rate or 0, audio.channels or 0)

    def file(self, channel: int) -> str:
        """Name of the file that holds this channel."""
        return f"{self.rate}-{self.channels}-{channel}.f32"


ALWAYS = View(22050, 1)
PLAYABLE = "play.wav"
LOOK_S = 5.0
"""The cache's size is summed up no more often than this."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file's decoded form on disk: facts told by the decoder, and a stamp of every view's files."""

    folder: Path
    facts: dict[str, Any]
    stamps: dict[str, list[int]]

    def has(self, view: View) -> bool:
        """Whether this view is there."""
        return view.file(0) in self.stamps

    def rate(self, view: View) -> int:
        """Samples a second of a view."""
        return view.rate or int(self.facts["rate"])

    def frames(self, view: View) -> int:
        """Samples of each channel of a view."""
        return self.stamps[view.file(0)][0] // 4

    def bytes(self, view: View) -> int:
        """Size of all channels of a view together."""
        return self.frames(view) * 4 * (view.channels or int(self.facts["channels"]))

    def open(self, view: View) -> list[int]:
        """Freshly opened read-only descriptors, one per channel; the caller closes them."""
        count = view.channels or int(self.facts["channels"])
        return [os.open(self.folder / view.file(n), os.O_RDONLY | os.O_CLOEXEC) for n in range(count)]

    def intact(self, view: View) -> bool:
        """Whether no byte of the view has been touched since it was written."""
        names = [name for name in self.stamps if name.startswith(view.file(0)[: -len("0.f32")])]
        return all(stamp_of(self.folder / name) == self.stamps[name] for name in names)


def stamp_of(path: Path) -> list[int]:
    """Size and times of a file: they change with its bytes."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return []
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]


class Views:
    """The cache folder's audio, with who holds what.

    Parameters
    ----------
    cache
        The data folder's part of the cache.
    limit
        Bytes it may hold; what jobs hold is not given up for it.
    """

    def __init__(self, cache: Path, limit: int) -> None:
        self.root = cache / "audio"
        for left in self.root.glob("*.part"):  # by an engine that was killed
            shutil.rmtree(left, ignore_errors=True)
        self._limit = limit
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._looked = (-LOOK_S, 0)

    @contextlib.contextmanager
    def hold(self, sha: str) -> Iterator[None]:
        """While inside, this file's views are not given up."""
        with self._lock:
            self._held[sha] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[sha] -= 1

    def folder(self, sha: str) -> Path:
        """Where a file's decoded form lies."""
        return self.root / sha / VERSION

    def find(self, sha: str) -> Stored | None:
        """The decoded form of a file, or None when it is not (wholly) there."""
        folder = self.folder(sha)
        try:
            told = json.loads((folder / "facts.json").read_bytes())
            os.utime(folder / "facts.json")
        except (OSError, ValueError):
            return None
        stored = Stored(folder, told["facts"], told["stamps"])
        there = all(stamp_of(folder / name) == stamp for name, stamp in stored.stamps.items())
        return stored if there else None

    def publish(self, sha: str, partial: Path, facts: dict[str, Any], names: list[str]) -> Stored:
        """Make a freshly written folder the file's decoded form: read-only files, then the facts, then its name."""
        for name in names:
            os.chmod(partial / name, 0o444)
        target = self.folder(sha)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(target)
        stamps = {name: stamp_of(target / name) for name in names}
        written = target / "facts.part"
        written.write_text(json.dumps({"facts": facts, "stamps": stamps}))
        written.replace(target / "facts.json")
        self.shrink()
        return Stored(target, facts, stamps)

    def playable(self, sha: str) -> Path:
        """Where the copy for a browser lies, once it is made."""
        return self.root / sha / PLAYABLE

    def bytes(self) -> int:
        """Size of all that is there, as of a few seconds ago."""
        looked, size = self._looked
        if time.monotonic() > looked + LOOK_S:
            size = _size(self.root)
            self._looked = (time.monotonic(), size)
        return size

    def empty(self) -> int:
        """Give up all that no job holds; returns the bytes freed."""
        return self._shrink_to(0)

    def discard(self, sha: str) -> None:
        """Give up a file's decoded form."""
        shutil.rmtree(self.root / sha, ignore_errors=True)

    def shrink(self) -> int:
        """Give up what was used least recently until the limit is kept; returns the bytes freed."""
        return self._shrink_to(self._limit)

    def _shrink_to(self, limit: int) -> int:
        with self._lock:
            folders = [path for path in self.root.glob("*") if not path.name.endswith(".part")]
            sized = sorted((_last_used(path), _size(path), path) for path in folders)
            total, freed = sum(size for _, size, _ in sized), 0
            for _used, size, path in sized:
                if total - freed <= limit:
                    break
                if not self._held[path.name]:
                    shutil.rmtree(path, ignore_errors=True)
                    freed += size
            return freed


def _last_used(folder: Path) -> float:
    marks = (folder / VERSION / "facts.json", folder / PLAYABLE)
    return max((mark.stat().st_mtime for mark in marks if mark.exists()), default=0.0)


def _size(folder: Path) -> int:
    sizes = (stamp_of(file)[:1] or [0] for file in folder.rglob("*") if file.is_file())
    return sum(size for (size,) in sizes)
