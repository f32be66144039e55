"""Records for tests of shards: real ones, and ones that their encoder cannot bear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kg.generation import Generation
from tests.conftest import ROOT

GOLDEN = sorted((ROOT / "tests/kg/golden").glob("*.json"))


def plain_record(number: int, summary: str = "Cells for joints.") -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": f"NCT{number:08d}",
                "briefTitle": f"Trial {number} of cells",
            },
            "descriptionModule": {"briefSummary": f"{summary} Study {number % 7}."},
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": f"Hospital {number % 3}"}},
        }
    }


def write_records(path: Path, *records: dict[str, Any]) -> list[Path]:
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    return [path, *GOLDEN]


def content(generation: Generation) -> dict[str, Any]:
    """Everything in a generation that two builds of the same must agree on."""
    folder = generation.path
    rows = {
        table: generation.records._connection.execute(
            f"SELECT * FROM {table} ORDER BY 1, 2"
        ).fetchall()
        for table in ("study", "derived", "alias", "entity_label", "relation_key", "study_text")
    }
    vectors = {file.name: file.read_bytes() for file in sorted((folder / "vectors").iterdir())}
    assert not (folder / "shards").exists()
    return {
        "quads": list(generation.sorted_nquads(without_runs=True)),
        "rows": rows,
        "vectors": vectors,
        "partitions": generation.manifest.partitions,
        "counts": generation.manifest.counts,
    }
