"""Trials of the shipped data set that its source lacks, entered by hand with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# What MeSH places above D020528, as records of the source with that term carry it.
_ANCESTORS_OF_D020528 = {
    "D009103": "Multiple Sclerosis",
    "D020278": "Demyelinating Autoimmune Diseases, CNS",
    "D020274": "Autoimmune Diseases of the Nervous System",
    "D009422": "Nervous System Diseases",
    "D003711": "Demyelinating Diseases",
    "D001327": "Autoimmune Diseases",
    "D007154": "Immune System Diseases",
}


class HandMade(NamedTuple):
    """One trial entered by hand.

    Attributes
    ----------
    record : mapping
        Its facts in API v2 shape; what is not known for sure is absent.
    remark : str
        Facts that no field of the record takes, for the composed summary; our own words.
    source : str
        Where the facts are from.
    as_of : str
        The date of the record's version that they were taken from.
    """

    record: Mapping[str, Any]
    remark: str
    source: str
    as_of: str

    @property
    def nct_id(self) -> str:
        """The NCT id."""
        return str(self.record["protocolSection"]["identificationModule"]["nctId"])


HAND_MADE: tuple[HandMade, ...] = (
    HandMade(
        record={
            "protocolSection": {
                "identificationModule": {
                    "nctId": "NCT04943289",
                    "orgStudyIdInfo": {"id": "Pro00107012"},
                    "briefTitle": (
                        "Intrathecal Administration of DUOC-01 in Adults With Primary Progressive "
                        "Multiple Sclerosis"
                    ),
                    "officialTitle": (
                        "Phase IA Trial of Intrathecal Administration of Human Umbilical Cord "
                        "Blood-Derived Cell Therapy (DUOC-01) in Adults With Primary Progressive "
                        "Multiple Sclerosis (PPMS)"
                    ),
                    "acronym": "DUOC for MS",
                    "organization": {"fullName": "Duke University", "class": "OTHER"},
                },
                "statusModule": {
                    "overallStatus": "RECRUITING",
                    "studyFirstPostDateStruct": {"date": "2021-06-29", "type": "ACTUAL"},
                    "lastUpdatePostDateStruct": {"date": "2022-02-08", "type": "ACTUAL"},
                },
                "sponsorCollaboratorsModule": {
                    "leadSponsor": {"name": "Joanne Kurtzberg, MD", "class": "OTHER"},
                },
                "conditionsModule": {"conditions": ["Primary Progressive Multiple Sclerosis"]},
                "designModule": {
                    "studyType": "INTERVENTIONAL",
                    "phases": ["PHASE1"],
                    "designInfo": {"maskingInfo": {"masking": "NONE"}},
                    "enrollmentInfo": {"count": 20, "type": "ESTIMATED"},
                },
                "armsInterventionsModule": {
                    "interventions": [{"type": "BIOLOGICAL", "name": "DUOC-01"}],
                },
                "eligibilityModule": {
                    "sex": "ALL",
                    "minimumAge": "18 Years",
                    "maximumAge": "65 Years",
                },
            },
            "derivedSection": {
                "conditionBrowseModule": {
                    "meshes": [
                        {"id": "D020528", "term": "Multiple Sclerosis, Chronic Progressive"}
                    ],
                    "ancestors": [
                        {"id": mesh_id, "term": term}
                        for mesh_id, term in _ANCESTORS_OF_D020528.items()
                    ],
                },
            },
        },
        remark=(
            "DUOC-01 consists of cells derived from CD14+ monocytes of umbilical cord blood "
            "and is given intrathecally."
        ),
        source=(
            "The registry's public page https://clinicaltrials.gov/ct2/show/NCT04943289 (last "
            "update posted 2022-02-08); official title, own number, sponsor and ages from public "
            "pages that repeat the registry's record; the MeSH term was assigned by hand."
        ),
        as_of="2022-02-08",
    ),
)
"""The trials entered by hand; a source that holds one of them goes before."""
