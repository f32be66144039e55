"""Trials as references (RIS), for reference managers.

References
----------
.. [1] RIS format specifications, as reference managers read them: one tag a line, ``TY`` first,
   ``ER`` last, lines ended by CR LF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, make_response

from kg.iris import trial_iri
from kg.study import Study
from web.served import served

blueprint = Blueprint("citations", __name__)

_DEGREES = re.compile(
    r"(?:,\s*(?:MD|M\.D\.|Ph\.?\s?D\.?|MSc|MPH|MBBS|DO|Dr|Prof\w*\.?))+\s*$", re.I
)
_COMMAS = re.compile(r"\s*,\s*")
_MEDIA_TYPE = "application/x-research-info-systems"


@blueprint.get("/trial/<nct_id>.ris")
def trial_ris(nct_id: str) -> Response:
    """Return a trial as a reference.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    study = served().generation.records.study(nct_id)
    response = make_response(ris_text([study]))
    response.headers["Content-Type"] = f"{_MEDIA_TYPE}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{study.nct_id}.ris"'
    return response


def ris_text(studies: Iterable[Study]) -> str:
    """Return trials as references, one after another."""
    return "".join(
        f"{tag}  - {' '.join(value.split())}\r\n"
        for study in studies
        for tag, value in _tags(study)
    )


def _author(name: str) -> str:
    """Return a name as one that reference managers do not take apart: they do at each comma.

    Examples
    --------
    >>> _author("Marie Curie, MD, PhD"), _author("Example Bio-Technology Co., Ltd.")
    ('Marie Curie', 'Example Bio-Technology Co. Ltd.')
    """
    return _COMMAS.sub(" ", _DEGREES.sub("", name)).strip()


def _tags(study: Study) -> Iterator[tuple[str, str]]:
    identification, status = study.identification, study.status
    yield "TY", "DBASE"
    yield "ID", study.nct_id
    yield "TI", identification.brief_title or identification.official_title or study.nct_id
    if identification.official_title:
        yield "T2", identification.official_title
    people = study.sponsor_collaborators
    for author in dict.fromkeys(
        _author(name)
        for name in (people.responsible_party.investigator_full_name, people.lead_sponsor.name)
        if name
    ):
        yield "AU", author
    posted = status.study_first_post_date_struct.date
    if posted:
        yield "PY", posted[:4]
        yield "DA", posted.replace("-", "/")
    if study.description.brief_summary:
        yield "AB", study.description.brief_summary
    for keyword in (*study.conditions.conditions, *study.conditions.keywords):
        yield "KW", keyword
    yield "DB", "ClinicalTrials.gov"
    yield "PB", "U.S. National Library of Medicine"
    yield "AN", study.nct_id
    yield "UR", trial_iri(study.nct_id)
    if status.last_update_post_date_struct.date:
        yield "N1", f"Last update posted {status.last_update_post_date_struct.date}"
    yield "ER", ""
