"""Examples of schemas, put together from those that their parts have."""

from typing import Any

Json = dict[str, Any]

_OF_TYPE = {"string": "…", "integer": 1, "number": 30, "boolean": False, "object": {}, "null": None}


class Examples:
    """`components` are a document's schemas by name."""

    def __init__(self, components: Json) -> None:
        self._components = components

    def of(self, schema: Json) -> Any:
        """An example of `schema`: its own, else one made of those of its fields."""
        if "$ref" in schema:
            return self.of(self._components[schema["$ref"].rpartition("/")[2]])
        for given in ("examples", "enum"):
            if schema.get(given):
                return schema[given][0]
        if "const" in schema:
            return schema["const"]
        if choices := schema.get("oneOf") or schema.get("anyOf"):
            return self.of(choices[0])
        if "properties" in schema:
            return {name: self.of(field) for name, field in schema["properties"].items()}
        if schema.get("type") == "array":
            return [self.of(schema["items"])]
        return schema.get("default", _OF_TYPE.get(schema.get("type", "object")))
