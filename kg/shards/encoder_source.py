"""`EncoderSource`: how a process elsewhere comes by the encoder of a build."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ontology.errors import EncoderError

if TYPE_CHECKING:
    from similarity.encoders import Encoder


class EncoderSource(Protocol):
    """Something small that travels to a process and gives an encoder there."""

    def load(self) -> Encoder:
        """Return the encoder."""


@dataclass(frozen=True, slots=True)
class NamedEncoder:
    """An encoder that each process reads for itself.

    Attributes
    ----------
    name : str
        As `similarity.encoders.load_encoder` takes it: a name, or a folder that all machines see.
    fingerprint : str
        What the encoder must have.
    """

    name: str
    fingerprint: str

    def load(self) -> Encoder:
        """Return the encoder, read once a process.

        Raises
        ------
        EncoderError
            If there is none here, or another one of the same name.
        """
        found = _loaded(self.name)
        if found.fingerprint != self.fingerprint:
            raise EncoderError(
                f"The encoder {self.name} here is not the one that the build began with; "
                "give all machines the same."
            )
        return found


@dataclass(frozen=True, slots=True)
class GivenEncoder:
    """An encoder that travels whole."""

    encoder: Encoder

    def load(self) -> Encoder:
        """Return the encoder."""
        return self.encoder


def source_of(encoder: Encoder) -> EncoderSource:
    """Return how others come by an encoder: by name where it has one that is known everywhere."""
    from similarity.encoders import MINILM
    from similarity.model import model_folder

    folder: Path | None = getattr(encoder, "folder", None)
    if encoder.name == MINILM or (folder is not None and model_folder(encoder.name) == folder):
        return NamedEncoder(encoder.name, encoder.fingerprint)
    if folder is not None:
        return NamedEncoder(str(folder.resolve()), encoder.fingerprint)
    return GivenEncoder(encoder)


@cache
def _loaded(name: str) -> Encoder:
    from similarity.encoders import load_encoder

    return load_encoder(name)
