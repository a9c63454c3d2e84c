"""Arrays beside the database: equal bytes for equal arrays, whole or not at all."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from database.artifacts import Artifacts, packed
from database.errors import DamagedArtifact, ReadOnlyData
from tests.database.examples import digest

ARRAYS = {"activation": np.linspace(0, 1, 300, dtype=np.float32).reshape(100, 3), "empty": np.zeros((0, 2))}


def test_arrays_come_back_equal_in_type_shape_and_value(data: Path) -> None:
    kept = Artifacts(data)
    name = kept.write(digest("a"), ARRAYS)

    assert name == f"artifacts/{digest('a')[:2]}/{digest('a')}.npz"
    read = kept.read(name)
    assert read.keys() == ARRAYS.keys()
    for key, array in ARRAYS.items():
        np.testing.assert_array_equal(read[key], array, strict=True)


def test_the_order_layout_and_hour_of_writing_leave_no_trace(data: Path) -> None:
    turned = {"empty": ARRAYS["empty"], "activation": np.asfortranarray(ARRAYS["activation"])}

    assert packed(ARRAYS) == packed(turned)
    assert b"\x00\x00\x21\x00" in packed(ARRAYS)  # midnight, the first of January 1980


def test_writing_again_replaces_and_leaves_nothing_else(data: Path) -> None:
    kept = Artifacts(data)
    name = kept.write(digest("a"), {"values": np.zeros(3)})
    kept.write(digest("a"), {"values": np.ones(3)})

    assert kept.read(name)["values"].tolist() == [1, 1, 1]
    assert [path for path in data.rglob("*") if path.is_file()] == [kept.path(name)]


@pytest.mark.parametrize("harm", ["missing", "empty", "cut", "flipped"])
def test_a_harmed_file_is_said_and_never_read_wrong(data: Path, harm: str) -> None:
    kept = Artifacts(data)
    name = kept.write(digest("a"), ARRAYS)
    whole = kept.path(name).read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    kept.path(name).write_bytes({"empty": b"", "cut": whole[:middle], "flipped": flipped}.get(harm, b""))
    if harm == "missing":
        assert kept.remove(name)
        assert not kept.remove(name)

    with pytest.raises(DamagedArtifact, match=r"missing or damaged.*--force"):
        kept.read(name)


def test_an_array_of_python_objects_is_neither_written_nor_read(data: Path) -> None:
    kept = Artifacts(data)
    with pytest.raises(ValueError, match="Object arrays"):
        kept.write(digest("a"), {"values": np.array([{}])})
    assert not any(path.is_file() for path in data.rglob("*"))

    name = kept.write(digest("b"), ARRAYS)
    np.savez(kept.path(name), values=np.array([{}]))
    with pytest.raises(DamagedArtifact):
        kept.read(name)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "artifacts/../hemiola.db", "artifacts/aa/../../x.npz", "artifacts/aa/x"]
)
def test_a_name_that_was_never_given_out_opens_nothing(data: Path, name: str) -> None:
    for attempt in (Artifacts(data).read, Artifacts(data).remove):
        with pytest.raises(ValueError, match="no artifact's name"):
            attempt(name)
    with pytest.raises(ValueError, match="no cache key"):
        Artifacts(data).write("../" + digest("a"), {})


def test_a_file_where_the_folder_should_be_is_said(data: Path) -> None:
    data.write_text("a note")

    with pytest.raises(ReadOnlyData):
        Artifacts(data).write(digest("a"), ARRAYS)


@given(
    arrays_of.arrays(
        st.sampled_from([np.float32, np.float64, np.int16, np.uint8, np.bool_]),
        arrays_of.array_shapes(min_side=0),
    )
)
def test_any_array_packs_to_the_same_bytes_twice(array: np.ndarray) -> None:
    assert packed({"values": array}) == packed({"values": array.copy()})


def test_a_file_belongs_to_its_answer(data: Path) -> None:
    kept = Artifacts(data)
    content = b"fLaC" + bytes(range(256)) * 10_000
    told = kept.keep(digest("a"), "drums.flac", io.BytesIO(content + b"written later"), len(content))
    name = kept.write(digest("a"), ARRAYS, {"drums.flac": told})

    assert told == hashlib.sha256(content).hexdigest()
    assert kept.file(name, "drums.flac").read_bytes() == content
    assert kept.read(name).keys() == ARRAYS.keys() and kept.whole(name)
    kept.file(name, "drums.flac").unlink()
    assert not kept.whole(name)

    kept.keep(digest("a"), "drums.flac", io.BytesIO(content), len(content))
    assert kept.remove(name) and not kept.whole(name)
    assert not [path for path in data.rglob("*") if path.is_file()]


@pytest.mark.parametrize("file", ["../drums.flac", "drums.wav", ".flac", "Drums.flac", "a/b.flac"])
def test_no_other_file_is_named(data: Path, file: str) -> None:
    kept = Artifacts(data)
    with pytest.raises(ValueError, match="no file's name"):
        kept.file(kept.write(digest("a"), {}), file)
    with pytest.raises(ValueError, match="no file's name"):
        kept.keep(digest("a"), file, io.BytesIO(b""), 0)
