"""Training the encoder of our own: word-piece vectors from the texts of many trials.

A trial's title should be close to its own summary and description and far from those of the
other trials of its batch, and so its summary to its description. What is learned is which
words go together and which say nothing.
"""

from __future__ import annotations

import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ontology.errors import SourceError
from similarity.static_encoder import StaticEncoder, save_static_encoder
from similarity.word_pieces import make_tokenizer

Progress = Callable[[str, int, int], None]
"""Called with the name of the stage, how much of it is done, and how much there is."""

# A mark that one collection of texts puts before titles, and the title at the end of the
# description: left in, the pairs could be matched by the title alone.
_MARK = re.compile(r"^\(\w*Quint\)")
_REPEATED_TITLE = " . "
_TOKENISE_AT_ONCE = 1000


class TrialText(NamedTuple):
    """The three texts of a trial that training pairs up."""

    title: str
    summary: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How an encoder is trained; the defaults are those of the encoder that is shipped.

    Attributes
    ----------
    seed : int
    vocabulary_size : int
        Number of word pieces.
    dimension : int
    epochs : int
    batch_size : int
        A pair is told from this many less one others.
    learning_rate : float
        Peak; it rises over the first tenth of the steps and then falls to 0.
    scale : float
        Cosines are multiplied by it before the softmax.
    threads : int
        Fixed, for sums in another order give other weights.
    """

    seed: int = 0
    vocabulary_size: int = 32_000
    dimension: int = 256
    epochs: int = 1
    batch_size: int = 1024
    learning_rate: float = 0.2
    scale: float = 20.0
    threads: int = 2


DEFAULT_RECIPE = Recipe()


def read_trial_texts(path: Path) -> Iterator[TrialText]:
    """Read texts from ``.ndjson``, also ``.gz`` or ``.xz``: title, summary, description.

    Raises
    ------
    SourceError
        If the file cannot be read; the line is named.
    """
    openers: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
    try:
        with openers.get(path.suffix, open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    values = msgspec.json.decode(line)
                except msgspec.DecodeError as error:
                    raise SourceError(f"{path}, line {number}: no JSON ({error}).") from None
                if not isinstance(values, dict):
                    raise SourceError(f"{path}, line {number}: no JSON object.")
                yield clean_text(*(str(values.get(key) or "") for key in TrialText._fields))
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError, zlib.error) as error:
        raise SourceError(f"{path} cannot be read ({error}); check the path.") from None


def clean_text(title: str, summary: str, description: str) -> TrialText:
    """Take off what would let training match a pair without understanding it."""
    plain = _MARK.sub("", title).strip(" .")
    end = description.rfind(_REPEATED_TITLE)
    if end > 0 and _same_words(description[end:], plain):
        description = description[:end]
    return TrialText(plain, summary, description)


def _same_words(one: str, other: str) -> bool:
    words, others = ({*text.casefold().split()} - {"."} for text in (one, other))
    return bool(others) and 2 * len(words & others) >= len(words | others)


def train_encoder(
    texts: Iterable[TrialText],
    out: Path,
    *,
    name: str,
    recipe: Recipe = DEFAULT_RECIPE,
    progress: Progress | None = None,
) -> StaticEncoder:
    """Train an encoder and write its files.

    Parameters
    ----------
    texts : iterable of TrialText
        Texts without all three parts are passed over. Leave out trials that judgements are
        about, or the scores say nothing.
    out : Path
        Folder for ``vectors.npz``, ``tokenizer.json`` and ``encoder.json``.
    name : str
        What the encoder is called.
    recipe : Recipe, optional
    progress : callable, optional

    Raises
    ------
    SourceError
        If there are fewer texts than one batch.
    """
    kept = [text for text in texts if all(text)]
    if len(kept) < recipe.batch_size:
        raise SourceError(
            f"{len(kept)} texts with title, summary and description are fewer than one batch "
            f"of {recipe.batch_size}; give more texts or a smaller batch."
        )
    tokenizer = make_tokenizer((part for text in kept for part in text), recipe.vocabulary_size)
    parts = [
        _tokenise(tokenizer, [text[place] for text in kept], progress)
        for place in range(len(TrialText._fields))
    ]
    weights = _train_vectors(parts, tokenizer.get_vocab_size(), recipe, progress)
    training = {"texts": len(kept), "recipe": asdict(recipe)}
    save_static_encoder(
        out, name=name, weights=weights, tokenizer_json=tokenizer.to_str(), training=training
    )
    return StaticEncoder.load(out)


class _Tokens(NamedTuple):
    """Word pieces of many texts: text ``i`` is ``ids[starts[i]:starts[i + 1]]``."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]

    def of(self, row: int) -> NDArray[np.int32]:
        return self.ids[self.starts[row] : self.starts[row + 1]]


