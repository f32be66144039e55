from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.refit import read_profiles, refit
from similarity.fusion import load_fusion
from similarity.model import model_folder
from tests.conftest import ROOT

RECORDS = ROOT / "tests/kg/golden"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    shipped = model_folder("trialkin")
    assert shipped is not None
    made = tmp_path / "trialkin"
    made.mkdir()
    for name in ("fusion.json", "README.md"):
        shutil.copy(shipped / name, made / name)
    monkeypatch.setattr("kg.refit.model_folder", lambda name: made)
    return made


def test_one_command_fits_and_writes_weights_figures_and_card(folder, tmp_path):
    profiles = read_profiles(RECORDS)

    def grade(query, other):
        shared = [
            set(query.concepts.get(key, ())) & set(names) for key, names in other.concepts.items()
        ]
        return min(3, sum(map(bool, shared)))

    qrels = tmp_path / "x.qrels"
    lines = [
        f"{query.nct_id} 0 {other.nct_id} {grade(query, other)}\n"
        for query in profiles
        for other in profiles
        if other is not query
    ]
    qrels.write_text("".join(lines))
    before = load_fusion(folder / "fusion.json")
    done = CliRunner().invoke(refit, [str(RECORDS), str(qrels)])
    assert done.exit_code == 0, done.output
    after = load_fusion(folder / "fusion.json")
    assert after.views == before.views
    assert after.terms != before.terms
    assert "fusion, held out" in done.output
    assert "without condition" in done.output
    card = (folder / "README.md").read_text()
    assert f"{len(profiles)} development queries" in card
    assert (folder / "figures.json").is_file()


def test_records_are_read_once_each_in_order():
    profiles = read_profiles(RECORDS)
    assert len(profiles) > 5
    assert [profile.nct_id for profile in profiles] == sorted(
        {profile.nct_id for profile in profiles}
    )
