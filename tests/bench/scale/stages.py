"""The stages that `measure` goes through: ``... stages NAME TRIALS FOLDER GRAPH_KIN``."""

from __future__ import annotations

import copy
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from kg.generation import Generation
from kg.runs import Run
from kg.shards.links import KIN_STORED
from kg.store import Store

Measured = dict[str, Any]


class Case(NamedTuple):
    """What is measured: a store of so many trials, in a folder, and what its graph holds."""

    trials: int
    folder: Path
    graph_kin: int = KIN_STORED

    @property
    def name(self) -> str:
        """Stands above the case's column."""
        less = "" if self.graph_kin == KIN_STORED else f", --graph-kin {self.graph_kin}"
        return f"{self.trials:,}{less}"


CHANGED_TRIALS = (20, 200, 2_000)
_SEED = 20_261_123
_PAGES, _SEARCHES, _QUERY_RUNS = 100, 200, 5
_WORDS_OF_A_TITLE = 3


def corpus(case: Case) -> Measured:
    """Grow the records."""
    from tests.bench.scale.corpus import ScaleCorpus, base_records

    path = case.folder / "records.ndjson.gz"
    ScaleCorpus(base_records()).write(path, case.trials)
    return {"input_mb": round(path.stat().st_size / 1e6)}


def build(case: Case) -> Measured:
    """Build a store with kin, as `trialkin build` does."""
    from kg.build import build as build_store
    from kg.shards.processes import Local
    from similarity.encoders import load_encoder

    records = case.folder / "records.ndjson.gz"
    store = Store(case.folder / "store")
    build_store(
        store, [records], load_encoder("trialkin"), mapper=Local(), graph_kin=case.graph_kin
    )
    records.unlink()
    manifest = store.published().manifest
    found: Measured = {f"{stage}_seconds": value for stage, value in manifest.seconds.items()}
    found |= {f"{part}_mb": round(value / 1e6, 1) for part, value in manifest.sizes.items()}
    for name in ("quads", "kin_links", "kin_candidates", "kin_recall_per_mille"):
        found[name] = manifest.counts.get(name, 0)
    return found | _processor_seconds()


def kin(case: Case) -> Measured:
    """Ask for the kin of one trial, compared with all others."""
    generation = Store(case.folder / "store").published()
    index = generation.kin_index
    return _spread([lambda one=one: index.rank(one, 10) for one in _some(generation, _PAGES)])


def pages(case: Case) -> Measured:
    """Ask for the page of one trial, with its kin."""
    from web.app import create_app

    store = Store(case.folder / "store")
    app = create_app(store, query_workers=1)
    client = app.test_client()

    def page(nct_id: str) -> None:
        answer = client.get(f"/trial/{nct_id}", headers={"Accept": "text/html"})
        if answer.status_code != 200:
            raise RuntimeError(f"The page of {nct_id} answers {answer.status_code}.")

    page(_some(store.published(), 1)[0])
    return _spread([lambda one=one: page(one) for one in _some(store.published(), _PAGES)])


def queries(case: Case) -> Measured:
    """Ask each of the shipped queries: for the first time, and once a server has answered it."""
    from kg.engines.opening import open_queries
    from kg.sparql.examples import example_texts
    from kg.sparql.keeping import KeepingQueries
    from kg.sparql.limits import QueryLimits
    from kg.sparql.policy import check_query
    from ontology.vocabulary import PREFIXES
    from tests.conftest import ROOT

    store = Store(case.folder / "store")
    texts = {path.stem: path.read_text("utf-8") for path in (ROOT / "kg/queries").glob("*.rq")}
    graph, found, first = store.published().read_graph(), Measured(), {}
    for name, text in sorted(texts.items()):
        started = time.perf_counter()
        answer = graph.query(text, prefixes=PREFIXES, use_default_graph_as_union=True)
        for _ in answer:  # type: ignore[union-attr]
            pass
        first[name] = round(1000 * (time.perf_counter() - started), 1)
    slowest = max(first, key=lambda name: first[name])
    found |= {"first_slowest": f"{slowest}, {first[slowest]} ms"}
    found |= {"first_p50_ms": _at(first.values(), 0.5), "first_p95_ms": _at(first.values(), 0.95)}
    opened = open_queries(
        store, store.published(), workers=1, limits=QueryLimits(), keeps_answers=True
    )
    with closing(opened) as served:
        if not isinstance(served, KeepingQueries):
            raise TypeError("The engine keeps no answers.")
        started = time.perf_counter()
        served.prepare(example_texts())
        found["background_seconds"] = round(time.perf_counter() - started, 1)
        rows = [text for text in texts.values() if check_query(text).form == "SELECT"]
        return found | _spread([lambda text=text: served.run(text) for text in _QUERY_RUNS * rows])


