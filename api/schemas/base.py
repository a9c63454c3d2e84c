"""What the schemas share: examples, and strict request bodies."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PATH = "/home/ann/takes/tuesday.wav"
TIME = "2026-03-02T19:20:03.120000Z"


def example(value: Any, **more: Any) -> Any:
    """A field with an example."""
    return Field(examples=[value], **more)


class Body(BaseModel):
    """A request: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


Links = Annotated[dict[str, str | None], Field(examples=[{"self": "/jobs/12", "events": "/jobs/12/events"}])]
