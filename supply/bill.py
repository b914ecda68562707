"""The bill of materials as CycloneDX 1.6 in JSON (ECMA-424): https://cyclonedx.org/docs/1.6/json/.

The same materials make the same bill, to the byte: it holds no time, and its serial number follows
from its content.
"""

import json
import tomllib
import uuid
from collections.abc import Sequence
from typing import Any

from supply.materials import ROOT, Material

Json = dict[str, Any]
NAMESPACE = uuid.UUID("2c1f53b3-9c0c-4a51-9a2b-0e7f0f2c8a11")


def bill(materials: Sequence[Material]) -> Json:
    """The document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name, version = project["name"], project["version"]
    components = [_component(material) for material in materials]
    serial = uuid.uuid5(NAMESPACE, json.dumps([version, components]))
    root = f"pkg:generic/{name}@{version}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": name,
                "version": version,
                "description": project["description"],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": root, "dependsOn": sorted(each["bom-ref"] for each in components)}
        ],
    }


def _component(material: Material) -> Json:
    made: Json = {
        "type": material.kind,
        "bom-ref": material.url,
        "name": material.name,
        "version": material.version,
        "purl": material.url,
    }
    if material.licence:
        made["licenses"] = [{"expression": material.licence}]
    if material.hashes:
        made["hashes"] = [{"alg": "SHA-256", "content": each} for each in material.hashes]
    return made
