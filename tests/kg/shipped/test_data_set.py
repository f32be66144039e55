"""The shipped data set: complete, unchanged, facts only, made again to the same bytes."""

from __future__ import annotations

import copy
import gzip
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.shipped.composed_summary import MARK
from kg.shipped.data_set import (
    check_data_set,
    main,
    make_data_set,
    read_records,
    write_data_set,
)
from kg.shipped.facts import KEPT, Kept, keep_facts
from kg.shipped.hand_made import HAND_MADE
from kg.shipped.manifest import DATA_FILE, MANIFEST_FILE
from kg.shipped.names import NAME_LIMIT
from kg.study import parse_study
from ontology.errors import RecordError, SourceError

DATA = Path(__file__).resolve().parents[3] / "data"
SEED_PAGE = {
    "NCT04356287",
    "NCT02034188",
    "NCT05532943",
    "NCT01745783",
    "NCT00781872",
    "NCT04943289",
}
SOURCE_RECORD: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT00000007",
            "briefTitle": "Cells  for Ataxia",
            "organization": {"fullName": "[e-mail] Ataxia Institute", "class": "OTHER"},
            "secondaryIdInfos": [{"id": "2022-000001-10", "type": "EudraCT Number"}],
        },
        "statusModule": {
            "overallStatus": "UNKNOWN_STATUS",
            "whyStopped": "We ran out of money.",
            "studyFirstPostDateStruct": {"date": "2015-03-01", "type": "ESTIMATE"},
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {"type": "SPONSOR", "investigatorFullName": "Ada Example"},
            "leadSponsor": {"name": "Ataxia Institute", "class": "OTHER"},
        },
        "descriptionModule": {
            "briefSummary": "We shall see whether cells that we grow can help people to walk.",
            "detailedDescription": "Nine or more of our own words stand in this very sentence.",
        },
        "conditionsModule": {"conditions": ["Ataxia"]},
        "armsInterventionsModule": {
            "interventions": [
                {
                    "type": "BIOLOGICAL",
                    "name": "The cells are grown from fat and then given into the spine.",
                    "description": "Given once.",
                }
            ],
        },
        "outcomesModule": {"primaryOutcomes": [{"measure": "Gait"}]},
        "eligibilityModule": {"eligibilityCriteria": "Adults only.", "sex": "FEMALE"},
        "contactsLocationsModule": {
            "centralContacts": [{"name": "Ada Example", "phone": "555 0100"}],
            "locations": [
                {"facility": "Clinic", "city": "Tartu", "zip": "1", "country": "Estonia"}
            ],
        },
        "referencesModule": {
            "references": [
                {"pmid": "12345", "type": "BACKGROUND", "citation": "Example A. A title. 2001."},
                {"type": "RESULT", "citation": "Example B. Another title. 2002."},
            ],
            "seeAlsoLinks": [{"label": "What we do", "url": "https://example.org/"}],
        },
    },
    "derivedSection": {
        "conditionBrowseModule": {
            "meshes": [{"id": "D000001259", "term": "Ataxia"}],
            "browseLeaves": [{"id": "M1", "name": "Ataxia"}],
        }
    },
    "hasResults": False,
}


def _write(path: Path, *records: Any) -> Path:
    text = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.fixture(scope="module")
def shipped() -> list[dict[str, Any]]:
    return read_records(DATA / DATA_FILE)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text.lower()))


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a record with the name of its field."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _texts(part, name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str):
        yield key, value


# The shipped file, as it lies in the repository


def test_shipped_file_agrees_with_its_manifest() -> None:
    manifest = check_data_set(DATA)
    assert manifest["counts"]["trials"] == 1536
    assert manifest["source"]["retrieved"] == {"first": "2022-10-06", "last": "2022-10-10"}
    assert manifest["size_bytes"] < 1_500_000


def test_every_shipped_record_parses_and_is_marked(shipped: list[dict[str, Any]]) -> None:
    ids = []
    for record in shipped:
        study = parse_study(record)
        ids.append(study.nct_id)
        assert study.composed_summary, study.nct_id
        assert (study.description.brief_summary or "").endswith(MARK), study.nct_id
        assert study.identification.brief_title, study.nct_id
    assert ids == sorted(set(ids))
    assert set(ids) >= SEED_PAGE


