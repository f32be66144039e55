"""What runs did, as pages and feeds tell it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from kg.cards import StudyCard
from kg.refresh.history import (
    KinChange,
    TrialChange,
    changes_since,
    history_of,
    kin_changes_of,
    kin_changes_of_run,
)
from kg.runs import RUNS_FOLDER, Run, read_run, read_runs
from kg.store import Store
from ontology.errors import InvalidIdentifierError, UnknownTrialError
from web.config import CHANGES_REMEMBERED, WATCHED_MOST
from web.field_changes import FieldView, field_views
from web.search import find_all
from web.search_request import SearchRequest
from web.served import Served

KINDS = {
    "added": "New",
    "changed": "Changed",
    "removed": "No longer in the registry",
    "returned": "Back in the registry",
    "left out": "Left out of the sources",
}
"""What a run found of a trial, as on pages, in the order of pages."""
_COUNTS = {
    "added_trials": "new",
    "changed_trials": "changed",
    "removed_trials": "removed",
    "failed_records": "failed",
}
_RUN_NAMES = {"build": "Full build", "refresh": "Update"}
_STAGE_WORDS = {
    "ontology": "the vocabulary",
    "records": "how facts are read from the records",
    "encoder": "the language model",
    "kin": "how trials are compared",
}
_ALL_ANEW = "map and encode"
"""The step of `kg.stages.FullStages` that a run has only if all trials were done anew."""
_RUN_ID = re.compile(r"\d{8}T\d{6,12}Z", re.ASCII)
_NO_CARDS: Mapping[str, StudyCard] = {}


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, and what came of it in a few words.

    Attributes
    ----------
    run : Run
    name : str
        What people call a run of this kind.
    outcome : str
    numbers : tuple of (int, str)
    seconds : float or None
    redone : tuple of str
        What was of a new version, so that it was done anew for all trials.
    kin_anew : bool
        Whether the kin of all trials were found anew, not only those of trials that changed.
    """

    run: Run
    name: str
    outcome: str
    numbers: tuple[tuple[int, str], ...]
    seconds: float | None
    redone: tuple[str, ...]
    kin_anew: bool


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What a run found of a trial; `card` is None if the trial is here no longer."""

    change: TrialChange
    kind: str
    card: StudyCard | None
    fields: tuple[FieldView, ...]
    kin_entered: tuple[tuple[str, str], ...]
    kin_left: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """The trial's title, or its id."""
        return self.change.nct_id if self.card is None else self.card.title


