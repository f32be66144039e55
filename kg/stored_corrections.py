"""The corrections that a generation was built with, kept in it for the runs that follow."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kg.cell_facts.corrections import Correction, Corrections
from kg.manifest import CORRECTIONS_FILE
from ontology.errors import StoreError


def write_corrections(corrections: Corrections, folder: Path) -> None:
    """Keep corrections in the folder of a generation."""
    by_trial = {nct_id: corrections.by_trial[nct_id] for nct_id in sorted(corrections.by_trial)}
    (folder / CORRECTIONS_FILE).write_bytes(msgspec.json.encode(by_trial) + b"\n")


def read_stored_corrections(folder: Path) -> Corrections:
    """Read the corrections that a generation was built with.

    Raises
    ------
    StoreError
        If the file is missing or damaged.
    """
    path = folder / CORRECTIONS_FILE
    try:
        raw = path.read_bytes()
        return Corrections(msgspec.json.decode(raw, type=dict[str, tuple[Correction, ...]]))
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreError(f"{path} is damaged ({error}); run `trialkin build` again.") from error


def changed_corrections(before: Corrections, after: Corrections) -> set[str]:
    """Return the trials whose corrections differ."""
    trials = {*before.by_trial, *after.by_trial}
    return {nct_id for nct_id in trials if before.of(nct_id) != after.of(nct_id)}
