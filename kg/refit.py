"""Fit a shipped model's fusion anew and measure it: `python -m kg.refit SOURCE QRELS`.

For those who change the rules, the schemes or the judgements: reads the judged records as a
build does, writes ``fusion.json``, ``figures.json`` and the figures of the card into the model's
folder. Stores have to be built again afterwards.
"""

from __future__ import annotations

from pathlib import Path

import click

from kg.asking import study_profile
from kg.sources import SourceRecord, read_sources
from similarity.card import Figures, score_bands, write_figures
from similarity.encoders import load_encoder
from similarity.fusion import load_fusion, save_fusion
from similarity.index import KinIndex
from similarity.learning import train_fusion
from similarity.methods import evaluate_ablations, evaluate_methods, format_results
from similarity.model import FUSION_FILE, model_folder, model_names
from similarity.profile import Profile
from similarity.trec import read_qrels


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.argument("qrels", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--model", default="trialkin", show_default=True, type=click.Choice(model_names()))
@click.option("--against", multiple=True, help="Another encoder to measure beside, as minilm.")
def refit(source: Path, qrels: Path, model: str, against: tuple[str, ...]) -> None:
    """Fit the fusion of MODEL to QRELS over the records of SOURCE, and measure it."""
    folder = model_folder(model)
    if folder is None:
        raise click.UsageError(f"There is no model {model!r}.")
    profiles = read_profiles(source)
    judged = read_qrels(qrels)
    views = load_fusion(folder / FUSION_FILE).views
    fusion, index = train_fusion(profiles, judged, load_encoder(model), views=views)
    save_fusion(fusion, folder / FUSION_FILE)
    others = {name: KinIndex.build(profiles, load_encoder(name)) for name in against}
    methods = evaluate_methods(profiles, judged, index, others=others)
    ablations = evaluate_ablations(index, judged)
    figures = Figures(score_bands(index, judged), tuple(methods), tuple(ablations))
    write_figures(figures, folder)
    click.echo(format_results([*methods, *ablations]))


def read_profiles(source: Path) -> list[Profile]:
    """Return the profiles of all readable records, one a trial, as a build would take them."""
    studies = {}
    for found in read_sources([source]):
        if isinstance(found, SourceRecord):
            studies[found.study.nct_id] = found.study
    return [study_profile(study) for _, study in sorted(studies.items())]


if __name__ == "__main__":
    refit()
