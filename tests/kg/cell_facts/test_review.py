from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from kg.cell_facts.extraction import extract_cell_facts
from kg.cell_facts.model import FIELDS, CellFact, CellFacts, Evidence
from kg.cell_facts.review import (
    REVIEW_COLUMNS,
    Corrections,
    apply_corrections,
    read_corrections,
    review_rows,
    write_review,
)
from kg.study import Study
from ontology.errors import RecordError, SourceError, TrialKinError
from tests.kg.cell_facts.conftest import make_study

NCT_ID = "NCT00000001"
HEADER = "nct_id,field,action,value,note,curator\n"


@pytest.fixture
def study() -> Study:
    return make_study(
        "Umbilical cord MSC in lupus",
        interventions=(
            ("BIOLOGICAL", "UC-MSC", "Cells are thawed first. A single dose is given i.v."),
        ),
    )


@pytest.fixture
def facts(study: Study) -> CellFacts:
    return extract_cell_facts(study)


def corrections(tmp_path: Path, *lines: str) -> Corrections:
    path = tmp_path / "corrections.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return read_corrections(path)


def test_each_evidence_has_a_row_with_its_sentence(study: Study, facts: CellFacts) -> None:
    rows = list(review_rows([(study, facts)]))
    assert {row["field"] for row in rows} == set(FIELDS)
    (route,) = (row for row in rows if row["field"] == "routes")
    assert route["value"] == "intravenous"
    assert route["words"] == "i.v."
    assert route["sentence"] == "A single dose is given i.v."
    assert route["section"] == "interventions[0].description"
    assert route["correction"] == route["note"] == route["curator"] == ""


def test_a_field_that_is_not_stated_has_a_row_of_its_own(study: Study, facts: CellFacts) -> None:
    (donor,) = (row for row in review_rows([(study, facts)]) if row["field"] == "donor")
    assert donor["value"] == donor["rule"] == donor["section"] == ""
    assert donor["nct_id"] == NCT_ID


def test_registry_text_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    study = make_study(interventions=(("BIOLOGICAL", "MSC", "=HYPERLINK(1) MSC given i.v."),))
    path = tmp_path / "review.csv"
    with path.open("w", newline="") as file:
        count = write_review([(study, extract_cell_facts(study))], file)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    assert list(rows[0]) == list(REVIEW_COLUMNS)
    assert any(row["sentence"].startswith("'=") for row in rows)


def test_values_are_added_and_removed(tmp_path: Path, facts: CellFacts) -> None:
    wanted = corrections(
        tmp_path,
        f"{NCT_ID},donor,add,allogeneic,cords of healthy mothers,A. Curator",
        f"{NCT_ID},routes,remove,intravenous,,A. Curator",
        f"{NCT_ID},dose_total,add,2e7,,A. Curator",
    )
    assert len(wanted) == 3
    after = apply_corrections(facts, wanted)
    assert after.values("routes") == []
    assert after.values("dose_total") == [20_000_000]
    (donor,) = after.of("donor")
    assert (donor.rule, donor.confidence, donor.arms) == ("curated", 1.0, ())
    words = "cords of healthy mothers"
    assert donor.evidence == (Evidence("curation[0]", 0, len(words), words),)
    (dose,) = after.of("dose_total")
    assert dose.evidence == (Evidence("curation[2]", 0, 8, "20000000"),)
    fields = [fact.field for fact in after.facts]
    assert fields == sorted(fields, key=FIELDS.index)


def test_a_value_that_the_rules_found_keeps_their_evidence(
    tmp_path: Path, facts: CellFacts
) -> None:
    wanted = corrections(tmp_path, f"{NCT_ID},routes,add,intravenous,seen,A. Curator")
    (route,) = apply_corrections(facts, wanted).of("routes")
    assert [proof.words for proof in route.evidence] == ["i.v.", "seen"]
    assert route.rule == "curated"


def test_other_trials_and_values_long_gone_are_left_alone(tmp_path: Path, facts: CellFacts) -> None:
    wanted = corrections(
        tmp_path,
        "NCT00000002,donor,add,autologous,,A. Curator",
        f"{NCT_ID},routes,remove,oral,,A. Curator",
    )
    assert apply_corrections(facts, wanted) == facts
    assert apply_corrections(facts, Corrections()) is facts


