"""JSON in all its forms, sound and damaged."""

from __future__ import annotations

import codecs
import json

import pytest

from kg.sources import RejectedRecord, SourceRecord
from kg.study import canonical_json


def ids(*numbers: int) -> list[str]:
    return [f"NCT{number:08d}" for number in numbers]


def read_ids(records: list) -> list[str]:
    return [record.study.nct_id for record in records if isinstance(record, SourceRecord)]


class TestForms:
    def test_single_study(self, read, study_json):
        (record,) = read(json.dumps(study_json(1)).encode())
        assert record.study.nct_id == "NCT00000001"
        assert record.payload == study_json(1)
        assert (record.locator, record.format) == ("line 1", "api-v2")
        assert record.source.endswith("records")

    def test_single_study_pretty_printed(self, read, study_json):
        (record,) = read(json.dumps(study_json(1), indent=2).encode())
        assert record.payload == study_json(1)

    @pytest.mark.parametrize("indent", [None, 0, 4])
    def test_array(self, read, study_json, summarise, indent):
        text = json.dumps([study_json(1), study_json(2)], indent=indent)
        assert summarise(read(text.encode())) == [("NCT00000001", "[0]"), ("NCT00000002", "[1]")]

    @pytest.mark.parametrize("indent", [None, 0, 4])
    def test_page_with_other_keys_before_and_after(self, read, study_json, summarise, indent):
        page = {
            "totalCount": 2,
            "query": {"cond": 'a "quoted" }', "terms": [1, [2]]},
            "note": "}]",
            "studies": [study_json(1), study_json(2)],
            "nextPageToken": "abc",
            "more": {"a": [{}]},
        }
        records = read(json.dumps(page, indent=indent).encode())
        assert summarise(records) == [("NCT00000001", "studies[0]"), ("NCT00000002", "studies[1]")]

    def test_lines(self, read, study_line, summarise):
        text = b"\n".join([study_line(1), b"", study_line(2), b"  ", study_line(3)])
        expected = [("NCT00000001", "line 1"), ("NCT00000002", "line 3"), ("NCT00000003", "line 5")]
        assert summarise(read(text)) == expected
        assert summarise(read(text.replace(b"\n", b"\r\n") + b"\r\n")) == expected

    def test_lines_of_pages(self, read, study_json, summarise):
        pages = [json.dumps({"studies": [study_json(n), study_json(n + 1)]}) for n in (1, 3)]
        assert summarise(read("\n".join(pages).encode())) == [
            ("NCT00000001", "studies[0]"),
            ("NCT00000002", "studies[1]"),
            ("NCT00000003", "line 2: studies[0]"),
            ("NCT00000004", "line 2: studies[1]"),
        ]

    def test_pretty_printed_studies_one_after_another(self, read, study_json):
        text = "\n".join(json.dumps(study_json(n), indent=2) for n in (1, 2, 3))
        records = read(text.encode())
        assert read_ids(records) == ids(1, 2, 3)
        assert (
            records[1].locator == f"line {2 + json.dumps(study_json(1), indent=2).count(chr(10))}"
        )

    def test_page_written_a_study_a_line(self, read, study_line):
        text = b'{"studies": [\n' + study_line(1) + b",\n" + study_line(2) + b"\n]}\n"
        assert read_ids(read(text)) == ids(1, 2)

    @pytest.mark.parametrize(
        "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
    )
    def test_unicode_encodings(self, read, study_json, encoding):
        study = study_json(1, briefTitle="Étude sur la sclérodermie 😀")
        (record,) = read(json.dumps(study, ensure_ascii=False).encode(encoding))
        assert record.study.identification.brief_title == "Étude sur la sclérodermie 😀"

    def test_key_order_does_not_matter(self, read, study_json):
        study = dict(reversed(study_json(1).items()))
        assert next(iter(study)) == "hasResults"
        assert read_ids(read(json.dumps([study, study_json(2)]).encode())) == ids(1, 2)

    def test_large_white_space_before_the_text(self, read, study_line):
        assert read_ids(read(b" \n" * 200_000 + study_line(1))) == ids(1)

    @pytest.mark.parametrize("size", [100, 65_000, 262_144, 1_000_000])
    def test_strings_across_chunks(self, read, study_json, size):
        studies = [study_json(n, officialTitle='\\"[{' * (size // 4)) for n in (1, 2, 3)]
        for text in (json.dumps(studies), json.dumps({"studies": studies}, indent=1)):
            records = read(text.encode())
            assert [record.payload for record in records] == studies


class TestDamage:
    @pytest.mark.parametrize("cut", range(1, 12))
    def test_bad_line_does_not_hide_the_others(self, read, study_line, cut):
        lines = [study_line(n) for n in (1, 2, 3)]
        for bad in range(3):
            damaged = [line[: -3 * cut] if n == bad else line for n, line in enumerate(lines)]
            records = read(b"\n".join(damaged))
            assert read_ids(records) == [i for n, i in enumerate(ids(1, 2, 3)) if n != bad]
            (rejected,) = [record for record in records if isinstance(record, RejectedRecord)]
            assert rejected.locator == f"line {bad + 1}"

    def test_line_that_is_no_json(self, read, study_line):
        records = read(study_line(1) + b"\nnonsense\n" + study_line(2))
        assert read_ids(records) == ids(1, 2)
        assert "line 2" in str(records[1])
        assert "no JSON" in str(records[1])

    def test_first_line_is_nonsense(self, read, study_line):
        records = read(b"nonsense\n" + study_line(1) + b"\n" + study_line(2))
        assert read_ids(records) == ids(1, 2)

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda text: text[:-1], id="no closing brace"),
            pytest.param(lambda text: text + b"}", id="a brace too many"),
            pytest.param(lambda text: text + b"]", id="a bracket too many"),
            pytest.param(lambda text: text.replace(b'"NCT', b"NCT", 1), id="no opening quote"),
            pytest.param(lambda text: text.replace(b": [", b": ", 1), id="no opening bracket"),
            pytest.param(lambda text: text.replace(b": ", b" ", 1), id="no colon"),
            pytest.param(lambda text: text[:40], id="cut short"),
            pytest.param(lambda text: b"nul", id="no object"),
        ],
    )
    @pytest.mark.parametrize("indent", [b"", b"\n  "])
    def test_bad_study_on_a_page_does_not_hide_the_others(self, read, study_line, damage, indent):
        studies = [study_line(1), damage(study_line(2)), study_line(3), study_line(4)]
        text = b'{"studies": [' + indent + (b"," + indent).join(studies) + b"]}"
        records = read(text)
        assert [i for i in read_ids(records) if i != "NCT00000002"] == ids(1, 3, 4)
        rejected = [record for record in records if isinstance(record, RejectedRecord)]
        assert rejected
        assert all(record.locator for record in rejected)

    def test_cut_short_page_keeps_what_came_before(self, read, study_line):
        text = b'{"studies": [' + study_line(1) + b", " + study_line(2) + b", " + study_line(3)
        for end in range(len(text) - len(study_line(3)), len(text)):
            *kept, rejected = read(text[:end])
            assert read_ids(kept) == ids(1, 2)
            assert isinstance(rejected, RejectedRecord)
            assert "cut short" in rejected.message

    def test_missing_nct_id_names_field_and_line(self, read, study_line):
        text = study_line(1) + b'\n{"protocolSection": {}}\n{"foo": 1}\n'
        records = read(text)
        assert [str(record).split(": ", 1)[1][:62] for record in records[1:]] == [
            f"line {line}: protocolSection.identificationModule.nctId: The record"
            for line in (2, 3)
        ]

    def test_wrong_type_names_record_and_field(self, read, study_json):
        study = study_json(7)
        study["protocolSection"]["designModule"]["enrollmentInfo"]["count"] = "many"
        (rejected,) = read(json.dumps(study).encode())
        assert rejected.nct_id == "NCT00000007"
        assert rejected.field == "protocolSection.designModule.enrollmentInfo.count"

    def test_unreadable_json_still_names_the_record(self, read, study_line):
        (rejected,) = read(study_line(7)[:-1] + b",}")
        assert rejected.nct_id == "NCT00000007"

    def test_items_that_are_no_objects(self, read, study_line):
        records = read(b'[1, "text", null, [], {}, ' + study_line(1) + b"]")
        assert read_ids(records) == ids(1)
        assert len(records) == 5  # the empty list holds nothing to refuse

    def test_latin_1_is_refused_and_named(self, read, study_json):
        text = json.dumps(study_json(1, briefTitle="sclérodermie"), ensure_ascii=False)
        (rejected,) = read(text.encode("latin-1"))
        assert "not UTF-8 (byte 0xe9)" in rejected.message
        assert rejected.nct_id == "NCT00000001"

    @pytest.mark.parametrize(
        "text",
        [
            b'{"protocolSection": NaN}',
            b'{"protocolSection": ' + b"9" * 5000 + b"}",
            b'{"protocolSection": 1e999999}',
            b'{"protocolSection": {"a": "\\ud800", "b": Infinity}}',
            b'{"protocolSection": {"a": "\\ud800", "b": ' + b"9" * 5000 + b"}}",
            b'{"protocolSection": "' + b"\x01" + b'"}',
        ],
    )
    def test_values_that_no_json_has(self, read, text):
        (rejected,) = read(text)
        assert isinstance(rejected, RejectedRecord)

    @pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"studies":['])
    @pytest.mark.parametrize("depth", [50, 500, 100_000])
    def test_nesting_bomb(self, read, opening, depth):
        records = read(opening * depth)
        assert 0 < len(records) < 3
        closed = b'{"protocolSection": ' + b"[" * depth + b"]" * depth + b"}"
        (rejected,) = read(closed)
        assert isinstance(rejected, RejectedRecord)

    def test_deep_but_allowed_nesting_can_be_stored(self, read, study_json):
        study = study_json(1)
        value: object = 1
        for _ in range(95):
            value = [value]
        study["extra"] = value
        (record,) = read(json.dumps(study).encode())
        assert canonical_json(record.payload)


class TestLimits:
    def test_oversized_record_is_named_and_passed_over(self, read, study_line, summarise):
        large = study_line(2, officialTitle="x" * 5000)
        for text in (
            b"\n".join([study_line(1), large, study_line(3)]),
            b"[" + b",".join([study_line(1), large, study_line(3)]) + b"]",
        ):
            records = read(text, max_record_bytes=2000)
            assert read_ids(records) == ids(1, 3)
            assert "max_record_bytes" in records[1].message
            assert records[1].nct_id == "NCT00000002"

    def test_oversized_string_without_end(self, read, study_line):
        text = b"[" + study_line(1) + b', {"protocolSection": {"a": "' + b"x" * 3_000_000
        records = read(text, max_record_bytes=10_000)
        assert read_ids(records) == ids(1)
        assert "max_record_bytes" in records[1].message

    def test_page_on_one_line_larger_than_a_record(self, read, study_json):
        page = json.dumps({"studies": [study_json(n) for n in range(1, 200)]}).encode()
        assert read_ids(read(page, max_record_bytes=2000)) == ids(*range(1, 200))
        assert read_ids(read(page + b"\n" + page, max_record_bytes=2000)) == 2 * ids(*range(1, 200))

    def test_many_tiny_values(self, read, study_line):
        text = study_line(1)[:-1] + b', "x": [' + b"[]," * 1000 + b"0]}"
        (rejected,) = read(text, max_record_parts=500)
        assert "max_record_parts" in rejected.message

    def test_nesting_limit(self, read, study_json):
        study = {**study_json(1), "x": [[[[[[[[1]]]]]]]]}
        (rejected,) = read(json.dumps(study).encode(), max_nesting=6)
        assert "max_nesting" in rejected.message


class TestCharacters:
    @pytest.mark.parametrize(
        ("escaped", "kept"),
        [
            ("\\u0000", "\ufffd"),
            ("\\u0008\\b\\f\\u001f", "\ufffd\ufffd\ufffd\ufffd"),
            ("\\t\\n\\r", "\t\n\r"),
            ("\\ud800", "\ufffd"),
            ("\\udc00x", "\ufffdx"),
            ("\\ud83d\\ude00", "😀"),
            ("\\ufffe\\uffff", "\ufffd\ufffd"),
            ("\ufffe", "\ufffd"),
            ("\\u007f\\u0085\\u2028", "\x7f\x85\u2028"),
            ('\\"\\\\ <>{}|^`', '"\\ <>{}|^`'),
            ("e\u0301 \u202e", "e\u0301 \u202e"),
        ],
    )
    def test_what_no_xml_can_hold_is_replaced_one_for_one(self, read, escaped, kept):
        text = '{"protocolSection": {"identificationModule": {"nctId": "NCT00000001", '
        text += f'"briefTitle": "a{escaped}z"}}}}}}'
        (record,) = read(text.encode())
        assert record.study.identification.brief_title == f"a{kept}z"
        assert canonical_json(record.payload)

    def test_keys_are_cleaned_too(self, read):
        text = (
            b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}, "\\ud800": 1}'
        )
        (record,) = read(text)
        assert record.payload["\ufffd"] == 1

    def test_lone_surrogates_in_utf_16(self, read, study_json):
        text = json.dumps(study_json(1, briefTitle="a\ud800b"), ensure_ascii=False)
        data = codecs.BOM_UTF16_LE + text.encode("utf-16-le", "surrogatepass")
        (record,) = read(data)
        assert "\ufffd" in record.study.identification.brief_title


