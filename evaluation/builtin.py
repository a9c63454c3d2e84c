"""The set "builtin": scenarios with exact truth, made on first use from a seed, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.scenes.files import write_wav, write_whole
from evaluation.scenes.gaps import tape
from evaluation.scenes.rendering import Rendered, render
from evaluation.scenes.scenarios import SCENARIOS
from evaluation.scenes.unpulsed import unpulsed

SHARES = {
    "plain": 16,
    "meters": 20,
    "changes": 10,
    "modulation": 10,
    "step": 4,
    "polyrhythm": 12,
    "polymeter": 6,
    "ramp": 8,
    "swing": 8,
    "microtiming": 6,
    "regions": 5,
    "keys": 10,
    "no-pulse": 5,
}
"""How many of 120 cases each family has; of fewer or more, about the same parts."""
BEGUN, WHOLE = ".begun.json", ".whole.json"
"""Manifests of a folder, hidden from who reads sets: the first while it is made, then the second."""
STEMS = "stems"
"""Where the drums of mixes lie: sounds without truth, so no items."""


@dataclass(frozen=True)
class Case:
    """One item: its name, its family, which of the family's it is, and the generator's seed."""

    name: str
    family: str
    index: int
    seed: int
    number: int

    def render(self) -> Rendered:
        """The recording and its truth; the same for the same case."""
        random = np.random.default_rng([self.seed, self.number])
        source = f"hemiola builtin, seed {self.seed}, case {self.number}"
        if self.family == "regions":
            return tape(random, self.index, source, self.name)
        if self.family == "no-pulse":
            return unpulsed(random, self.index, source, self.name)
        scene = SCENARIOS[self.family](random, self.index)
        return render(replace(scene, source=source, song=self.name))


def cases_of(seed: int = 0, count: int = 120) -> Iterator[Case]:
    """The cases of a seed, families taking turns by their shares; fewer cases are the first of more.

    Raises
    ------
    ValueError
        `count` is below 1, or `seed` negative.
    """
    if count < 1 or seed < 0:
        raise ValueError(
            f"builtin needs one case or more and a seed of 0 or more, not {count} cases and seed {seed}"
        )
    done = dict.fromkeys(SHARES, 0)
    whole = sum(SHARES.values())
    for number in range(count):
        # The family furthest behind its share; the first listed where two are equal.
        family = max(SHARES, key=lambda name: SHARES[name] * (number + 1) / whole - done[name])
        yield Case(f"{number:04d}-{family}", family, done[family], seed, number)
        done[family] += 1


def generator() -> str:
    """A digest of the generator's own source: a folder that another one made is made anew."""
    here = Path(__file__)
    sources = [here, *sorted((here.parent / "scenes").rglob("*.py"))]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.relative_to(here.parent).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:16]


def generate(folder: Path, seed: int = 0, cases: int = 120) -> list[str]:
    """Make the set in a folder: NAME.wav and NAME.json for each case, and stems/NAME.wav of the drums of mixes.

    A folder that is whole (of this generator, seed and number) is left as it is; one that was begun is finished;
    one of another generator, seed or number is made anew.

    Parameters
    ----------
    folder
        Made if it is missing.
    seed, cases
        Which, and how many.

    Returns
    -------
    list of str
        The names, in order.

    Raises
    ------
    ValueError
        See `cases_of`.
    OSError
        The folder cannot be written.
    """
    wanted = list(cases_of(seed, cases))
    names = [case.name for case in wanted]
    about = {"generator": generator(), "seed": seed, "cases": names}
    folder.mkdir(parents=True, exist_ok=True)
    if _read(folder / WHOLE) == about:
        return names
    if _read(folder / BEGUN) != about:
        _clear(folder)
        write_whole(folder / BEGUN, json.dumps(about).encode())
    for case in wanted:
        # The truth is written last: where it is, its sounds are whole.
        if not (folder / f"{case.name}.json").exists():
            _make(folder, case)
    os.replace(folder / BEGUN, folder / WHOLE)
    return names


def _make(folder: Path, case: Case) -> None:
    rendered = case.render()
    truth = rendered.truth
    if rendered.drums is not None:
        (folder / STEMS).mkdir(exist_ok=True)
        write_wav(folder / STEMS / f"{case.name}.wav", rendered.drums)
        truth = truth.model_copy(update={"drums": f"{STEMS}/{case.name}.wav"})
    write_wav(folder / f"{case.name}.wav", rendered.samples)
    write_whole(folder / f"{case.name}.json", truth.model_dump_json(exclude_none=True).encode())


def _clear(folder: Path) -> None:
    """Remove what an earlier call made here, by its own list; nothing else."""
    for listed in (folder / WHOLE, folder / BEGUN):
        for name in (_read(listed) or {}).get("cases", ()):
            for old in (f"{name}.json", f"{name}.wav", f"{STEMS}/{name}.wav"):
                (folder / old).unlink(missing_ok=True)
        listed.unlink(missing_ok=True)


def _read(manifest: Path) -> dict[str, list[str]] | None:
    try:
        found = json.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
