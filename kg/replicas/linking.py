"""`Here`: files of generations that are here already, so that they need not be fetched."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from kg.replicas.fetching import Earlier
from kg.replicas.file_list import LIST_FILE, FileList, ListedFile, read_list
from kg.store import Store


@dataclass(frozen=True, slots=True)
class Here:
    """What the generations of a store hold.

    Attributes
    ----------
    by_sha256 : dict
        sha256 to where such a file is.
    published : dict
        Path below the folder of the published generation to the file.
    """

    by_sha256: dict[str, Path]
    published: dict[str, Earlier]

    @classmethod
    def of(cls, store: Store, *, without: int) -> Here:
        """Look through the generations that have lists; of others nothing is known.

        Parameters
        ----------
        store : Store
        without : int
            The number of a generation that is going to be discarded, if it is here.
        """
        by_sha256: dict[str, Path] = {}
        published: dict[str, Earlier] = {}
        current = store.published_number()
        for number in store.generation_numbers():
            folder = store.folder(number)
            if number == without or not (folder / LIST_FILE).exists():
                continue
            for file in read_list(folder).files:
                path = folder / file.path
                if not path.is_file() or path.stat().st_size != file.size:
                    continue  # damaged; it is fetched again
                by_sha256[file.sha256] = path
                if number == current:
                    published[file.path] = Earlier(file, path)
        return cls(by_sha256, published)

    def path(self, file: ListedFile) -> Path | None:
        """Return where a file of this content is, None if nowhere."""
        return self.by_sha256.get(file.sha256)

    def earlier(self, path: str) -> Earlier | None:
        """Return what the published generation has under a path."""
        return self.published.get(path)

    def missing(self, listed: FileList) -> list[ListedFile]:
        """Return the files that are not here, each content once."""
        found = {file.sha256: file for file in listed.files if file.sha256 not in self.by_sha256}
        return list(found.values())


def link(source: Path, target: Path) -> None:
    """Give a file a second name; copy it where the file system knows no such thing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
