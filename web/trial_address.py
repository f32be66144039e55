"""One address a trial: every other spelling of its id leads there."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for

from web.served import Served


def id_at_its_address(now: Served, nct_id: str, **parameters: Any) -> str:
    """Return the id of the trial that an address names.

    Parameters
    ----------
    now : Served
    nct_id : str
        As the address has it.
    **parameters
        What else the address holds and is to be kept.

    :raise 301: to the same page of the trial under its own id, from an alias or another spelling.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    found = now.generation.records.resolve(nct_id)
    if found != nct_id:
        abort(redirect(url_for(request.endpoint or "", nct_id=found, **parameters), 301))
    return found
