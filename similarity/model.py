"""Models: frozen statistics that turn profiles into scores, in a folder each, with a hash."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from ontology.errors import EncoderError
from similarity.encoders import Encoder, file_sha256
from similarity.fusion import Fusion, load_fusion
from similarity.lexical import TermWeights

FALLBACK_MODEL = "minilm"
"""Fusion for any other sentence-transformers encoder: general weights on a title view."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
FUSION_FILE = "fusion.json"
FIGURES_FILE = "figures.json"
_WORDS_FILE = "words.npz"
_MESH_FILE = "mesh.npz"
_SHARED_FOLDER = "statistics"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBand:
    """What judges said of the trials whose scores lie between two bounds.

    Attributes
    ----------
    low, high : float
        Scores from `low` to below `high` (the last band: up to 1).
    judged : int
        How many judged trials that were.
    mean_grade : float
        Divided by the best grade: from 0 to 1, as the score.
    useful, must_read : float
        Share of them that a reader would find useful (grade 2 or 3), or must read (grade 3).
    """

    low: float
    high: float
    judged: int
    mean_grade: float
    useful: float
    must_read: float

    @property
    def label(self) -> str:
        """The bounds in words."""
        if self.low == 0:
            return f"below {self.high:g}"
        return f"from {self.low:g}" if self.high == 1 else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class KinModel:
    """All that a score needs besides the two profiles and the encoder.

    Attributes
    ----------
    name : str
    fingerprint : str
        sha256 (hex) over the files behind it.
    fusion : Fusion
    words, mesh : TermWeights
        Rarity of words, and of MeSH terms.
    """

    name: str
    fingerprint: str
    fusion: Fusion
    words: TermWeights
    mesh: TermWeights


def models_folder() -> Path:
    """Return the folder of the models that come with the package."""
    return Path(str(files("similarity"))) / "models"


def model_names() -> tuple[str, ...]:
    """Return the names of the models that come with the package."""
    return tuple(sorted(path.parent.name for path in models_folder().glob(f"*/{FUSION_FILE}")))


def model_folder(name: str) -> Path | None:
    """Return the folder of a model that comes with the package; None if there is none."""
    if _NAME.fullmatch(name) is None:
        return None
    folder = models_folder() / name
    return folder if (folder / FUSION_FILE).is_file() else None


def load_model(name_or_folder: str | Path) -> KinModel:
    """Load the fusion and the statistics of a model.

    Parameters
    ----------
    name_or_folder : str or Path
        One of `model_names`, or a folder that training wrote.

    Raises
    ------
    EncoderError
        If there is no such model, or a file of it is damaged.
    """
    folder = model_folder(str(name_or_folder))
    if folder is None:
        folder = Path(name_or_folder)
        if not (folder / FUSION_FILE).is_file():
            raise EncoderError(
                f"There is no model {str(name_or_folder)!r}; give the folder of one, or one of "
                f"{', '.join(model_names())}."
            )
    path = folder / FUSION_FILE
    return model_with(load_fusion(path), name=folder.name, also=file_sha256(path))


def model_with(fusion: Fusion, *, name: str, also: str = "") -> KinModel:
    """Put a fusion together with the statistics that come with the package.

    Parameters
    ----------
    fusion : Fusion
    name : str
    also : str, optional
        What else the model's fingerprint is made of.

    Raises
    ------
    EncoderError
        If a file of the statistics is missing or damaged.
    """
    words, mesh, hashes = _load_statistics(models_folder() / _SHARED_FOLDER)
    digest = hashlib.sha256("".join([also, *hashes]).encode())
    return KinModel(
        name=name, fingerprint=digest.hexdigest(), fusion=fusion, words=words, mesh=mesh
    )


@cache
def _load_statistics(folder: Path) -> tuple[TermWeights, TermWeights, tuple[str, ...]]:
    """Read words and MeSH terms with their files' hashes: once a process, for every question."""
    paths = [folder / file for file in (_WORDS_FILE, _MESH_FILE)]
    for path in paths:
        if not path.is_file():
            raise EncoderError(f"{path} is missing; install the package anew, or train it.")
    words, mesh = (TermWeights.load(path) for path in paths)
    return words, mesh, tuple(file_sha256(path) for path in paths)


def load_bands(name: str) -> tuple[ScoreBand, ...]:
    """Return what the scores of a model mean, lowest first; empty if nobody measured it.

    Raises
    ------
    EncoderError
        If its file is damaged.
    """
    folder = model_folder(name)
    path = None if folder is None else folder / FIGURES_FILE
    if path is None or not path.is_file():
        return ()
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, tuple[ScoreBand, ...]])
        return found["bands"]
    except (KeyError, msgspec.MsgspecError) as error:
        raise EncoderError(
            f"{path} holds no figures ({error}); install the package anew."
        ) from None


def model_for(encoder: Encoder) -> KinModel:
    """Load the model made for an encoder: beside its weights, of its name, or the general one."""
    folder = getattr(encoder, "folder", None)
    if isinstance(folder, Path) and (folder / FUSION_FILE).is_file():
        return load_model(folder)
    known = model_folder(encoder.name) is not None
    return load_model(encoder.name if known else FALLBACK_MODEL)
