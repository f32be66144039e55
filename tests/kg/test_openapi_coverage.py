"""Nothing of a record is dropped in silence: the registry's own description is walked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg.mapping.coverage import LEFT_OUT, MAPPED_IN_CODE
from kg.mapping.entities import entity_mentions, entity_quads
from kg.mapping.fields import PROTOCOL, STUDY_FIELDS
from kg.mapping.parts import PARTS
from kg.mapping.study_mapping import map_study
from kg.study import parse_study

pytestmark = pytest.mark.shared

LIKE = {"nctId": "NCT9{:07d}", "pmid": "3{:07d}", "url": "https://example.org/{}"}
"""How a value of a field looks of which IRIs are made."""
NAMES_OF_NODES = (
    f"{PROTOCOL}armsInterventionsModule.armGroups.interventionNames",
    f"{PROTOCOL}armsInterventionsModule.interventions.armGroupLabels",
)
"""By these an arm and an intervention name each other: edges to what is there, no values."""


def leaf_paths(schemas: dict[str, Any], name: str, path: str = "") -> Iterator[str]:
    """Yield the path of every field of a record that holds a value."""
    properties = schemas[name].get("properties")
    if properties is None:
        yield path
        return
    for key, value in properties.items():
        here = f"{path}.{key}" if path else key
        while value.get("type") == "array":
            value = value["items"]
        if "$ref" in value:
            yield from leaf_paths(schemas, value["$ref"].rpartition("/")[2], here)
        else:
            yield here


def filled(schema: dict[str, Any], schemas: dict[str, Any], path: str, said: dict[str, str]) -> Any:
    """Return a value for every field below, no two alike; notes in `said` how it is written."""
    if schema.get("type") == "array":
        return [filled(schema["items"], schemas, path, said)]
    if "$ref" in schema:
        return filled(schemas[schema["$ref"].rpartition("/")[2]], schemas, path, said)
    if "properties" in schema:
        return {
            key: filled(value, schemas, f"{path}.{key}".lstrip("."), said)
            for key, value in schema["properties"].items()
        }
    number, name = len(said) + 1, path.rpartition(".")[2]
    value: Any = f"value {number} of {name}"
    if "enum" in schema:
        value = schema["enum"][0]
    elif schema.get("type") == "boolean":
        value = True
    elif schema.get("type") in ("integer", "number"):
        value = 1_000_000 + number
    elif name in LIKE:
        value = LIKE[name].format(number)
    elif path.endswith((".meshes.id", ".ancestors.id")):
        value = f"D{number:06d}"
    said[path] = str(value).lower() if value is True else str(value)
    return value


@pytest.fixture(scope="module")
def schemas(shared_dir: Path) -> dict[str, Any]:
    text = (shared_dir / "data/ctgov_api/openapi-2.0.3.yaml").read_text("utf-8")
    described: dict[str, Any] = yaml.safe_load(text)["components"]["schemas"]
    return described


@pytest.fixture(scope="module")
def paths(schemas: dict[str, Any]) -> list[str]:
    return list(leaf_paths(schemas, "Study"))


def mapped_paths() -> set[str]:
    found = {field.path for field in STUDY_FIELDS}
    found |= {f"{part.path}.{field.path}" for part in PARTS for field in part.fields}
    return found


def test_every_field_is_mapped_or_left_out_with_a_reason(paths: list[str]) -> None:
    mapped = mapped_paths()
    whole = (*MAPPED_IN_CODE, *LEFT_OUT)
    missing = [
        path
        for path in paths
        if path not in mapped
        and not any(path == prefix or path.startswith(f"{prefix}.") for prefix in whole)
    ]
    assert missing == []
    assert len(paths) > 200


def test_every_value_of_a_full_record_is_in_its_quads(schemas: dict[str, Any]) -> None:
    said: dict[str, str] = {}
    study = parse_study(filled(schemas["Study"], schemas, "", said))
    quads = "".join(map_study(study))
    for mention in entity_mentions(study):
        quads += "".join(entity_quads(mention.iri, mention.kind, mention.label, ()))
    for path in NAMES_OF_NODES:
        del said[path]
    missing = [
        path
        for path, value in said.items()
        if value not in quads
        and not any(path == prefix or path.startswith(f"{prefix}.") for prefix in LEFT_OUT)
    ]
    assert missing == []
    assert len(said) > 200


def test_every_path_of_the_tables_exists(paths: list[str]) -> None:
    known = set(paths)
    assert mapped_paths() - known == set()
    for prefix in (*MAPPED_IN_CODE, *LEFT_OUT):
        assert any(path == prefix or path.startswith(f"{prefix}.") for path in paths), prefix


def test_left_out_fields_have_reasons() -> None:
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())