def _tokenise(tokenizer: Any, texts: Sequence[str], progress: Progress | None) -> _Tokens:
    chunks: list[NDArray[np.int32]] = []
    for first in range(0, len(texts), _TOKENISE_AT_ONCE):
        batch = list(texts[first : first + _TOKENISE_AT_ONCE])
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            chunks.append(np.array(encoding.ids, dtype=np.int32))
        if progress is not None:
            progress("word pieces", first + len(batch), len(texts))
    starts = np.zeros(len(chunks) + 1, dtype=np.int64)
    np.cumsum([len(chunk) for chunk in chunks], out=starts[1:])
    return _Tokens(np.concatenate(chunks), starts)


def _train_vectors(
    parts: Sequence[_Tokens], vocabulary: int, recipe: Recipe, progress: Progress | None
) -> NDArray[np.float32]:
    import torch
    from torch.nn import functional

    threads = torch.get_num_threads()
    torch.set_num_threads(recipe.threads)
    generator = torch.Generator().manual_seed(recipe.seed)
    table = torch.nn.EmbeddingBag(vocabulary, recipe.dimension, mode="mean")
    # Word pieces too rare to learn keep their random vectors: nearly at right angles to all
    # others, they work like plain word matching.
    torch.nn.init.normal_(table.weight, generator=generator)
    optimiser = torch.optim.Adam(table.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98))
    rng = np.random.default_rng(recipe.seed)
    texts = len(parts[0].starts) - 1
    batches = texts // recipe.batch_size
    steps = recipe.epochs * batches
    labels = torch.arange(recipe.batch_size)

    def encode(rows: NDArray[np.int64], places: tuple[int, ...]) -> Any:
        bags = [np.concatenate([parts[place].of(row) for place in places]) for row in rows]
        starts = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
        ids = torch.from_numpy(np.concatenate(bags).astype(np.int64))
        return functional.normalize(table(ids, torch.from_numpy(starts)), dim=1)

    step = 0
    for _ in range(recipe.epochs):
        order = rng.permutation(texts)
        for batch in range(batches):
            rows = order[batch * recipe.batch_size : (batch + 1) * recipe.batch_size]
            for group in optimiser.param_groups:
                group["lr"] = recipe.learning_rate * _warmth(step, steps)
            loss = torch.zeros(())
            for left, right in (((0,), (1, 2)), ((1,), (2,))):
                likeness = recipe.scale * encode(rows, left) @ encode(rows, right).T
                forth = functional.cross_entropy(likeness, labels)
                back = functional.cross_entropy(likeness.T, labels)
                loss = loss + (forth + back) / 2
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            step += 1
            if progress is not None:
                progress("training", step, steps)
    torch.set_num_threads(threads)
    weights: NDArray[np.float32] = table.weight.detach().numpy().astype(np.float32)
    return weights


def _warmth(step: int, steps: int) -> float:
    """Return the share of the peak learning rate at a step."""
    rise = max(1.0, 0.1 * steps)
    return (step + 1) / rise if step < rise else (steps - step) / max(1.0, steps - rise)


def to_sentence_transformer(encoder: StaticEncoder) -> Any:
    """Return an encoder as a `SentenceTransformer`, for use and training elsewhere."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    module = StaticEmbedding(encoder.tokenizer, embedding_weights=encoder.weights())
    return SentenceTransformer(modules=[module, Normalize()], device="cpu")
