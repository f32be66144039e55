"""`Relinking`: vectors and kin links after some trials changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kg.conditions import find_conditions
from kg.derivation import DerivedTrial
from kg.generation import Generation
from kg.manifest import VECTORS_FOLDER
from kg.mapping.kin_mapping import kin_quads, method_quads
from kg.mapping.relation_mapping import relation_quads
from kg.profiles import make_profile
from kg.progress import Progress
from kg.record_writing import RecordsWriter
from kg.refresh.graph_editor import GraphEditor
from kg.relations import find_relations
from kg.stages import KIN_STORED, kin_method, steps
from ontology.errors import UnknownTrialError

if TYPE_CHECKING:
    from similarity.encoders import Encoder
    from similarity.index import KinIndex
    from similarity.kin_lists import KinLists
    from similarity.profile import Profile

KinChange = tuple[str, str, bool]
"""A trial, another one, and whether it entered (True) or left (False) the first one's list."""
_LINKS_AT_ONCE = 500
"""Links that are written together: one by one, each would wait for the store."""


class Relinking:
    """Brings the vectors and kin links of a generation up to date.

    Attributes
    ----------
    links : int
        Kin links of all trials afterwards.
    counts : dict
        What the index tells of how it looks for kin.
    """

    def __init__(self, previous: Generation, encoder: Encoder, progress: Progress):
        self._previous, self._encoder, self._progress = previous, encoder, progress
        self.links = 0
        self.counts: dict[str, int] = {}

    def relink(
        self,
        derived: Sequence[DerivedTrial],
        editor: GraphEditor,
        records: RecordsWriter,
        folder: Path,
        *,
        everything: bool,
    ) -> list[KinChange]:
        """Bring vectors and links up to date.

        Parameters
        ----------
        derived : sequence of DerivedTrial
            Trials that changed.
        editor : GraphEditor
        records : RecordsWriter
            All records as they are now.
        folder : Path
            For the vectors.
        everything : bool
            Whether encoder or model has changed, so that all trials are linked anew.

        Returns
        -------
        list of (str, str, bool)
            Who entered or left whose list.
        """
        from similarity.kin_lists import KinLists

        old_folder = self._previous.path / VECTORS_FOLDER
        before = KinLists.open(old_folder)
        old = self._previous.kin_index
        profiles = [trial.profile for trial in derived if trial.profile is not None]
        gone = [trial.nct_id for trial in derived if trial.profile is None and trial.nct_id in old]
        if not (everything or profiles or gone):
            _link_files(old_folder, folder)
            self.links = self._previous.manifest.counts.get("kin_links", 0)
            return []
        if everything:
            index, lists = self._anew(old, records, editor)
            affected = index.nct_ids
        else:
            index = old.updated(profiles, gone, self._encoder)
            with self._progress.stage("Linking kin", len(profiles)) as advance:
                relinked = index.relink(
                    [profile.nct_id for profile in profiles], before, progress=steps(advance)
                )
            lists, affected = relinked.lists, relinked.affected
            for nct_id in gone:
                editor.replace(editor.kin(nct_id), ())
            changed = {profile.nct_id for profile in profiles}
            _rewrite(editor, index, changed, _Lists(before, lists), affected)
        index.write(folder)
        lists.write(folder)
        self.links = int((lists.rows >= 0).sum())
        self.counts = dict(index.link_report(KIN_STORED).counts())
        return list(_kin_changes(_Lists(before, lists), [*affected, *gone]))

    def _anew(
        self, old: KinIndex, records: RecordsWriter, editor: GraphEditor
    ) -> tuple[KinIndex, KinLists]:
        """Encode and link all trials, as a full build does."""
        from similarity.index import KinIndex
        from similarity.kin_lists import KinLists

        profiles = list(_profiles(records))
        with self._progress.stage("Encoding texts", len(profiles)) as advance:
            index = KinIndex.build(profiles, self._encoder, progress=steps(advance), previous=old)
        del profiles  # the texts are no longer needed
        lists = KinLists.empty(index.nct_ids, KIN_STORED)
        with (
            self._progress.stage("Linking kin", len(index)) as advance,
            editor.without_links() as write,
        ):
            write(method_quads(kin_method(index)))
            for nct_id, kin in index.rank_all(KIN_STORED):
                write(kin_quads(nct_id, kin))
                lists.put(nct_id, kin)
                advance(1)
            write(relation_quads(find_relations(records.relation_keys)))
        return index, lists


def _rewrite(
    editor: GraphEditor,
    index: KinIndex,
    changed: set[str],
    lists: _Lists,
    affected: Iterable[str],
) -> None:
    """Write the links that differ: of a list that a changed trial enters, most do not."""
    explained: dict[tuple[str, str], int] = {}
    for nct_id in affected:
        old, new = lists.ranks(nct_id)
        for kin in (kin for kin in old if kin not in new):
            editor.replace(editor.kin_link(nct_id, kin), ())
        for kin, rank in new.items():
            if nct_id in changed or kin in changed or kin not in old:
                explained[nct_id, kin] = rank
            # A score depends on two trials alone: where both are as they were, so is the link,
            # but for its rank.
            elif old[kin] != rank:
                editor.rerank(nct_id, kin, old[kin], rank)
    links = zip(explained.items(), index.explain_pairs(explained.keys()), strict=True)
    while batch := list(islice(links, _LINKS_AT_ONCE)):
        before = [quad for (pair, _), _ in batch for quad in editor.kin_link(*pair)]
        after = [
            quad
            for ((nct_id, _), rank), link in batch
            for quad in kin_quads(nct_id, [replace(link, rank=rank)])
        ]
        editor.replace(before, after)


class _Lists(NamedTuple):
    """The lists of kin before and after."""

    before: KinLists
    after: KinLists

    def ranks(self, nct_id: str) -> tuple[dict[str, int], dict[str, int]]:
        """Return the ranks of a trial's kin before and after; empty where it had no list."""
        return _ranks(self.before, nct_id), _ranks(self.after, nct_id)


def _ranks(lists: KinLists, nct_id: str) -> dict[str, int]:
    try:
        listed = lists.of(nct_id)
    except UnknownTrialError:
        return {}
    return {kin: rank for rank, (kin, _) in enumerate(listed, start=1)}


def _profiles(records: RecordsWriter) -> Iterator[Profile]:
    """Make the profiles of all listed records from the facts that are stored."""
    for row in records.rows():
        if row.study.removed_from_registry is None:
            facts = records.facts(row.study.nct_id)
            yield make_profile(row.study, facts, find_conditions(row.study).names)


def _kin_changes(lists: _Lists, nct_ids: Iterable[str]) -> Iterator[KinChange]:
    for nct_id in nct_ids:
        old, new = lists.ranks(nct_id)
        for kin in sorted(old.keys() ^ new.keys()):
            yield nct_id, kin, kin in new


def _link_files(old: Path, new: Path) -> None:
    """Link the files of an unchanged folder: they are written once and never changed."""
    new.mkdir()
    for path in old.iterdir():
        os.link(path, new / path.name)
