"""Stems in whole steps of 16 bits that sum to the mix exactly, and how loud each is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Steps = npt.NDArray[np.int16]

FULL = 32768
LOWEST, HIGHEST = -FULL, FULL - 1
PIECE = 1 << 20


def gain_of(channels: Sequence[Floats]) -> float:
    """What a mix is multiplied by to lie within full scale: one where it does."""
    peaks = (
        float(np.abs(channel[first : first + PIECE]).max())
        for channel in channels
        for first in range(0, len(channel), PIECE)
    )
    return 1.0 / max(1.0, max(peaks, default=0.0))


def in_steps(mix: Floats, stems: Floats) -> Steps:
    """Stems and what is left of the mix, in steps that sum to the mix's.

    Parameters
    ----------
    mix
        Shape (channels, n), within full scale.
    stems
        Shape (k, channels, n). What passes full scale, one stem or what is left, is moved to those that have room.

    Returns
    -------
    ndarray
        Shape (k + 1, channels, n), the last being what is left.
    """
    total = np.clip(np.rint(mix * FULL), LOWEST, HIGHEST).astype(np.int32)
    wanted = np.clip(np.rint(stems * FULL), LOWEST, HIGHEST).astype(np.int32)
    shares = np.concatenate([wanted, (total - wanted.sum(axis=0))[None]])
    beyond = np.zeros_like(total)
    for share in shares[::-1]:
        share += beyond
        within = np.clip(share, LOWEST, HIGHEST)
        beyond = share - within
        share[...] = within
    return shares.astype(np.int16)


def powers(steps: Steps) -> npt.NDArray[np.float64]:
    """Summed squares of every stem and of the mix without it, shape (stems, 2)."""
    whole = steps.sum(axis=0, dtype=np.int32)
    pairs = ((stem, whole - stem) for stem in steps.astype(np.int32))
    return np.array([[np.square(part, dtype=np.float64).sum() for part in pair] for pair in pairs])


def ratios_db(power: npt.NDArray[np.float64]) -> list[float | None]:
    """The first of each pair over the second, in dB; None where either is nothing."""
    return [float(10 * np.log10(stem / rest)) if min(stem, rest) > 0 else None for stem, rest in power]
