"""How many records may fail before a refresh publishes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from kg.runs import Run
from ontology.errors import RefreshError

LEAST_FAILURES = 3
"""So many failures at least, whatever their share: one bad record of one stops nothing."""


def check_failures(run: Run, max_failed: float) -> None:
    """Check that not too many of the fetched records could not be taken in.

    Raises
    ------
    RefreshError
    """
    failed, fetched = run.counts.get("failed_records", 0), run.counts.get("fetched_records", 0)
    if failed >= LEAST_FAILURES and failed > max_failed * max(fetched, 1):
        raise RefreshError(
            f"{failed} of {fetched} fetched records could not be taken in, more than the "
            f"{max_failed:.0%} allowed; the first: {run.failures[0].record}: "
            f"{run.failures[0].message}"
        )


def check_shapes(broken: Mapping[str, str], changed: int, run: Run, max_failed: float) -> None:
    """Check that not too many of the changed trials break a shape.

    Parameters
    ----------
    broken : mapping
        NCT id to what is wrong, of trials that break a shape and did not before.
    changed : int
        How many trials were checked: all, or a sample of them.
    run : Run
        Is told of these trials.
    max_failed : float
        Share of the changed trials that may break a shape.

    Raises
    ------
    RefreshError
    """
    for nct_id, message in broken.items():
        run.fail(nct_id, "shapes", message)
    if len(broken) >= LEAST_FAILURES and len(broken) > max_failed * changed:
        first, message = next(iter(broken.items()))
        raise RefreshError(
            f"{len(broken)} of {changed} changed trials break a shape, more than the "
            f"{max_failed:.0%} allowed; the first: {first}: {message}"
        )
