"""Checking a third-party result against the JSON schema in its plugin's manifest.

Understood are type, properties, required, additionalProperties, items, prefixItems, enum, const, anyOf,
bounds and local $ref; anything else in a schema says nothing. Patterns are not evaluated: a hostile one
could take for ever. So could alternatives that name each other: the steps of a check are counted.
"""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 32
MAX_REFERENCE = 500
STEPS_PER_VALUE, MAX_STEPS = 50, 10_000_000
"""A check takes at most so many steps for every value, and in all."""
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
    """Raise SchemaMismatch when a decoded JSON value does not fit the schema, or the schema is none."""
    checking = _Checking(schema, min(STEPS_PER_VALUE * (count(value) + 20), MAX_STEPS))
    try:
        checking.check(value, schema, "result", 0)
    except (TypeError, ValueError, AttributeError) as error:
        raise SchemaMismatch(f"the schema cannot be used: {error}") from error


def count(value: Any) -> int:
    """Number of values in a decoded JSON value; raises SchemaMismatch when it is nested too deep."""
    total, level = 1, [value]
    for _ in range(MAX_DEPTH + 1):
        held = [list(v.values()) if isinstance(v, dict) else v for v in level if isinstance(v, dict | list)]
        total += sum(map(len, held))
        level = [inner for values in held for inner in values if isinstance(inner, dict | list)]
        if not level:
            return total
    raise SchemaMismatch(f"nested deeper than {MAX_DEPTH} levels")


class _Checking:
    """One check: the whole schema, for references, and the steps that are left."""

    def __init__(self, root: dict[str, Any], steps: int) -> None:
        self._root, self._steps = root, steps

    def check(self, value: Any, schema: Any, where: str, depth: int) -> None:
        self._spend(1, where)
        if depth > MAX_DEPTH:
            raise SchemaMismatch(f"{where}: nested deeper than {MAX_DEPTH} levels")
        if not isinstance(schema, dict):
            raise SchemaMismatch(f"{where}: its schema is not an object")
        if "$ref" in schema:
            self.check(value, self._local(str(schema["$ref"]), where), where, depth + 1)
        if isinstance(schema.get("anyOf"), list):
            self._any(value, schema["anyOf"], where, depth)
        self._type(value, schema.get("type"), where)
        if "enum" in schema:
            self._listed(value, schema["enum"], where)
        if "const" in schema:
            self._listed(value, [schema["const"]], where)
        if isinstance(value, dict):
            self._object(value, schema, where, depth)
        elif isinstance(value, list):
            self._array(value, schema, where, depth)
        elif isinstance(value, str):
            _check_length(len(value), schema, "Length", where)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            _check_number(value, schema, where)

    def _spend(self, steps: int, where: str) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise SchemaMismatch(f"{where}: its schema takes too long to check")

    def _local(self, reference: str, where: str) -> Any:
        if not reference.startswith("#/") or len(reference) > MAX_REFERENCE:
            raise SchemaMismatch(f"{where}: {reference:.60} is not a local reference")
        found: Any = self._root
        for part in reference[2:].split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        if found is None:
            raise SchemaMismatch(f"{where}: {reference:.60} is not in the schema")
        return found

    def _any(self, value: Any, options: list[Any], where: str, depth: int) -> None:
        first: SchemaMismatch | None = None
        for option in options:
            try:
                return self.check(value, option, where, depth + 1)
            except SchemaMismatch as error:
                if self._steps < 0:
                    raise
                first = first or error
        raise first or SchemaMismatch(f"{where}: nothing is allowed here")

    def _type(self, value: Any, name: Any, where: str) -> None:
        if name is None:
            return
        names = name if isinstance(name, list) else [name]
        self._spend(len(names), where)
        for one in names:
            allowed = TYPES.get(str(one), ())
            if isinstance(value, allowed) and (not isinstance(value, bool) or one == "boolean"):
                return
        expected = " or ".join(str(one)[:20] for one in names[:7])
        raise SchemaMismatch(f"{where}: {expected} is expected, not {type(value).__name__}")

    def _listed(self, value: Any, allowed: list[Any], where: str) -> None:
        """Enum and const, of single values; a list or an object is never among them."""
        self._spend(len(allowed), where)
        if isinstance(value, dict | list) or value not in allowed:
            among = ", ".join(_brief(one) for one in allowed[:10])
            raise SchemaMismatch(f"{where}: {_brief(value)} is none of {among}")

    def _object(self, value: dict[str, Any], schema: dict[str, Any], where: str, depth: int) -> None:
        properties, required = schema.get("properties") or {}, schema.get("required") or ()
        self._spend(len(required), where)
        for name in required:
            if name not in value:
                raise SchemaMismatch(f"{where}: {_brief(name)} is missing")
        further = schema.get("additionalProperties", True)
        for name, inner in value.items():
            if name in properties:
                self.check(inner, properties[name], f"{where}.{name:.60}", depth + 1)
            elif further is False:
                raise SchemaMismatch(f"{where}: {name!r:.60} is not a field")
            elif isinstance(further, dict):
                self.check(inner, further, f"{where}.{name:.60}", depth + 1)

    def _array(self, value: list[Any], schema: dict[str, Any], where: str, depth: int) -> None:
        _check_length(len(value), schema, "Items", where)
        first = schema.get("prefixItems") or []
        if not isinstance(first, list):
            raise SchemaMismatch(f"{where}: its schema's prefixItems are no list")
        for index, inner in enumerate(value):
            expected = first[index] if index < len(first) else schema.get("items")
            if isinstance(expected, dict):
                self.check(inner, expected, f"{where}[{index}]", depth + 1)


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


def _brief(value: Any) -> str:
    return f"a {type(value).__name__}" if isinstance(value, dict | list) else f"{value!r:.60}"