def test_shipped_records_hold_only_kept_fields(shipped: list[dict[str, Any]]) -> None:
    def check(value: Any, kept: Any, place: str) -> None:
        if isinstance(value, list):
            for item in value:
                check(item, kept, place)
        elif isinstance(value, Mapping):
            assert isinstance(kept, Mapping), place
            for name, part in value.items():
                assert name in kept, f"{place}.{name}"
                check(part, kept[name], f"{place}.{name}")
        else:
            assert isinstance(kept, Kept), place
            if kept is Kept.NAME:
                assert len(value) <= NAME_LIMIT, f"{place}: {value}"

    for original in shipped:
        record = copy.deepcopy(original)
        summary = record["protocolSection"].pop("descriptionModule")
        assert list(summary) == ["briefSummary"]
        assert record.pop("composedSummary") is True
        if record.pop("handMade", None) is not None:
            assert record["protocolSection"]["identificationModule"]["nctId"] == "NCT04943289"
        check(record, KEPT, "")


def test_shipped_records_hold_no_contact(shipped: list[dict[str, Any]]) -> None:
    contact = re.compile(r"e-mail\]|\S@\S+\.\w|\b\d{3}-\d{3}-\d{4}\b")
    found = [text for record in shipped for key, text in _texts(record) if contact.search(text)]
    assert found == []


def test_codes_are_those_of_api_v2(shipped: list[dict[str, Any]]) -> None:
    texts = {text for record in shipped for key, text in _texts(record)}
    assert texts.isdisjoint({"UNKNOWN_STATUS", "ESTIMATE", "EudraCT Number", "Other Identifier"})


def test_readme_gives_source_and_date() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for word in ("ClinicalTrials.gov", "National Library of Medicine", "October 2022", "1,536"):
        assert word in readme


# Against the source


@pytest.mark.shared
def test_making_it_again_gives_the_same(shared_dir: Path) -> None:
    made = make_data_set([shared_dir / "data" / "msc_trials.ndjson.gz"])
    manifest = json.loads((DATA / MANIFEST_FILE).read_bytes())
    # Not the compressed file's hash: another zlib may compress the same content otherwise.
    volatile = ("sha256", "size_bytes")
    assert {k: v for k, v in made.manifest.items() if k not in volatile} == {
        k: v for k, v in manifest.items() if k not in volatile
    }
    assert made.content == gzip.decompress((DATA / DATA_FILE).read_bytes())


@pytest.mark.shared
def test_no_trial_of_the_source_is_lost(shared_dir: Path, shipped: list[dict[str, Any]]) -> None:
    source = {parse_study(record).nct_id for record in _source(shared_dir)}
    assert len(source) == 1535
    assert {parse_study(record).nct_id for record in shipped} == source | {"NCT04943289"}


@pytest.mark.shared
def test_no_sentence_of_a_sponsors_text_is_shipped(
    shared_dir: Path, shipped: list[dict[str, Any]]
) -> None:
    """Look for every sentence of 8 words or more of every text that is left out.

    A sentence that is a registered title or name, word for word, stays that name: "Human
    umbilical cord blood-derived mesenchymal stem cells" is what is given, also where somebody
    describes an arm so. Titles are registered whole, whatever a text quotes of them.
    """
    prose = {
        "briefSummary",
        "detailedDescription",
        "eligibilityCriteria",
        "description",
        "measure",
        "timeFrame",
        "citation",
        "interventionModelDescription",
        "maskingDescription",
        "whyStopped",
    }
    names = {"label", "name", "otherNames", "keywords", "conditions"}
    titles = {"briefTitle", "officialTitle"}
    sentences = {
        words
        for record in _source(shared_dir)
        for key, text in _texts(record)
        if key in prose
        for sentence in re.split(r"[\r\n]+|(?<=[.!?;])\s+", text)
        if len(words := _words(sentence)) >= 8
    }
    assert len(sentences) > 50_000
    registered = {
        _words(text) for record in shipped for key, text in _texts(record) if key in names | titles
    }
    for record in shipped:  # what a composed summary joins: "one product and another product"
        given = record["protocolSection"].get("armsInterventionsModule", {})
        of_record = [_words(item.get("name", "")) for item in given.get("interventions", ())]
        registered |= {(*one, "and", *two) for one in of_record for two in of_record}
    # A few dozen, so that the exception does not quietly become the rule.
    assert len(sentences & registered) <= 60
    sentences -= registered
    beginnings = {sentence[:8] for sentence in sentences}
    copied = []
    for record in shipped:
        for key, text in _texts(record):
            if key in titles:
                continue
            words = _words(text)
            for start in range(len(words) - 7):
                if words[start : start + 8] in beginnings:
                    ends = range(start + 8, len(words) + 1)
                    copied += [text for end in ends if words[start:end] in sentences]
    assert copied == []


