"""`Relinking`: vectors and kin links after some trials changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kg.derivation import DerivedTrial
from kg.generation import Generation
from kg.manifest import RECORDS_FILE, VECTORS_FOLDER
from kg.mapping.kin_mapping import kin_quads, method_quads
from kg.mapping.relation_mapping import relation_quads
from kg.progress import Progress
from kg.record_writing import RecordsWriter
from kg.refresh.graph_editor import GraphEditor
from kg.refresh.kin_differences import KinChange, Lists, kin_changes
from kg.refresh.pieces import join_profiles
from kg.shards.links import KIN_STORED, linking, no_links
from kg.shards.processes import Local
from kg.stages import kin_method, steps

if TYPE_CHECKING:
    from similarity.encoders import Encoder
    from similarity.index import KinIndex
    from similarity.kin_lists import KinLists

_LINKS_AT_ONCE = 500
"""Links that are written together: one by one, each would wait for the store."""


class Relinking:
    """Brings the vectors and kin links of a generation up to date.

    Attributes
    ----------
    links : int
        Kin links of all trials afterwards.
    counts : dict
        What the index tells of how it looks for kin; empty where what it told last still holds.
    """

    def __init__(self, previous: Generation, encoder: Encoder, progress: Progress, graph_kin: int):
        self._previous, self._encoder, self._progress = previous, encoder, progress
        self._graph_kin = graph_kin
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
    ) -> Iterable[KinChange]:
        """Bring vectors and links up to date.

        Parameters
        ----------
        derived : sequence of DerivedTrial
            Trials that changed.
        editor : GraphEditor
        records : RecordsWriter
            All records as they are now.
        folder : Path
            For the vectors; beside the file of the records.
        everything : bool
            Whether encoder or model has changed, so that all trials are linked anew.

        Returns
        -------
        iterable of (str, str, bool)
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
            return ()
        if everything:
            index, lists = self._anew(records, editor, folder)
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
            nearest = Lists(before, lists, self._graph_kin)
            _rewrite(editor, index, changed, nearest, affected)
            index.write(folder)
            lists.write(folder)
        self.links = int((lists.rows >= 0).sum())
        # A report on candidates compares hundreds of trials with all others. It is made with all
        # lists; a few changes do not move it, and what it said last stands in the counts.
        if everything or old.is_exact or index.is_exact:
            self.counts = dict(index.link_report(KIN_STORED).counts())
        return kin_changes(Lists(before, lists), [*affected, *gone])

    def _anew(
        self, records: RecordsWriter, editor: GraphEditor, folder: Path
    ) -> tuple[KinIndex, KinLists]:
        """Encode and link all trials, as a full build does."""
        records.connection.commit()  # other processes may read it
        index = join_profiles(
            records,
            folder.with_name(RECORDS_FILE),
            self._encoder,
            folder,
            previous=self._previous.path / VECTORS_FOLDER,
            progress=self._progress,
        )
        lists = no_links(index)
        work = folder.with_name("links")
        with (
            self._progress.stage("Linking kin", len(index)) as advance,
            editor.without_links() as write,
            linking(
                index,
                folder,
                work,
                jobs=Local().local_jobs(len(index)),
                graph_kin=self._graph_kin,
            ) as linked,
        ):
            write(method_quads(kin_method(index)))
            for links in linked:
                with open(links.quads, encoding="utf-8", newline="\n") as quads:
                    write(quads)
                links.quads.unlink()
                links.put_into(lists)
                advance(len(links))
            for relation in records.relation_keys.relations():
                write(relation_quads([relation]))
        lists.write(folder)
        return index, lists


def _rewrite(
    editor: GraphEditor,
    index: KinIndex,
    changed: set[str],
    lists: Lists,
    affected: Iterable[str],
) -> None:
    """Write the links that differ: of a list that a changed trial enters, most do not.

    `lists` are as long as those in the graph.
    """
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


def _link_files(old: Path, new: Path) -> None:
    """Link the files of an unchanged folder: they are written once and never changed."""
    new.mkdir()
    for path in old.iterdir():
        os.link(path, new / path.name)
