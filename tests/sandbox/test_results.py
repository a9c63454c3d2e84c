"""What a worker says it found: checked by its type or its schema, refused in words, at a bounded price."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import Field

from bridges import schema
from bridges.results import InvalidResult, checked
from bridges.schema import SchemaMismatch
from hemiola import Config, Context, Frames, Plugin, Region, Result
from hemiola.manifest import PluginManifest, describe
from hemiola.results import Beats, Onsets
from hemiola.results.base import Number, Part, Probability, Text, Times
from tests.sandbox.house import EXAMPLES

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


class Swing(Part):
    """A part of the result below."""

    ratio: Annotated[float, Field(gt=0.5, le=4.0)]
    label: Text


class Feel(Result):
    """A third party's result."""

    question = "feel"
    levels = ("take",)
    times: Times
    swings: Annotated[tuple[Swing, ...], Field(max_length=5)] = ()
    pair: tuple[int, Number] = (1, 2.0)
    mood: Probability | None = None
    curve: Frames | None = None


class FeelPlugin(Plugin[Feel, Config]):
    """Its plugin."""

    name = "feel.it"
    version = "1"

    def analyze(self, region: Region, context: Context) -> Feel:
        """Never asked here."""
        raise NotImplementedError


class BeatsPlugin(Plugin[Beats, Config]):
    """A plugin of a known question."""

    name = "beats.it"
    version = "1"

    def analyze(self, region: Region, context: Context) -> Beats:
        """Never asked here."""
        raise NotImplementedError


FEEL, BEATS = describe(FeelPlugin), describe(BeatsPlugin)
GOOD: dict[str, Any] = {
    "times": [0.5, 1.0],
    "swings": [{"ratio": 1.5, "label": "light"}],
    "pair": [3, 1.5],
    "mood": None,
}


def check(manifest: PluginManifest, fields: Any, **arrays: np.ndarray) -> tuple[bytes, dict[str, np.ndarray]]:
    text = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    parts = {"result": text, **{f"array:{name}": values for name, values in arrays.items()}}
    text, arrays, _ = checked(manifest, parts, "result")
    return text, arrays


def test_a_good_result_is_taken_as_it_is() -> None:
    text, arrays = check(FEEL, GOOD)
    assert json.loads(text) == GOOD and arrays == {}
    Feel.from_json(text)


def test_every_result_that_the_model_takes_is_taken_by_its_schema() -> None:
    feel = Feel(times=(0.0, 1.0), swings=(Swing(ratio=2.0, label="hard"),), mood=1.0)
    text, _ = check(FEEL, feel.to_json())
    assert Feel.from_json(text) == feel


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"times": None}, "times: array is expected"),
        ({"times": ["a"]}, "times[0]: number is expected, not str"),
        ({"times": [-1.0]}, "times[0]: -1.0 is out of bounds"),
        ({"times": [True]}, "times[0]: number is expected, not bool"),
        ({"mood": 2.0}, "out of bounds"),
        ({"mood": "good"}, "number is expected"),
        ({"swings": [{"ratio": 0.5, "label": "x"}]}, "swings[0].ratio: 0.5 is out of bounds"),
        ({"swings": [{"ratio": 1.5}]}, "'label' is missing"),
        ({"swings": [{"ratio": 1.5, "label": "x", "extra": 1}]}, "'extra' is not a field"),
        ({"swings": [{"ratio": 1.5, "label": "x" * 3000}]}, "its length is 3000"),
        ({"swings": [GOOD["swings"][0]] * 6}, "its length is 6"),
        ({"pair": [1]}, "its length is 1"),
        ({"pair": ["a", 1.0]}, "pair[0]: integer is expected"),
        ({"other": 1}, "'other' is not a field"),
        ({"curve": {"rate_hz": 1.0, "start_s": 0.0, "shape": [2]}}, "its arrays are not those it tells of"),
    ],
)
def test_a_result_that_breaks_its_schema_is_told_where(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidResult) as raised:
        check(FEEL, {**GOOD, **changes})
    assert says in str(raised.value)


