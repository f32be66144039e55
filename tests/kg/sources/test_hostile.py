"""Mutated, truncated and hostile bytes in every form: records or named refusals, never a crash.

The quick profile runs each property a few dozen times; ``-m slow`` runs 10,000 cases.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import tempfile
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.sources import RejectedRecord, SourceLimits, SourceRecord, read_sources
from kg.study import canonical_json, parse_study

LIMITS = SourceLimits(
    max_record_bytes=200_000,
    max_unchecked_bytes=1_000_000,
    max_member_bytes=500_000,
    max_archive_members=100,
)
SECONDS = 10
"""What one small file may take at most, on a machine that does other work as well."""

STUDY = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "Cells \ud83d\ude00 é"},
        "statusModule": {"startDateStruct": {"date": "2022-11", "type": "ESTIMATED"}},
        "designModule": {"phases": ["PHASE1"], "enrollmentInfo": {"count": 18}},
        "armsInterventionsModule": {"armGroups": [{"label": "A"}], "interventions": []},
    },
    "hasResults": False,
}
NESTED = {
    "ProtocolSection": {
        "IdentificationModule": {"NCTId": "NCT00000002"},
        "ConditionsModule": {"ConditionList": {"Condition": ["A", "B"]}},
        "DesignModule": {"PhaseList": {"Phase": ["Phase 1/Phase 2"]}},
    }
}
FLAT = {
    "Rank": 1,
    "NCTId": ["NCT00000003"],
    "Phase": ["Phase 1", "Phase 2"],
    "ArmGroupLabel": ["A", "B"],
    "ArmGroupType": ["Experimental"],
    "EnrollmentCount": ["18"],
}
LEGACY = (
    '<?xml version="1.0" encoding="UTF-8"?><clinical_study><id_info><nct_id>NCT00000004</nct_id>'
    "</id_info><brief_title>Cells é</brief_title><start_date>March 2005</start_date>"
    '<enrollment type="Actual">20</enrollment><phase>Phase 1/Phase 2</phase><eligibility>'
    "<criteria><textblock>\n   A:\n\n   -  B\n\n   -  C</textblock></criteria></eligibility>"
    "<location><facility><name>H</name></facility></location></clinical_study>"
)
PAGE = (
    "Cells\nNCT ID: NCT00000005\nLast Updated: 2024-04-16\nBasic Information\nGet a view.\n"
    "RECRUITING\nPHASE1/PHASE2\n18 participants\n2023-01-05\nStudy Groups\nReview each.\nA\nB\n"
    "Interventions\nLearn about.\nA\nEligibility Criteria\nCheck the.\nX\n18 Years\nALL\nNo\n"
    "Locations\nExplore where.\nH\nLyon, France\nPrincipal Investigators\nRole: X\n"
    "Other Identifiers\nReview additional.\nORG\nIdentifier Source: org_study_id\n"
)


def as_zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a/one"), data)
        archive.writestr(zipfile.ZipInfo("two"), json.dumps(STUDY))
    return file.getvalue()


def as_tar(data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in (("a/one", data), ("two", json.dumps(STUDY).encode())):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def as_json(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


TEXTS = [
    as_json(STUDY),
    as_json(STUDY, 1),
    as_json([STUDY, STUDY]),
    as_json({"totalCount": 2, "studies": [STUDY, STUDY], "nextPageToken": "x"}, 2),
    as_json(STUDY) + b"\n" + as_json(STUDY) + b"\n",
    as_json({"FullStudiesResponse": {"FullStudies": [{"Rank": 1, "Study": NESTED}]}}),
    as_json(NESTED, 1),
    as_json({"StudyFieldsResponse": {"StudyFields": [FLAT, FLAT]}}, 1),
    as_json(FLAT),
    LEGACY.encode(),
    f"<all>{LEGACY.partition('?>')[2] * 2}</all>".encode(),
    PAGE.encode(),
    json.dumps(STUDY).encode("utf-16"),
    LEGACY.replace("UTF-8", "UTF-16").encode("utf-16"),
]
PACKERS: list[Callable[[bytes], bytes]] = [
    lambda data: data,
    lambda data: gzip.compress(data, mtime=0),
    lambda data: lzma.compress(data, preset=0),
    bz2.compress,
    as_zip,
    as_tar,
    lambda data: gzip.compress(as_tar(data), mtime=0),
    lambda data: as_zip(gzip.compress(data, mtime=0)),
]
FRAGMENTS = [
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n", b"\0", b"<", b">", b"&x;"),
    *(
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x1f\x8b\x08",
        b"PK\x03\x04",
        b"\\ud800",
        b"\\u0000",
    ),
    *(b"{" * 300, b"[" * 300, b'{"a":' * 300, b"<a>" * 300, b"9" * 5000, b"1e999", b"NaN", b"-"),
    *(b'"studies":[', b'{"protocolSection":', b'"nctId":', b"NCT", b"null", b"true", b"<!--"),
    b'<!DOCTYPE a [<!ENTITY x "y">]>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    b"<![CDATA[",
    b"</clinical_study>",
    b"<clinical_study>",
    b"NCT ID: NCT00000009\n",
    b"\xed\xa0\x80",
    b"\xef\xbf\xbe",
    b"A" * 3000,
    b"\0" * 1024,
]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Cut, double, change or fill in some bytes."""
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 200)))
        kind = draw(st.sampled_from(["cut end", "delete", "double", "insert", "flip", "noise"]))
        if kind == "cut end":
            data = data[:at]
        elif kind == "delete":
            data = data[:at] + data[to:]
        elif kind == "double":
            data = data[:to] + data[at:]
        elif kind == "insert":
            data = data[:at] + draw(st.sampled_from(FRAGMENTS)) + data[at:]
        elif kind == "noise":
            data = data[:at] + draw(st.binary(max_size=20)) + data[to:]
        elif at < len(data):
            bit = draw(st.integers(0, 7))
            data = data[:at] + bytes((data[at] ^ (1 << bit),)) + data[at + 1 :]
    return data


