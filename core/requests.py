"""What a job is asked to do; stored with it, so that it can go on after anything."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

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