def test_an_array_is_taken_when_the_result_tells_of_it() -> None:
    told = {**GOOD, "curve": {"rate_hz": 10.0, "start_s": 0.0, "shape": [3]}}
    _, arrays = check(FEEL, told, curve=np.ones(3, np.float32))
    assert arrays["curve"].tolist() == [1, 1, 1]
    for wrong in ({"curve": np.ones(4, np.float32)}, {"../curve": np.ones(3, np.float32)}, {}):
        with pytest.raises(InvalidResult):
            check(FEEL, told, **wrong)
    with pytest.raises(InvalidResult, match="infinity"):
        check(FEEL, told, curve=np.array([1, np.nan, 1], np.float32))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'{"times":[NaN]}',
        b'{"times":[1e999]}',
        b"\xff\xfe",
        b'{"times":["\\ud800"]}',
    ],
)
@pytest.mark.parametrize("manifest", [FEEL, BEATS], ids=["third party", "known"])
def test_what_is_no_json_of_the_kind_is_refused(manifest: PluginManifest, text: bytes) -> None:
    with pytest.raises(InvalidResult):
        check(manifest, text)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    fields=JSON | st.fixed_dictionaries({"times": JSON}, optional={"activation": JSON, "confidence": JSON})
)
def test_any_json_is_a_result_or_refused(fields: Any) -> None:
    for manifest in (FEEL, BEATS):
        try:
            text, arrays, _ = checked(manifest, {"result": json.dumps(fields).encode()}, "result")
        except InvalidResult:
            continue
        assert json.loads(text) is not None and isinstance(arrays, dict)


@pytest.mark.parametrize("values", [{}, {"a": 1}, "x", [[1], [1, 2]], [10**400], None, [[[1.0]]]])
def test_an_array_smuggled_in_as_json_is_an_array_or_refused(values: Any) -> None:
    told = {
        "times": [],
        "activation": {"rate_hz": 1.0, "start_s": 0.0, "values": values},
        "activation_names": [],
    }
    with pytest.raises(InvalidResult):
        check(BEATS, told)


def test_arrays_of_a_known_type_are_those_of_the_model() -> None:
    beats = Beats(
        times=(0.5,),
        activation=Frames(rate_hz=1.0, start_s=0.0, values=np.ones((2, 1))),
        activation_names=("beat",),
    )
    text, arrays = check(
        BEATS, beats.to_json(), activation=beats.arrays()["activation"], stray=np.ones(3, np.float32)
    )
    assert arrays.keys() == {"activation"} and Beats.from_json(text, arrays) == beats


@pytest.mark.parametrize(
    "text",
    [
        b'{"times":[' + b"[]," * 6_000_000 + b"[]]}",
        b'{"times":[' + b'"a",' * 4_000_000 + b'"a"]}',
        b"{" + b",".join(b'"k%d":1' % n for n in range(1_000_000)) + b"}",
        b'{"times":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":"' + b"]" * 1000 + b'","times":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=["values", "mistakes", "fields", "depth", "hidden depth"],
)
@pytest.mark.parametrize("manifest", [FEEL, BEATS], ids=["third party", "known"])
def test_a_bomb_is_refused_soon(manifest: PluginManifest, text: bytes) -> None:
    begin = time.process_time()
    with pytest.raises(InvalidResult):
        check(manifest, text)
    assert time.process_time() - begin < 10.0


def test_many_honest_onsets_are_taken() -> None:
    onsets = Onsets(times=tuple(np.arange(50_000) / 10), strengths=(0.5,) * 50_000)
    manifest = BEATS.model_copy(update={"question": "onsets"})
    text, _ = check(manifest, onsets.to_json())
    assert Onsets.from_json(text) == onsets


# -- schemas that a hostile plugin wrote -----------------------------------------------------------

LOOP = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
EXPLOSION = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 10}}}
MALFORMED = [
    {"type": 7},
    {"enum": 7},
    {"maximum": "much", "type": "number"},
    {"minLength": None},
    {"$ref": "http://elsewhere/schema"},
    {"$ref": "#/$defs/none"},
    {"$ref": "#/" + "a/" * 1000},
    {"anyOf": []},
    {"anyOf": [7]},
    {"required": ["absent"]},
    {"enum": [1] * 100_000},
    LOOP,
]


@pytest.mark.parametrize("hostile", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_schema_takes_nothing_and_breaks_nothing(hostile: dict[str, Any]) -> None:
    refused = 0
    for value in (1.5, "text", {"x": 1}, [1]):
        try:
            schema.check(value, hostile)
        except SchemaMismatch:
            refused += 1
    assert refused


def test_a_schema_that_explodes_is_given_up() -> None:
    begin = time.process_time()
    with pytest.raises(SchemaMismatch, match="takes too long"):
        schema.check([1], EXPLOSION)
    assert time.process_time() - begin < 2.0


WORDS = (
    "type enum const minimum maxLength $ref required properties items prefixItems additionalProperties anyOf"
)
SCHEMAS = st.recursive(
    st.fixed_dictionaries({}, optional=dict.fromkeys(WORDS.split(), JSON)),
    lambda inner: (
        st.fixed_dictionaries({"anyOf": st.lists(inner, max_size=2)})
        | st.fixed_dictionaries({"items": inner})
    ),
    max_leaves=5,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(value=JSON, hostile=SCHEMAS)
@example(value=[None], hostile={"prefixItems": {"": None}})
def test_any_schema_takes_a_value_or_refuses_it(value: Any, hostile: dict[str, Any]) -> None:
    try:
        schema.check(value, hostile)
    except SchemaMismatch:
        return
