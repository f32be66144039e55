"""Kin of what is not in the store: a free text, or the record of another trial."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from kg.cell_facts import extract_cell_facts
from kg.cell_facts.model import CONCEPT_FIELDS, FIELDS, CellFacts
from kg.conditions import find_conditions
from kg.generation import Generation
from kg.nearest import nearest_names
from kg.profiles import doses_of, make_profile
from kg.records import Records
from kg.sources import SourceRecord, read_sources
from kg.study import Study, parse_study
from kg.text_phases import phases_of_text
from ontology.concepts import ConceptScheme
from ontology.errors import EncoderError, RecordError, SourceError
from ontology.folding import fold
from ontology.schemes import load_scheme
from ontology.spelling import folded_forms
from similarity.asking import LARGEST_TEXT_CHARS, choose_trials, text_profile
from similarity.encoders import Encoder, load_encoder
from similarity.index import KinIndex
from similarity.model import model_for
from similarity.profile import Design, Profile

_FACT_CHARACTERS = 200_000
"""How much of a free text is searched for cell facts: a protocol says in its first hundred pages
what is given, and the rest would take seconds."""
_NO_TRIAL = "NCT99999999"
"""Stands for the id of a text that is no registered trial."""


def read_text(path: Path) -> str:
    """Read a text file for `profile_of_text`; ``-`` is standard input.

    Raises
    ------
    SourceError
        If it cannot be read, or is larger than a synopsis can be.
    """
    try:
        with click.open_file(str(path), "rb") as file:
            raw: bytes = file.read(4 * LARGEST_TEXT_CHARS + 1)
        # A text that was cut here is too long anyway, and will be refused for that.
        return raw.decode("utf-8", "strict" if len(raw) <= 4 * LARGEST_TEXT_CHARS else "ignore")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is no UTF-8 text; convert it first.") from error


def study_of_text(text: str) -> Study:
    """Return a study that holds nothing but a free text, its first line as the title."""
    title, _, body = text.strip().partition("\n")
    modules = {
        "identificationModule": {"nctId": _NO_TRIAL, "briefTitle": title[:300]},
        "descriptionModule": {"briefSummary": title[300:] + "\n" + body},
    }
    return parse_study({"protocolSection": modules})


def profile_of_text(text: str, encoder: Encoder) -> tuple[Profile, CellFacts]:
    """Return the profile of a free text, and the cell facts found in it.

    Raises
    ------
    RecordError
        If the text is empty, too long, or not in English.
    """
    model = model_for(encoder)
    profile = text_profile(text, model=model)  # refuses what is no text before it is searched
    facts = extract_cell_facts(study_of_text(text[:_FACT_CHARACTERS]))
    concepts = dict(profile.concepts) | {
        scheme: tuple(str(value) for value in facts.values(field))
        for field, scheme in CONCEPT_FIELDS.items()
    }
    asked = text_profile(text, model=model, concepts=concepts)
    phases = phases_of_text(text)
    return replace(asked, doses=doses_of(facts), design=Design(phases=phases)), facts


def first_study(path: Path) -> tuple[Study, bool]:
    """Return the first readable record of a file, and whether there is any more in it.

    Raises
    ------
    SourceError
        If the file cannot be read.
    RecordError
        If it holds no readable record; the message names the first trouble.
    """
    trouble = ""
    found = read_sources([path])
    for item in found:
        if isinstance(item, SourceRecord):
            return item.study, next(found, None) is not None
        trouble = trouble or f" {item}"
    raise RecordError(f"{path} holds no readable record.{trouble}")


def study_profile(study: Study) -> Profile:
    """Return the profile of a study, with what its text says."""
    return profile_and_facts(study)[0]


def profile_and_facts(study: Study) -> tuple[Profile, CellFacts]:
    """Return the profile of a study, and the cell facts that its text says."""
    facts = extract_cell_facts(study)
    return make_profile(study, facts, find_conditions(study).names), facts


def recognised(profile: Profile, facts: CellFacts) -> dict[str, list[str | int | float]]:
    """Return what was recognised in a text or record: conditions' labels, phases, facts' values."""
    scheme = load_scheme("conditions")
    labels = [
        scheme[name].pref_label if name in scheme else name
        for name in profile.concepts.get("conditions", ())
    ]
    found: dict[str, list[str | int | float]] = {"conditions": [*labels]}
    found["phases"] = [*profile.design.phases]
    return found | {field: [*facts.values(field)] for field in FIELDS}


def stored_profiles(records: Records) -> Iterator[Profile]:
    """Yield the profile of every stored record, with its texts."""
    for row in records.rows():
        yield study_profile(row.study)


def encoder_of(generation: Generation) -> Encoder:
    """Load the encoder that the vectors of a generation were made with.

    Raises
    ------
    EncoderError
        If it cannot be had, or is no longer the same: vectors of two encoders never mix.
    """
    name = generation.manifest.encoder["name"]
    encoder = load_encoder(name)
    if encoder.fingerprint != generation.manifest.encoder["fingerprint"]:
        raise EncoderError(
            f"The encoder {name} is not the one that this store was built with; "
            "run `trialkin build` again."
        )
    return encoder


def allowed_trials(
    generation: Generation,
    *,
    statuses: Collection[str] = (),
    phases: Collection[str] = (),
    countries: Collection[str] = (),
    concepts: Mapping[str, Collection[str]] | None = None,
) -> frozenset[str] | None:
    """Return the trials that pass all filters, None where there is no filter.

    Parameters
    ----------
    generation : Generation
    statuses, phases, countries : collection of str
        Values of the registry, such as ``RECRUITING`` and ``PHASE2``, in any case.
    concepts : mapping, optional
        Scheme to names or labels of concepts, such as ``{"routes": ["intravenous", "IV"]}``;
        narrower concepts pass too, as Wharton's jelly does for the umbilical cord.

    Raises
    ------
    RecordError
        If a concept is not in its scheme; the message names those that are.
    """
    wanted = {
        scheme: _with_narrower(load_scheme(scheme), names)
        for scheme, names in (concepts or {}).items()
        if names
    }
    if not (statuses or phases or countries or wanted):
        return None
    chosen = choose_trials(
        generation.kin_index,
        phases={value.upper() for value in phases},
        countries=_as_registered(generation.kin_index, countries),
        concepts=wanted,
    )
    if not statuses:
        return chosen
    upper = {value.upper() for value in statuses}
    cards = generation.records.cards(chosen)
    return frozenset(nct_id for nct_id, card in cards.items() if card.overall_status in upper)


def _with_narrower(scheme: ConceptScheme, written: Collection[str]) -> set[str]:
    """Return the concepts that go by these names or labels, and those below them."""
    named = {form: name for name in scheme for form in folded_forms(name.replace("_", " "))}
    labelled = {
        form: name
        for name, concept in scheme.concepts.items()
        for label in concept.labels
        for form in folded_forms(label)
    }
    both = [*named, *labelled]
    found: set[str] = set()
    for one in sorted(written):
        form = " ".join(fold(one)[0].split())
        name = named.get(form) or labelled.get(form)
        if name is None:
            known = ", ".join(scheme.concepts)
            meant = (named.get(near) or labelled[near] for near in nearest_names(form, both))
            hint = _hint(dict.fromkeys(meant))
            raise RecordError(f"{scheme.name} has no {one!r}{hint}; it has {known}.")
        found |= {name, *scheme.descendants(name)}
    return found


def _as_registered(index: KinIndex, countries: Collection[str]) -> set[str]:
    """Return countries in the registry's spelling; refuse those that no trial has."""
    known = {
        name.casefold(): name
        for nct_id in (index.nct_ids if countries else ())
        for name in index.profile(nct_id).design.countries
    }
    unknown = sorted(name for name in countries if name.casefold() not in known)
    if unknown:
        names = sorted(known.values())
        hint = _hint(near for one in unknown for near in nearest_names(one, names))
        raise RecordError(
            f"No trial here is in {', '.join(unknown)}{hint}; trials are in {', '.join(names)}."
        )
    return {known[name.casefold()] for name in countries}


def _hint(meant: Iterable[str]) -> str:
    said = " or ".join(meant)
    return f" (did you mean {said}?)" if said else ""
