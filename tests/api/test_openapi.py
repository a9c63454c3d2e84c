"""The description of the interface is whole: routes, parameters, fields and answers, each with an example that fits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema_rs
import pytest
from fastapi.routing import APIRoute

from api.app import create
from api.problems import MEDIA
from api.routes import audio, exports, files, jobs, models, plugins, system
from tests.api.live import Live

Json = dict[str, Any]
ENGINE = SimpleNamespace(settings=SimpleNamespace(roots=(Path("/home/ann"),)))
CONVERTOR = re.compile(r":\w+(?=})")
TOLD: Json = create(cast(Any, ENGINE), cast(Any, None)).openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in TOLD["paths"].items()
    for method, operation in operations.items()
}
ANSWERS = {
    f"{name} {status}": answer
    for name, operation in OPERATIONS.items()
    for status, answer in operation["responses"].items()
}


def whole(schema: Json) -> Json:
    """A schema that stands by itself."""
    return {**schema, "components": TOLD["components"]}


def named(schema: Json) -> Json:
    found: Json = (
        TOLD["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    )
    return found


def test_every_route_is_described() -> None:
    there = {
        f"{method} {CONVERTOR.sub('', route.path)}"
        for one in (audio, exports, files, jobs, models, plugins, system)
        for route in one.router.routes
        if isinstance(route, APIRoute) and route.path != "/docs"
        for method in route.methods - {"HEAD"}
    }
    assert there == OPERATIONS.keys() and len(there) >= 30


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does_and_what_it_takes(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["description"].rstrip().endswith((".", "*")) and operation["tags"]
    for parameter in operation.get("parameters", ()):
        assert parameter["description"], parameter["name"]
        told = parameter["schema"].get("examples", [parameter.get("example")])
        assert told != [None], f"{parameter['name']} has no example"
        assert all(jsonschema_rs.is_valid(whole(parameter["schema"]), one) for one in told), parameter["name"]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        for schema in content["schema"].get("anyOf", [content["schema"]]):
            for field, part in named(schema).get("properties", {}).items():
                assert part.get("description"), f"{kind}: {field} has no description"
                assert part.get("examples") or content.get("example", {}).get(field), (
                    f"{field} has no example"
                )
                for one in part.get("examples", ()):
                    assert jsonschema_rs.is_valid(whole(part), one), field


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_a_description_and_an_example_that_fits(name: str) -> None:
    answer, status = ANSWERS[name], int(name.rpartition(" ")[2])
    assert answer["description"] and answer["description"] != "Successful Response"
    assert bool(answer.get("content")) == (status not in (204, 303, 304))
    for kind, content in answer.get("content", {}).items():
        assert "example" in content, kind
        if "json" in kind:
            jsonschema_rs.validate(whole(content["schema"]), content["example"])
    if status >= 400 and name != "GET /health 503":
        assert answer["content"].keys() == {MEDIA}
        assert answer["content"][MEDIA]["example"]["status"] == status


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_may_go_wrong_is_listed(name: str) -> None:
    operation = OPERATIONS[name]
    told = {int(status) for status in operation["responses"]}
    assert {401, 403} <= told
    assert 422 in told or not operation.get("parameters")
    assert "requestBody" not in operation or {400, 413, 422} <= told
    assert "{" not in name or 404 in told


@pytest.mark.parametrize("name", sorted(TOLD["components"]["schemas"]))
def test_a_model_says_what_it_is_and_each_field_has_an_example(name: str) -> None:
    schema = TOLD["components"]["schemas"][name]
    assert schema["description"]
    for field, part in schema.get("properties", {}).items():
        parts = [part, *part.get("anyOf", []), part.get("items", {})]
        assert any("examples" in one or "$ref" in one for one in parts), field


def test_the_description_is_served(live: Live) -> None:
    served = live.get("/openapi.json")
    assert served == json.loads(json.dumps(TOLD))
