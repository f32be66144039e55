"""A corpus of any size, grown from real records; for measuring, never for judging quality.

Each grown trial takes its design and its conditions from one real record, sentences and arms
from it and from others of the same field of medicine, and its sponsor and sites from any. What
identifies a trial in the world (ids, acronyms, publications, dates, counts) is made anew, so that
growth does not turn the corpus into copies that are all one another's re-registration.

Trial number `i` depends on the seed and on `i` alone: a corpus may be made in shards, and a
larger one begins with the smaller.
"""

from __future__ import annotations

import copy
import datetime as dt
import gzip
import itertools
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kg.sources import SourceRecord, read_sources
from tests.conftest import ROOT

Payload = dict[str, Any]

FIRST_NUMBER = 20_000_000
"""Grown ids begin here, far beyond those that the registry has given out."""
HOME_SHARE = 0.02
"""Share of cell-therapy trials; the registry has 0.3 percent, benchmarks need enough of them."""
SAME_PUBLICATION_SHARE = 0.02
"""Share of trials that cite a publication of the trial before."""

_ID_IN_TEXT = re.compile(r"\bNCT\d{8}\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_DATE = re.compile(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$")
_MIXED_TEXTS = ("briefSummary", "detailedDescription")


def base_records(folder: Path = ROOT.parent / "shared/data") -> list[Payload]:
    """Return the real records to grow from, in API v2 shape, sorted by id.

    Parameters
    ----------
    folder : Path
        Where the three corpora lie; the records that come with TrialKin serve where it is absent.
    """
    names = ("msc_trials.ndjson.gz", "ctgov_v2_studies.ndjson.gz", "ctgov_legacy_xml.tar.gz")
    paths = [folder / name for name in names if (folder / name).is_file()]
    found: dict[str, Payload] = {}
    for record in read_sources(paths or [ROOT / "data/msc_trials.ndjson.gz"]):
        if isinstance(record, SourceRecord):
            found.setdefault(record.study.nct_id, record.payload)
    return [found[nct_id] for nct_id in sorted(found)]


