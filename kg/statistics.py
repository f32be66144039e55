"""Learn the frozen statistics of the similarity models: how rare words and MeSH terms are.

Run as ``python -m kg.statistics --texts TEXTS --records SOURCE... --out FOLDER``. Scores lean on
these figures, so they are learned once, shipped with the models and never by a build: else one
changed record would move every score.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from kg.mapping.study_mapping import mesh_term_iri
from kg.sources import SourceRecord, read_sources
from ontology.mesh import canonical_mesh_id
from similarity.lexical import TermWeights, words
from similarity.training import read_trial_texts

LEAST_DOCUMENTS = 3
"""A word in fewer texts is a slip or a name, and counts as unseen."""


def learn_word_weights(texts: Path) -> TermWeights:
    """Learn the rarity of words from trial texts (lines of JSON, also packed)."""
    documents = (words("\n".join(text)) for text in read_trial_texts(texts))
    return TermWeights.learn(documents, least_documents=LEAST_DOCUMENTS)


def learn_mesh_weights(sources: list[Path]) -> TermWeights:
    """Learn the rarity of MeSH terms, ancestors included, from records of all fields."""
    return TermWeights.learn(_mesh_ids(sources), least_documents=1)


def _mesh_ids(sources: list[Path]) -> Iterator[list[str]]:
    for found in read_sources(sources):
        if isinstance(found, SourceRecord):
            browse = found.study.condition_browse
            known = (mesh.id for mesh in (*browse.meshes, *browse.ancestors))
            yield [canonical_mesh_id(i) for i in known if i and mesh_term_iri(i) is not None]


@click.command()
@click.option("--texts", type=click.Path(path_type=Path, exists=True), required=True)
@click.option(
    "--records", type=click.Path(path_type=Path, exists=True), required=True, multiple=True
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
def main(texts: Path, records: tuple[Path, ...], out: Path) -> None:
    """Write words.npz and mesh.npz into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    learn_word_weights(texts).save(out / "words.npz")
    learn_mesh_weights(list(records)).save(out / "mesh.npz")
    click.echo(f"words.npz and mesh.npz are in {out}", err=True)


if __name__ == "__main__":
    main()
