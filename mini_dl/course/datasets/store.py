"""Where files are kept, how they get there, and why a file that is found can be believed.

A file is looked for in the folder named by `MINI_DL_DATA`, then in the cache folder; it counts only if its
content has the right sha256. A download stays in memory until it is complete and checked; only then is it
written, under another name in the same folder, and renamed: half a file is never where it is believed.
"""

import contextlib
import os
import secrets
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from .contents import DamagedError, Download, content_of, unpack

CONNECT_SECONDS = 5.0  # to reach one address of a server
ANSWER_SECONDS = 10.0  # until the first byte, whatever the reason for waiting
STALL_SECONDS = 20.0  # between two pieces of a download that has begun
SILENCE_SECONDS = 20.0  # for all servers together, while none has sent a byte
LOCK_SECONDS = 600.0  # for another process that is downloading the same
CHUNK = 1 << 13  # bytes; small, so that a slow line is seen to be alive
BAR_SECONDS = 1.0  # before a progress bar appears
STALE_SECONDS = 3600.0  # after which an unfinished file of a killed process is removed

_in_memory: dict[str, bytes] = {}  # downloads that could not be kept in any folder


class DownloadError(RuntimeError):
    """A download failed; `reasons` has a line for each address, `damaged` one for each damaged file here."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons, self.damaged = reasons, list[str]()


def say(line: str) -> None:
    """Print one line to the learner, even where the console cannot show every letter."""
    line = f"mini_dl data: {line}"
    try:
        print(line, flush=True)
    except UnicodeEncodeError:
        print(line.encode("ascii", "backslashreplace").decode(), flush=True)


def own_folder() -> Path | None:
    """Return the folder that the reader named with `MINI_DL_DATA`, if any."""
    named = os.environ.get("MINI_DL_DATA", "").strip()
    return Path(named).expanduser().absolute() if named else None


def cache_folder() -> Path:
    """Return the platform's usual place for such files."""
    import pooch

    return Path(pooch.os_cache("mini_dl"))


def folders() -> Iterator[Path]:
    """Give all folders, in the order in which files are looked for and kept."""
    own = own_folder()
    if own is not None:
        yield own
    yield cache_folder()


# ---------------------------------------------------------------- finding


