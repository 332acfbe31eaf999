"""Stored files: their bytes in a folder, or in an S3 bucket (setting FILES_URL), each named by its SHA-256, and one row
of `file` for each. The same bytes twice are one file and one row.

The bytes are on the disk before the row is written, so no row names bytes that a power cut has taken; bytes without a
row harm nobody and are found by `check`. Bytes are deleted within a transaction, which is the only one at that time
(docs/decisions/0009-one-writer.md), so no row of the same bytes appears meanwhile (docs/decisions/0046-files.md).
"""

import errno
import hashlib
import io
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

import clock
from models import File, db
from rules.file_kinds import ENDS, PDF, kind_of, named
from workflows.atomic_file import PART, atomic_file, sync
from workflows.history import records
from workflows.refusals import Invalid, Refused

log = logging.getLogger("sonofolio")

CHUNK = 64 * 1024
# A bucket that does not answer keeps nobody waiting for minutes.
CLIENT: Any = {"connect_timeout": "5s", "timeout": "30s", "allow_http": True}
RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
LEFT_OVER = timedelta(hours=1)  # nobody writes one file for so long: its writer was killed


class MissingFile(Refused):
    """The bytes of a row are not there, or are not those that were stored (503 over HTTP)."""

    def __init__(self, sha256: str):
        super().__init__(
            "This file cannot be read just now. Tell whoever runs Sonofolio that "
            f"file {sha256[:12]} is missing or damaged."
        )


class ErasedFile(Refused):
    """The bytes were erased for good (410 over HTTP)."""

    def __init__(self) -> None:
        super().__init__("This file was erased: a text in it was hidden, as it may have named a patient.")


@dataclass(frozen=True)
class Written:
    """Bytes that are stored, without a row yet."""

    sha256: str
    bytes: int
    kind: str


class Store(Protocol):
    """Where bytes are. Every method raises OSError when the store does not work; FileNotFoundError for no such name."""

    def write(self, name: str, content: BinaryIO) -> None: ...
    def open(self, name: str) -> Any: ...
    def size(self, name: str) -> int: ...
    def delete(self, name: str) -> None: ...
    def names(self) -> Iterator[tuple[str, datetime]]: ...


class Folder:
    """Files in a folder, readable by its owner alone. A file has its name once it is whole, and on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in path.glob(f"*{PART}"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < (clock.now() - LEFT_OVER).timestamp():
                    part.unlink()

    def write(self, name: str, content: BinaryIO) -> None:
        target = self.path / name
        with atomic_file(target, self.path) as file:
            shutil.copyfileobj(content, file, CHUNK)
            target.parent.mkdir(mode=0o700, exist_ok=True)
        sync(self.path)

    def open(self, name: str) -> BinaryIO:
        return (self.path / name).open("rb")

    def size(self, name: str) -> int:
        return (self.path / name).stat().st_size

    def delete(self, name: str) -> None:
        (self.path / name).unlink()

    def names(self) -> Iterator[tuple[str, datetime]]:
        for path in self.path.glob("??/*"):
            with suppress(FileNotFoundError):
                yield f"{path.parent.name}/{path.name}", datetime.fromtimestamp(path.stat().st_mtime, UTC)


class ObjectStore:
    """Files in an object store of the package obstore, such as an S3 bucket. One has its name once it is whole."""

    def __init__(self, objects: Any) -> None:
        self.objects = objects

    def write(self, name: str, content: BinaryIO) -> None:
        self._do("put", name, content)

    def open(self, name: str) -> Any:
        return self._do("open_reader", name)

    def size(self, name: str) -> int:
        return self._do("head", name)["size"]

    def delete(self, name: str) -> None:
        self._do("delete", name)

    def names(self) -> Iterator[tuple[str, datetime]]:
        for some in self._do("list"):
            yield from ((one["path"], one["last_modified"]) for one in some)

    def _do(self, verb: str, *given: Any) -> Any:
        import obstore

        try:
            return getattr(obstore, verb)(self.objects, *given)
        except FileNotFoundError:
            raise
        except (obstore.exceptions.BaseError, OSError) as fault:
            log.error("files: %s: %s", verb, str(fault).partition("\n")[0])
            raise OSError(errno.EIO, "the object store does not answer") from fault


_used: list[Store] = []


def use(url: str, instance: Path) -> None:
    """Keep files there from now on: `file:///folder`, `s3://bucket/prefix`, or "" for `files` in the instance folder.
    Raises OSError: the folder cannot be made. ValueError: the object store cannot be used so.
    """
    _used[:] = [_store_of(url, instance)]


def _store_of(url: str, instance: Path) -> Store:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        try:
            return ObjectStore(from_url(url, client_options=CLIENT, retry_config=RETRY))
        except BaseError as fault:
            raise ValueError(str(fault).partition("\n")[0]) from fault
    return Folder(Path(unquote(parts.path)) if url else instance / "files")


def write(content: bytes | BinaryIO, *, kinds: Sequence[str] = (PDF,), field: str = "file") -> Written:
    """Store bytes of one of these kinds; the row is `store`'s to write, which does both where time does not matter.
    Outside a transaction: nobody waits behind a slow disk or network.

    Args:
        content: the bytes, or a file that can be read and wound back.
        kinds: media types of rules/file_kinds.py that are taken.
        field: of the form, beside which a refusal is shown.

    Raises Invalid: it is empty or of another kind; nothing is stored then. OSError: it cannot be stored, as on a full
    disk; nothing of it is left.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    kind = check_kind(file, kinds, field)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    size = file.tell()
    file.seek(0)
    _used[0].write(name_of(digest.hexdigest()), file)
    return Written(digest.hexdigest(), size, kind)


