"""`KinIndex`: every trial's numbers on disk, and the kin of a trial."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError
from similarity.candidates import EXACT_TRIALS
from similarity.encoders import Encoder
from similarity.encoding import ProfileEncoder
from similarity.features import EncodedProfile
from similarity.fusion import Fusion
from similarity.index_files import read_index, write_index
from similarity.kin import Kin
from similarity.linking import KinLinker, Progress
from similarity.making import Schemes, make_parts, same_model, update_parts
from similarity.model import KinModel
from similarity.profile import Profile, Stated
from similarity.ranking import explained, score_rows


class KinIndex(KinLinker):
    """Trials made comparable, and the ranking of one trial's kin.

    Made by `build`, `open` or `updated`. Nothing in a score depends on which other trials are
    indexed, and no score on which of two trials asks. Not changed once it is made; safe to
    share between threads.
    """

    @classmethod
    def build(
        cls,
        profiles: Iterable[Profile],
        encoder: Encoder,
        *,
        progress: Progress | None = None,
        model: KinModel | None = None,
        schemes: Schemes | None = None,
        previous: KinIndex | None = None,
        exact_trials: int = EXACT_TRIALS,
    ) -> KinIndex:
        """Encode profiles.

        Parameters
        ----------
        profiles : iterable of Profile
            A repeated NCT id is refused. They are put in order of their ids.
        encoder : Encoder
        progress : callable, optional
            Called with (done, total) as trials are encoded.
        model : KinModel, optional
            The one made for the encoder by default.
        schemes : mapping, optional
            Scheme name -> scheme; those that come with TrialKin by default.
        previous : KinIndex, optional
            Vectors of texts that have not changed are taken from it, if it was made with the
            same encoder and model.
        exact_trials : int, optional
            With more trials than this, kin are looked for among candidates, see `rank_all`.

        Raises
        ------
        EncoderError
            If two profiles share an NCT id.
        """
        parts = make_parts(
            profiles,
            encoder,
            model=model,
            schemes=schemes,
            exact_trials=exact_trials,
            previous=None if previous is None else previous._parts,
            progress=progress,
        )
        return cls(parts)

    def updated(
        self,
        changed: Iterable[Profile],
        removed: Iterable[str],
        encoder: Encoder,
        *,
        model: KinModel | None = None,
        schemes: Schemes | None = None,
        exact_trials: int = EXACT_TRIALS,
    ) -> KinIndex:
        """Return an index with some trials added, changed or removed; this one stays.

        What is written of it equals, byte for byte, what a `build` of all trials gives (the
        cells of a very large index excepted, which stay those of the last build).

        Parameters
        ----------
        changed : iterable of Profile
            New ones, and what takes the place of those there are; only these are encoded.
        removed : iterable of str
            NCT ids.
        encoder, model, schemes, exact_trials
            As in `build`.

        Raises
        ------
        EncoderError
            If encoder, model or concept schemes are not those that made the index, or a trial
            is given twice, or both changed and removed.
        UnknownTrialError
            If a trial to be removed is not there.
        """
        parts = update_parts(
            self._parts,
            changed,
            removed,
            encoder,
            model=model,
            schemes=schemes,
            exact_trials=exact_trials,
        )
        return KinIndex(parts)

    @classmethod
    def open(cls, folder: Path) -> KinIndex:
        """Open an index that `write` made; vectors are mapped, not read.

        Raises
        ------
        StoreError
            If the folder holds no index, or one of another format.
        """
        return cls(read_index(folder))

    def with_model(self, model: KinModel) -> KinIndex:
        """Return the same vectors under another model's weights.

        Raises
        ------
        EncoderError
            If the other model encodes other texts.
        """
        if model.fusion.views != self.fusion.views:
            raise EncoderError(f"The model {model.name} encodes other texts; build an index anew.")
        parts = replace(
            self._parts,
            fusion=model.fusion,
            model_name=model.name,
            model_fingerprint=model.fingerprint,
        )
        return KinIndex(parts)

    def write(self, folder: Path) -> None:
        """Write the index into a folder, which is made if need be; files are replaced."""
        write_index(self._parts, folder)

    @property
    def encoder_name(self) -> str:
        """The encoder that made the vectors."""
        return self._parts.encoder_name

    @property
    def model_name(self) -> str:
        """The model whose weights the scores come from."""
        return self._parts.model_name

    @property
    def fingerprints(self) -> tuple[str, str]:
        """sha256 of the encoder and of the model: equal for indexes whose scores agree."""
        return self._parts.fingerprints

    @property
    def fusion(self) -> Fusion:
        """The weights that scores come from."""
        return self._parts.fusion

    def profile(self, nct_id: str) -> Profile:
        """Return the profile of a trial, without its texts.

        Raises
        ------
        UnknownTrialError
        """
        return self._parts.profile(self._searcher.row(nct_id))

    def rank(
        self,
        nct_id: str,
        k: int = 10,
        *,
        weights: Mapping[str, float] | None = None,
        allowed: Container[str] | None = None,
        reasons: bool = True,
    ) -> list[Kin]:
        """Return the closest trials to one of the index, best first.

        Parameters
        ----------
        nct_id : str
            The query; never its own kin.
        k : int
            At most this many.
        weights : mapping, optional
            Facet -> how many times its usual weight it gets, see `Fusion.score`.
        allowed : container of str, optional
            NCT ids to choose from; all by default.
        reasons : bool, optional
            Whether to compare facts and say why; without, long lists come faster.

        Raises
        ------
        UnknownTrialError
            If the index has no such trial; the nearest ids are named.
        RecordError
            If a facet or weight is not valid.
        """
        row = self._searcher.row(nct_id)
        query = self._parts.stated(row) if reasons else None
        return self._ranked(query, self.table.row(row), k, weights, allowed, without=row)

    def explain(
        self, nct_id: str, other: str, *, weights: Mapping[str, float] | None = None
    ) -> Kin:
        """Compare two trials of the index; the rank is 1.

        Raises
        ------
        UnknownTrialError
            If the index lacks one of them.
        """
        row, at = self._searcher.row(nct_id), self._searcher.row(other)
        query, encoded = self._parts.stated(row), self.table.row(row)
        return self._ranked(query, encoded, 1, weights, {self.nct_ids[at]}, without=None)[0]

    def rank_profile(
        self,
        profile: Profile,
        k: int = 10,
        *,
        encoder: Encoder,
        model: KinModel | None = None,
        weights: Mapping[str, float] | None = None,
        allowed: Container[str] | None = None,
    ) -> list[Kin]:
        """Return the closest trials to a profile that need not be in the index.

        Parameters
        ----------
        profile : Profile
            If the index holds a trial of the same id, that one is left out.
        k, weights, allowed
            As in `rank`.
        encoder : Encoder
            The one that made the index.
        model : KinModel, optional
            The one that made the index; by default the encoder's own.

        Raises
        ------
        EncoderError
            If encoder or model is not the one that made the index: vectors of two encoders
            cannot be compared.
        """
        chosen = same_model(self._parts, encoder, model)
        maker = ProfileEncoder(encoder, chosen, self._parts.tables)
        encoded = maker.encode(profile)
        own = self._parts.row_of(profile.nct_id)
        return self._ranked(Stated.of(profile), encoded, k, weights, allowed, without=own)

    def scores(
        self, nct_id: str, *, weights: Mapping[str, float] | None = None
    ) -> NDArray[np.float64]:
        """Return the score of every trial of the index against one, in the order of `nct_ids`."""
        row = self._searcher.row(nct_id)
        return score_rows(self._parts, self.table.row(row), None, weights).scores

    def _ranked(
        self,
        query: Stated | None,
        encoded: EncodedProfile,
        k: int,
        weights: Mapping[str, float] | None,
        allowed: Container[str] | None,
        *,
        without: int | None,
    ) -> list[Kin]:
        ranked = self._searcher.exact(encoded, k, weights=weights, allowed=allowed, without=without)
        return [] if ranked is None else explained(self._parts, ranked, query)