def test_a_reviewed_table_is_read_back(tmp_path: Path, study: Study, facts: CellFacts) -> None:
    path = tmp_path / "review.csv"
    rows = list(review_rows([(study, facts)]))
    for row in rows:
        if row["field"] == "routes":
            row |= {"correction": "intrathecal; epidural", "note": "typo", "curator": "A"}
        elif row["field"] == "preparation":
            row |= {"correction": "remove", "curator": "A"}
        elif row["field"] == "passage":
            row |= {"correction": "3", "curator": "A"}
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, REVIEW_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    after = apply_corrections(facts, read_corrections(path))
    assert after.values("routes") == ["epidural", "intrathecal"]
    assert after.values("preparation") == []
    assert after.values("passage") == [3]
    assert after.values("cell_sources") == facts.values("cell_sources")


def test_json_lines_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    item = {
        "nct_id": "nct00000001", "field": "administrations", "action": "add", "value": 3,
        "note": "", "curator": "A",
    }  # fmt: skip
    path.write_text(json.dumps(item) + "\n\n" + json.dumps(item) + "\n")
    (correction,) = read_corrections(path).of(NCT_ID)
    assert correction.value == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("MCT1,donor,add,autologous,,A", "MCT1"),
        (f"{NCT_ID},dose,add,5,,A", "'dose' is no field; use one of cell_sources"),
        (f"{NCT_ID},donor,change,autologous,,A", "'change' is no action on donor; write add"),
        (f"{NCT_ID},donor,add,autologous,,", "donor names no curator"),
        (f"{NCT_ID},donor,add,,,A", "no value is given"),
        (f"{NCT_ID},routes,add,by mouth,,A", "'by mouth' is no concept; use one of"),
        (f"{NCT_ID},administrations,add,twice,,A", "'twice' is no whole number"),
        (f"{NCT_ID},passage,add,0,,A", "'0' is no whole number"),
        (f"{NCT_ID},dose_per_kg,add,-1,,A", "'-1' is no number of cells"),
        (f"{NCT_ID},dose_total,add,many,,A", "'many' is no number of cells"),
        (f"{NCT_ID},preparation,add,warm,,A", "use fresh or cryopreserved"),
    ],
)
def test_a_wrong_line_is_named_with_its_remedy(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(RecordError, match="line 2") as error:
        corrections(tmp_path, line)
    assert says in str(error.value)


def test_a_finer_concept_is_sent_to_its_value(tmp_path: Path) -> None:
    from ontology.schemes import load_scheme

    scheme = load_scheme("cell_sources")
    finer = next(name for name in scheme.concepts if scheme.ancestors(name))
    with pytest.raises(RecordError, match="is a kind of"):
        corrections(tmp_path, f"{NCT_ID},cell_sources,add,{finer},,A")


def test_adding_and_removing_one_value_contradict(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"line 3.*both added and removed \(line 2\)"):
        corrections(
            tmp_path,
            f"{NCT_ID},donor,add,autologous,,A",
            f"{NCT_ID},donor,remove,autologous,,A",
        )


def test_nothing_can_be_removed_where_nothing_is_stated(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text(
        f"nct_id,field,value,correction,note,curator,action\n{NCT_ID},donor,,remove,,A,\n"
    )
    with pytest.raises(RecordError, match="donor is not stated"):
        read_corrections(path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "nct_id,field\n", "no column action, value, note, curator"),
        ("a.jsonl", "{\n", "line 1: no JSON"),
        ("a.jsonl", "[]\n", "line 1: not a JSON object"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(TrialKinError, match=says):
        read_corrections(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv cannot be read"):
        read_corrections(tmp_path / "gone.csv")


def test_the_model_keeps_curated_facts_apart() -> None:
    fact = CellFact("donor", "autologous", (Evidence("curation[0]", 0, 1, "x"),), "curated")
    assert fact.confidence == 1.0


@pytest.mark.parametrize(("written", "wanted"), [("1", [1]), ("1; 2", [1, 2]), ("2", [2])])
def test_a_value_is_confirmed_extended_or_replaced(
    tmp_path: Path, study: Study, facts: CellFacts, written: str, wanted: list[int]
) -> None:
    rows = list(review_rows([(study, facts)]))
    (row,) = (row for row in rows if row["field"] == "administrations")
    assert row["value"] == "1"
    row |= {"correction": written, "curator": "A. Curator"}
    path = tmp_path / "review.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, REVIEW_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    corrected = apply_corrections(facts, read_corrections(path))
    assert corrected.values("administrations") == wanted


def test_a_concept_may_be_written_as_it_is_shown(tmp_path: Path, facts: CellFacts) -> None:
    wanted = corrections(tmp_path, f"{NCT_ID},cell_sources,add,Bone marrow,why,A")
    assert "bone_marrow" in apply_corrections(facts, wanted).values("cell_sources")
