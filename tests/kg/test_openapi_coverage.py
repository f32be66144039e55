"""Nothing of a record is dropped in silence: the registry's own description is walked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg.mapping.coverage import LEFT_OUT, MAPPED_IN_CODE
from kg.mapping.fields import STUDY_FIELDS
from kg.mapping.parts import PARTS

pytestmark = pytest.mark.shared


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


@pytest.fixture(scope="module")
def paths(shared_dir: Path) -> list[str]:
    text = (shared_dir / "data/ctgov_api/openapi-2.0.3.yaml").read_text("utf-8")
    return list(leaf_paths(yaml.safe_load(text)["components"]["schemas"], "Study"))


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


def test_every_path_of_the_tables_exists(paths: list[str]) -> None:
    known = set(paths)
    assert mapped_paths() - known == set()
    for prefix in (*MAPPED_IN_CODE, *LEFT_OUT):
        assert any(path == prefix or path.startswith(f"{prefix}.") for path in paths), prefix


def test_left_out_fields_have_reasons() -> None:
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())