@dataclass(frozen=True, slots=True)
class KinOfRun:
    """Trials that entered or left a kin list in one run, with their cards where they are here."""

    run: str
    entered: tuple[tuple[str, StudyCard | None], ...]
    left: tuple[tuple[str, StudyCard | None], ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A watched trial: its new kin, run by run, and its own states after the first."""

    card: StudyCard
    kin: tuple[KinOfRun, ...]
    changes: tuple[ChangeView, ...]


def run_view(run: Run) -> RunView:
    """Return a run as pages show it."""
    if run.outcome == "published":
        outcome = f"Published as data version {run.generation}"
    elif run.outcome == "unchanged":
        outcome = "Nothing was new"
    elif run.outcome == "failed":
        outcome = "Failed; what was published before stays"
    else:
        outcome = "Under way, or given up without a word"
    numbers = tuple(
        (count, name) for key, name in _COUNTS.items() if (count := run.counts.get(key, 0))
    )
    if run.kind == "build" and run.outcome == "published":
        numbers = ((run.counts.get("trials", 0), "trials"), *numbers)
    return RunView(
        run,
        _RUN_NAMES.get(run.kind, run.kind.capitalize()),
        outcome,
        numbers,
        _seconds(run),
        tuple(_STAGE_WORDS.get(stage, stage) for stage in run.redone),
        run.kind == "refresh" and run.outcome == "published" and _ALL_ANEW in run.seconds,
    )


def find_run(store: Store, run_id: str) -> Run | None:
    """Return the run of an id, None if the store remembers none."""
    if _RUN_ID.fullmatch(run_id) is None:
        return None
    found = read_run(store.path / RUNS_FOLDER / f"{run_id}.json")
    if found is None:
        found = next((run for run in read_runs(store.path) if run.id == run_id), None)
    return found


def change_views(now: Served, changes: Sequence[TrialChange]) -> tuple[ChangeView, ...]:
    """Return changes with the cards and titles of what they name."""
    named = {change.nct_id for change in changes}
    for change in changes:
        named.update(change.kin_entered, change.kin_left)
    cards = now.generation.records.cards(named) if named else _NO_CARDS

    def titled(nct_ids: Iterable[str]) -> tuple[tuple[str, str], ...]:
        return tuple((one, cards[one].title if one in cards else one) for one in nct_ids)

    return tuple(
        ChangeView(
            change,
            KINDS.get(change.kind, change.kind),
            cards.get(change.nct_id),
            field_views(change.fields),
            titled(change.kin_entered),
            titled(change.kin_left),
        )
        for change in changes
    )


def changes_of_search(now: Served, request: SearchRequest) -> list[TrialChange]:
    """Return the remembered changes of trials that a search finds, the latest run first."""
    remembered = now.once(
        "changes", lambda: changes_since(now.generation, "", limit=CHANGES_REMEMBERED)
    )
    narrowed = find_all(now, request).narrowed
    return [change for change in remembered if change.nct_id in narrowed]


def other_kin_of_run(now: Served, run: Run) -> tuple[list[tuple[str, list[KinChange]]], int]:
    """Return the trials that got new kin in a run, by id, each with them; and how many links."""
    changes = [one for one in kin_changes_of_run(now.generation, run.id) if one.entered]
    grouped = [(key, list(found)) for key, found in groupby(changes, lambda one: one.nct_id)]
    return grouped, len(changes)


def watched(now: Served, nct_ids: Iterable[str]) -> tuple[list[Watched], list[str]]:
    """Return the trials that are watched, and what was asked for and is not here.

    Parameters
    ----------
    now : Served
    nct_ids : iterable of str
        As people type them; the first `WATCHED_MOST` count.
    """
    found, missing, seen = [], [], set()
    for asked in list(dict.fromkeys(nct_ids))[:WATCHED_MOST]:
        try:
            nct_id = now.generation.records.resolve(asked)
        except (InvalidIdentifierError, UnknownTrialError):
            missing.append(asked)
            continue
        if nct_id not in seen:
            seen.add(nct_id)
            found.append(_watched(now, nct_id))
    return found, missing


def kin_by_run(now: Served, nct_id: str) -> tuple[KinOfRun, ...]:
    """Return who entered or left a trial's kin list, the latest run first."""
    changes = kin_changes_of(now.generation, nct_id)
    cards = now.generation.records.cards({change.kin for _, change in changes})
    found = []
    for run, group in groupby(changes, lambda one: one[0]):
        told = [change for _, change in group]
        sides = tuple(
            tuple((one.kin, cards.get(one.kin)) for one in told if one.entered is entered)
            for entered in (True, False)
        )
        found.append(KinOfRun(run, sides[0], sides[1]))
    return tuple(found)


def run_time(run_id: str) -> str:
    """Return when a run began, by its id (UTC, ISO 8601); the id itself if it tells no time.

    Examples
    --------
    >>> run_time("20261123T031500123456Z")
    '2026-11-23T03:15:00+00:00'
    """
    if _RUN_ID.fullmatch(run_id) is None:
        return run_id
    day, clock = run_id[:8], run_id[9:15]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}+00:00"


def _watched(now: Served, nct_id: str) -> Watched:
    states = [one for one in history_of(now.generation, nct_id) if one.kind != "added"]
    card = now.generation.records.card(nct_id)
    return Watched(card, kin_by_run(now, nct_id), change_views(now, states))


def _seconds(run: Run) -> float | None:
    try:
        took = datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.started)
    except ValueError:
        return None
    return max(took.total_seconds(), 0.0)
