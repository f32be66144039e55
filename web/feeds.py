"""Atom feeds of what changed: all runs, a saved search, new kin of watched trials, one trial.

An entry's id is an IRI of ours that names the run and the trial, so that a reader's program
knows it again from whatever address it was fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, request, url_for
from werkzeug.urls import iri_to_uri

from kg.iris import TRIALKIN_BASE
from kg.refresh.history import TrialChange, changes_of_run, history_of, runs
from kg.runs import Run
from web.atom import ATOM_TYPE, Entry, Feed, Line, atom_bytes
from web.caching import answer_once, open_to_all
from web.changes import followed_store
from web.changes_view import (
    ChangeView,
    change_views,
    changes_of_search,
    kin_by_run,
    run_time,
    run_view,
    watched,
)
from web.config import FEED_ENTRIES
from web.presentation import date_words_of_timestamp, number, shortened
from web.search_request import SearchRequest
from web.served import Served, served
from web.trial_address import id_at_its_address

blueprint = Blueprint("feeds", __name__)

_TITLE = 160
_LINES = 40
_RUNS_LOOKED_AT = 200


@blueprint.get("/changes.atom")
def changes() -> Response:
    """Give the runs as a feed; or the news of the search or the trials that the address names.

    :raise 400: never; parameters that make no sense are left out.
    """
    now = served()
    asked, names = SearchRequest.of(request.args), request.args.getlist("watch")
    if not asked.narrows and not names:
        return _answer(now, lambda: _runs_feed(now))
    return _answer(now, lambda: _own_feed(now, asked, names))


@blueprint.get("/trial/<nct_id>/changes.atom")
def trial(nct_id: str) -> Response:
    """Give the states of a trial and its new kin as a feed.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    now = served()
    found = id_at_its_address(now, nct_id)
    return _answer(now, lambda: _trial_feed(now, found))


@blueprint.after_request
def finish(response: Response) -> Response:
    """Let programs of any origin read a feed."""
    return open_to_all(response)


def _answer(now: Served, make_feed: Callable[[], Feed]) -> Response:
    def make() -> Response:
        response = make_response(atom_bytes(make_feed()))
        response.content_type = f"{ATOM_TYPE}; charset=utf-8"
        return response

    return answer_once(now, f"atom {request.host_url}", make)


def _runs_feed(now: Served) -> Feed:
    published = (
        run
        for run in runs(followed_store(), _RUNS_LOOKED_AT)
        if run.outcome == "published" and (run.generation or 0) <= now.number
    )
    entries = [_run_entry(now, run) for run in islice(published, FEED_ENTRIES)]
    return _feed(
        now,
        "changes",
        "TrialKin: what changed",
        url_for("changes.changes", _external=True),
        entries,
    )


def _run_entry(now: Served, run: Run) -> Entry:
    view = run_view(run)
    said = ", ".join(f"{number(count)} {name}" for count, name in view.numbers)
    day = date_words_of_timestamp(run.started)
    address = url_for("changes.run", run_id=run.id, _external=True)
    lines = [Line(f"{view.name} of {day}: {said or 'no trial changed'}.")]
    if run.kind == "refresh":
        told = change_views(now, changes_of_run(now.generation, run, limit=_LINES))
        lines += [Line(_title(one), _trial_address(one.change.nct_id)) for one in told]
        if len(told) == _LINES:
            lines.append(Line("All trials of this update", address))
    return Entry(
        f"{TRIALKIN_BASE}run/{run.id}",
        f"{day}: {said or 'no trial changed'}",
        run.ended or run.started,
        address,
        lines,
    )


def _own_feed(now: Served, asked: SearchRequest, names: Sequence[str]) -> Feed:
    entries: list[Entry] = []
    titles = []
    if asked.narrows:
        found = changes_of_search(now, asked)[:FEED_ENTRIES]
        entries += [_change_entry(one) for one in change_views(now, found)]
        titles.append(shortened(asked.words, 80) or "a saved search")
    for one in watched(now, names)[0]:
        entries += [_change_entry(change) for change in one.changes]
        entries += _kin_entries(now, one.card.nct_id, one.card.title)
        titles.append(f"kin of {one.card.nct_id}")
    distinct = {entry.id: entry for entry in entries}
    parameters = {**({"watch": list(names)} if names else {}), **asked.parameters()}
    parameters.pop("page", None)
    return _feed(
        now,
        f"changes?{urlencode(parameters, doseq=True)}",
        f"TrialKin: {', '.join(titles) or 'watched trials'}",
        url_for("changes.changes", _external=True, **parameters),
        list(distinct.values()),
    )


def _trial_feed(now: Served, nct_id: str) -> Feed:
    card = now.generation.records.card(nct_id)
    states = change_views(now, history_of(now.generation, nct_id))
    entries = [_change_entry(one) for one in states]
    entries += _kin_entries(now, nct_id, card.title)
    return _feed(
        now,
        f"trial/{nct_id}",
        f"{nct_id}: {shortened(card.title, _TITLE)}",
        url_for("changes.history", nct_id=nct_id, _external=True),
        entries,
        subtitle="Its states as TrialKin saw them, and its new kin",
    )


def _change_entry(view: ChangeView) -> Entry:
    change = view.change
    lines = [Line(field.in_a_line()) for field in view.fields if not field.minor][:_LINES]
    lines += [
        Line(f"New kin: {nct_id} {shortened(title, _TITLE)}", _trial_address(nct_id))
        for nct_id, title in view.kin_entered[:_LINES]
    ]
    return Entry(
        change_iri(change),
        _title(view),
        change.seen_at,
        url_for("changes.history", nct_id=change.nct_id, _external=True)
        if view.card is not None
        else url_for("changes.run", run_id=change.run, _external=True),
        lines or [Line(view.kind)],
    )


def _kin_entries(now: Served, nct_id: str, title: str) -> Iterator[Entry]:
    for group in islice(kin_by_run(now, nct_id), FEED_ENTRIES):
        for kin, card in group.entered:
            kin_title = kin if card is None else card.title
            yield Entry(
                f"{TRIALKIN_BASE}new-kin/{group.run}/{nct_id}/{kin}",
                f"New kin of {nct_id}: {shortened(kin_title, _TITLE)} ({kin})",
                run_time(group.run),
                _trial_address(kin),
                [
                    Line(f"{kin}: {shortened(kin_title, _TITLE)}", _trial_address(kin)),
                    Line(f"Kin of {nct_id}: {shortened(title, _TITLE)}", _trial_address(nct_id)),
                ],
            )


def change_iri(change: TrialChange) -> str:
    """Return the IRI of what a run found of a trial; no feed's address is in it."""
    return f"{TRIALKIN_BASE}change/{change.run}/{change.nct_id}"


def _feed(
    now: Served,
    name: str,
    title: str,
    address: str,
    entries: list[Entry],
    *,
    subtitle: str = "",
) -> Feed:
    entries.sort(key=lambda entry: entry.updated, reverse=True)
    entries = entries[:FEED_ENTRIES]
    updated = entries[0].updated if entries else now.generation.manifest.built_at
    return Feed(
        f"{TRIALKIN_BASE}feed/{name}",
        title,
        updated,
        iri_to_uri(request.url),
        address,
        entries,
        subtitle,
    )


def _title(view: ChangeView) -> str:
    return f"{view.kind}: {shortened(view.title, _TITLE)} ({view.change.nct_id})"


def _trial_address(nct_id: str) -> str:
    return url_for("pages.trial", nct_id=nct_id, _external=True)
