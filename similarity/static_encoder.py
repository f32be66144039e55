"""The encoder of our own: a table of word-piece vectors, read with numpy alone.

A text's vector is the mean of its word pieces' vectors, scaled to unit length, as
`StaticEmbedding` of sentence-transformers computes it; torch is not needed, a text may have
any length, and a vector depends on its text alone, to the last bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError
from similarity.encoders import FloatArray, file_sha256, unit_rows
from similarity.kept_pieces import KeptPieces

CARD_FILE = "encoder.json"
VECTORS_FILE = "vectors.npz"
TOKENIZER_FILE = "tokenizer.json"
_FILES = (VECTORS_FILE, TOKENIZER_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderCard:
    """What an encoder's files must be.

    Attributes
    ----------
    name : str
    dimension : int
    sha256 : mapping
        File -> hash (hex).
    training : mapping
        How the weights were made, for people.
    """

    name: str
    dimension: int
    sha256: Mapping[str, str]
    training: Mapping[str, Any] = msgspec.field(default_factory=dict)


class StaticEncoder:
    """Vectors of word pieces in int8, each row with its scale.

    Attributes
    ----------
    name, dimension, fingerprint
        See `similarity.encoders.Encoder`.
    tokenizer : tokenizers.Tokenizer
    folder : Path or None
        Where it was read from; a fusion made for it lies beside it.
    """

    def __init__(
        self,
        *,
        name: str,
        fingerprint: str,
        vectors: NDArray[np.int8],
        scales: NDArray[np.float32],
        tokenizer: Any,
        folder: Path | None = None,
    ) -> None:
        self.folder = folder
        self.name, self.fingerprint = name, fingerprint
        self.dimension = int(vectors.shape[1])
        self._vectors, self._scales, self.tokenizer = vectors, scales, tokenizer
        self._pieces = KeptPieces(tokenizer)

    @classmethod
    def load(cls, folder: Path) -> StaticEncoder:
        """Read an encoder from its folder.

        Raises
        ------
        EncoderError
            If a file is missing, damaged or not the one that the card names.
        """
        from tokenizers import Tokenizer

        try:
            card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=EncoderCard)
        except (OSError, msgspec.MsgspecError) as error:
            raise EncoderError(f"{folder / CARD_FILE} cannot be read ({error}).") from None
        digest = hashlib.sha256()
        for file in _FILES:
            path = folder / file
            if not path.is_file():
                raise EncoderError(f"{path} is missing; install the package anew, or train.")
            found = file_sha256(path)
            if found != card.sha256.get(file):
                raise EncoderError(
                    f"{path} has sha256 {found}, not {card.sha256.get(file)} as {CARD_FILE} "
                    "says: it is damaged or of another model; install the package anew, or train."
                )
            digest.update(f"{file}\0{found}\n".encode())
        with np.load(folder / VECTORS_FILE) as arrays:
            vectors, scales = arrays["vectors"], arrays["scales"].astype(np.float32)
        return cls(
            name=card.name,
            fingerprint=digest.hexdigest(),
            vectors=vectors,
            scales=scales,
            tokenizer=Tokenizer.from_file(str(folder / TOKENIZER_FILE)),
            folder=folder,
        )

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, dimension) of questions; float32, unit length."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, dimension) of trials' texts; float32, unit length."""
        pooled = np.zeros((len(texts), self.dimension), dtype=np.float64)
        found = self._pieces.ids(texts)
        number = len(self._vectors)
        lengths = np.array([len(ids) for ids in found], dtype=np.int64)
        rows = np.repeat(np.arange(len(found), dtype=np.int64), lengths)
        pieces = np.concatenate([rows[:0], *found])
        # Pieces of all texts are counted at once: row and piece in one number.
        keys, counts = np.unique(rows * number + pieces, return_counts=True)
        rows, pieces = np.divmod(keys, number)
        weights = counts * self._scales[pieces].astype(np.float64)
        ends = np.searchsorted(rows, np.arange(len(found) + 1)).tolist()
        for row, (first, end) in enumerate(pairwise(ends)):
            if first < end:
                own = self._vectors.take(pieces[first:end], axis=0).astype(np.float64)
                own *= weights[first:end, None]
                # A plain sum, not a matrix product: its order is the same on every machine.
                pooled[row] = own.sum(axis=0)
        return unit_rows(pooled)

    def weights(self) -> FloatArray:
        """Return the vectors of all word pieces as floats, as they are used."""
        return self._vectors.astype(np.float32) * self._scales[:, None]


def holds_static_encoder(folder: Path) -> bool:
    """Tell whether a folder holds an encoder of this kind."""
    return (folder / CARD_FILE).is_file() and (folder / VECTORS_FILE).is_file()


def save_static_encoder(
    folder: Path,
    *,
    name: str,
    weights: NDArray[np.float32],
    tokenizer_json: str,
    training: Mapping[str, Any],
) -> None:
    """Round the vectors of word pieces to int8 and write an encoder's files."""
    folder.mkdir(parents=True, exist_ok=True)
    largest = np.abs(weights).max(axis=1)
    # float16 keeps a scale to 0.05 %, well below the rounding of the vector itself.
    scales = (largest / 127).astype(np.float16)
    steps = scales.astype(np.float64)[:, None]
    wide = weights.astype(np.float64)
    vectors = np.clip(np.rint(np.divide(wide, steps, out=wide * 0, where=steps > 0)), -127, 127)
    np.savez(folder / VECTORS_FILE, vectors=vectors.astype(np.int8), scales=scales)
    (folder / TOKENIZER_FILE).write_text(tokenizer_json, encoding="utf-8")
    card = EncoderCard(
        name=name,
        dimension=int(weights.shape[1]),
        sha256={file: file_sha256(folder / file) for file in _FILES},
        training=training,
    )
    (folder / CARD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(card)) + b"\n")
