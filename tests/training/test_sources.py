"""In the environment that trains, sources make clips: seeded, with truth, without what only other environments have."""

from __future__ import annotations

import numpy as np
import torch

from evaluation.training.sources.generated import Generated

RATE = 44100


def test_a_source_makes_the_same_clip_each_time_and_torch_takes_it() -> None:
    first, second = (Generated().clip(3, left_out=False) for _ in range(2))
    assert first.samples.dtype == np.float32 and len(first.samples) > 5 * RATE
    np.testing.assert_array_equal(first.samples, second.samples)
    assert first.truth == second.truth
    assert bool(torch.from_numpy(first.samples).isfinite().all())


def test_the_left_out_side_has_clips_of_its_own() -> None:
    seen, left_out = (Generated().clip(3, left_out=side) for side in (False, True))
    assert not np.array_equal(seen.samples[:RATE], left_out.samples[:RATE])
