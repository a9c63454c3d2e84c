"""What a job is asked to do; stored with it, so that it can go on after anything."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from core.corrections import changes, read_bpm, read_meter, read_octave
from core.regions import RegionSettings


class Request(BaseModel):
    """The parameters of an analysis.

    Parameters
    ----------
    questions
        What is asked; None for the default chain.
    plugins
        Further plugins to run beside the chain's own choice.
    only
        These plugins answer their questions in this job, in this order, in place of the ranked providers;
        other questions keep theirs.
    config
        Settings by plugin: {"beats.madmom": {"min_bpm": 60}}.
    force
        Run everything again, whatever is stored.
    retry
        Ask again what failed.
    retry_only
        With `retry`: ask these plugins again, whatever they answered, and no other.
    within_roots
        The file must lie under the settings' roots: it was named over HTTP.
    regions
        How content is told from silence.
    bpm, octave, meter
        What a person says of the file, which is kept and holds for every later job: its tempo, or how many times the
        measured one it is; its meter, "7/8" or "7/8 2+2+3". "auto" takes back what was said; None says nothing.

    Raises
    ------
    BadRequest
        What is said of the file cannot be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")

    questions: tuple[str, ...] | None = None
    plugins: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    config: dict[str, dict[str, Any]] = {}
    force: bool = False
    retry: bool = False
    retry_only: tuple[str, ...] = ()
    within_roots: bool = False
    regions: RegionSettings = RegionSettings()
    bpm: Annotated[float | Literal["auto"] | None, BeforeValidator(read_bpm)] = None
    octave: Annotated[float | Literal["auto"] | None, BeforeValidator(read_octave)] = None
    meter: Annotated[str | None, BeforeValidator(read_meter)] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        _ = self.said
        return self

    @property
    def said(self) -> dict[str, str | None]:
        """What a person says of the file, by field; None takes back."""
        return changes(self.bpm, self.octave, self.meter)

    def again(self) -> Self:
        """The same once more, saying nothing of the file: what was said is kept, or was taken back since."""
        return self.model_copy(update={"bpm": None, "octave": None, "meter": None})