@st.composite
def hostile_files(draw: st.DrawFn) -> bytes:
    inner = draw(damaged(draw(st.sampled_from(TEXTS))))
    return draw(damaged(draw(st.sampled_from(PACKERS))(inner)))


def read_bytes(data: bytes) -> list[SourceRecord | RejectedRecord]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "records")
        path.write_bytes(data)
        return list(read_sources([path], limits=LIMITS))


def check(data: bytes) -> None:
    start = time.monotonic()
    records = read_bytes(data)
    assert time.monotonic() - start < SECONDS
    assert records, "every file gives at least one record or refusal"
    for record in records:
        if isinstance(record, RejectedRecord):
            assert record.message
            line = str(record)
            assert "records" in line
            assert line.isprintable()
        else:
            assert canonical_json(record.payload).decode()
            assert parse_study(record.payload) == record.study


quick = settings(max_examples=150, deadline=None, derandomize=True)
thorough = settings(
    max_examples=10_000,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@quick
@given(hostile_files())
def test_hostile_files(data):
    check(data)


@pytest.mark.slow
@thorough
@given(hostile_files())
def test_hostile_files_thoroughly(data):
    check(data)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=600))
def test_random_bytes(data):
    check(data)


# Work must stay in proportion to the size of a file ---------------------------------------------