def test_message_is_one_line_without_control_characters():
    rejected = RejectedRecord("a\nb", "m\x1b[31m", None, "f\u202e", "x" * 1000)
    line = str(rejected)
    assert line.isprintable()
    assert len(line) < 500


class TestOlderWords:
    def test_words_of_v1_are_put_in_v2_words(self, read, study_json):
        study = study_json(1, secondaryIdInfos=[{"type": "EudraCT Number"}, {"type": "Odd"}, {}])
        study["protocolSection"]["statusModule"] = {
            "overallStatus": "UNKNOWN_STATUS",
            "lastKnownStatus": "RECRUITING",
            "startDateStruct": {"date": "2020", "type": "ESTIMATE"},
        }
        study["protocolSection"]["contactsLocationsModule"] = {
            "locations": [{"status": "Unknown status"}, {"status": "COMPLETED"}]
        }
        (record,) = read(json.dumps(study).encode())
        status = record.study.status
        assert (status.overall_status, status.last_known_status) == ("UNKNOWN", "RECRUITING")
        assert status.start_date_struct.type == "ESTIMATED"
        infos = record.study.identification.secondary_id_infos
        assert [info.type for info in infos] == ["EUDRACT_NUMBER", "Odd", None]
        locations = record.study.contacts_locations.locations
        assert [location.status for location in locations] == ["UNKNOWN", "COMPLETED"]
        assert record.payload["protocolSection"]["statusModule"]["overallStatus"] == "UNKNOWN"

    @pytest.mark.parametrize("value", [None, 1, "x", [], [1], {}])
    def test_wrong_kinds_are_left_to_be_refused(self, read, value):
        for module in ("statusModule", "identificationModule", "contactsLocationsModule"):
            text = json.dumps({"protocolSection": {module: value}})
            (rejected,) = read(text.encode())
            assert isinstance(rejected, RejectedRecord)
