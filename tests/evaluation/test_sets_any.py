"""Whatever stands in an annotation, a set is read or refused with a `SetError`; nothing else is ever raised."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import sets
from evaluation.annotation import Truth
from evaluation.sets.plain import KINDS
from tests.evaluation.folders import NEEDED, audio, text

CELLS = st.sampled_from(
    ["0", "1", "2.5", "-1", "1e400", "nan", "x", "#", "1.2", "A:min", "minor", ",", ";", "\t", "٣"]
)
LINES = st.lists(st.lists(CELLS, max_size=5).map(" ".join), max_size=6).map("\n".join)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["A:min", "4/4"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["time", "value", "position", "start_s", "end_s", "ratio"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def read(name: str, content: str) -> sets.Loaded | None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        audio(folder / "take.wav")
        text(folder / name, content)
        try:
            return sets.load(folder)
        except sets.SetError as error:
            assert error.problems and str(error)
            return None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), LINES | st.text(max_size=40))
def test_any_annotation_is_read_or_refused(kind: str, content: str) -> None:
    loaded = read(f"take.{kind}", content)
    assert loaded is None or len(loaded.items) == 1


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*Truth.model_fields, "x"]), JSON, max_size=4))
def test_any_truth_file_is_read_or_refused(fields: dict[str, Any]) -> None:
    loaded = read("take.json", json.dumps({**NEEDED, **fields}))
    assert loaded is None or len(loaded.items) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["beat", "beat_position", "tempo", "key_mode", "chord", "note_hz"]), JSON)
    )
)
def test_any_jams_is_read_or_refused(annotations: list[tuple[str, Any]]) -> None:
    content = [
        {"namespace": name, "data": [{"time": 1.0, "duration": 1.0, "value": v}]} for name, v in annotations
    ]
    loaded = read("take.jams", json.dumps({"annotations": content}))
    assert loaded is None or len(loaded.items) == 1
