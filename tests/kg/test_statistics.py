"""The frozen statistics can be learned again from records and texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.statistics import learn_mesh_weights, main
from similarity.lexical import TermWeights, words


def test_padded_and_plain_ids_are_one_term(tmp_path: Path) -> None:
    def record(number: int, mesh_id: str) -> str:
        identification = {"nctId": f"NCT{number}", "briefTitle": "T"}
        browse = {"meshes": [{"id": mesh_id, "term": "Sclerosis"}, {"term": "no id"}]}
        return json.dumps(
            {
                "protocolSection": {"identificationModule": identification},
                "derivedSection": {"conditionBrowseModule": browse},
            }
        )

    source = tmp_path / "records.ndjson"
    ids = ("D000012598", "D012598", "D003920")
    source.write_text("\n".join(record(n, i) for n, i in enumerate(ids, 1)))
    weights = learn_mesh_weights([source])
    assert len(weights.ids) == 2
    assert weights.weight("D012598") < weights.weight("D003920")


def test_the_command_writes_what_the_model_loads(tmp_path: Path) -> None:
    texts, records = tmp_path / "texts.ndjson", tmp_path / "records.ndjson"
    line = {"title": "Knee trial", "summary": "A knee study.", "description": "Knees are seen."}
    texts.write_text("\n".join(json.dumps(line) for _ in range(5)))
    identification = {"nctId": "NCT00000001", "briefTitle": "T"}
    records.write_text(json.dumps({"protocolSection": {"identificationModule": identification}}))
    arguments = ["--texts", str(texts), "--records", str(records), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    loaded = TermWeights.load(tmp_path / "out/words.npz")
    assert loaded.weight(words("knee")[0]) == pytest.approx(0.0)
    assert loaded.weight("unseenword") == pytest.approx(loaded.unseen)
