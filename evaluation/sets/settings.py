"""`set.toml`: what a folder's annotations do not say of themselves, said once for all its files."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.annotation import Origin
from evaluation.sets.errors import BadAnnotation
from evaluation.sets.gathering import validation_problems

FILE = "set.toml"


class Settings(BaseModel):
    """The fields that `set.toml` may have; a truth file's own take precedence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str | None = None
    origin: Origin | None = None
    source: str | None = None
    licence: str | None = None

    def given(self) -> dict[str, str]:
        """The fields that are set."""
        return self.model_dump(exclude_none=True)


def settings_of(folder: Path) -> Settings:
    """The settings of a folder, empty where it has no `set.toml`.

    Raises
    ------
    BadAnnotation
        The file is not TOML, or has a field that is none of the four.
    """
    path = folder / FILE
    if not path.is_file():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise BadAnnotation(
            *(
                problem.split("; the fields are")[0].replace("truth file", FILE)
                for problem in validation_problems(error, FILE)
            ),
            f"{FILE}: its fields are kind, origin (recording, human or generated), source, licence",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadAnnotation(f"{FILE}: cannot be read as TOML: {error}") from error
