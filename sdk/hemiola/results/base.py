"""What every result shares: frozen fields, finite numbers, sorted times, and a window onto part of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

MAX_EVENTS = 2_000_000
"""Most entries in one list: twelve hours at over forty events a second."""

FloatArray: TypeAlias = npt.NDArray[np.float32]


def plain(value: Any) -> Any:
    """Numpy scalars and arrays as the Python values that JSON knows."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def _ascending(times: tuple[float, ...]) -> tuple[float, ...]:
    for earlier, later in itertools.pairwise(times):
        if later < earlier:
            raise ValueError(f"times must ascend, but {later:.6f} s follows {earlier:.6f} s")
    return times


# A bound stands before the BeforeValidator, or the JSON schema would not carry it.
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(plain)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False), BeforeValidator(plain)]
Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False), BeforeValidator(plain)]
Seconds = Annotated[float, Field(ge=0.0, le=1e6, allow_inf_nan=False), BeforeValidator(plain)]
Times = Annotated[
    tuple[Seconds, ...],
    Field(max_length=MAX_EVENTS),
    BeforeValidator(plain),
    AfterValidator(_ascending),
]
"""Ascending seconds from the start of the file; a list, a tuple or a numpy array."""
Numbers = Annotated[tuple[Number, ...], Field(max_length=MAX_EVENTS), BeforeValidator(plain)]
Text = Annotated[str, Field(max_length=2000)]
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\.flac$")]
"""Of a file that a plugin leaves in its scratch folder for the host to keep: "drums.flac"."""


class Part(BaseModel):
    """A frozen piece of a result. Unknown fields and numbers that are not finite are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Span(Part):
    """A stretch of time, in seconds from the start of the file."""

    start_s: Seconds
    end_s: Seconds

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError(f"ends at {self.end_s} s, before its start at {self.start_s} s")
        return self


class Frames(BaseModel):
    """A large array sampled at a constant rate; it travels as raw float32 beside the JSON.

    Parameters
    ----------
    rate_hz
        Frames a second.
    start_s
        Time of the first frame, in seconds from the start of the file.
    values
        Shape (n,) or (n, k): n frames of one or k numbers. Finite; kept as float32.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    rate_hz: Positive
    start_s: Seconds
    values: Annotated[np.ndarray, BeforeValidator(lambda v: np.ascontiguousarray(v, dtype=np.float32))]

    @model_validator(mode="after")
    def _finite(self) -> Self:
        if self.values.ndim not in (1, 2):
            raise ValueError(f"values must have shape (n,) or (n, k), not {self.values.shape}")
        if not np.isfinite(self.values).all():
            raise ValueError("values must be finite: there is a NaN or an infinity among them")
        return self

    @model_serializer
    def _outline(self) -> dict[str, Any]:
        return {"rate_hz": self.rate_hz, "start_s": self.start_s, "shape": list(self.values.shape)}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shape = {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 2}
        fields = {"rate_hz": {"type": "number"}, "start_s": {"type": "number"}, "shape": shape}
        return {
            "type": "object",
            "title": "Frames",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frames):
            return NotImplemented
        same_grid = (self.rate_hz, self.start_s) == (other.rate_hz, other.start_s)
        return same_grid and np.array_equal(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """Time of every frame, shape (n,), seconds from the start of the file."""
        return np.asarray(self.start_s + np.arange(len(self.values)) / self.rate_hz)

    def window(self, start_s: float, end_s: float) -> Frames:
        """The frames whose times lie in [start_s, end_s)."""
        first = max(0, int(np.ceil((start_s - self.start_s) * self.rate_hz - 1e-6)))
        stop = max(first, int(np.ceil((end_s - self.start_s) * self.rate_hz - 1e-6)))
        begins = self.start_s + first / self.rate_hz
        return Frames(rate_hz=self.rate_hz, start_s=begins, values=self.values[first:stop])


class Result(Part):
    """An answer to a question. A subclass names its question and the levels it is answered at.

    A third-party result is a subclass with `question` and `levels` of its own; the fields must be
    expressible in JSON, large arrays are `Frames`.
    """

    question: ClassVar[str] = ""
    levels: ClassVar[tuple[str, ...]] = ("take",)
    along: ClassVar[Mapping[str, str]] = {}
    """Lists that run along a list of times: {"strengths": "times"}."""

    def window(self, start_s: float, end_s: float) -> Self:
        """The part of this result inside [start_s, end_s), in the same absolute times.

        Times and events are kept when inside, spans when they overlap (cut to the window), frames by
        their times; everything else is kept as it is.
        """
        changes: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name in self.along:
                mask = [start_s <= t < end_s for t in getattr(self, self.along[name])]
                changes[name] = tuple(v for v, keep in zip(value, mask, strict=True) if keep)
            elif isinstance(value, Frames):
                changes[name] = value.window(start_s, end_s)
            elif isinstance(value, tuple) and value:
                changes[name] = _window_of(name, value, start_s, end_s)
        return self.model_copy(update=changes)

    def arrays(self) -> dict[str, FloatArray]:
        """The large arrays of this result by field name, float32."""
        fields = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value.values for name, value in fields if isinstance(value, Frames)}

    def files(self) -> tuple[str, ...]:
        """Names of the files in the plugin's scratch folder that belong to this result; the host keeps them with it."""
        return ()

    def to_json(self) -> bytes:
        """The result without its large arrays, as JSON."""
        return self.model_dump_json(by_alias=True).encode()

    @classmethod
    def from_json(cls, text: bytes, arrays: Mapping[str, FloatArray] | None = None) -> Self:
        """Rebuild a result from its JSON and its arrays; raises pydantic.ValidationError when they break the schema."""
        from pydantic_core import from_json

        fields: Any = from_json(text, allow_inf_nan=False)
        if isinstance(fields, dict):
            for name, values in (arrays or {}).items():
                outline = fields.get(name)
                if isinstance(outline, dict) and outline.pop("shape", None) == list(values.shape):
                    outline["values"] = values
        return cls.model_validate(fields)


def _window_of(name: str, items: tuple[Any, ...], start_s: float, end_s: float) -> tuple[Any, ...]:
    first = items[0]
    inside: Callable[[Any], bool]
    if isinstance(first, float) and (name == "times" or name.endswith("_times")):
        return tuple(t for t in items if start_s <= t < end_s)
    fields = type(first).model_fields if isinstance(first, BaseModel) else {}
    if {"start_s", "end_s"} <= fields.keys():
        return tuple(
            _cut(item, start_s, end_s) for item in items if item.start_s < end_s and item.end_s > start_s
        )
    for moment in ("time_s", "onset_s"):
        if moment in fields:
            inside = lambda item: start_s <= getattr(item, moment) < end_s  # noqa: B023, E731
            return tuple(item for item in items if inside(item))
    return items


def _cut(span: Any, start_s: float, end_s: float) -> Any:
    if span.start_s >= start_s and span.end_s <= end_s:
        return span
    return span.model_copy(update={"start_s": max(span.start_s, start_s), "end_s": min(span.end_s, end_s)})