def _read(path: Path) -> bytes | None:
    """Return the bytes of a file, None if there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DamagedError(f"cannot be read ({error.strerror or error})") from error


def _find_files(folder: Path, download: Download) -> dict[str, bytes] | None:
    """Look for the files themselves; a browser may have taken .gz off on the way."""
    contents: dict[str, bytes] = {}
    for file in download.files:
        for path in dict.fromkeys((file.path, file.path.removesuffix(".gz"))):
            raw = _read(folder / path)
            if raw is None:
                continue
            try:
                if download.kind == "recordings":
                    contents |= unpack(raw, download)
                else:
                    contents[file.name] = content_of(raw, file)
            except DamagedError as error:
                raise DamagedError(f"{folder / path} is damaged: {error}") from error
            break
        else:
            return None
    return contents


def _find_download(folder: Path, download: Download) -> dict[str, bytes] | None:
    """Look for the download as its publisher packs it."""
    raw = _read(folder / download.path)
    if raw is None:
        return None
    try:
        return unpack(raw, download)
    except DamagedError as error:
        raise DamagedError(f"{folder / download.path} is damaged: {error}") from error


def find(download: Download) -> tuple[dict[str, bytes] | None, list[str]]:
    """Look for a download on this machine.

    Returns
    -------
    contents : dict from name to bytes, or None
        Complete, and checked at every call.
    damaged : list of str
        A sentence on each damaged file met before.
    """
    damaged: list[str] = []
    for folder in folders():
        for look in (_find_files, _find_download):
            if look is _find_download and download.path == download.files[0].path:
                continue
            try:
                contents = look(folder, download)
            except DamagedError as error:
                damaged.append(str(error))
                continue
            if contents is not None:
                return contents, damaged
    if download.path in _in_memory:
        return unpack(_in_memory[download.path], download), damaged
    return None, damaged


# ---------------------------------------------------------------- downloading


class _Sink:
    """What a download is written to: memory, up to a limit, until the waiting thread has had enough."""

    def __init__(self, limit: int) -> None:
        self.data, self.limit = bytearray(), limit
        self.last, self.stopped = time.monotonic(), False

    def write(self, chunk: bytes) -> int:
        if self.stopped:
            raise ConnectionAbortedError("given up")
        if len(self.data) + len(chunk) > self.limit:
            raise ConnectionAbortedError(f"more than {self.limit:,} bytes")
        self.data += chunk
        self.last = time.monotonic()
        return len(chunk)

    def flush(self) -> None:
        """Memory needs no flushing; pooch asks for it after each piece."""


def _reason(error: BaseException, received: int) -> str:
    """Say in a few words why a download failed."""
    import requests

    response = getattr(error, "response", None)
    if isinstance(error, requests.HTTPError) and response is not None:
        return f"the server answers {response.status_code} {response.reason}"
    said = str(error)
    if received:
        return f"broke off after {received:,} bytes ({type(error).__name__})"
    if isinstance(error, requests.Timeout):
        return "no answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection (a filter in between, or a wrong clock?)"
    if isinstance(error, requests.ConnectionError):
        if any(sign in said for sign in ("NameResolution", "getaddrinfo", "resolve", "Name or service")):
            return "the server's name cannot be found (no network?)"
        if "refused" in said or "10061" in said:
            return "connection refused"
    return f"{type(error).__name__}: {said[:160]}"


def _fetch(url: str, download: Download, patience: float) -> bytes:
    """Download one address into memory with pooch, in a thread that can be left behind when nothing comes.

    Name look-up and connecting to each of a server's addresses have no common time limit of their own; hence
    the thread. A progress bar appears if it takes longer than a second.

    Raises
    ------
    DamagedError
        With the reason, whatever it was.
    """
    import pooch
    from tqdm.auto import tqdm

    sink = _Sink(limit=3 * download.size + 1_000_000)
    failures: list[Exception] = []

    def work() -> None:
        fetch = pooch.HTTPDownloader(chunk_size=CHUNK, timeout=(CONNECT_SECONDS, STALL_SECONDS))
        try:
            fetch(url, sink, None)
        except Exception as error:  # whatever it is, the waiting thread reports it
            failures.append(error)

    worker = threading.Thread(target=work, daemon=True, name=f"download {url}")
    name = download.path.rsplit("/", 1)[-1]
    bar = tqdm(total=download.size, desc=name, unit="B", unit_scale=True, leave=False, delay=BAR_SECONDS)
    begun = time.monotonic()
    try:
        worker.start()
        while True:
            worker.join(0.05)
            if not worker.is_alive():
                break
            bar.update(len(sink.data) - bar.n)
            now = time.monotonic()
            if not sink.data and now > begun + patience:
                raise DamagedError(f"no answer within {patience:.0f} s")
            if sink.data and now > sink.last + STALL_SECONDS:
                raise DamagedError(f"came to a halt after {len(sink.data):,} bytes")
    finally:
        sink.stopped = True
        bar.close()
    if failures:
        raise DamagedError(_reason(failures[0], len(sink.data))) from failures[0]
    return bytes(sink.data)


def _fetch_checked(download: Download) -> tuple[bytes, dict[str, bytes]]:
    """Try one address after the other; return the bytes and the contents of the first good answer.

    Raises
    ------
    DownloadError
        If no address gives the right content.
    """
    reasons = []
    silence = SILENCE_SECONDS
    for url in download.urls:
        begun = time.monotonic()
        if silence <= 0.5:
            reasons.append(f"{url}: not tried, no server had answered for {SILENCE_SECONDS:.0f} s")
            continue
        try:
            raw = _fetch(url, download, min(ANSWER_SECONDS, silence))
        except DamagedError as error:
            reasons.append(f"{url}: {error}")
            silence -= time.monotonic() - begun
            continue
        try:
            return raw, unpack(raw, download)
        except DamagedError as error:
            page = " (a web page: a log-in or a filter?)" if raw.lstrip()[:1] == b"<" else ""
            reasons.append(f"{url}: what came is not the file{page}: {error}")
            silence = SILENCE_SECONDS
    raise DownloadError(reasons)


# ---------------------------------------------------------------- keeping


def _refuse_if_read_only(folder: Path) -> None:
    """Leave a folder alone that is marked read-only, even if this user could write to it all the same."""
    if folder.is_dir() and not folder.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{folder} is marked read-only")


def put(raw: bytes, target: Path) -> None:
    """Write a file so that it is there completely or not at all.

    Raises
    ------
    OSError
        If the folder cannot be written to or the disk is full; nothing is left behind then.
    """
    for folder in (target.parent.parent, target.parent):
        _refuse_if_read_only(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                left.unlink()
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(raw)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def keep(raw: bytes, download: Download) -> Path | None:
    """Keep a checked download in the first folder that takes it; if none does, in memory, and say so."""
    problems = []
    for folder in folders():
        target = folder / download.path
        try:
            put(raw, target)
        except OSError as error:
            problems.append(f"{folder} ({error.strerror or error})")
            continue
        if problems:
            say(f"{download.path} is kept in {folder}, because it cannot be kept in {', '.join(problems)}.")
        return target
    _in_memory[download.path] = raw
    say(
        f"{download.path} cannot be kept in {' or '.join(problems)}: it stays in memory and will be "
        f"downloaded again next time. Free {download.size / 1e6:.0f} MB there, or set MINI_DL_DATA to a "
        "folder you can write to."
    )
    return None


@contextlib.contextmanager
def _alone(download: Download) -> Iterator[None]:
    """Let one process at a time download into a folder; the system frees the lock even of a killed one.

    Where nothing can be locked, two processes may download the same at once: each still puts a complete file
    in place, so the lock saves traffic and no more.
    """
    path = (next(folders()) / download.path).parent / ".lock"
    try:
        for folder in (path.parent.parent, path.parent):
            _refuse_if_read_only(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path, "a+b")  # noqa: SIM115  closed below, with the lock
    except OSError:
        yield
        return
    with lock:
        begun, said = time.monotonic(), False
        while not _try_lock(lock.fileno()):
            waited = time.monotonic() - begun
            if waited > LOCK_SECONDS:
                break
            if waited > 2 and not said:
                say(f"another process is downloading {download.path}; waiting for it.")
                said = True
            time.sleep(0.1)
        yield


def _try_lock(descriptor: int) -> bool:
    """Lock an open file for this process if no other has; True also where the file system knows no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


# ---------------------------------------------------------------- all together


def in_memory_only(download: Download) -> bool:
    """Say whether a download could be kept in no folder."""
    return download.path in _in_memory


def obtain(download: Download) -> dict[str, bytes]:
    """Return the contents of a download from this machine, or fetch it.

    Raises
    ------
    DownloadError
        If it is neither here nor to be had.
    """
    contents, damaged = find(download)
    if contents is not None:
        for sentence in damaged:
            say(f"{sentence}; using another copy.")
        return contents
    with _alone(download):
        contents, damaged = find(download)  # another process may have fetched it while this one waited
        if contents is not None:
            return contents
        for sentence in damaged:
            say(f"{sentence}; fetching it again.")
        try:
            raw, contents = _fetch_checked(download)
        except DownloadError as error:
            error.damaged = damaged
            raise
        target, own = keep(raw, download), own_folder()
        if own is not None and target == own / download.path and not damaged:
            say(f"{download.path} was missing in MINI_DL_DATA; it has been downloaded to {target}.")
    return contents
