"""Settings: from flags, then HEMIOLA_* variables, then the settings file, then defaults.

The file is settings.toml in $XDG_CONFIG_HOME/hemiola; its keys are the fields below. A variable is
HEMIOLA_ and the field in capitals: HEMIOLA_DATA, HEMIOLA_CACHE_GB. Those of BARE are read without the prefix as well.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.errors import BadSettings
from core.regions import RegionSettings

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""
SHORTEST_SECRET = 16
BARE = (
    "model_uri",
    "model_version",
    "model_sha256",
    "model_cache_dir",
    "low_confidence_threshold",
    "pdf_backend",
)
"""Settings that other programs of a site share: their variables may stand without HEMIOLA_, which comes first."""


def _xdg(variable: str, fallback: str) -> Path:
    chosen = os.environ.get(variable, "")
    base = Path(chosen) if chosen.startswith("/") else Path.home() / fallback
    return base / "hemiola"


def _folders(value: Any) -> Any:
    """Folders from one text with colons between them, as in PATH."""
    return tuple(part for part in value.split(":") if part) if isinstance(value, str) else value


def _names(value: Any) -> Any:
    """Names from one text with commas between them."""
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def _secret(value: str) -> str:
    if len(value) < SHORTEST_SECRET or not all("!" <= sign <= "~" for sign in value):
        raise ValueError(f"at least {SHORTEST_SECRET} characters, ASCII without spaces")
    return value


def _sha256(value: str) -> str:
    if len(value) != 64 or not set(value.lower()) <= set("0123456789abcdef"):
        raise ValueError("a SHA-256 has 64 hexadecimal digits")
    return value.lower()


class Settings(BaseModel):
    """What can be set. Sizes are in GB (10^9 bytes), times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(default_factory=lambda: _xdg("XDG_DATA_HOME", ".local/share"))
    """Database, artifacts, `plugins.d/`."""
    cache: Path = Field(default_factory=lambda: _xdg("XDG_CACHE_HOME", ".cache"))
    """Decoded audio and manifests: all of it can be made again."""
    models: Path | None = None
    """Models that plugins declare, each under its name; by default `models` in the data folder."""
    model_cache_dir: Path | None = None
    """Models that were fetched; by default `models` in the cache folder."""
    model_uri: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    """Source of a site's own drum network, the model `annoteator`: http, https, s3, file or a path."""
    model_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=150)] = "1"
    """Its version; another one is fetched anew."""
    model_sha256: Annotated[str, AfterValidator(_sha256)] | None = None
    """What its bytes must hash to."""
    cache_gb: Annotated[float, Field(gt=0)] = 20.0
    sandbox: Literal["confined", "portable"] = "confined"
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        default_factory=lambda: (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )
    )
    """Plugins that run at the same time."""
    jobs: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: (os.cpu_count() or 1) + 1)
    """Files that are worked on at the same time; more than `workers`, so that none waits for one file's last plugin."""
    memory_gb: Annotated[float, Field(gt=0)] | None = None
    """Memory that running plugins may declare in all; by default four fifths of what the machine has free."""
    still_s: Annotated[float, Field(gt=0)] = 30.0
    """A worker that neither works nor speaks for this long is ended."""
    max_hours: Annotated[float, Field(gt=0, le=48)] = 12.0
    """Longest recording taken in."""
    min_gap_s: Annotated[float, Field(ge=0)] = 0.3
    min_length_s: Annotated[float, Field(ge=0)] = 0.05
    padding_s: Annotated[float, Field(ge=0)] = 0.0
    take_gap_s: Annotated[float, Field(ge=0)] = 3.0
    host: str = "127.0.0.1"
    """Address that the server listens on; any but this machine's own needs a token."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    token: Annotated[str, AfterValidator(_secret)] | None = None
    """What clients must show, as a bearer or a cookie: ASCII without spaces."""
    allow: Annotated[tuple[Path, ...], BeforeValidator(_folders)] = ()
    """Folders that may be named over HTTP, besides the home folder and the one the server was started in."""
    upload_gb: Annotated[float, Field(gt=0)] = 4.0
    """Largest upload."""
    started_in: Path = Field(default_factory=Path.cwd)
    """The working folder; not to be set."""
    preload: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    """Plugins whose environments, and workers where these are kept, are warmed at start."""
    low_confidence_threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Hits whose `confidence_score` is below it are marked `low_confidence`."""
    pdf_backend: Literal["lilypond", "musescore", "none"] | None = None
    """What engraves PDF; by default what is installed, LilyPond first."""
    coverage: Path | None = None
    """Tests only: a folder that workers may write to."""

    @property
    def workshop(self) -> Path:
        """The part of the cache that is this data folder's own: no other engine touches it."""
        return self.cache / hashlib.sha256(str(self.data).encode()).hexdigest()[:12]

    @property
    def models_folder(self) -> Path:
        """Where models lie."""
        return self.data / "models" if self.models is None else self.models.expanduser().absolute()

    @property
    def model_cache(self) -> Path:
        """Where fetched models lie."""
        chosen = self.model_cache_dir
        return self.cache / "models" if chosen is None else chosen.expanduser().absolute()

    @property
    def uploads(self) -> Path:
        """Files that came over HTTP, by hash."""
        return self.data / "uploads"

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders under which a file named over HTTP must lie."""
        return tuple(dict.fromkeys((Path.home(), self.started_in, *self.allow, self.uploads)))

    @property
    def regions(self) -> RegionSettings:
        """How content is told from silence."""
        return RegionSettings(
            min_gap_s=self.min_gap_s,
            min_length_s=self.min_length_s,
            padding_s=self.padding_s,
            take_gap_s=self.take_gap_s,
        )


def load(**flags: Any) -> Settings:
    """The settings in force. Flags that are None are not set.

    Raises
    ------
    BadSettings
        A value does not fit; the message names it and where it was read.
    """
    file = _xdg("XDG_CONFIG_HOME", ".config") / "settings.toml"
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for where, found in (
        (str(file), _from_file(file)),
        ("the environment", _from_environment()),
        ("a flag", flags),
    ):
        for name, value in found.items():
            if value is not None:
                values[name], origin[name] = value, where
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        raise BadSettings(
            f"{name} = {values.get(name)!r} from {origin.get(name, '?')}: {first['msg']}"
        ) from error
    absolute = {
        "data": settings.data.expanduser().absolute(),
        "cache": settings.cache.expanduser().absolute(),
    }
    return settings.model_copy(update=absolute)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadSettings(f"the settings file {file} cannot be read: {error}") from error


def _from_environment() -> dict[str, Any]:
    named = {
        name: os.environ.get(f"HEMIOLA_{name.upper()}")
        or (os.environ.get(name.upper()) if name in BARE else None)
        for name in set(Settings.model_fields) - {"started_in"}
    }
    return {name: value for name, value in named.items() if value not in (None, "")}