def test_a_sentence_with_a_verb_is_not_shipped_as_a_name(shipped: list[dict[str, Any]]) -> None:
    names = {"label", "name", "otherNames", "keywords", "conditions"}
    verb = re.compile(r"\s(is|are|was|were|will)\s")
    found = {
        text
        for record in shipped
        for key, text in _texts(record)
        if key in names and verb.search(text) and len(_words(text)) >= 8
    }
    assert found == set()


def _source(shared_dir: Path) -> list[dict[str, Any]]:
    return read_records(shared_dir / "data" / "msc_trials.ndjson.gz")


# Keeping facts


def test_only_facts_of_a_record_are_kept() -> None:
    protocol = keep_facts(SOURCE_RECORD)["protocolSection"]
    assert protocol == {
        "identificationModule": {
            "nctId": "NCT00000007",
            "briefTitle": "Cells for Ataxia",
            "organization": {"fullName": "Ataxia Institute", "class": "OTHER"},
            "secondaryIdInfos": [{"id": "2022-000001-10", "type": "EUDRACT_NUMBER"}],
        },
        "statusModule": {
            "overallStatus": "UNKNOWN",
            "studyFirstPostDateStruct": {"date": "2015-03-01", "type": "ESTIMATED"},
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {"type": "SPONSOR"},
            "leadSponsor": {"name": "Ataxia Institute", "class": "OTHER"},
        },
        "conditionsModule": {"conditions": ["Ataxia"]},
        "armsInterventionsModule": {
            "interventions": [{"type": "BIOLOGICAL", "name": "The cells"}],
        },
        "eligibilityModule": {"sex": "FEMALE"},
        "contactsLocationsModule": {
            "locations": [{"facility": "Clinic", "city": "Tartu", "country": "Estonia"}],
        },
        "referencesModule": {
            "references": [{"pmid": "12345", "type": "BACKGROUND"}],
            "seeAlsoLinks": [{"url": "https://example.org/"}],
        },
    }


def test_mesh_ids_are_canonical_and_false_is_kept() -> None:
    record = keep_facts(SOURCE_RECORD)
    assert record["derivedSection"] == {
        "conditionBrowseModule": {"meshes": [{"id": "D001259", "term": "Ataxia"}]}
    }
    assert record["hasResults"] is False


def test_a_field_of_another_kind_than_expected_is_left_out() -> None:
    record = {"protocolSection": {"designModule": "PHASE1", "statusModule": {"overallStatus": {}}}}
    assert keep_facts(record) == {}


# Making it


def test_a_trial_entered_by_hand_is_added_and_says_so(tmp_path: Path) -> None:
    data_set = make_data_set([_write(tmp_path / "a.ndjson", SOURCE_RECORD)])
    records = [json.loads(line) for line in data_set.content.splitlines()]
    assert [record.get("handMade") for record in records] == [None, True]
    assert data_set.manifest["counts"]["added_by_hand"] == 1
    added = data_set.manifest["added_by_hand"]
    assert [entry["nct_id"] for entry in added] == ["NCT04943289"]
    assert "clinicaltrials.gov" in added[0]["source"]
    summary = records[1]["protocolSection"]["descriptionModule"]["briefSummary"]
    assert "CD14+ monocytes of umbilical cord blood" in summary
    assert "intrathecally" in summary


def test_a_trial_entered_by_hand_yields_to_a_source(tmp_path: Path) -> None:
    record = copy.deepcopy(SOURCE_RECORD)
    record["protocolSection"]["identificationModule"]["nctId"] = HAND_MADE[0].nct_id
    data_set = make_data_set([_write(tmp_path / "a.ndjson.gz", record)])
    assert data_set.manifest["counts"]["trials"] == 1
    assert data_set.manifest["added_by_hand"] == []


def test_order_of_sources_and_of_keys_does_not_matter(tmp_path: Path) -> None:
    other = copy.deepcopy(SOURCE_RECORD)
    other["protocolSection"]["identificationModule"]["nctId"] = "NCT00000003"
    turned = {key: SOURCE_RECORD[key] for key in reversed(SOURCE_RECORD)}
    first = make_data_set([_write(tmp_path / "a.ndjson", SOURCE_RECORD, other)])
    assert first == make_data_set([tmp_path / "a.ndjson"])
    second = make_data_set([_write(tmp_path / "b.ndjson", other, turned)])
    assert first.compressed == second.compressed
    assert first.content.index(b"NCT00000003") < first.content.index(b"NCT00000007")


