"""The description of the interface: what FastAPI says, with an example and a sentence for every answer.

Examples of models are put together from those of their fields, so that they cannot go stale beside them.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.problems import Problem, documented

JSON = "application/json"
UNSAID = "Successful Response"
"""What FastAPI says of an answer of which nothing is said."""

Json = dict[str, Any]


def describe(app: FastAPI) -> None:
    """Have `app` describe itself in full, once it is asked."""
    plain = app.openapi

    def whole() -> Json:
        if app.openapi_schema is None:
            told = plain()
            told["components"]["schemas"][Problem.__name__] = Problem.model_json_schema()
            for operations in told["paths"].values():
                for operation in operations.values():
                    _complete(operation, told["components"]["schemas"])
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def _complete(operation: Json, schemas: Json) -> None:
    answers = operation["responses"]
    more = documented(401, 403, *((400, 413) if "requestBody" in operation else ()))
    answers.update({str(status): told for status, told in more.items() if str(status) not in answers})
    for answer in answers.values():
        content = answer.get("content", {}).get(JSON)
        if content is None:
            continue
        if answer["description"] == UNSAID:
            answer["description"] = _named(content["schema"], schemas)["description"]
        if "example" not in content:
            content["example"] = example(content["schema"], schemas)
    operation["responses"] = dict(sorted(answers.items()))


def _named(schema: Json, schemas: Json) -> Json:
    """A schema, or the one that it refers to."""
    reference = schema.get("$ref")
    found: Json = schemas[reference.rpartition("/")[2]] if reference else schema
    return found


def example(schema: Json, schemas: Json) -> Any:
    """A value that fits: the schema's own example, or one put together from those of its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    found = _named(schema, schemas)
    if "properties" in found:
        return {name: example(part, schemas) for name, part in found["properties"].items()}
    if found.get("type") == "array":
        return [example(found["items"], schemas)]
    if "anyOf" in found:
        return example(found["anyOf"][0], schemas)
    if "examples" in found:
        return found["examples"][0]
    raise LookupError(f"neither {schema} nor what it consists of has an example")