class ScaleCorpus:
    """Grows trials from real records.

    Parameters
    ----------
    records : sequence of dict
        API v2 studies.
    seed : int
    """

    def __init__(self, records: Sequence[Payload], seed: int = 20_260_101):
        self._records = list(records)
        self._seed = seed
        self._home = [i for i, record in enumerate(self._records) if _is_cell_trial(record)]
        home = set(self._home)
        self._others = [i for i in range(len(self._records)) if i not in home] or self._home
        self._field_of = [_field(record) for record in self._records]
        self._fields: dict[str, list[int]] = defaultdict(list)
        for i, name in enumerate(self._field_of):
            self._fields[name].append(i)
        self._sentences = [_sentences(record) for record in self._records]

    def trial(self, number: int) -> Payload:
        """Return the trial of a number (0 or more) as an API v2 study."""
        rng = random.Random(f"{self._seed}:{number}")
        base = rng.choice(self._home if rng.random() < HOME_SHARE else self._others)
        kindred = self._fields[self._field_of[base]]
        study = copy.deepcopy(self._records[base])
        protocol = study["protocolSection"]
        self._mix_texts(protocol, [base, *rng.choices(kindred, k=2)], rng)
        self._move(protocol, rng)
        _rename(protocol, number, rng)
        _shift_dates(protocol.get("statusModule", {}), dt.timedelta(rng.randint(-900, 900)))
        _jitter_enrollment(protocol, rng)
        _new_publications(protocol, number, rng, self._seed)
        return study

    def trials(self, count: int, start: int = 0) -> Iterator[Payload]:
        """Yield `count` trials, beginning with number `start`."""
        return map(self.trial, itertools.islice(itertools.count(start), count))

    def write(self, path: Path, count: int, start: int = 0) -> None:
        """Write `count` trials to a gzipped file, one a line."""
        encode = msgspec.json.Encoder().encode
        # Packed fast: growing takes the time, and 580,000 trials as they are 7 GB of disk.
        with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
            for study in self.trials(count, start):
                file.write(encode(study))
                file.write(b"\n")

    def _mix_texts(self, protocol: Payload, sources: list[int], rng: random.Random) -> None:
        """Give the record a text of its own from sentences of its field of medicine."""
        description = protocol.setdefault("descriptionModule", {})
        for name in _MIXED_TEXTS:
            own = self._sentences[sources[0]][name]
            if not own:
                continue
            pool = list(own)
            for other in sources[1:]:
                strange = self._sentences[other][name]
                pool.extend(rng.sample(strange, min(len(strange), 1 + len(own) // 3)))
            kept = sorted(rng.sample(range(len(pool)), min(len(own), len(pool))))
            text = " ".join(pool[i] for i in kept)
            description[name] = _ID_IN_TEXT.sub(lambda _: nct_id(rng.randrange(10**6)), text)

    def _move(self, protocol: Payload, rng: random.Random) -> None:
        """Give the trial the sponsor and the sites of any other record."""
        for module in ("sponsorCollaboratorsModule", "contactsLocationsModule"):
            other = self._records[rng.randrange(len(self._records))]["protocolSection"]
            if module in other:
                protocol[module] = copy.deepcopy(other[module])


def nct_id(number: int) -> str:
    """Return the id of grown trial `number`."""
    return f"NCT{FIRST_NUMBER + number:08d}"


def _is_cell_trial(record: Payload) -> bool:
    arms = record["protocolSection"].get("armsInterventionsModule", {})
    names = " ".join(str(i.get("name", "")) for i in arms.get("interventions", ())).lower()
    return any(word in names for word in ("stem cell", "stromal", "msc", "mononuclear"))


def _field(record: Payload) -> str:
    """Return the field of medicine: the broadest MeSH term of the record's conditions."""
    browse = record.get("derivedSection", {}).get("conditionBrowseModule", {})
    terms = browse.get("ancestors") or browse.get("meshes") or ()
    return str(terms[-1].get("term", "")) if terms else ""


def _sentences(record: Payload) -> dict[str, list[str]]:
    texts = record["protocolSection"].get("descriptionModule", {})
    split = {}
    for name in _MIXED_TEXTS:
        text = texts.get(name)
        split[name] = _SENTENCE.split(text) if text else []
    return split


def _rename(protocol: Payload, number: int, rng: random.Random) -> None:
    """Give the record an identity of its own."""
    identification = protocol["identificationModule"]
    code = f"{''.join(rng.choices('ABCDEFGHKLMNPRSTVXZ', k=3))}-{rng.randrange(10**5):05d}"
    identification["nctId"] = nct_id(number)
    identification["orgStudyIdInfo"] = {"id": f"{code}/{number}"}
    for name in ("secondaryIdInfos", "nctIdAliases", "acronym"):
        identification.pop(name, None)
    for name in ("briefTitle", "officialTitle"):
        if name in identification:
            identification[name] = f"{identification[name]} ({code})"


def _shift_dates(node: Any, by: dt.timedelta) -> None:
    """Move every date under `node`, in place, keeping its precision."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(items):
        if isinstance(value, dict | list):
            _shift_dates(value, by)
        elif isinstance(value, str) and (found := _DATE.match(value)):
            year, month, day = found.groups(default="1")
            moved = dt.date(int(year), int(month), int(day)) + by
            node[key] = moved.isoformat()[: len(value)]


def _jitter_enrollment(protocol: Payload, rng: random.Random) -> None:
    info = protocol.get("designModule", {}).get("enrollmentInfo", {})
    if isinstance(info.get("count"), int):
        info["count"] = max(0, round(info["count"] * rng.lognormvariate(0, 0.5)))


def _new_publications(protocol: Payload, number: int, rng: random.Random, seed: int) -> None:
    """Give each reference a PubMed id of its own; now and then the one of the trial before."""
    for place, reference in enumerate(protocol.get("referencesModule", {}).get("references", ())):
        if "pmid" not in reference:
            continue
        owner = number - 1 if number and rng.random() < SAME_PUBLICATION_SHARE else number
        reference["pmid"] = str(
            random.Random(f"{seed}:{owner}:{place}").randrange(10**7, 4 * 10**7)
        )


def main(arguments: Sequence[str]) -> int:
    """Write a corpus: ``python -m tests.bench.scale.corpus COUNT FILE``."""
    count, path = int(arguments[0]), Path(arguments[1])
    ScaleCorpus(base_records()).write(path, count)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
