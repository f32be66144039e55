"""`FileList`: the files of a generation, by which a copy of it is fetched and checked."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from kg.manifest import GRAPH_FOLDER, MANIFEST_FILE, Manifest
from ontology.errors import ReplicaError, StoreError

LIST_FILE = "files.json"
"""In the folder of a generation that can be fetched."""
PULLED_FILE = "pulled.json"
"""In the folder of a generation that was fetched; belongs to the copy, so it is in no list."""
LIST_VERSION = 1
MAX_LIST_BYTES = 64 << 20
MAX_FILES = 100_000
MAX_FILE_BYTES = 1 << 43
_LEAST_BLOCK_BYTES = 16 << 10
_MOST_BLOCKS = 1 << 16
"""Files that are changed in place tell the digest of each block, so that only blocks that differ
need be fetched; 7.5 GB, the records of 580,000 trials, are cut into 57,000 and make 2 MB of the
list. Of a database of 21 MB in which 20 of 1,536 trials have changed, 3.7 MB of blocks differ."""
_BLOCK_DIGITS = 32
"""Hexadecimal digits of a block's sha256 that are kept: the file's own is checked at the end."""
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# RocksDB's diary, and the file by which it locks a folder for writing: neither is data.
_LEFT_OUT = re.compile(rf"{GRAPH_FOLDER}/(LOG(\..*)?|LOCK)")


class ListedFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file: path below the generation's folder, bytes, sha256, and digests of its blocks.

    `blocks` has 32 hexadecimal digits a block of `block_size` bytes; both are empty for a file of
    the graph, which is never changed in place, and for one of a single block.
    """

    path: str
    size: int
    sha256: str
    block_size: int = 0
    blocks: str = ""

    @property
    def block_count(self) -> int:
        """The number of blocks that are told, 0 if none are."""
        return -(-self.size // self.block_size) if self.block_size else 0

    def block(self, number: int) -> str:
        """Return the digest of a block, from 0 on."""
        return self.blocks[number * _BLOCK_DIGITS : (number + 1) * _BLOCK_DIGITS]


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    """All files of a generation, sorted by path."""

    list_version: int = LIST_VERSION
    format_version: int
    software_version: str
    generation: int
    built_at: str
    files: tuple[ListedFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def check_name(path: str) -> str:
    """Return the path of a listed file if it is one that a generation may have.

    Raises
    ------
    ReplicaError
        If it is absolute, leads out of the folder, is hidden, longer than three names of 100
        characters, or has other characters than ASCII letters, digits, ``_``, ``.`` and ``-``.
    """
    names = path.split("/")
    if len(names) > 3 or not all(map(_SEGMENT.fullmatch, names)):
        raise ReplicaError(f"{path[:200]!r} is no name of a file of a generation.")
    if path in (LIST_FILE, PULLED_FILE):
        raise ReplicaError(f"{path!r} cannot be in a list of files.")
    return path


def parse_list(raw: bytes, generation: int) -> FileList:
    """Read a list that came from elsewhere; nothing in it is believed.

    Parameters
    ----------
    raw : bytes
    generation : int
        The one that it should be of.

    Raises
    ------
    ReplicaError
        If it is no list of that generation, or names or sizes in it are not allowed.
    """
    try:
        version = msgspec.json.decode(raw).get("list_version")
        if version != LIST_VERSION:
            raise ReplicaError(f"The list of files has version {version}, not {LIST_VERSION}.")
        found = msgspec.json.decode(raw, type=FileList)
    except (msgspec.DecodeError, AttributeError, RecursionError) as error:
        raise ReplicaError(f"The list of files is damaged ({error}).") from error
    if found.generation != generation:
        raise ReplicaError(
            f"The list of generation {generation} is one of generation {found.generation}."
        )
    if len(found.files) > MAX_FILES:
        raise ReplicaError(f"The list has {len(found.files):,} files, more than {MAX_FILES:,}.")
    # Some file systems take letters of either case for the same.
    seen: set[str] = set()
    for file in found.files:
        _check_file(file)
        if file.path.lower() in seen:
            raise ReplicaError(f"{file.path!r} is listed twice.")
        seen.add(file.path.lower())
    for path in seen:
        if any(str(above) in seen for above in Path(path).parents):
            raise ReplicaError(f"{path!r} lies in what is a file itself.")
    if MANIFEST_FILE not in seen:
        raise ReplicaError(f"The list has no {MANIFEST_FILE}.")
    return found


def _check_file(file: ListedFile) -> None:
    check_name(file.path)
    if not 0 <= file.size <= MAX_FILE_BYTES:
        raise ReplicaError(f"{file.path} is said to have {file.size:,} bytes.")
    if _SHA256.fullmatch(file.sha256) is None:
        raise ReplicaError(f"{file.path} has no sha256 in the list.")
    is_cut_small = 0 < file.block_size < _LEAST_BLOCK_BYTES
    if is_cut_small or len(file.blocks) != file.block_count * _BLOCK_DIGITS:
        raise ReplicaError(f"{file.path} has not as many blocks in the list as in its size.")


def write_list(folder: Path, earlier: Iterable[Path] = ()) -> FileList:
    """Write the list of a generation that is otherwise whole; one that is there stays.

    Parameters
    ----------
    folder : Path
    earlier : iterable of Path
        Folders of other generations: of files that are the same as theirs, by hard links, their
        lists tell the sha256, so only new ones are read.

    Raises
    ------
    StoreError
        If the generation holds a file of an odd name.
    """
    path = folder / LIST_FILE
    manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
    if path.exists():
        found = read_list(folder)
        if found.generation == manifest.generation:  # else it was copied along
            return found
    known = dict(_known(earlier))
    made = FileList(
        format_version=manifest.format_version,
        software_version=manifest.software_version,
        generation=manifest.generation,
        built_at=manifest.built_at,
        files=tuple(_listed(folder, name, known) for name in _names(folder)),
    )
    write_whole(path, msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
    return made


def read_list(folder: Path) -> FileList:
    """Read the list of a generation of our own.

    Raises
    ------
    StoreError
        If there is none, or it is damaged.
    """
    try:
        return msgspec.json.decode((folder / LIST_FILE).read_bytes(), type=FileList)
    except (OSError, msgspec.DecodeError) as error:
        raise StoreError(f"{folder / LIST_FILE} cannot be read ({error}).") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    with open(waiting, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(waiting, path)


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name in (LIST_FILE, PULLED_FILE) or _LEFT_OUT.fullmatch(name):
            continue
        try:
            yield check_name(name)
        except ReplicaError as error:
            raise StoreError(f"{folder} cannot be offered: {error}") from error


def _known(folders: Iterable[Path]) -> Iterator[tuple[tuple[int, int, int], ListedFile]]:
    for folder in folders:
        if (folder / LIST_FILE).exists():
            for file in read_list(folder).files:
                try:
                    yield _identity(folder / file.path), file
                except FileNotFoundError:
                    continue


def _identity(path: Path) -> tuple[int, int, int]:
    """Return what is the same for two names of one file, and nothing else while both are there."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size


def _listed(
    folder: Path, name: str, known: Mapping[tuple[int, int, int], ListedFile]
) -> ListedFile:
    path = folder / name
    same = known.get(_identity(path))
    if same is not None:
        return msgspec.structs.replace(same, path=name)
    size = path.stat().st_size
    block_size = _block_size(size)
    is_cut = size > block_size and not name.startswith(f"{GRAPH_FOLDER}/")
    whole, blocks = hashlib.sha256(), []
    with open(path, "rb") as file:
        while chunk := file.read(block_size):
            whole.update(chunk)
            if is_cut:
                blocks.append(hashlib.sha256(chunk).hexdigest()[:_BLOCK_DIGITS])
    if not is_cut:
        return ListedFile(name, size, whole.hexdigest())
    return ListedFile(name, size, whole.hexdigest(), block_size, "".join(blocks))


def _block_size(size: int) -> int:
    """Return the bytes of a block: a power of two, so that it stays while a file grows a little."""
    block = _LEAST_BLOCK_BYTES
    while size > block * _MOST_BLOCKS:
        block *= 2
    return block
