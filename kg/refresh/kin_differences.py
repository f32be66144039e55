"""What differs between the lists of kin before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ontology.errors import UnknownTrialError

if TYPE_CHECKING:
    from similarity.kin_lists import KinLists

KinChange = tuple[str, str, bool]
"""A trial, another one, and whether it entered (True) or left (False) the first one's list."""


class Lists(NamedTuple):
    """The lists of kin before and after, or the first `most` of each."""

    before: KinLists
    after: KinLists
    most: int | None = None

    def ranks(self, nct_id: str) -> tuple[dict[str, int], dict[str, int]]:
        """Return the ranks of a trial's kin before and after; empty where it had no list."""
        return self._ranks(self.before, nct_id), self._ranks(self.after, nct_id)

    def _ranks(self, lists: KinLists, nct_id: str) -> dict[str, int]:
        try:
            listed = lists.of(nct_id)[: self.most]
        except UnknownTrialError:
            return {}
        return {kin: rank for rank, (kin, _) in enumerate(listed, start=1)}


def kin_changes(lists: Lists, nct_ids: Iterable[str]) -> Iterator[KinChange]:
    """Yield who entered or left the lists of these trials, by kin."""
    for nct_id in nct_ids:
        old, new = lists.ranks(nct_id)
        for kin in sorted(old.keys() ^ new.keys()):
            yield nct_id, kin, kin in new
