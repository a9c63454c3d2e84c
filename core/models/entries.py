"""What is known of one version of a model."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
PLAIN = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$"

Plain = Annotated[str, Field(pattern=PLAIN, max_length=150)]
Said = Annotated[str, Field(min_length=1, max_length=2000)]
Sha256 = Annotated[
    str,
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    Field(pattern=r"^[0-9a-f]{64}$"),
]


class ModelFile(BaseModel):
    """One file of a model.

    Attributes
    ----------
    source
        An http, https or s3 address, a file: address, or a path.
    name
        What it is called in the cache; by default the last part of its source.
    sha256, size
        What it must be; None where nobody said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Said
    name: Plain = ""
    sha256: Sha256 | None = None
    size: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _named(cls, told: Any) -> Any:
        if isinstance(told, dict) and isinstance(told.get("source"), str) and not told.get("name"):
            return {**told, "name": last_part(told["source"])}
        return told

    @property
    def shown(self) -> str:
        """Its source without what may be secret in an address: user, password, query."""
        return shown(self.source)


class Entry(BaseModel):
    """One version of a model.

    Attributes
    ----------
    folder
        Whether plugins are handed the version's folder; else its only file.
    place
        What its folder in the cache is called; by default its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Plain
    version: Plain
    files: Annotated[tuple[ModelFile, ...], Field(min_length=1, max_length=100)]
    folder: bool = False
    place: Plain = ""
    licence: Said | None = None
    citation: Said | None = None

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, told: Any) -> Any:
        """Written with a `source` of its own, it is its only file; with `files`, a folder of them."""
        if not isinstance(told, dict):
            return told
        told = {"place": told.get("name", ""), **told}
        if "files" in told:
            return {"folder": True, **told}
        file = {key: told.pop(key) for key in ("source", "sha256", "size") if key in told}
        return {**told, "files": (file,)}

    @model_validator(mode="after")
    def _apart(self) -> Self:
        names = [file.name for file in self.files]
        if len(set(names)) < len(names):
            raise ValueError(f"two of its files have the same name: {', '.join(names)}")
        if not self.folder and len(names) > 1:
            raise ValueError("several files are handed over as a folder")
        return self

    @property
    def title(self) -> str:
        """Its name and version, as sentences say them."""
        return f"{self.name} {self.version}"

    @property
    def size(self) -> int | None:
        """Bytes in all, where they are known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def shown(source: str) -> str:
    """A source without user, password and query."""
    try:
        parts = urlsplit(source)
    except ValueError:  # no address: it is refused when it is opened
        return source
    if not parts.netloc:
        return source
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def last_part(source: str) -> str:
    """What a source's file is called, without signs that a file name should not have."""
    last = unquote(urlsplit(source).path).rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", last).lstrip("._+-") or "model"


def read(file: Path) -> list[Entry]:
    """The entries of a file, `[[model]]` after `[[model]]`; paths in it are relative to its folder.

    Raises
    ------
    ValueError
        It cannot be read; the message says what is wrong with it.
    FileNotFoundError
        It is not there.
    """
    try:
        told = tomllib.loads(file.read_text())
        tables = told.pop("model", [])
        if told or not isinstance(tables, list):
            raise ValueError("it holds [[model]] tables and nothing else")
        return [_from(file.parent, Entry.model_validate(table)) for table in tables]
    except FileNotFoundError:
        raise
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "model"
        raise ValueError(f"the list of models {file} cannot be used: {where}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise ValueError(f"the list of models {file} cannot be read: {error}") from error


def _from(folder: Path, entry: Entry) -> Entry:
    files = tuple(
        file
        if urlsplit(file.source).scheme
        else file.model_copy(update={"source": str(folder / Path(file.source).expanduser())})
        for file in entry.files
    )
    return entry.model_copy(update={"files": files})
