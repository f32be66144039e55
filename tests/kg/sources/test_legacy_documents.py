"""Legacy XML files: several records, encodings, damage, and what is out to do harm."""

from __future__ import annotations

import itertools
import time

import pytest

from kg.sources import RejectedRecord


class TestDocuments:
    def test_several_records(self, read, legacy_xml, summarise):
        text = f"<all>{legacy_xml(1)}<x/>{legacy_xml(2)}</all>"
        assert summarise(read(text.encode())) == [
            ("NCT00000001", "clinical_study[0]"),
            ("NCT00000002", "clinical_study[1]"),
        ]

    def test_damage_after_good_records(self, read, legacy_xml, summarise):
        text = f"<all>{legacy_xml(1)}{legacy_xml(2)}{legacy_xml(3)[:-20]}"
        *kept, rejected = read(text.encode())
        assert summarise(kept) == [
            ("NCT00000001", "clinical_study[0]"),
            ("NCT00000002", "clinical_study[1]"),
        ]
        assert rejected.locator == "clinical_study[2]"
        assert "well-formed" in rejected.message

    def test_record_without_id(self, read, legacy_xml):
        text = f"<all><clinical_study/>{legacy_xml(2)}</all>"
        rejected, record = read(text.encode())
        assert rejected.field == "protocolSection.identificationModule.nctId"
        assert record.study.nct_id == "NCT00000002"

    @pytest.mark.parametrize(
        ("encoding", "declared"),
        [("latin-1", "ISO-8859-1"), ("cp1252", "windows-1252"), ("utf-16", "UTF-16")],
    )
    def test_declared_encodings(self, read, legacy_xml, encoding, declared):
        text = f'<?xml version="1.0" encoding="{declared}"?>' + legacy_xml(1).replace("Cells", "é")
        (record,) = read(text.encode(encoding))
        assert record.study.identification.brief_title == "é, part 1"

    def test_byte_order_mark_and_leading_space(self, read, legacy_xml):
        for start in ("\ufeff", "\n  ", "\ufeff<?xml version='1.0'?>\n", "\r\n"):
            (record,) = read((start + legacy_xml(1)).encode())
            assert record.study.nct_id == "NCT00000001"

    def test_undeclared_latin_1_is_refused(self, read, legacy_xml):
        (rejected,) = read(legacy_xml(1).replace("Cells", "é").encode("latin-1"))
        assert "well-formed" in rejected.message

    @pytest.mark.parametrize("text", ["<a/>", "<a>", "<", "<?xml version='1.0'?>", "<a b=c>"])
    def test_other_xml(self, read, text):
        (rejected,) = read(text.encode())
        assert isinstance(rejected, RejectedRecord)

    def test_wrong_number_names_the_field(self, read, legacy_xml):
        (rejected,) = read(legacy_xml(5, "<enrollment>many</enrollment>").encode())
        assert rejected.nct_id == "NCT00000005"
        assert rejected.field == "protocolSection.designModule.enrollmentInfo.count"


class TestHostile:
    LEVELS = 12

    def bomb(self) -> str:
        names = "abcdefghijklmnop"
        entities = '<!ENTITY a "xxxxxxxxxx">' + "".join(
            f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
            for before, name in itertools.pairwise(names[: self.LEVELS])
        )
        return f"<!DOCTYPE clinical_study [{entities}]>"

    @pytest.mark.parametrize("where", ["text", "attribute", "default attribute", "parameter"])
    def test_entity_bombs_are_inert(self, read, legacy_xml, where):
        last = "abcdefghijklmnop"[self.LEVELS - 1]
        bomb, study = self.bomb(), legacy_xml(1)
        if where == "text":
            study = study.replace("Cells", f"&{last};")
        elif where == "attribute":
            study = study.replace("<brief_title>", f'<brief_title a="&{last};">')
        elif where == "default attribute":
            bomb = bomb.replace("]>", f'<!ATTLIST clinical_study a CDATA "&{last};">]>')
        else:
            bomb = bomb.replace("<!ENTITY ", "<!ENTITY % ").replace("&", "%")
        start = time.monotonic()
        (rejected,) = read((bomb + study).encode())
        assert isinstance(rejected, RejectedRecord)
        assert time.monotonic() - start < 2

    def test_external_entity_is_not_read(self, read, legacy_xml, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("the secret")
        text = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        (rejected,) = read((text + legacy_xml(1).replace("Cells", "&x;")).encode())
        assert "declares entities" in rejected.message

    def test_external_dtd_is_not_fetched(self, read, legacy_xml, tmp_path):
        dtd = tmp_path / "x.dtd"
        dtd.write_text('<!ENTITY x "the secret">')
        text = f'<!DOCTYPE clinical_study SYSTEM "{dtd.as_uri()}">'
        (record,) = read((text + legacy_xml(1).replace("Cells", "&x;")).encode())
        assert record.study.identification.brief_title == "&x;, part 1"

    @pytest.mark.parametrize("character", ["\0", "\x01", "&#0;", "&#xD800;", "&#xFFFE;"])
    def test_characters_that_no_xml_has(self, read, legacy_xml, character):
        (rejected,) = read(legacy_xml(1).replace("Cells", character).encode())
        assert "well-formed" in rejected.message

    def test_deep_nesting(self, read):
        (rejected,) = read(("<clinical_study>" + "<a>" * 100_000).encode())
        assert "limit of the XML parser" in rejected.message

    def test_endless_text(self, read):
        (rejected,) = read(b"<clinical_study><brief_title>" + b"a" * 11_000_000)
        assert "limit of the XML parser" in rejected.message

    def test_limits(self, read, legacy_xml):
        large = legacy_xml(1, "<x>" + "y" * 3_000_000 + "</x>")
        (rejected,) = read(large.encode(), max_record_bytes=1_000_000)
        assert "max_record_bytes" in rejected.message
        many = legacy_xml(1, "<x/>" * 200_000)
        (rejected,) = read(many.encode(), max_record_parts=100_000)
        assert "max_record_parts" in rejected.message

    def test_limits_are_for_one_record(self, read, legacy_xml):
        text = "<all>" + "".join(legacy_xml(n) for n in range(1, 3000)) + "</all>"
        records = read(text.encode(), max_record_bytes=1000, max_record_parts=100)
        assert len(records) == 2999