def check_kind(file: BinaryIO, kinds: Sequence[str], field: str = "file") -> str:
    """The media type of a file, by its content; the file is wound back.
    Raises Invalid: it is empty, or of none of these kinds.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - ENDS, 0))
    end = file.read()
    file.seek(0)
    beginning = file.read(ENDS)
    file.seek(0)
    if not size:
        raise Invalid({field: ["This file is empty. Choose another."]})
    kind = kind_of(beginning, end)
    if kind not in kinds:
        raise Invalid({field: [f"This is no {named(kinds)} file, whatever its name says, or it is cut off."]})
    return str(kind)


def store(
    content: bytes | BinaryIO | Written, *, at: datetime, kinds: Sequence[str] = (PDF,), field: str = "file"
) -> File:
    """The row of these bytes, which are stored first unless `write` has done so. Within the transaction of an action.
    Raises as `write`. Invalid also when these very bytes were erased here; OSError when what was written has been
    deleted meanwhile.
    """
    stored = content if isinstance(content, Written) else write(content, kinds=kinds, field=field)
    if _used[0].size(name_of(stored.sha256)) != stored.bytes:
        raise OSError(errno.EAGAIN, "the file has changed meanwhile")
    known = File.get_or_none(File.sha256 == stored.sha256)
    if known is not None and known.erased_at is not None:
        raise Invalid({field: ["This file holds a text that was hidden here, as it may have named a patient."]})
    return known or records.create(File, **vars(stored), made_at=at)


def put_back(sha256: str, content: BinaryIO) -> None:
    """Store bytes that a backup holds, and that were compared with this hash.
    Raises OSError: they cannot be stored; nothing of them is left.
    """
    _used[0].write(name_of(sha256), content)


def release(file: File) -> None:
    """Delete the row of a file that no other row refers to any more, within the transaction that has deleted what did.
    When that is over, `discard` deletes the bytes: an action that does not happen loses none.
    """
    if not any(model.select().where(key == file).exists() for key, model in File._meta.backrefs.items()):
        records.write(File.delete().where(File.id == file.id))


def is_stored(sha256: str) -> bool:
    """Whether the store has bytes of this hash, or cannot say that it has none."""
    try:
        _used[0].size(name_of(sha256))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def discard(*hashes: str) -> None:
    """Delete bytes that have no row, or whose row says that they are erased. Outside a transaction of the caller. What
    the store does not delete now, the command check-files names later: the action before it is done and stays done.
    """
    for sha256 in hashes:
        try:
            with db.atomic():
                if not File.select().where(File.sha256 == sha256, File.erased_at.is_null()).exists():
                    with suppress(FileNotFoundError):
                        _used[0].delete(name_of(sha256))
        except OSError as fault:
            log.error("files: %s was not deleted: %s", sha256, fault)


def read(file: File) -> Iterator[bytes]:
    """The bytes of a file, in pieces. Whether they are those that were stored is seen before the first is given: what
    has been sent cannot be taken back.
    Raises ErasedFile: they were erased. MissingFile: at once, when they are not there or not the same.
    """
    if file.erased_at is not None:
        raise ErasedFile()
    if (wrong := _fault(file.sha256, file.bytes)) is not None:
        log.error("files: %s is %s", file.sha256, wrong)
        raise MissingFile(file.sha256)
    return _chunks(file.sha256)


def _chunks(sha256: str) -> Iterator[bytes]:
    stored = _used[0].open(name_of(sha256))
    try:
        while chunk := bytes(stored.read(CHUNK)):
            yield chunk
    finally:
        stored.close()


def _fault(sha256: str, size: int) -> str | None:
    """ "missing" or "changed"; None when these bytes are there as they were stored."""
    digest = hashlib.sha256()
    try:
        if _used[0].size(name_of(sha256)) != size:
            return "changed"
        for chunk in _chunks(sha256):
            digest.update(chunk)
    except FileNotFoundError:
        return "missing"
    return None if digest.hexdigest() == sha256 else "changed"


def name_of(sha256: str) -> str:
    """Where the bytes with this hash are: "ab/ab12..."."""
    return f"{sha256[:2]}/{sha256}"


def check(now: datetime) -> Iterator[str]:
    """What differs between rows and stored bytes, a line each: missing, changed, or without a row for an hour."""
    known = set()
    for sha256, size in list(
        File.select(File.sha256, File.bytes).where(File.erased_at.is_null()).order_by(File.id).tuples()
    ):
        known.add(name_of(sha256))
        if wrong := _fault(sha256, size):
            yield f"{sha256}: {wrong}"
    for name, written_at in _used[0].names():
        if name not in known and written_at < now - LEFT_OVER:
            yield f"{name}: no record refers to it"
