"""What a plugin author writes against: Plugin, its declarations, Region and Context."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from hemiola.corrections import NOTHING_SAID, Corrections
from hemiola.errors import PluginError
from hemiola.results.base import Result

NAME = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
SIZE = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(KiB|MiB|GiB)\s*$")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def parse_size(text: str) -> int:
    """Bytes of a size such as "512 MiB" or "1.5 GiB"; raises PluginError for anything else."""
    match = SIZE.match(text)
    if match is None:
        raise PluginError(f'a size is a number with KiB, MiB or GiB, such as "512 MiB", not {text!r}')
    return int(float(match[1]) * UNITS[match[2]])


@dataclass(frozen=True, slots=True)
class AudioView:
    """The form in which a plugin is handed audio.

    Parameters
    ----------
    rate
        Samples a second, or None for the file's own.
    channels
        1 for the mean of all channels, or None for all of the file's.
    source
        "mix", or a stem such as "drums": the best there is of it, named in `region.source`.
    """

    rate: int | None = 22050
    channels: int | None = 1
    source: str = "mix"

    def __post_init__(self) -> None:
        if self.rate is not None and not 1000 <= self.rate <= 768_000:
            raise PluginError(f"AudioView(rate={self.rate}): a rate lies between 1,000 and 768,000 Hz")
        if self.channels not in (1, None):
            raise PluginError(f"AudioView(channels={self.channels}): 1 for mono or None for all channels")


@dataclass(frozen=True, slots=True)
class Budget:
    """CPU seconds that one call may take: `seconds` plus `per_audio_second` for each second of its region."""

    seconds: float = 10.0
    per_audio_second: float = 1.0


class Config(BaseModel):
    """A plugin's settings: frozen fields with defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class Region(ABC):
    """A stretch of audio to be asked about. Times are seconds from the start of the file.

    Attributes
    ----------
    id, parent_id
        Names of this region and of the one that holds it.
    level
        "file", "take" or "region". A take's samples include its gaps.
    rate
        Samples a second of `samples`.
    source
        Which audio this is: "mix", or the stem that was found.
    file
        The file's name, for messages.
    """

    id: str
    level: str
    parent_id: str | None
    start_s: float
    end_s: float
    rate: int
    source: str
    file: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    @property
    @abstractmethod
    def samples(self) -> npt.NDArray[np.float32]:
        """Float32, shape (n,) for mono, else (channels, n). Read-only; mono is mapped, not read into memory."""

    @property
    def channels(self) -> tuple[npt.NDArray[np.float32], ...]:
        """Each channel's samples, shape (n,): mapped, where `samples` of several channels is a copy of them all."""
        return tuple(np.atleast_2d(self.samples))


R = TypeVar("R", bound=Result)
C = TypeVar("C", bound=Config)


class Context(ABC):
    """What a plugin may ask for while it answers."""

    scratch: Path | None
    """A folder to write in, when the plugin declares `scratch`; emptied after the job."""
    corrections: Corrections = NOTHING_SAID
    """What a person has said of the file; nothing, unless the plugin declares `heeds_corrections`."""

    @abstractmethod
    def need(self, result: type[R]) -> R:
        """The answer of this type for the same or a coarser level, windowed to the region.

        Raises Unavailable when there is none, which for a type listed in `needs` cannot happen.
        """

    @abstractmethod
    def get(self, result: type[R]) -> R | None:
        """As `need`, or None when there is none."""

    @abstractmethod
    def each(self, result: type[R]) -> list[tuple[Region, R]]:
        """The answers of this type of every finer region inside this one, in order of time."""

    @abstractmethod
    def progress(self, fraction: float) -> None:
        """Say how far the call is, 0 to 1."""

    @abstractmethod
    def model(self, name: str) -> Path:
        """The folder or file of a model that this plugin declares."""

    @abstractmethod
    def log(self, text: str) -> None:
        """Write a line that is kept as the outcome's detail when the call fails."""


class Plugin(ABC, Generic[R, C]):
    """One way to answer one question.

    Subclass `Plugin[ResultType, ConfigType]`, set the attributes, write `analyze`; heavy imports and
    weights belong into `load`. The validated settings are in `self.config`.
    """

    name: ClassVar[str] = ""
    """Reads `question.how`, lower case."""
    version: ClassVar[str] = ""
    audio: ClassVar[AudioView | None] = AudioView()
    needs: ClassVar[tuple[type[Result], ...]] = ()
    """Results it cannot do without."""
    uses: ClassVar[tuple[type[Result], ...]] = ()
    """Results it would like."""
    environment: ClassVar[str] = "main"
    budget: ClassVar[Budget] = Budget()
    memory: ClassVar[str] = "1 GiB"
    scratch: ClassVar[str | None] = None
    licence: ClassVar[str] = ""
    model_licence: ClassVar[str | None] = None
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose versions are shown beside the result."""
    models: ClassVar[tuple[str, ...]] = ()
    rank: ClassVar[int] = 100
    """Built-in plugins only: lower is asked first."""
    peer: ClassVar[bool] = False
    """A comparison only: never in the default chain, runs when it is named."""
    keep_warm: ClassVar[bool] = False
    """Whether its worker is kept between jobs, since its `load` takes long; it must answer one file as if it had
    heard no other."""
    degraded: ClassVar[str | None] = None
    """A fallback says why its answers are a makeshift, in a sentence; they are marked with it wherever they stand."""
    heeds_corrections: ClassVar[bool] = False
    """Whether its answer follows `context.corrections`; it is asked again when they change."""

    result_type: ClassVar[type[Result]]
    config_type: ClassVar[type[Config]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            if get_origin(base) is Plugin:
                result, config = get_args(base)
                cls.result_type, cls.config_type = result, config

    def __init__(self, config: C) -> None:
        self.config = config

    def load(self) -> None:
        """Import what is heavy and read weights; called once, before the first `analyze`."""
        return None

    @abstractmethod
    def analyze(self, region: Region, context: Context) -> R:
        """Answer for one region; raise Skip or Unavailable with a sentence when there is none."""


def check_declaration(plugin: type[Plugin[Any, Any]]) -> None:
    """Raise PluginError, naming the attribute and what to write, when a plugin is declared wrongly."""
    where = f"{plugin.__module__}.{plugin.__qualname__}"
    if not isinstance(getattr(plugin, "result_type", None), type) or not issubclass(
        plugin.result_type, Result
    ):
        raise PluginError(f"{where} must subclass Plugin[ResultType, ConfigType] with a Result and a Config")
    if not issubclass(plugin.config_type, Config):
        raise PluginError(f"{where}: the second type of Plugin[..., ...] must be a Config")
    if not NAME.match(plugin.name):
        raise PluginError(f'{where}.name must read "question.how" in lower case, not {plugin.name!r}')
    question = plugin.result_type.question
    if plugin.name.split(".")[0] != question:
        raise PluginError(f"{where}.name is {plugin.name!r}, but its result answers {question!r}")
    if not set(plugin.result_type.levels) <= {"file", "take", "region"} or not plugin.result_type.levels:
        raise PluginError(f"{plugin.result_type.__name__}.levels must name some of file, take, region")
    if not plugin.version:
        raise PluginError(f'{where}.version is missing: write version = "1.0.0"')
    for listed in (*plugin.needs, *plugin.uses):
        if not (isinstance(listed, type) and issubclass(listed, Result)):
            raise PluginError(f"{where}.needs and .uses list result types, not {listed!r}")
    parse_size(plugin.memory)
    if plugin.scratch is not None:
        parse_size(plugin.scratch)
