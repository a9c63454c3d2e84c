"""What a person has said of a file: its tempo, its octave, its meter. Plugins that heed it are handed it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hemiola.results.rhythm import Grouping, Meter_

SLOWEST_BPM, FASTEST_BPM = 10.0, 1000.0
MOST_OCTAVE = 8.0


class Corrections(BaseModel):
    """A person's word on a file, of which nothing is the default.

    Parameters
    ----------
    bpm
        The tempo, quarters a minute in the notated meter, 10 to 1,000.
    octave
        How many times the measured tempo it is, 1/8 to 8: 2 where it was heard at half. Not beside `bpm`, which
        says it already.
    meter
        The meter, "7/8".
    grouping
        Its groups in units of the denominator, (2, 2, 3); in quarters also in eighths: (3, 3, 2) in 4/4. Empty
        where nothing was said of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    bpm: Annotated[float, Field(ge=SLOWEST_BPM, le=FASTEST_BPM)] | None = None
    octave: Annotated[float, Field(ge=1 / MOST_OCTAVE, le=MOST_OCTAVE)] | None = None
    meter: Meter_ | None = None
    grouping: Grouping = ()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.bpm is not None and self.octave is not None:
            raise ValueError(
                "the octave says how the measured tempo is wrong; with a BPM there is no need of it"
            )
        if self.grouping and self.meter is None:
            raise ValueError("groups are those of a meter; name it")
        if self.grouping and self.meter is not None:
            units, denominator = (int(part) for part in self.meter.split("/"))
            if sum(self.grouping) not in ((units, 2 * units) if denominator == 4 else (units,)):
                groups = "+".join(map(str, self.grouping))
                raise ValueError(f"{groups} adds up to {sum(self.grouping)}, and {self.meter} has {units}")
        return self

    def __bool__(self) -> bool:
        """Whether anything was said."""
        return self != NOTHING_SAID


NOTHING_SAID = Corrections()
