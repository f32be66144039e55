"""`empty_generation`: what a refresh begins with where nothing is built yet."""

from __future__ import annotations

import shutil
from pathlib import Path

from kg.cell_facts.corrections import Corrections
from kg.generation import Generation
from kg.manifest import FORMAT_VERSION, RECORDS_FILE, Manifest
from kg.record_writing import RecordsWriter
from kg.stored_corrections import write_corrections

ENCODER = "trialkin"
"""What makes the vectors of a store that begins with a refresh, if nobody names another."""


def empty_generation(folder: Path) -> Generation:
    """Make a generation without records; its number is 0, and it is never published.

    Parameters
    ----------
    folder : Path
        Made anew. There is neither graph nor vectors in it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    RecordsWriter(folder / RECORDS_FILE).close()
    write_corrections(Corrections(), folder)
    return Generation(
        folder,
        Manifest(
            format_version=FORMAT_VERSION,
            generation=0,
            started_at="",
            built_at="",
            software_version="",
            encoder={"name": ENCODER},
            counts={"trials": 0},
            source_formats={},
            sizes={},
            checksums={},
            watermark=None,
            seconds={},
        ),
    )
