"""Checking a third-party result against the JSON schema in its plugin's manifest.

Understood are type, properties, required, additionalProperties, items, prefixItems, enum, const, anyOf,
bounds and local $ref; anything else in a schema says nothing. Patterns are not evaluated: a hostile one
could take for ever.
"""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 32
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class SchemaMismatch(Exception):
    """A value does not fit; the message names where and what was expected."""


def check(value: Any, schema: dict[str, Any]) -> None:
    """Raise SchemaMismatch when a decoded JSON value does not fit the schema."""
    _check(value, schema, schema, "result", 0)


def _check(value: Any, schema: Any, root: dict[str, Any], where: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise SchemaMismatch(f"{where}: nested deeper than {MAX_DEPTH} levels")
    if not isinstance(schema, dict):
        raise SchemaMismatch(f"{where}: its schema is not an object")
    if "$ref" in schema:
        _check(value, _local(str(schema["$ref"]), root, where), root, where, depth + 1)
    if isinstance(schema.get("anyOf"), list):
        _check_any(value, schema["anyOf"], root, where, depth)
    _check_type(value, schema, where)
    if "enum" in schema and value not in schema["enum"]:
        raise SchemaMismatch(f"{where}: {value!r:.60} is none of {schema['enum']!r:.200}")
    if "const" in schema and value != schema["const"]:
        raise SchemaMismatch(f"{where}: {value!r:.60} is not {schema['const']!r:.60}")
    if isinstance(value, dict):
        _check_object(value, schema, root, where, depth)
    elif isinstance(value, list):
        _check_array(value, schema, root, where, depth)
    elif isinstance(value, str):
        _check_length(len(value), schema, "Length", where)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value, schema, where)


def _local(reference: str, root: dict[str, Any], where: str) -> Any:
    if not reference.startswith("#/"):
        raise SchemaMismatch(f"{where}: {reference} is not a local reference")
    found: Any = root
    for part in reference[2:].split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    if found is None:
        raise SchemaMismatch(f"{where}: {reference} is not in the schema")
    return found


def _check_any(value: Any, options: list[Any], root: dict[str, Any], where: str, depth: int) -> None:
    told = []
    for option in options:
        try:
            return _check(value, option, root, where, depth + 1)
        except SchemaMismatch as error:
            told.append(str(error))
    raise SchemaMismatch(told[0] if told else f"{where}: nothing is allowed here")


def _check_type(value: Any, schema: dict[str, Any], where: str) -> None:
    name = schema.get("type")
    if name is None:
        return
    names = name if isinstance(name, list) else [name]
    for one in names:
        allowed = TYPES.get(str(one), ())
        if isinstance(value, allowed) and (not isinstance(value, bool) or one == "boolean"):
            return
    raise SchemaMismatch(f"{where}: {' or '.join(map(str, names))} is expected, not {type(value).__name__}")


def _check_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], where: str, depth: int) -> None:
    properties = schema.get("properties") or {}
    for name in schema.get("required") or ():
        if name not in value:
            raise SchemaMismatch(f"{where}: {name} is missing")
    further = schema.get("additionalProperties", True)
    for name, inner in value.items():
        if name in properties:
            _check(inner, properties[name], root, f"{where}.{name}", depth + 1)
        elif further is False:
            raise SchemaMismatch(f"{where}: {name!r:.60} is not a field")
        elif isinstance(further, dict):
            _check(inner, further, root, f"{where}.{name:.60}", depth + 1)


def _check_array(value: list[Any], schema: dict[str, Any], root: dict[str, Any], where: str, depth: int) -> None:
    _check_length(len(value), schema, "Items", where)
    first = schema.get("prefixItems") or []
    for index, inner in enumerate(value):
        expected = first[index] if index < len(first) else schema.get("items")
        if isinstance(expected, dict):
            _check(inner, expected, root, f"{where}[{index}]", depth + 1)


def _check_length(length: int, schema: dict[str, Any], what: str, where: str) -> None:
    if length > schema.get(f"max{what}", length) or length < schema.get(f"min{what}", 0):
        raise SchemaMismatch(f"{where}: its length is {length}")


def _check_number(value: float, schema: dict[str, Any], where: str) -> None:
    inside = (
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
    )
    if not inside:
        raise SchemaMismatch(f"{where}: {value} is out of bounds")
