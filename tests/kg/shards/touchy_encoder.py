"""Encoders that travel to other processes, and misbehave there at a word."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.conftest import WordEncoder

DEADLY, BREAKING = "deadlyword", "breakingword"


@dataclass
class TouchyEncoder(WordEncoder):
    """Ends its process at one word, raises at another.

    `once` names a file: if it is there, it is taken away and the process ends at the next text.
    """

    once: Path | None = None

    def encode_document(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.once is not None and self.once.exists():
            self.once.unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)
        for text in texts:
            if DEADLY in text:
                os.kill(os.getpid(), signal.SIGKILL)
            if BREAKING in text:
                raise ZeroDivisionError(BREAKING)
        return super().encode_document(texts)
