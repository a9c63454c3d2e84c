"""Whatever is sent, the answer is one that the description tells of, and never a fault of the program.

Drawn the same way every time; HEMIOLA_FUZZ=500 draws so many for each operation, others every time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.live import Json, Live
from tests.api.test_openapi import TOLD

EXAMPLES = int(os.environ.get("HEMIOLA_FUZZ", "12"))
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "/events"
SCHEMA = schemathesis.openapi.from_dict(TOLD)
OPERATIONS = {
    f"{one.ok().method.upper()} {one.ok().path}": one.ok()
    for one in SCHEMA.get_all_operations()
    if one.ok().path != ENDLESS
}


@pytest.fixture(scope="module")
def there(live: Live) -> Json:
    """What there is on the server, by the names of parameters and fields."""
    path = live.sound("fuzzed.wav")
    document = live.analyze(path, "features", "mood")
    job = live.get("/jobs")["items"][0]["id"]
    return {
        "file_id": document["file"]["sha256"],
        "job_id": job,
        "name": "mood.curt",
        "path": str(path),
        "file_path": str(path),
        "tag": "live",
    }


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


def pointed(case: Case, there: Json) -> Case:
    """The case with what it names replaced by what there is."""
    for name in case.path_parameters or {}:
        if name in there:
            case.path_parameters[name] = quote(str(there[name]), safe="") if name == "tag" else there[name]
    if isinstance(case.body, dict):
        for name in ("file_path", "path"):
            if name in case.body:
                case.body[name] = there[name]
    return case


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_is_answered_in_a_way_that_is_not_described(
    live: Live, there: Json, session: requests.Session, name: str
) -> None:
    operation = OPERATIONS[name]
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(
        max_examples=EXAMPLES,
        derandomize="HEMIOLA_FUZZ" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(modes), known=st.booleans())
    def ask(case: Case, known: bool) -> None:
        if known:
            case = pointed(case, there)
        if isinstance(case.body, dict):
            case.body.pop("wait", None)
        response = case.call(base_url=str(live.client.base_url), session=session, timeout=30)
        case.validate_response(response, checks=CHECKS)

    ask()
    assert live.get("/health")["status"] in ("ok", "degraded")
    assert Path(there["path"]).is_file()
    live.client.post("/analyze", json={"file_path": there["path"], "questions": ["features"], "wait": True})
