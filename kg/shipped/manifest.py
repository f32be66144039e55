"""The manifest of the shipped data set: source, dates, rights, changes, counts, checksums."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.shipped.composed_summary import MARK
from kg.shipped.hand_made import HandMade
from kg.shipped.names import NAME_LIMIT, SENTENCE_WORDS
from kg.study import Study, parse_study
from ontology.errors import SourceError

DATA_FILE = "msc_trials.ndjson.gz"
MANIFEST_FILE = "MANIFEST.json"
FORMAT_VERSION = 1
"""Changes when a reader of the file or of its manifest must change."""
TOOL_VERSION = "1"
"""Changes when the same sources give other content: by rules, template or hand-made trials."""

_REGISTRY = {
    "name": "ClinicalTrials.gov",
    "publisher": "U.S. National Library of Medicine",
    "url": "https://clinicaltrials.gov/",
    "form": "the registry's study fields answers (v1), turned into the shape of its API v2",
    "retrieved": {"first": "2022-10-06", "last": "2022-10-10"},
}
_RIGHTS = (
    "The facts are from ClinicalTrials.gov, courtesy of the U.S. National Library of Medicine, "
    "which does not endorse this project or what it makes of them. Facts as of the dates given "
    "here: the registry may since have changed, and holds the current records. Texts that sponsors "
    "wrote are left out; the summaries are this project's own, under its licence."
)
_CHANGES = (
    "Only the fields named in kg/shipped/facts.py are kept.",
    (
        "An arm label, intervention name, keyword or condition that is really a sentence, or "
        f"longer than {NAME_LIMIT} characters, or that copies a sentence of {SENTENCE_WORDS} "
        "words or more from a text that is left out, is cut to its leading part."
    ),
    (
        "Codes of older answers are written as in API v2 (UNKNOWN_STATUS as UNKNOWN, ESTIMATE as "
        "ESTIMATED, kinds of secondary ids)."
    ),
    (
        "briefSummary is composed from the facts by a template; it ends in "
        f'"{MARK}" and the record has composedSummary set.'
    ),
)
_LEFT_OUT = (
    "brief summary and detailed description, eligibility criteria, outcomes, descriptions of arms, "
    "interventions, model and masking, reason for stopping, citations (their PMIDs stay), labels "
    "of links, contacts, names and titles of responsible parties, postal codes, browse leaves and "
    "branches"
)


def make_manifest(
    content: bytes,
    compressed: bytes,
    *,
    sources: Sequence[Mapping[str, Any]],
    added: Sequence[HandMade],
) -> dict[str, Any]:
    """Make the manifest of a data set.

    Parameters
    ----------
    content, compressed : bytes
        The lines of the data file, and the file. Another zlib may compress otherwise: then
        `content_sha256` still tells whether two data sets are the same.
    sources : sequence of mapping
        What the data set was made from: file name and number of records.
    added : sequence of HandMade
        The trials that were added by hand.
    """
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "kg.shipped.data_set", "version": TOOL_VERSION},
        "file": DATA_FILE,
        **_fingerprints(content, compressed),
        "source": {**_REGISTRY, "files": list(sources)},
        "added_by_hand": [
            {"nct_id": trial.nct_id, "source": trial.source, "as_of": trial.as_of}
            for trial in added
        ],
        "rights": _RIGHTS,
        "changes": list(_CHANGES),
        "left_out": _LEFT_OUT,
        "counts": count_records(_records(content)),
    }


def check_manifest(manifest: Mapping[str, Any], content: bytes, compressed: bytes) -> None:
    """Check a data file against its manifest, and that every record of it can be read.

    Raises
    ------
    SourceError
        If they do not agree.
    RecordError
        If a record cannot be read.
    """
    version = manifest.get("format_version")
    if version != FORMAT_VERSION:
        raise SourceError(
            f"{MANIFEST_FILE} has format version {version!r}, but this program reads "
            f"{FORMAT_VERSION}; make the data set again."
        )
    actual = _fingerprints(content, compressed)
    _compare(manifest, actual)
    _compare(manifest, {"counts": count_records(_records(content))})


def _compare(manifest: Mapping[str, Any], actual: Mapping[str, Any]) -> None:
    for key, value in actual.items():
        if manifest.get(key) != value:
            raise SourceError(
                f"{DATA_FILE}: {key} is {value!r}, but {MANIFEST_FILE} says "
                f"{manifest.get(key)!r}; restore both or make the data set again."
            )


def _fingerprints(content: bytes, compressed: bytes) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(compressed).hexdigest(),
        "size_bytes": len(compressed),
        "content_sha256": hashlib.sha256(content).hexdigest(),
        "content_bytes": len(content),
    }


def _records(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def count_records(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count the records of a data set by what they hold, for its manifest."""
    totals: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    study_types: Counter[str] = Counter()
    phases: Counter[str] = Counter()
    for record in records:
        study = parse_study(record)
        totals.update({name: int(held) for name, held in _held(study, record).items()})
        statuses[study.status.overall_status or "not stated"] += 1
        study_types[study.design.study_type or "not stated"] += 1
        phases["/".join(study.design.phases) or "not stated"] += 1
    return {
        **dict(sorted(totals.items())),
        "by_overall_status": dict(sorted(statuses.items())),
        "by_study_type": dict(sorted(study_types.items())),
        "by_phases": dict(sorted(phases.items())),
    }


def _held(study: Study, record: Mapping[str, Any]) -> dict[str, bool]:
    return {
        "trials": True,
        "added_by_hand": record.get("handMade", False) is True,
        "with_composed_summary": study.composed_summary,
        "with_condition_mesh": bool(study.condition_browse.meshes),
        "with_intervention_mesh": bool(study.intervention_browse.meshes),
        "with_enrollment": study.design.enrollment_info.count is not None,
        "with_locations": bool(study.contacts_locations.locations),
        "with_pmids": any(reference.pmid for reference in study.references.references),
        "with_results": study.has_results is True,
    }
