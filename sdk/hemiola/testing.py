"""For plugin authors' tests: signals whose truth is known, and running a plugin without the engine.

>>> from hemiola.testing import click_track, run
>>> samples = click_track([0.5, 1.0, 1.5], duration_s=2.0)
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from hemiola._worker.loading import load_source, registered
from hemiola.corrections import NOTHING_SAID, Corrections
from hemiola.errors import Unavailable
from hemiola.manifest import PluginManifest, describe
from hemiola.plugin import Config, Context, Plugin, Region
from hemiola.results.base import Result

R = TypeVar("R", bound=Result)
Samples = npt.NDArray[np.float32]


def click_track(times: Iterable[float], duration_s: float, rate: int = 22050) -> Samples:
    """Clicks: 5 ms bursts of 2 kHz that decay, each starting at its time exactly.

    Returns
    -------
    Float32, shape (duration_s * rate,).
    """
    samples = np.zeros(round(duration_s * rate), np.float32)
    at = np.arange(round(0.005 * rate)) / rate
    burst = (0.8 * np.cos(2 * np.pi * 2000 * at) * np.exp(-at / 0.001)).astype(np.float32)
    for time in times:
        first = round(time * rate)
        room = max(0, min(len(burst), len(samples) - first))
        samples[first : first + room] += burst[:room]
    return samples


def tone(frequency_hz: float, duration_s: float, rate: int = 22050, amplitude: float = 0.5) -> Samples:
    """A sine. Float32, shape (duration_s * rate,)."""
    at = np.arange(round(duration_s * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * frequency_hz * at)).astype(np.float32)


class GivenRegion(Region):
    """A region over samples that a test made."""

    def __init__(self, samples: Samples, rate: int, *, start_s: float = 0.0, level: str = "take") -> None:
        self.id, self.level, self.parent_id, self.file = "test", level, None, "test.wav"
        self.rate, self.source, self.start_s = rate, "mix", start_s
        self.end_s = start_s + samples.shape[-1] / rate
        self._samples = np.asarray(samples, np.float32)
        self._samples.flags.writeable = False

    @property
    def samples(self) -> Samples:
        """See Region.samples."""
        return self._samples


class GivenContext(Context):
    """A context over results that a test made: single ones, and lists of (region, result) for `each`."""

    def __init__(
        self,
        region: Region,
        results: Sequence[Result] = (),
        finer: Sequence[tuple[Region, Result]] = (),
        scratch: Path | None = None,
        corrections: Corrections = NOTHING_SAID,
    ) -> None:
        self._region, self._results, self._finer, self.scratch = region, tuple(results), tuple(finer), scratch
        self.corrections = corrections
        self.fractions: list[float] = []
        self.lines: list[str] = []

    def need(self, result: type[R]) -> R:
        """See Context.need."""
        found = self.get(result)
        if found is None:
            raise Unavailable(f"there is no answer about {result.question} here")
        return found

    def get(self, result: type[R]) -> R | None:
        """See Context.get."""
        for given in self._results:
            if isinstance(given, result):
                return given.window(self._region.start_s, self._region.end_s)
        return None

    def each(self, result: type[R]) -> list[tuple[Region, R]]:
        """See Context.each."""
        return [(region, given) for region, given in self._finer if isinstance(given, result)]

    def progress(self, fraction: float) -> None:
        """See Context.progress; kept in `fractions`."""
        self.fractions.append(fraction)

    def model(self, name: str) -> Path:
        """See Context.model."""
        raise Unavailable(f"the model {name!r} is not here")

    def log(self, text: str) -> None:
        """See Context.log; kept in `lines`."""
        self.lines.append(text)


def run(
    plugin: type[Plugin[R, Any]],
    samples: Samples,
    rate: int = 22050,
    *,
    config: Config | None = None,
    results: Sequence[Result] = (),
    finer: Sequence[tuple[Region, Result]] = (),
    start_s: float = 0.0,
    level: str = "take",
    corrections: Corrections = NOTHING_SAID,
    scratch: Path | None = None,
) -> R:
    """Load a plugin and ask it about samples, in this process; checks what it returns as a worker does.

    Parameters
    ----------
    samples
        Float32, shape (n,) or (channels, n), at `rate`.
    results, finer
        What `context.need` and `get`, and what `each`, find.
    corrections
        What a person has said; a plugin that does not declare `heeds_corrections` is not handed it.
    scratch
        A folder for what it writes, where you want to look at it; a plugin that declares `scratch` gets one anyway.

    Raises
    ------
    Skip, Unavailable
        As the plugin raised them.
    pydantic.ValidationError
        The result breaks its schema.
    """
    made = plugin(config if config is not None else plugin.config_type())
    made.load()
    region = GivenRegion(samples, rate, start_s=start_s, level=level)
    heard = corrections if plugin.heeds_corrections else NOTHING_SAID
    with tempfile.TemporaryDirectory() as folder:
        room = scratch or (Path(folder) if plugin.scratch else None)
        result = made.analyze(region, GivenContext(region, results, finer, room, heard))
        if type(result) is not plugin.result_type:
            raise TypeError(f"analyze() returned {type(result).__name__}, not {plugin.result_type.__name__}")
        for name in result.files():
            if room is None or not (room / name).is_file():
                raise FileNotFoundError(f"the result names {name}, which is not in the scratch folder")
    return plugin.result_type.from_json(result.to_json(), result.arrays())


def check(path: str | Path) -> list[PluginManifest]:
    """Load a plugin file or folder as the describe worker does; returns its manifests.

    Raises PluginError, naming what is wrong and what to write, for a wrong declaration.
    """
    module = load_source({"path": str(Path(path).resolve()), "module": None})
    return [describe(plugin) for plugin in registered(module)]


def load(path: str | Path) -> dict[str, type[Plugin[Any, Any]]]:
    """The plugin classes of a file or folder by name, loaded by file location."""
    module = load_source({"path": str(Path(path).resolve()), "module": None})
    return {plugin.name: plugin for plugin in registered(module)}
