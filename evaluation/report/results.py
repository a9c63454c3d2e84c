"""results.json: everything that was scored and told, in one documented schema.

`figures` and what follows are told by name (`figures.shape`); `records` are the scores that they are made of, by
item, system and variant, from which a later run is compared item by item.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from evaluation.figures import TrainedOn, figures_of
from evaluation.figures.records import Record, records_of
from evaluation.figures.shape import Figures
from evaluation.figures.systems import only_answered
from evaluation.items import Scored
from hemiola.results.base import Number, Part

FORMAT: Literal["hemiola.evaluate"] = "hemiola.evaluate"
SCHEMA: Literal[1] = 1


class BaselineError(ValueError):
    """A file is no results.json of this schema."""

    usage = True


class RunInfo(Part):
    """How these results came about.

    Attributes
    ----------
    started_at : ISO 8601, with its time zone
    command : the command line that repeats them
    seed : of generated material and of the resampling
    versions : by name: the project, the peers, the libraries that scored
    settings : tolerances and options
    overhead_s : seconds that the evaluation itself took, beside the plugins' work
    overhead : the same for each second of audio
    notices : what a reader should know of the run as a whole
    """

    started_at: str = ""
    command: str = ""
    seed: int = 0
    versions: dict[str, str] = {}
    settings: dict[str, JsonValue] = {}
    overhead_s: Number | None = None
    overhead: Number | None = None
    notices: tuple[str, ...] = ()


class Results(Part):
    """The contents of results.json."""

    format: Literal["hemiola.evaluate"]
    schema_version: Literal[1] = Field(alias="schema")
    run: RunInfo = RunInfo()
    told: Figures = Figures()
    records: tuple[Record, ...] = ()

    @property
    def lost(self) -> list[Record]:
        """Items that a system has no document of, once each."""
        return [record for record in self.records if record.lost]

    @property
    def systems(self) -> list[str]:
        """In the order of the tables' columns."""
        return list(self.told.answers)


def results_of(
    scored: Iterable[Scored], *, run: RunInfo | None = None, trained_on: TrainedOn | None = None
) -> Results:
    """Everything about a run, from its scores; the run's seed is that of the intervals."""
    info = run or RunInfo()
    records, notices = records_of(scored)
    told = figures_of(records, seed=info.seed, trained_on=trained_on, notices=notices)
    kept = tuple(only_answered(records, told.answers))
    return Results(format=FORMAT, schema_version=SCHEMA, run=info, told=told, records=kept)


def write_results(path: Path, results: Results) -> None:
    """Write results.json; a reader never finds half of it."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(results.model_dump_json(by_alias=True), encoding="utf-8")
    partial.replace(path)


def read_results(path: Path) -> Results:
    """Read a results.json.

    Raises
    ------
    BaselineError
        It cannot be read, is no JSON, or is of another schema; the message names the file, and what was found.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BaselineError(f"{path}: cannot be read ({reason}); give the results.json of a run") from error
    try:
        return Results.model_validate_json(text)
    except ValidationError as error:
        raise BaselineError(_why(path, error)) from error


def _why(path: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "json_invalid":
        return f"{path}: is no JSON ({first['msg']}); give the results.json of a run"
    if any(each["loc"][:1] == ("schema",) and each["type"] == "literal_error" for each in error.errors()):
        return f"{path}: is of another schema than {SCHEMA}; evaluate again with this version to compare"
    more = f", and {error.error_count() - 1} more" if error.error_count() > 1 else ""
    return f"{path}: is no results.json of {FORMAT}: {field}: {first['msg']}{more}"
