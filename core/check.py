"""Looking after the installation: a tone through every environment, a plugin through the whole sandbox."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from bridges.calls import Said
from bridges.discovery import PluginSource, describe, source_at
from bridges.workers import EnvironmentUnavailable, Workers
from core.chain import Provider
from core.models.store import Models
from core.probe import probe
from core.words import HARM, Status
from hemiola import __version__

STILL_S = 30.0
TONE_HZ = 440.0


@dataclass(frozen=True, slots=True)
class EnvironmentCheck:
    """What became of a tone sent through an environment.

    Attributes
    ----------
    problem
        A sentence with the remedy, or None.
    answer
        What was measured.
    versions
        Of the packages that plugins there build on.
    start_ms, answer_ms
        Until the environment was warm, and for one worker with its answer after that.
    """

    name: str
    problem: str | None
    answer: str = ""
    versions: str = ""
    start_ms: float = 0.0
    answer_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class PluginCheck:
    """What became of one plugin, or of a source without any: a finding is good or a sentence of what is wrong."""

    name: str
    good: bool
    finding: str


def check_environment(name: str, workers: Workers) -> EnvironmentCheck:
    """Send a tone of 440 Hz through an environment's worker."""
    reason = workers.reason(name)
    if reason is not None:
        return EnvironmentCheck(name, reason)
    source = PluginSource("the tone check", "builtin", None, "hemiola._worker.tone", name, __version__)
    started = time.monotonic()
    try:
        manifest = describe(source, workers, None).plugins[0]
    except EnvironmentUnavailable as error:
        return EnvironmentCheck(name, str(error))
    warm = time.monotonic()
    there = manifest.model_copy(update={"environment": name})
    said = probe(Provider(there, source, 0), workers, STILL_S, tone_hz=TONE_HZ)
    if said.status != Status.OK or said.text is None:
        return EnvironmentCheck(name, f"a worker of {name} did not measure the tone: {said.reason}")
    heard = orjson.loads(said.text)
    answer = f"{heard['spectral_centroid_hz']:.1f} Hz at {heard['rms_db']:.1f} dB"
    if abs(heard["spectral_centroid_hz"] - TONE_HZ) > 5:
        return EnvironmentCheck(
            name, f"a worker of {name} measured {answer}, and the tone was {TONE_HZ:.0f} Hz"
        )
    done = time.monotonic()
    return EnvironmentCheck(
        name, None, answer, _versions(name, workers), 1000 * (warm - started), 1000 * (done - warm)
    )


def _versions(name: str, workers: Workers) -> str:
    environment = workers.environments[name]
    shown = [package for package in ("numpy", *dict(environment.licences)) if package in environment.packages]
    listed = ", ".join(f"{package} {environment.packages[package]}" for package in shown)
    return (
        f"Python {environment.python_version}, {listed}" if listed else f"Python {environment.python_version}"
    )


def check_plugins(path: Path, workers: Workers, models: Models | None = None) -> list[PluginCheck]:
    """Describe the plugins at a path and run each on the probe clip, confined, twice, with models that are there."""
    source = source_at(path, workers.environments)
    try:
        manifest = describe(source, workers, None)
    except EnvironmentUnavailable as error:
        return [PluginCheck(path.name, False, str(error))]
    found = [PluginCheck(path.name, False, problem) for problem in manifest.problems]
    for plugin in manifest.plugins:
        provider = Provider(plugin, source, 0)
        at_hand = () if models is None else models.at_hand(provider.models({}))
        said = [probe(provider, workers, STILL_S, models=at_hand) for _ in range(2)]
        found.append(_judged(plugin.name, said))
    return found


def _judged(name: str, said: list[Said]) -> PluginCheck:
    first, second = said
    if first.status in HARM or first.status == Status.UNAVAILABLE:
        detail = f"\n{first.detail}" if first.detail else ""
        return PluginCheck(name, False, f"{first.status} ({first.code}): {first.reason}{detail}")
    if (first.status, first.text) != (second.status, second.text):
        return PluginCheck(name, False, "it gave two different answers to the same clip; seed what is random")
    if first.status == Status.SKIPPED:
        return PluginCheck(name, True, f"skipped the probe clip: {first.reason}")
    return PluginCheck(
        name,
        True,
        f"ok in {first.seconds:.2f} s, {first.peak_mb:.0f} MB: {(first.text or b'')[:200].decode()}",
    )
