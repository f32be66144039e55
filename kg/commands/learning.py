"""Commands that measure and learn: `evaluate`, `train`."""

from __future__ import annotations

from pathlib import Path

import click

from kg.commands.options import fail, format_option, open_store_folder, store_option
from kg.console import echo_json


@click.command()
@click.argument("qrels", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--against", "others", multiple=True, help="Another encoder to compare with, such as minilm."
)
@click.option(
    "--ablations",
    type=click.Choice(["facet", "feature"]),
    help="Also learn the fusion without one facet, or one feature, at a time.",
)
@click.option("--by-query", is_flag=True, help="Also print the main measure for each query.")
@format_option("table", "json")
@store_option
def evaluate(
    qrels: Path,
    others: tuple[str, ...],
    ablations: str | None,
    by_query: bool,
    format_: str,
    store_path: Path,
) -> None:
    """Score kin and baselines against judgements in TREC form.

    A line of QRELS is: query's NCT id, 0, NCT id, grade from 0 to 3.
    """
    import msgspec

    from kg.asking import stored_profiles
    from similarity.encoders import load_encoder
    from similarity.index import KinIndex
    from similarity.methods import (
        evaluate_ablations,
        evaluate_methods,
        format_by_query,
        format_results,
    )
    from similarity.trec import read_qrels

    judged = read_qrels(qrels)
    generation = open_store_folder(store_path).published()
    profiles = list(stored_profiles(generation.records))
    indexes = {name: KinIndex.build(profiles, load_encoder(name)) for name in others}
    results = evaluate_methods(profiles, judged, generation.kin_index, others=indexes)
    if ablations is not None:
        index = generation.kin_index
        results += evaluate_ablations(index, judged, by_feature=ablations == "feature")
    if format_ == "json":
        echo_json(msgspec.to_builtins(results))
    else:
        click.echo(format_results(results))
        if by_query:
            click.echo("\n" + format_by_query(results))


@click.command()
@click.argument("texts", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="own", show_default=True, help="What the encoder is called.")
@click.option(
    "--epochs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How often the texts are gone through.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Of what is drawn by chance: the same seed, the same encoder.",
)
@click.option(
    "--qrels",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judgements over the store's trials, to learn the fusion from too.",
)
@store_option
def train(
    texts: Path,
    folder: Path,
    name: str,
    epochs: int,
    seed: int,
    qrels: Path | None,
    store_path: Path,
) -> None:
    """Train an encoder on trial texts.

    TEXTS is a file of JSON lines with title, summary and description, also packed (.gz, .xz);
    FOLDER is made, and `trialkin build --encoder FOLDER` uses it.
    """
    from similarity.training import Recipe, read_trial_texts, train_encoder

    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty; name a new folder.")
    recipe = Recipe(epochs=epochs, seed=seed)
    encoder = train_encoder(read_trial_texts(texts), folder, name=name, recipe=recipe)
    if qrels is not None:
        from kg.asking import stored_profiles
        from similarity.fusion import save_fusion
        from similarity.learning import train_fusion
        from similarity.trec import read_qrels

        profiles = list(stored_profiles(open_store_folder(store_path).published().records))
        fusion, _ = train_fusion(profiles, read_qrels(qrels), encoder, seed=seed)
        save_fusion(fusion, folder / "fusion.json")
    click.echo(f"{folder}: build with --encoder {folder}", err=True)