def repeated(part: bytes, start: bytes = b"[", join: bytes = b",") -> bytes:
    return start + join.join([part] * (600_000 // (len(part) + len(join))))


BROKEN = as_json(STUDY)[:-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(repeated(b'{"x": 1}'), id="tiny objects"),
        pytest.param(repeated(b"{}"), id="empty objects"),
        pytest.param(repeated(BROKEN), id="records without an end"),
        pytest.param(repeated(BROKEN, b'{"studies": ['), id="page of records without an end"),
        pytest.param(repeated(as_json(STUDY) + b"}"), id="records with two ends"),
        pytest.param(repeated(b'{"protocolSection": {"a": "'), id="open strings"),
        pytest.param(repeated(b'{"protocolSection": ['), id="open lists"),
        pytest.param(repeated(b"{", b""), id="open braces"),
        pytest.param(repeated(b"}", b"["), id="closing braces"),
        pytest.param(repeated(b"]", b"{"), id="closing brackets"),
        pytest.param(repeated(b"\\", b'["', b""), id="backslashes"),
        pytest.param(repeated(b'"', b"["), id="quotes"),
        pytest.param(repeated(b"x", b"{}\n", b"\n"), id="short lines"),
        pytest.param(repeated(b" ", b"{", b""), id="spaces"),
        pytest.param(repeated(b"{" + b" " * 190, b"[", b""), id="braces and spaces"),
        pytest.param(repeated(gzip.compress(b""), b"", b""), id="empty gzip streams"),
        pytest.param(repeated(b"<a/>", b"<clinical_study>", b""), id="elements"),
        pytest.param(repeated(b"a\n", PAGE.encode(), b""), id="lines of a page"),
        pytest.param(repeated(b"A\n", PAGE[: PAGE.index("Inter")].encode(), b""), id="arms"),
    ],
)
def test_work_is_in_proportion_to_size(data):
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "records")
        path.write_bytes(data)
        assert sum(1 for _ in read_sources([path])) > 0
    assert time.monotonic() - start < 20  # some 2 s at most on an idle machine


def test_many_arms_and_interventions():
    arms = "".join(
        f"<arm_group><arm_group_label>{n}</arm_group_label></arm_group>" for n in range(8000)
    )
    given_to = "".join(
        f"<intervention><intervention_name>x</intervention_name><arm_group_label>{n}"
        "</arm_group_label></intervention>"
        for n in range(8000)
    )
    start = time.monotonic()
    data = LEGACY.replace("</clinical_study>", f"{arms}{given_to}</clinical_study>").encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "records")
        path.write_bytes(data)
        (record,) = read_sources([path])
    assert isinstance(record, SourceRecord)
    assert len(record.study.arms_interventions.arm_groups) == 8000
    assert time.monotonic() - start < 20


# Values of the wrong kind at any place ----------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def odd_records(draw: st.DrawFn) -> Any:
    """A record in which one value, at any depth, is replaced with something else."""
    record = json.loads(json.dumps(draw(st.sampled_from([STUDY, NESTED, FLAT]))))
    node: Any = record
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return record
        key = draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not draw(st.booleans()):
            node[key] = draw(VALUES)
            return record
        node = node[key]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(odd_records())
def test_values_of_the_wrong_kind(record):
    check(json.dumps(record).encode())


@pytest.mark.slow
@settings(thorough, max_examples=3_000)
@given(odd_records())
def test_values_of_the_wrong_kind_thoroughly(record):
    check(json.dumps(record).encode())


# Texts -------------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)


def survives_serialisation(text: str) -> None:
    literal = pyoxigraph.Literal(text)
    triple = pyoxigraph.Triple(
        pyoxigraph.NamedNode("http://example.org/s"),
        pyoxigraph.NamedNode("http://example.org/p"),
        literal,
    )
    for form in (pyoxigraph.RdfFormat.N_TRIPLES, pyoxigraph.RdfFormat.TURTLE):
        written = pyoxigraph.serialize([triple], format=form)
        assert written is not None
        (quad,) = pyoxigraph.parse(written, format=form)
        assert quad.object == literal
    element = ElementTree.Element("a")
    element.text = text
    read_back = ElementTree.fromstring(ElementTree.tostring(element))
    expected = text.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0, section 2.11
    assert (read_back.text or "") == expected


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ANY_TEXT, st.booleans())
def test_any_text_survives_serialisation(text, escape):
    study = {"protocolSection": {"identificationModule": {"nctId": "NCT1", "briefTitle": text}}}
    data = json.dumps(study, ensure_ascii=escape).encode("utf-8", "surrogatepass")
    (record,) = read_bytes(data)
    if isinstance(record, RejectedRecord):
        assert not escape  # raw halves of surrogate pairs are no UTF-8
        assert "UTF-8" in record.message
        return
    title = record.study.identification.brief_title
    assert title is not None
    kept = title if title is not None else ""
    assert len(kept.encode("utf-16-le", "surrogatepass")) <= len(
        text.encode("utf-16-le", "surrogatepass")
    )
    survives_serialisation(kept)
    again = parse_study(json.loads(canonical_json(record.payload)))
    assert again == record.study
