"""The file of a backup: a tar archive, compressed with gzip, encrypted with age where a recipient is set.

So it can be opened without Sonofolio too: `age -d -i key.txt FILE | tar -xz`. The manifest is its first member.
"""

import errno
import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from workflows.atomic_file import atomic_file
from workflows.backup import manifest as manifests
from workflows.backup.manifest import Manifest, Unreadable
from workflows.refusals import Refused

CHUNK = 256 * 1024
_AGE, _GZIP = b"age-encryption.org/v1", b"\x1f\x8b"
_LONGEST_MANIFEST = 64 * 1024 * 1024
_CUT_OFF = "This backup is cut off or damaged: it cannot be read to its end."
_Each = Callable[[int], object]


class Pieces(io.RawIOBase):
    """Pieces of bytes as a file that can be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self.pieces, self.left = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.left:
            piece = next(self.pieces, None)
            if piece is None:
                return 0
            self.left = piece
        size = min(len(buffer), len(self.left))
        buffer[:size], self.left = self.left[:size], self.left[size:]
        return size


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file to write that has its name once it is whole and on the disk; else nothing of it is left. Mode 0600.
    Raises Refused: there is no room for it, or it cannot be written.
    """
    try:
        with atomic_file(target) as file:
            yield file
    except OSError as fault:
        is_full = fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        why = f"There is no room for {target}" if is_full else f"{target} cannot be written: {fault.strerror or fault}"
        raise Refused(f"{why}. Nothing is left of it.") from fault


