"""What changed: by run, of a watched trial, of a saved search, and of one trial."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from werkzeug.exceptions import NotFound

from kg.refresh.history import TrialChange, changes_of_run, history_of, runs
from kg.runs import Run
from kg.store import Store
from web.changes_view import (
    KINDS,
    ChangeView,
    RunView,
    change_views,
    changes_of_search,
    find_run,
    kin_by_run,
    other_kin_of_run,
    run_time,
    run_view,
    watched,
)
from web.config import (
    CHANGES_PAGE_SIZE,
    FAILURES_SHOWN,
    OF_EACH_KIND,
    RUN_KIN_SHOWN,
    RUNS_PAGE_SIZE,
)
from web.facets import FACET_OF, RANGES
from web.ignored import SEARCH_NAMES, ignored_parameters
from web.search_request import SearchRequest
from web.served import EXTENSION, Served, ServedStore, served
from web.trial_address import id_at_its_address

blueprint = Blueprint("changes", __name__)
blueprint.add_app_template_filter(run_time)


@blueprint.get("/changes")
def changes() -> str:
    """Show the runs; or what is new of the trials and the search that the address names.

    :raise 400: never; parameters that make no sense are left out, and the page says so.
    """
    now, asked = served(), SearchRequest.of(request.args)
    names = request.args.getlist("watch")
    watching, missing = watched(now, names)
    page = asked.page
    listed: list[RunView] = []
    found: list[TrialChange] = []
    if asked.narrows:
        found = changes_of_search(now, asked)
        page = min(page, max(1, -(-len(found) // CHANGES_PAGE_SIZE)))
        first = (page - 1) * CHANGES_PAGE_SIZE
        shown = change_views(now, found[first : first + CHANGES_PAGE_SIZE])
        more = len(found) > first + CHANGES_PAGE_SIZE
    else:
        shown, more = (), False  # of a search there is nothing to tell
        if not names:
            page = min(page, 10_000 // RUNS_PAGE_SIZE)
            first = (page - 1) * RUNS_PAGE_SIZE
            held = runs(followed_store(), first + RUNS_PAGE_SIZE + 1)
            listed = [run_view(run) for run in held[first : first + RUNS_PAGE_SIZE]]
            more = len(held) > first + RUNS_PAGE_SIZE
    latest = next((one.run for one in listed if one.run.outcome == "published"), None)
    if latest is not None and (latest.kind != "refresh" or page > 1):
        latest = None
    return render_template(
        "changes.html",
        asked=asked,
        criteria=_criteria(asked),
        names=names,
        watching=watching,
        missing=missing,
        total=len(found),
        shown=shown,
        runs=listed,
        latest=latest,
        latest_changes=() if latest is None else _first_changes(now, latest),
        page=page,
        more=more,
        manifest=now.generation.manifest,
        first_build_only=page == 1 and all(one.run.kind == "build" for one in listed),
        parameters={**({"watch": names} if names else {}), **asked.parameters()},
        ignored=ignored_parameters(request.args, SEARCH_NAMES | {"watch"}, now.facets),
    )


@blueprint.get("/changes/<run_id>")
def run(run_id: str) -> str:
    """Show one run: its trials, what differs in them, new kin, and what failed.

    :raise 404: if the store remembers no such run.
    """
    now, store = served(), followed_store()
    found = find_run(store, run_id)
    if found is None:
        raise NotFound("The store remembers no such run.")
    page = SearchRequest.of(request.args).page
    counted = sum(found.counts.get(f"{name}_trials", 0) for name in ("added", "changed", "removed"))
    offset = (min(page, 1_000) - 1) * CHANGES_PAGE_SIZE
    listed = changes_of_run(now.generation, found, limit=CHANGES_PAGE_SIZE + 1, offset=offset)
    grouped, links = other_kin_of_run(now, found) if found.kind == "refresh" else ([], 0)
    named = {one.kin for _, held in grouped[:RUN_KIN_SHOWN] for one in held}
    named.update(nct_id for nct_id, _ in grouped[:RUN_KIN_SHOWN])
    return render_template(
        "run.html",
        view=run_view(found),
        changes=change_views(now, listed[:CHANGES_PAGE_SIZE]),
        more=len(listed) > CHANGES_PAGE_SIZE,
        page=page,
        counted=counted,
        kin=grouped[:RUN_KIN_SHOWN],
        kin_trials=len(grouped),
        kin_links=links,
        cards=now.generation.records.cards(named) if named else {},
        failures=found.failures[:FAILURES_SHOWN],
        failed=found.counts.get("failed_records", len(found.failures)),
    )


@blueprint.get("/trial/<nct_id>/history")
def history(nct_id: str) -> str:
    """Show the states of a trial that were seen, and what differed.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial; the page names the nearest ids.
    """
    now = served()
    found = id_at_its_address(now, nct_id)
    return render_template(
        "history.html",
        card=now.generation.records.card(found),
        states=change_views(now, history_of(now.generation, found)),
        kin=kin_by_run(now, found),
    )


def followed_store() -> Store:
    """Return the store that the application serves."""
    served_store: ServedStore = current_app.extensions[EXTENSION]
    return served_store.store


def _first_changes(now: Served, run: Run) -> tuple[ChangeView, ...]:
    """Return a few changes of a run, of each kind."""
    listed = (changes_of_run(now.generation, run, kind=kind, limit=OF_EACH_KIND) for kind in KINDS)
    return change_views(now, [one for held in listed for one in held])


def _criteria(asked: SearchRequest) -> list[str]:
    """Return what a search asks for, in words."""
    said = [f"“{asked.words}”"] if asked.words else []
    for name, values in asked.chosen.items():
        facet = FACET_OF[name]
        shown = (facet.said(value) for value in values)
        said.append(f"{facet.label}: {' or '.join(shown)}")
    for name, (low, high) in asked.ranges.items():
        bounds = [
            f"{word} {bound}" for word, bound in (("from", low), ("to", high)) if bound is not None
        ]
        said.append(f"{RANGES[name]} {' '.join(bounds)}")
    return said
