"""beats.beat_this: the authors' network number for number, their chunks, their peaks; a sentence where it cannot be."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from hemiola import Skip, Unavailable
from hemiola.results import Beats
from hemiola.testing import GivenContext, GivenRegion, click_track
from tests.plugins.neural import made
from tests.plugins.parts import ROOT, part, plugin

RATE = 22050
BEAT_THIS = plugin("beats.beat_this")
CHECKPOINT, CHUNKS = part("beats", "beat_this.checkpoint"), part("beats", "beat_this.chunks")
NETWORK, PEAKS = part("beats", "beat_this.network"), part("beats", "beat_this.peaks")

NOTHING_WRITABLE = """
import sys, tempfile
from pathlib import Path
import numpy as np
def refused(*_): raise FileNotFoundError("nothing can be written here")
tempfile._get_default_tempdir = refused
from tests.plugins.parts import part
network = part("beats", "beat_this.checkpoint").read(Path(sys.argv[1]))
print(network.logits(np.zeros((20, 128), np.float32)).shape)
"""

ATTENTION = (
    *("rotary_embed.freqs", "norm.gamma", "to_qkv.weight", "to_gates.weight", "to_gates.bias"),
    "to_out.0.weight",
)
FORWARD = ("net.0.gamma", "net.1.weight", "net.1.bias", "net.4.weight", "net.4.bias")
NORMALISED = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


class WithModel(GivenContext):
    """A context that has the model."""

    def __init__(self, region: GivenRegion, model: Path) -> None:
        super().__init__(region)
        self._model = model

    def model(self, name: str) -> Path:
        assert name in BEAT_THIS.models
        return self._model


def ask(samples: np.ndarray, model: Path, start_s: float = 0.0, checkpoint: str = "") -> Beats:
    """What the plugin says of samples, with the model folder or file there."""
    asked = BEAT_THIS(BEAT_THIS.config_type(checkpoint=checkpoint))
    asked.load()
    region = GivenRegion(samples, RATE, start_s=start_s)
    return asked.analyze(region, WithModel(region, model))


def published_names(layers: int) -> set[str]:
    """The names of the weights in the checkpoints that the authors published."""
    stem = {f"frontend.stem.{bn}.{name}" for bn in ("bn1d", "bn2d") for name in NORMALISED}
    blocks = {
        f"frontend.blocks.{n}.{name}"
        for n in range(3)
        for name in (
            *(f"partial.{attention}.{name}" for attention in ("attnF", "attnT") for name in ATTENTION),
            *(f"partial.{forward}.{name}" for forward in ("ffF", "ffT") for name in FORWARD),
            *(f"norm.{name}" for name in NORMALISED),
            "conv2d.weight",
        )
    }
    own = {
        f"transformer_blocks.layers.{n}.{name}"
        for n in range(layers)
        for name in (*(f"0.{name}" for name in ATTENTION), *(f"1.{name}" for name in FORWARD))
    }
    ends = {
        *("frontend.stem.conv2d.weight", "frontend.linear.weight", "frontend.linear.bias"),
        *("transformer_blocks.norm.gamma", "task_heads.beat_downbeat_lin.weight"),
        "task_heads.beat_downbeat_lin.bias",
    }
    return stem | blocks | own | ends


@pytest.mark.parametrize(("dim", "numbers"), [(128, 2_101_352), (512, 20_253_104)], ids=["small0", "final0"])
def test_its_weights_are_those_of_the_published_checkpoints(dim: int, numbers: int) -> None:
    weights = NETWORK.Network(NETWORK.Shape(transformer_dim=dim)).state_dict()
    assert set(weights) == published_names(6) and len(weights) == 166
    assert sum(values.numel() for values in weights.values() if values.is_floating_point()) == numbers
    assert weights["frontend.linear.weight"].shape == (dim, 1024)
    assert weights["transformer_blocks.layers.5.0.to_qkv.weight"].shape == (3 * dim, dim)
    assert weights["frontend.blocks.2.conv2d.weight"].shape == (256, 128, 2, 3)


def test_it_answers_what_the_authors_network_answers_for_the_same_weights() -> None:
    """The numbers are those of their code (version 1.1.0) with these weights and frames."""
    frames = (3 + 3 * np.sin(np.arange(40 * 128) * 0.37).reshape(40, 128)).astype(np.float32)
    said = made.network(**made.SMALL).logits(frames)[::8]
    np.testing.assert_allclose(said[:, 0], [-0.3666, -0.1843, -0.2866, -0.1406, -0.2478], atol=2e-4)
    np.testing.assert_allclose(said[:, 1], [-1.4401, -0.9692, -0.6272, -0.7206, -0.7506], atol=2e-4)


@pytest.mark.parametrize("prefix", ["model.", "model._orig_mod.", ""], ids=["trained", "compiled", "bare"])
def test_a_checkpoint_gives_the_network_that_was_saved(prefix: str, tmp_path: Path) -> None:
    sizes = {"sum_head": False, "n_layers": 2}
    network = made.network(**{**made.SMALL, **sizes})
    read = CHECKPOINT.read(made.save(network, tmp_path / "made.ckpt", prefix, **sizes))
    frames = np.random.default_rng(0).uniform(0, 6, (50, 128)).astype(np.float32)
    np.testing.assert_array_equal(read.logits(frames), network.logits(frames))


def test_one_without_partial_transformers_is_read_too(tmp_path: Path) -> None:
    sizes = {**made.SMALL, "partial_transformers": False}
    network = made.network(**sizes)
    read = CHECKPOINT.read(made.save(network, tmp_path / "made.ckpt", partial_transformers=False))
    assert not any("partial" in name for name in read.state_dict())


@pytest.mark.parametrize("count", [300, 1488, 1489, 1500, 2976, 4567])
def test_chunks_join_without_a_seam(count: int) -> None:
    """Where a network sees no further than the border, chunks say what one look at the whole would say."""
    rows = np.random.default_rng(count).normal(size=(count, 2)).astype(np.float32)

    def blurred(frames: np.ndarray) -> np.ndarray:
        width = 2 * CHUNKS.BORDER + 1
        padded = np.pad(frames, ((CHUNKS.BORDER, CHUNKS.BORDER), (0, 0)))
        return np.lib.stride_tricks.sliding_window_view(padded, width, axis=0).mean(axis=2)

    heard: list[int] = []

    def network(frames: np.ndarray) -> np.ndarray:
        heard.append(len(frames))
        return blurred(frames)

    fractions: list[float] = []
    found = CHUNKS.logits(lambda first, stop: rows[first:stop], network, count, fractions.append)
    np.testing.assert_allclose(found, blurred(rows), atol=1e-6)
    assert max(heard) <= CHUNKS.LENGTH and fractions[-1] == 1.0


def test_a_short_piece_is_heard_at_once_and_a_long_one_in_whole_chunks() -> None:
    assert CHUNKS.chunk_starts(1000) == [-6]
    assert CHUNKS.chunk_starts(4000) == [-6, 1482, 2506]


def test_peaks_are_the_highest_within_three_frames_and_above_one_half() -> None:
    logits = np.full(40, -3.0, np.float32)
    logits[[0, 10, 13, 20, 30, 31]] = 1.0, 2.0, 1.0, -0.1, 0.5, 0.5
    assert PEAKS.peak_frames(logits).tolist() == [0.0, 10.0, 30.5]
    assert PEAKS.peak_frames(np.full(40, -1.0, np.float32)).size == 0


def test_a_network_that_hears_clicks_gives_them_as_beats(tmp_path: Path) -> None:
    clicks = np.arange(0.5, 39.5, 0.48)
    made.save(made.clicker(), tmp_path / "clicker.ckpt")
    found = ask(click_track(clicks, 40.0, RATE), tmp_path, start_s=5.0)
    assert len(found.times) == len(clicks)
    assert np.abs(np.array(found.times) - 5.0 - clicks).max() < 0.035
    assert found.activation is not None and found.activation_names == ("beat", "downbeat")
    assert found.activation.values.shape == (2001, 2) and found.activation.rate_hz == 50
    assert found.activation.values.min() >= 0 and found.activation.values.max() <= 1


def test_silence_has_no_beat_and_too_little_sound_is_skipped(tmp_path: Path) -> None:
    model = made.save(made.clicker(), tmp_path / "clicker.ckpt")
    assert ask(np.zeros(3 * RATE, np.float32), model).times == ()
    with pytest.raises(Skip, match="too short"):
        ask(np.zeros(RATE, np.float32), model)


def test_it_needs_no_folder_to_write_in(tmp_path: Path) -> None:
    """Confined, it has none; some of torch's ways load its compiler, which wants one."""
    model = made.save(made.clicker(), tmp_path / "clicker.ckpt")
    command = [sys.executable, "-c", NOTHING_WRITABLE, str(model)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(20, 2)", done.stderr


def test_without_a_checkpoint_it_says_where_to_put_one() -> None:
    asked = BEAT_THIS(BEAT_THIS.config_type())
    asked.load()
    region = GivenRegion(np.zeros(3 * RATE, np.float32), RATE)
    with pytest.raises(Unavailable, match=r"put one .* into beat_this/ in the models folder"):
        asked.analyze(region, GivenContext(region))


def test_of_several_checkpoints_one_is_named(tmp_path: Path) -> None:
    for name in ("small0.ckpt", "small1.ckpt"):
        made.save(made.clicker(), tmp_path / name)
    samples = click_track(np.arange(0.5, 3.0, 0.5), 3.0, RATE)
    with pytest.raises(Unavailable, match=r"holds small0\.ckpt, small1\.ckpt: name one"):
        ask(samples, tmp_path)
    with pytest.raises(Unavailable, match=r"'final0\.ckpt' is not in"):
        ask(samples, tmp_path, checkpoint="final0.ckpt")
    assert len(ask(samples, tmp_path, checkpoint="small1.ckpt").times) == 5
    with pytest.raises(Unavailable, match="holds no file"):
        (tmp_path / "empty").mkdir()
        ask(samples, tmp_path / "empty")


class Code:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path.write_text, (Path(self.where), "it ran")

    def __init__(self, where: Path) -> None:
        self.where = str(where)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "hyper_parameters": Code(tmp_path / "ran")}, tmp_path / "bad.ckpt")
    (tmp_path / "pickled.ckpt").write_bytes(pickle.dumps(Code(tmp_path / "ran"), protocol=2))
    for name in ("bad.ckpt", "pickled.ckpt"):
        with pytest.raises(Unavailable, match=f"{name} cannot be read: .* more than numbers"):
            CHECKPOINT.read(tmp_path / name)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"transformer_dim": 64}, "weights of another network"),
        ({"transformer_dim": 10**9}, "no such size"),
        ({"n_layers": "two"}, "no such size"),
        ({"spect_dim": 64}, "other frames"),
        ({"head_dim": 24}, "do not divide"),
    ],
    ids=["other", "huge", "words", "bands", "heads"],
)
def test_a_checkpoint_that_does_not_fit_is_unavailable(
    sizes: dict[str, object], said: str, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match=said):
        CHECKPOINT.read(made.save(made.clicker(), tmp_path / "made.ckpt", **sizes))


def test_what_is_no_checkpoint_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "words.ckpt").write_text("not a checkpoint")
    torch.save([1, 2], tmp_path / "list.ckpt")
    torch.save({"state_dict": {}, "hyper_parameters": [1]}, tmp_path / "empty.ckpt")
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(Unavailable, match=path.name):
            CHECKPOINT.read(path)
