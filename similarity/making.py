"""Making the parts of an index: of all trials, or anew where some changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from ontology.concepts import ConceptScheme
from ontology.errors import EncoderError, UnknownTrialError
from similarity.cells import VectorCells
from similarity.encoders import Encoder
from similarity.encoding import ProfileEncoder, scheme_tables
from similarity.index_parts import IndexParts
from similarity.model import KinModel, model_for
from similarity.profile import Profile

Schemes = Mapping[str, ConceptScheme]


def make_parts(
    profiles: Iterable[Profile],
    encoder: Encoder,
    *,
    model: KinModel | None,
    schemes: Schemes | None,
    exact_trials: int,
    previous: IndexParts | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> IndexParts:
    """Encode all profiles; see `similarity.index.KinIndex.build`."""
    chosen = model_for(encoder) if model is None else model
    maker = ProfileEncoder(encoder, chosen, scheme_tables(schemes))
    known = None
    if previous is not None and previous.fingerprints == (encoder.fingerprint, chosen.fingerprint):
        known = previous.known_vectors()
    parts = maker.index_parts(_in_order(profiles), progress=progress, known=known)
    return with_cells(parts, exact_trials)


def update_parts(
    parts: IndexParts,
    changed: Iterable[Profile],
    removed: Iterable[str],
    encoder: Encoder,
    *,
    model: KinModel | None,
    schemes: Schemes | None,
    exact_trials: int,
) -> IndexParts:
    """Encode changed profiles only; see `similarity.index.KinIndex.updated`."""
    chosen = same_model(parts, encoder, model)
    tables = scheme_tables(schemes)
    if any(table != tables.get(name) for name, table in parts.tables.items()):
        raise EncoderError("The concept schemes are other than the index's; build it again.")
    ordered, gone = _in_order(changed), set(removed)
    unknown = sorted(nct_id for nct_id in gone if parts.row_of(nct_id) is None)
    if unknown:
        raise UnknownTrialError(unknown[0], ())
    both = sorted(gone.intersection(profile.nct_id for profile in ordered))
    if both:
        raise EncoderError(f"{both[0]} is both changed and removed; give it once.")
    maker = ProfileEncoder(encoder, chosen, tables)
    fresh = maker.index_parts(ordered, known=parts.known_vectors())
    return with_cells(parts.spliced(fresh, gone), exact_trials)


def same_model(parts: IndexParts, encoder: Encoder, model: KinModel | None) -> KinModel:
    """Return the model of an index, once it is sure that encoder and model made it.

    Raises
    ------
    EncoderError
        If they did not: vectors of two encoders cannot be compared.
    """
    chosen = model_for(encoder) if model is None else model
    if (encoder.fingerprint, chosen.fingerprint) != parts.fingerprints:
        if (encoder.name, chosen.name) == (parts.encoder_name, parts.model_name):
            made = f"an earlier version of the model {chosen.name}"
        else:
            made = f"{parts.encoder_name} ({parts.model_name}), not {encoder.name} ({chosen.name})"
        raise EncoderError(
            f"The kin of this store were made with {made}; run `trialkin build` or "
            "`trialkin refresh` again."
        )
    return chosen


def _in_order(profiles: Iterable[Profile]) -> list[Profile]:
    ordered = sorted(profiles, key=lambda profile: profile.nct_id)
    for first, second in pairwise(ordered):
        if first.nct_id == second.nct_id:
            raise EncoderError(f"{first.nct_id} is there twice; give each trial once.")
    return ordered


def with_cells(parts: IndexParts, exact_trials: int) -> IndexParts:
    """Find cells for more trials than are to be searched exactly, unless they have some."""
    if parts.cells is not None or len(parts.nct_ids) <= exact_trials:
        return parts
    return replace(parts, cells=VectorCells.train(parts.table, parts.fusion, parts.nct_ids))