def write(file: BinaryIO, manifest: Manifest, opened: Mapping[str, Callable[[], BinaryIO]], each: _Each) -> None:
    """Write an archive without encryption.

    Args:
        opened: gives the bytes of each member that the manifest names.
        each: called with a number of bytes after those were read, for a progress bar.
    """
    # Quick rather than small: what is large in it, the PDFs, is compressed already.
    with (
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        text = manifest.model_dump_json(indent=1).encode()
        _add(tar, manifests.NAME, len(text), io.BytesIO(text), manifest)
        for name, member in manifest.members.items():
            with opened[name]() as content:
                _add(tar, name, member.bytes, content, manifest)
            each(member.bytes)


def _add(tar: tarfile.TarFile, name: str, size: int, content: BinaryIO, manifest: Manifest) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(manifest.made_at.timestamp())
    tar.addfile(info, content)


def encrypt(plain: Path, file: BinaryIO, recipients: list[pyrage.x25519.Recipient]) -> None:
    """Write what is in `plain` into `file`, for those who have the key of one of these recipients.
    Raises OSError: it cannot be written.
    """
    try:
        with plain.open("rb") as content:
            pyrage.encrypt_io(content, file, recipients)
    except pyrage.EncryptError as fault:  # it keeps of an error in writing only the words
        number = errno.ENOSPC if "Errno 28" in str(fault) else errno.EIO
        raise OSError(number, str(fault)) from fault


def identities(file: Path | None) -> list[pyrage.x25519.Identity]:
    """The keys in a file that `age-keygen` writes. Raises Refused: there is none in it."""
    if file is None:
        return []
    words = file.read_text(errors="replace").split()
    try:
        found = [pyrage.x25519.Identity.from_str(word) for word in words if word.startswith("AGE-SECRET-KEY-1")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Refused(f"{file} holds no key of age, which begins AGE-SECRET-KEY-1.")
    return found


def read(
    backup: Path,
    folder: Path,
    keys: list[pyrage.x25519.Identity],
    accept: Callable[[Manifest], object],
    each: _Each = lambda size: None,
    *,
    stored: bool = True,
) -> Manifest:
    """Unpack a backup into a folder, every member under the last part of its name, and compare each with the manifest.

    Args:
        accept: called with the manifest before anything else is unpacked; raises when it is not to be.
        stored: whether the stored files are kept in the folder; they are compared in any case.
        each: called with a number of bytes after those were unpacked, for a progress bar.

    Raises Unreadable: it is not a backup, cut off, changed, or encrypted for another key. Refused: what `accept`
    raises, or there is no room.
    """
    try:
        with backup.open("rb") as file:
            begin = file.read(len(_AGE))
            file.seek(0)
            if begin.startswith(_GZIP):
                return _unpack(file, folder, accept, each, stored)
            if begin != _AGE:
                raise Unreadable(f"{backup.name} is not a backup of Sonofolio.")
            with _decrypted(file, folder, keys) as plain:
                return _unpack(plain, folder, accept, each, stored)
    except (EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile):
        raise Unreadable(_CUT_OFF) from None
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(f"There is no room to unpack the backup in {folder}.") from fault
        raise Refused(f"The backup cannot be unpacked: {fault.strerror or fault}.") from fault


@contextmanager
def _decrypted(file: BinaryIO, folder: Path, keys: list[pyrage.x25519.Identity]) -> Iterator[BinaryIO]:
    """What is in an encrypted file, in a temporary file."""
    if not keys:
        raise Unreadable("This backup is encrypted: name the file with its key, --identity KEYFILE.")
    plain = folder / "decrypted"
    try:
        with plain.open("wb") as target:
            pyrage.decrypt_io(file, target, keys)
        with plain.open("rb") as content:
            yield content
    except pyrage.DecryptError as fault:
        wrong = "No matching keys" in str(fault)
        raise Unreadable("This key does not open this backup: it is another one's." if wrong else _CUT_OFF) from None
    except OSError as fault:
        if str(fault) == "decryption error":
            raise Unreadable(_CUT_OFF) from None
        raise
    finally:
        plain.unlink(missing_ok=True)


def _unpack(file: BinaryIO, folder: Path, accept: Callable[[Manifest], object], each: _Each, stored: bool) -> Manifest:
    with gzip.GzipFile(fileobj=file) as zipped:
        with _opened(zipped) as tar:
            first = tar.next()
            if first is None or first.name != manifests.NAME or not first.isreg() or first.size > _LONGEST_MANIFEST:
                raise Unreadable("This is not a backup of Sonofolio: it does not begin with a manifest.")
            manifest = manifests.of_json(_content(tar, first).read())
            accept(manifest)
            left = dict(manifest.members)
            while (info := tar.next()) is not None:
                stated = left.pop(info.name, None)
                if stated is None or not info.isreg() or info.size != stated.bytes:
                    raise Unreadable(f"This backup was changed: {info.name[:80]!r} is not as its manifest says.")
                is_kept = stored or not info.name.startswith("files/")
                with (folder / Path(info.name).name if is_kept else Path(os.devnull)).open("wb") as target:
                    found = _copy(_content(tar, info), target, each)
                if found != stated.sha256:
                    raise Unreadable(f"This backup was changed: {info.name} is not what was backed up.")
        while zipped.read(CHUNK):  # to the end, where the checksum is
            pass
    if left:
        raise Unreadable(_CUT_OFF)
    return manifest


def _opened(zipped: gzip.GzipFile) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=zipped, mode="r|")
    except tarfile.ReadError:
        raise Unreadable("This is not a backup of Sonofolio: it is no archive.") from None


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Any:
    content = tar.extractfile(info)
    if content is None:
        raise Unreadable(f"This backup was changed: {info.name[:80]!r} is not a file.")
    return content


def _copy(source: BinaryIO, target: BinaryIO, each: _Each = lambda size: None) -> str:
    """Copy, and return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        target.write(chunk)
        each(len(chunk))
    return digest.hexdigest()


def member_of(file: Path) -> manifests.Member:
    """What the manifest says of this file."""
    with file.open("rb") as content, Path(os.devnull).open("wb") as nowhere:
        digest = _copy(content, nowhere)
    return manifests.Member(bytes=file.stat().st_size, sha256=digest)