def test_a_copied_sentence_is_cut_from_a_name(tmp_path: Path) -> None:
    record = copy.deepcopy(SOURCE_RECORD)
    prose = "grown cells of the patient mixed into a gel"
    record["protocolSection"]["descriptionModule"]["detailedDescription"] = f"{prose.title()}."
    record["protocolSection"]["conditionsModule"]["keywords"] = [f"{prose} for the knee"]
    data_set = make_data_set([_write(tmp_path / "a.ndjson", record)], hand_made=())
    (line,) = data_set.content.splitlines()
    (keyword,) = json.loads(line)["protocolSection"]["conditionsModule"]["keywords"]
    assert keyword == "grown cells of the patient mixed"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("{\n", "a.ndjson, line 1: no JSON"),
        ("\n[]\n", "a.ndjson, line 2: no record, but list"),
        ("\n", "hold no record"),
    ],
)
def test_a_bad_source_is_refused_by_name(tmp_path: Path, lines: str, message: str) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        make_data_set([path])


def test_a_truncated_or_missing_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"{}" * 1000)[:-12])
    with pytest.raises(SourceError, match="cannot be read"):
        make_data_set([path])
    with pytest.raises(SourceError, match="cannot be read"):
        make_data_set([tmp_path / "none.ndjson"])


def test_a_trial_that_stands_in_the_sources_twice_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.ndjson", SOURCE_RECORD, SOURCE_RECORD)
    with pytest.raises(SourceError, match="NCT00000007 is in the sources twice"):
        make_data_set([path])


def test_a_record_without_id_or_with_a_bad_mesh_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no NCT id"):
        make_data_set([_write(tmp_path / "a.ndjson", {"protocolSection": {}})])
    record = copy.deepcopy(SOURCE_RECORD)
    record["derivedSection"]["conditionBrowseModule"]["meshes"][0]["id"] = "X1"
    with pytest.raises(RecordError, match="NCT00000007"):
        make_data_set([_write(tmp_path / "b.ndjson", record)])


# Checking it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = _write(tmp_path / "a.ndjson", SOURCE_RECORD)
    write_data_set(make_data_set([source]), tmp_path / "out")
    return tmp_path / "out"


def test_what_was_written_passes_the_check(folder: Path) -> None:
    assert check_data_set(folder)["counts"]["trials"] == 2
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST_FILE, DATA_FILE]


@pytest.mark.parametrize(
    ("key", "value"),
    [("sha256", "0" * 64), ("content_sha256", "0" * 64), ("counts", {}), ("size_bytes", 1)],
)
def test_a_manifest_that_does_not_agree_is_refused(folder: Path, key: str, value: Any) -> None:
    manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
    (folder / MANIFEST_FILE).write_text(json.dumps({**manifest, key: value}), encoding="utf-8")
    with pytest.raises(SourceError, match=f"{key} is"):
        check_data_set(folder)


def test_a_damaged_missing_or_newer_data_set_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
    newer = {**manifest, "format_version": 99}
    (folder / MANIFEST_FILE).write_text(json.dumps(newer), encoding="utf-8")
    with pytest.raises(SourceError, match="format version 99"):
        check_data_set(folder)
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest), encoding="utf-8")
    (folder / DATA_FILE).write_bytes((folder / DATA_FILE).read_bytes()[:-9])
    with pytest.raises(SourceError, match=DATA_FILE):
        check_data_set(folder)
    (folder / DATA_FILE).unlink()
    with pytest.raises(SourceError, match="make the data set again"):
        check_data_set(folder)


def test_command_makes_and_checks(tmp_path: Path) -> None:
    source = _write(tmp_path / "a.ndjson", SOURCE_RECORD)
    out = tmp_path / "out"
    made = CliRunner().invoke(main, [str(source), "--out", str(out)])
    assert (made.exit_code, made.stdout) == (0, "")
    assert "2 trials" in made.stderr
    checked = CliRunner().invoke(main, ["--check", str(out)])
    assert (checked.exit_code, checked.stdout) == (0, "")
    shutil.rmtree(out)
    failed = CliRunner().invoke(main, ["--check", str(out)])
    assert failed.exit_code == 1
    assert "make the data set again" in failed.stderr


@pytest.mark.parametrize("arguments", [[], ["--out", "x"], ["a.ndjson"], ["a", "--check", "x"]])
def test_command_refuses_half_a_request(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2