def search(case: Case) -> Measured:
    """Look for words of titles."""
    generation = Store(case.folder / "store").published()
    records, chance = generation.records, random.Random(_SEED)
    asked = []
    for nct_id in _some(generation, _SEARCHES):
        words = [word for word in records.card(nct_id).title.split() if word.isalpha()]
        asked.append(" ".join(chance.sample(words, min(_WORDS_OF_A_TITLE, len(words)))))
    return _spread([lambda one=one: records.search(one) for one in asked if one])


def refresh(case: Case) -> Measured:
    """Follow a registry on this machine in which some records have changed."""
    found: Measured = {}
    for number in CHANGED_TRIALS:
        if number * 4 <= case.trials:
            started = time.perf_counter()
            run = _refresh(Store(case.folder / "store"), number)
            found[f"of_{number}_seconds"] = round(time.perf_counter() - started, 1)
            for stage, value in run.seconds.items():
                found[f"of_{number}_{stage}_seconds"] = round(value, 1)
            if run.redone:
                found[f"of_{number}_redone"] = " ".join(run.redone)
    return found


def _refresh(store: Store, number: int) -> Run:
    from kg.patience import Patience
    from kg.refresh import RefreshOptions, refresh
    from kg.registry import RegistryClient
    from tests.registry_server import FakeRegistry, serving, updated_of

    previous = store.published()
    today = datetime.now(UTC).date()
    registry = FakeRegistry()
    for nct_id in _some(previous, 2 * number):
        record = copy.deepcopy(previous.records.payload(nct_id))
        # Growth has moved some dates into the future: their records would count as older ones.
        if len(registry.records) == number or updated_of(record) > str(today):
            continue
        protocol = record["protocolSection"]
        protocol.setdefault("statusModule", {})["lastUpdatePostDateStruct"] = {"date": f"{today}"}
        texts = protocol.setdefault("descriptionModule", {})
        texts["briefSummary"] = f"{texts.get('briefSummary', '')} Amended at {time.time_ns()}."
        registry.put(record)
    options = RefreshOptions(since=f"{today - timedelta(days=1)}", keep=0)
    with serving(registry) as url, RegistryClient(url, patience=Patience(0.0)) as client:
        run = refresh(store, client, options=options)
    if run.counts["changed_trials"] != number:
        raise RuntimeError(f"{run.counts['changed_trials']} trials changed, not {number}.")
    return run


STAGES: dict[str, Callable[[Case], Measured]] = {
    one.__name__: one for one in (corpus, build, kin, pages, queries, search, refresh)
}


def _some(generation: Generation, number: int) -> list[str]:
    nct_ids = generation.records.nct_ids()
    return random.Random(_SEED).sample(nct_ids, min(number, len(nct_ids)))


def _spread(work: Sequence[Callable[[], object]]) -> Measured:
    """Do work once each, after the first that is not counted; return how long it took."""
    work[0]()
    taken = []
    for one in work:
        started = time.perf_counter()
        one()
        taken.append(1000 * (time.perf_counter() - started))
    return {"p50_ms": _at(taken, 0.5), "p95_ms": _at(taken, 0.95)}


def _at(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def _processor_seconds() -> Measured:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"processor_seconds": round(sum(one.ru_utime + one.ru_stime for one in used), 1)}


if __name__ == "__main__":
    stage, *said = sys.argv[1:]
    print(json.dumps(STAGES[stage](Case(int(said[0]), Path(said[1]), int(said[2])))))
