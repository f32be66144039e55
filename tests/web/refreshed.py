"""A store that followed a registry for two refreshes, the second of which could not reach it."""

from __future__ import annotations

import copy
from pathlib import Path

from kg.patience import Patience
from kg.refresh import RefreshOptions, refresh
from kg.registry import RegistryClient
from kg.store import Store
from ontology.errors import RegistryError
from tests.registry_server import FakeRegistry, Record, serving
from tests.web.conftest import WordEncoder, build_store
from tests.web.records import ADIPOSE, FULL, SCRIPT, records, study_json

ADDED = "NCT90000777"
CONTROL = "bell \x07, null-like \x0b, lone \ufffe, ]]> and &amp; <b>"
_HURRY = Patience(seconds_between=0.0, attempts=2, first_wait=0.0, longest_wait=0.0, timeout=5.0)


def refreshed_store(folder: Path) -> Store:
    """Build a store, and refresh it: one new, one changed and one removed trial; then a failure."""
    store, encoder = build_store(folder), WordEncoder()
    registry = FakeRegistry()
    registry.put(*changed_records())
    with serving(registry) as url, RegistryClient(url, patience=_HURRY) as client:
        run = refresh(store, client, options=RefreshOptions(full=True), encoder=encoder)
        assert run.outcome == "published"
    try:
        with RegistryClient("http://127.0.0.1:9", patience=_HURRY) as client:
            refresh(store, client, encoder=encoder)
    except RegistryError:
        return store
    raise AssertionError("A registry that is not there answered.")


def changed_records() -> list[Record]:
    """The hand-written records as the registry has them later."""
    found = [copy.deepcopy(one) for one in records()]
    kept = [one for one in found if _id(one) != ADIPOSE]
    full = next(one for one in kept if _id(one) == FULL)["protocolSection"]
    full["statusModule"]["overallStatus"] = "TERMINATED"
    full["statusModule"]["whyStopped"] = f"{SCRIPT} {CONTROL}"
    full["descriptionModule"]["briefSummary"] = (
        "Umbilical cord mesenchymal stromal cells are given twice intravenously."
    )
    added = study_json(
        ADDED,
        f"{SCRIPT} cord cells for systemic sclerosis {CONTROL}",
        conditions={"conditions": ["Systemic Sclerosis"]},
        status={"overallStatus": "RECRUITING"},
        description={"briefSummary": "Umbilical cord mesenchymal stromal cells, intravenously."},
    )
    return [*kept, added]


def _id(record: Record) -> str:
    return str(record["protocolSection"]["identificationModule"]["nctId"])
