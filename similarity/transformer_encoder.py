"""Encoders of sentence-transformers (MiniLM and any other); the only module that loads torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ontology.errors import EncoderError
from similarity.encoders import FloatArray, unit_rows

_BATCH_SIZE = 16
_LENGTH_STEP = 16


class TransformerEncoder:
    """A sentence-transformers model from a folder, offline, on the CPU.

    A text longer than the model reads at once is cut into windows; its vector is the mean of
    theirs, weighted by their tokens, so that no word is dropped. Batches have fixed shapes,
    by length: a text's vector must not depend on which texts stand beside it.
    """

    def __init__(self, folder: Path, *, name: str, fingerprint: str) -> None:
        self.name = name
        self.fingerprint = fingerprint
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"The encoder {name} needs sentence-transformers and torch ({error}); "
                "install them, or use an encoder that comes with TrialKin."
            ) from None
        self._model: Any = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, trust_remote_code=False
        )
        self._model.eval()
        dimension: Any = self._model.get_embedding_dimension()
        self.dimension = int(dimension)
        # A static model has no limit and no attention: it may read a text of any length.
        limit = self._model.get_max_seq_length()
        self._limit = None if limit is None else int(limit)

    def encode_query(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, dimension) of questions; float32, unit length."""
        return self._encode(texts, "query")

    def encode_document(self, texts: Sequence[str]) -> FloatArray:
        """Return embeddings (n, dimension) of trials' texts; float32, unit length."""
        return self._encode(texts, "document")

    def _encode(self, texts: Sequence[str], kind: str) -> FloatArray:
        prompt = (self._model.prompts or {}).get(kind, "")
        if self._limit is None:
            encoded = self._model.encode(
                [prompt + text for text in texts],
                batch_size=64,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
            rows = np.asarray(encoded, dtype=np.float32).reshape(len(texts), self.dimension)
            return unit_rows(_blanked(rows, texts))
        owners, windows, lengths = self._windows(texts, prompt)
        vectors = np.zeros((len(windows), self.dimension), dtype=np.float32)
        for batch, length in _batches(lengths):
            vectors[batch] = self._forward([windows[row] for row in batch], length)
        pooled = np.zeros((len(texts), self.dimension), dtype=np.float64)
        # In order of windows, one at a time: the sum is the same in every batch.
        for owner, vector, length in zip(owners, vectors, lengths, strict=True):
            pooled[owner] += vector.astype(np.float64) * length
        return unit_rows(pooled)

    def _windows(self, texts: Sequence[str], prompt: str) -> tuple[list[int], list[str], list[int]]:
        """Return for every window the row of its text, its words and its number of tokens."""
        tokenizer = self._model.tokenizer
        limit = self._limit or 0
        special = tokenizer.num_special_tokens_to_add()
        room = limit - special - len(tokenizer.tokenize(prompt)) if prompt else limit - special
        owners, windows, lengths = [], [], []
        for row, text in enumerate(texts):
            if not text.strip():
                continue
            offsets = tokenizer(
                text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
            )["offset_mapping"]
            for first in range(0, len(offsets), room):
                span = offsets[first : first + room]
                owners.append(row)
                windows.append(prompt + text[span[0][0] : span[-1][1]])
                lengths.append(min(limit, len(span) + special))
        return owners, windows, lengths

    def _forward(self, windows: list[str], length: int) -> FloatArray:
        """Encode windows padded to `length` tokens, in a batch filled up to its full size."""
        import torch

        filled = windows + [windows[-1]] * (_BATCH_SIZE - len(windows))
        features = self._model.tokenizer(
            filled, padding="max_length", truncation=True, max_length=length, return_tensors="pt"
        )
        with torch.inference_mode():
            output = self._model(dict(features))["sentence_embedding"]
        vectors = output[: len(windows)].to(torch.float32).numpy()
        return np.asarray(vectors, dtype=np.float32)


def _batches(lengths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Yield rows of like length and the length to which all of them are padded."""
    by_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        padded = -(-length // _LENGTH_STEP) * _LENGTH_STEP
        by_length.setdefault(padded, []).append(row)
    for padded in sorted(by_length):
        rows = by_length[padded]
        for first in range(0, len(rows), _BATCH_SIZE):
            yield rows[first : first + _BATCH_SIZE], padded


def _blanked(rows: FloatArray, texts: Sequence[str]) -> FloatArray:
    """Put zeros where there is no text."""
    empty = np.array([not text.strip() for text in texts], dtype=bool)
    return np.where(empty[:, None], np.float32(0), rows)
