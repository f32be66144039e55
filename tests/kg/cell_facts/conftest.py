from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kg.cell_facts.extraction import extract_concept_facts
from kg.cell_facts.model import CellFacts
from kg.study import Study, parse_study

Reader = Callable[..., CellFacts]


def make_study(
    title: str = "",
    *,
    official: str = "",
    arms: tuple[tuple[str, str, str], ...] = (),
    interventions: tuple[tuple[str, str, str], ...] = (),
    summary: str = "",
    description: str = "",
    keywords: tuple[str, ...] = (),
    criteria: str = "",
    study_type: str = "INTERVENTIONAL",
) -> Study:
    """Build a record; arms and interventions are (type, name, description)."""
    protocol: dict[str, Any] = {
        "identificationModule": {
            "nctId": "NCT00000001",
            "briefTitle": title,
            "officialTitle": official,
        },
        "descriptionModule": {"briefSummary": summary, "detailedDescription": description},
        "designModule": {"studyType": study_type},
        "conditionsModule": {"keywords": list(keywords)},
        "armsInterventionsModule": {
            "armGroups": [
                {"type": kind, "label": label, "description": text} for kind, label, text in arms
            ],
            "interventions": [
                {"type": kind, "name": name, "description": text}
                for kind, name, text in interventions
            ],
        },
        "eligibilityModule": {"eligibilityCriteria": criteria},
    }
    return parse_study({"protocolSection": protocol})


@pytest.fixture
def read() -> Reader:
    """Read the concept facts of a record that is built from the arguments."""

    def reader(*args: Any, **kwargs: Any) -> CellFacts:
        study = make_study(*args, **kwargs)
        return CellFacts(study.nct_id, extract_concept_facts(study))

    return reader
