"""Write the viewer's types of an answer from its JSON schema. Run: python tests/serve/viewer/schema_types.py"""

import json
from importlib import resources
from pathlib import Path
from typing import Any

TYPES = Path(__file__).parents[3] / "src/einthoven/serve/viewer/interpretation.d.ts"
SCHEMA = resources.files("einthoven.interpret") / "interpretation.schema.json"
HEADER = "// Made from interpretation.schema.json: python tests/serve/viewer/schema_types.py\n"
SIMPLE = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


def typescript() -> str:
    """Return the text of interpretation.d.ts: an interface for the answer, for a failure, and for each definition."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    interfaces = dict(zip(("Interpretation", "Failure"), schema["oneOf"], strict=True))
    interfaces |= {_name(key): definition for key, definition in schema["$defs"].items()}
    return HEADER + "".join(f"\ninterface {name} {_type(facts)}\n" for name, facts in interfaces.items())


def _name(key: str) -> str:
    return "".join(word.capitalize() for word in key.split("_"))


def _type(facts: dict[str, Any], indent: str = "") -> str:
    if "$ref" in facts:
        return _name(facts["$ref"].rpartition("/")[2])
    if "oneOf" in facts:
        return " | ".join(_type(option, indent) for option in facts["oneOf"])
    if "enum" in facts or "const" in facts:
        return " | ".join(json.dumps(value) for value in facts.get("enum", [facts.get("const")]))
    if facts["type"] == "array":
        items = _type(facts["items"], indent)
        return f"({items})[]" if "|" in items and not items.startswith("{") else f"{items}[]"
    if facts["type"] == "object":
        return _object(facts, indent)
    kinds = facts["type"] if isinstance(facts["type"], list) else [facts["type"]]
    return " | ".join(SIMPLE[kind] for kind in kinds)


def _object(facts: dict[str, Any], indent: str) -> str:
    inner = indent + "  "
    if "properties" not in facts:
        return f"{{ [key: string]: {_type(facts['additionalProperties'], inner)} }}"
    required = facts.get("required", ())
    lines = [
        f"{inner}{key}{'' if key in required else '?'}: {_type(value, inner)};\n"
        for key, value in facts["properties"].items()
    ]
    return "{\n" + "".join(lines) + indent + "}"


if __name__ == "__main__":
    TYPES.write_text(typescript(), encoding="utf-8")
