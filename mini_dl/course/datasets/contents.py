"""From the bytes of a file to its content: unpack in memory, check the sha256, trust no name and no length.

Nothing here writes to the disk, and nothing is unpickled.
"""

import gzip
import hashlib
import io
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import Literal


class DamagedError(ValueError):
    """These bytes are not the file they should be; the message says what is wrong with them."""


@dataclass(frozen=True)
class File:
    """A file of known content.

    `path` is its place in a data folder; `size` and `sha256` are those of its uncompressed content, so that a
    copy packed anew is the same file; `member` is its name in the archive it is published in.
    """

    path: str
    size: int
    sha256: str
    member: str = ""

    @property
    def name(self) -> str:
        """Name of the content: the last part of the path, without .gz."""
        return self.path.rsplit("/", 1)[-1].removesuffix(".gz")


@dataclass(frozen=True)
class Download:
    """One thing to download: a file, a zip archive with files, or a tar archive of recordings.

    `path` is where it is kept in a data folder; `size` (roughly) and `sha256` are those of the download
    itself (no sha256 where the publisher packs it anew on request); `urls` are the official addresses in the
    order they are tried; `language` is set where a data set has one download for each language.
    """

    path: str
    size: int
    sha256: str
    urls: tuple[str, ...]
    files: tuple[File, ...]
    kind: Literal["file", "zip", "recordings"] = "file"
    language: str = ""


def content_of(raw: bytes, file: File) -> bytes:
    """Uncompress `raw` if it is gzip, and return it if it is the content of `file`.

    Raises
    ------
    DamagedError
        If it is not.

    Examples
    --------
    >>> hello = File("hello.txt", 5, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    >>> content_of(b"hello", hello)
    b'hello'
    >>> content_of(b"hell", hello)
    Traceback (most recent call last):
    ...
    mini_dl.course.datasets.contents.DamagedError: 4 bytes where 5 belong
    """
    if raw[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as unpacked:
                raw = unpacked.read(file.size + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise DamagedError(f"{len(raw):,} bytes of gzip that cannot be unpacked ({error})") from error
    return _checked(raw, file)


def _checked(content: bytes, file: File) -> bytes:
    if len(content) != file.size:
        more = "more than " if len(content) > file.size else ""
        shown = min(len(content), file.size)
        raise DamagedError(f"{more}{shown:,} bytes where {file.size:,} belong")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != file.sha256:
        raise DamagedError(f"sha256 {sha256[:12]}… where {file.sha256[:12]}… belongs")
    return content


def unpack(raw: bytes, download: Download) -> dict[str, bytes]:
    """Return the contents of a download by name, all of them checked.

    Raises
    ------
    DamagedError
        If one of the files is missing in it or is not what it should be.
    """
    if download.kind == "file":
        (file,) = download.files
        return {file.name: content_of(raw, file)}
    if download.kind == "zip":
        return _unzip(raw, download)
    return _untar_recordings(raw, download)


def _unzip(raw: bytes, download: Download) -> dict[str, bytes]:
    contents = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for file in download.files:
                with archive.open(file.member) as member:
                    contents[file.name] = _checked(member.read(file.size + 1), file)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, NotImplementedError, zlib.error) as error:
        raise DamagedError(f"{len(raw):,} bytes that are not the zip archive expected ({error})") from error
    return contents


_RECORDING = re.compile(r"(?:^|/)recordings/(\d_[a-z]+_\d+\.wav)$")


def _untar_recordings(raw: bytes, download: Download) -> dict[str, bytes]:
    """Read the recordings of a tar archive; names serve as keys only, so none can lead out of a folder.

    GitHub packs the archive anew on request: what is checked is the list of the recordings' own sha256, as
    `sha256sum recordings/*.wav` prints it.
    """
    (listing,) = download.files
    contents: dict[str, bytes] = {}
    budget = listing.size
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r|*") as archive:
            for member in archive:
                recording = _RECORDING.search(member.name)
                if recording is None or not member.isreg():
                    continue
                budget -= member.size
                stream = archive.extractfile(member)
                if budget < 0 or stream is None:
                    raise DamagedError(f"recordings of more than {listing.size:,} bytes")
                contents[recording[1]] = stream.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DamagedError(f"{len(raw):,} bytes that are not the tar archive expected ({error})") from error
    lines = [
        f"{hashlib.sha256(contents[name]).hexdigest()}  recordings/{name}\n" for name in sorted(contents)
    ]
    sha256 = hashlib.sha256("".join(lines).encode()).hexdigest()
    if sha256 != listing.sha256:
        raise DamagedError(
            f"{len(contents):,} recordings with the combined sha256 {sha256[:12]}… "
            f"where {listing.sha256[:12]}… belongs"
        )
    return contents
