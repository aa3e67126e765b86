"""Data sets: what they hold, and what happens with no network, damaged files, full disks and two processes.

No test needs the network: a small server on this machine stands for the official addresses. The contents of
the real data sets are tested where the environment variable `MINI_DL_DATA` names a folder that has them.
"""

import contextlib
import dataclasses
import doctest
import errno
import gzip
import hashlib
import http.server
import io
import os
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import threading
import time
import tracemalloc
import wave
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip(
    "pooch", reason="the data sets need the requirements of the course (pip install mini_dl[course])"
)

from mini_dl.course import datasets
from mini_dl.course.datasets import DatasetError, UnknownDatasetError, contents, readers, stand_ins, store
from mini_dl.course.datasets.__main__ import main
from mini_dl.course.datasets.catalogue import CATALOGUE, Entry
from mini_dl.course.datasets.contents import DamagedError, Download, File

POSIX = os.name == "posix"
REAL = os.environ.get("MINI_DL_DATA", "")
TOY_TEXT = "".join(f"line {i} of the toy\n" for i in range(20_000))
TOY = TOY_TEXT.encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------- a server, and a data set of our own


class Server:
    """A server on this machine; each path is answered as `answers` says, and every request is counted."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        self.released = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                with contextlib.suppress(ConnectionError):
                    server.answers.get(self.path, lambda h: h.send_error(404))(self)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"

    def give(
        self, path: str, body: bytes, *, cut: int | None = None, length: bool = True, pause: float = 0
    ) -> str:
        """Answer with `body`, or only its first `cut` bytes; with `pause`, in eight pieces."""

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            if length:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            sent = body[:cut]
            step = max(1, len(sent) // 8) if pause else max(1, len(sent))
            for start in range(0, len(sent), step):
                handler.wfile.write(sent[start : start + step])
                handler.wfile.flush()
                time.sleep(pause)
            handler.close_connection = True

        self.answers[path] = answer
        return self.base + path

    def stall(self, path: str, body: bytes = b"") -> str:
        """Send `body` of a larger file (or not even a header), then nothing."""

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            if body:
                handler.send_response(200)
                handler.send_header("Content-Length", str(10 * len(body)))
                handler.end_headers()
                handler.wfile.write(body)
                handler.wfile.flush()
            self.released.wait(30)

        self.answers[path] = answer
        return self.base + path

    def close(self) -> None:
        self.released.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def dead() -> Iterator[str]:
    """Give an address at which nobody listens, and nobody can begin to: the port is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty cache folder, no `MINI_DL_DATA`, and no proxy between this test and its server."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(store, "cache_folder", lambda: folder)
    monkeypatch.setattr(store, "_in_memory", {})
    monkeypatch.delenv("MINI_DL_DATA", raising=False)
    monkeypatch.setattr(store, "BAR_SECONDS", 100.0)  # no bar where a busy machine makes a download slow
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    return folder


def with_urls(monkeypatch: pytest.MonkeyPatch, name: str, *bases: str) -> Entry:
    """Let the downloads of a data set come from these addresses, each followed by the file's name."""
    entry = CATALOGUE[name]
    downloads = tuple(
        dataclasses.replace(d, urls=tuple(f"{base}/{d.path.rsplit('/', 1)[-1]}" for base in bases))
        for d in entry.downloads
    )
    changed = dataclasses.replace(entry, downloads=downloads)
    monkeypatch.setitem(CATALOGUE, name, changed)
    return changed


def toy(
    monkeypatch: pytest.MonkeyPatch, *urls: str, path: str = "toy/toy.txt", packed: bool = False
) -> Download:
    """Add a data set `toy` of one text; `packed`: as a gzip file."""
    path += ".gz" if packed else ""
    published = gzip.compress(TOY, mtime=0) if packed else TOY
    download = Download(path, len(published), sha256(published), urls, (File(path, len(TOY), sha256(TOY)),))
    entry = dataclasses.replace(
        CATALOGUE["time_machine"], name="toy", title="a toy", downloads=(download,), read=readers.text
    )
    monkeypatch.setitem(CATALOGUE, "toy", entry)
    return download


def toy_text() -> str:
    """Load the toy and return its text."""
    data = datasets.load("toy")
    assert isinstance(data, datasets.Text)
    return data.text


def files_in(folder: Path) -> list[str]:
    """List the files, without the empty lock files."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


# ---------------------------------------------------------------- names and descriptions


def test_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(
        UnknownDatasetError, match=r"no data set 'Fashion-MNIST'\. Did you mean 'fashion_mnist'\?"
    ) as e:
        datasets.load("Fashion-MNIST")
    for name in datasets.names():
        assert name in str(e.value)
    for function in (datasets.available, datasets.describe, datasets.fetch):
        with pytest.raises(UnknownDatasetError, match="Did you mean 'mnist'"):
            function("minst")
    with pytest.raises(UnknownDatasetError, match=r"no data set 'zzzzzzzz'\. There are"):
        datasets.load("zzzzzzzz")


def test_language_must_exist() -> None:
    with pytest.raises(UnknownDatasetError, match="xquad has no language 'fr'; it has en, es, de"):
        datasets.load("xquad", language="fr")
    with pytest.raises(UnknownDatasetError, match="mnist has no choice of language; leave out language='en'"):
        datasets.load("mnist", language="en")


@pytest.mark.parametrize("name", datasets.names())
def test_every_data_set_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    entry = CATALOGUE[name]
    for said in (entry.title, entry.description, entry.licence, entry.citation):
        assert said
        assert said == said.strip()
    assert entry.source.startswith("http")
    assert ":" in entry.description, "shapes, dtypes and units are missing"
    assert "plit" in entry.description or "training part" in entry.description, "the split is missing"
    text = datasets.describe(name)
    assert entry.licence in text
    assert entry.citation in text
    for download in entry.downloads:
        assert download.urls[0] in text
        assert len(set(download.urls)) == len(download.urls) >= 2, "one address only"
        for url in download.urls:
            assert url.startswith(
                ("https://", "http://d2l-data.s3-accelerate", "http://fashion-mnist.s3-website")
            )
        assert len(download.sha256) == 64 or download.kind == "recordings"
        for file in download.files:
            assert len(file.sha256) == 64
            assert file.size > 0
            assert ".." not in file.path + download.path
            assert file.path.count("/") == download.path.count("/") == 1


def test_digits_need_no_network_and_are_the_same_everywhere(cache: Path) -> None:
    data = datasets.load("digits")
    assert datasets.available("digits")
    assert data.x_train.dtype == data.x_test.dtype == np.uint8
    assert data.y_train.dtype == np.int64
    assert data.x_train.shape == (1437, 8, 8)
    assert data.x_test.shape == (360, 8, 8)
    assert data.x_train.max() == data.max_value == 16
    both = np.concatenate([data.x_train, data.x_test]).tobytes()
    assert sha256(both) == "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
    assert data.y_train[:10].tolist() == list(range(10))
    assert not cache.exists()


def test_the_cache_is_in_the_platforms_usual_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pooch

    monkeypatch.delenv("MINI_DL_DATA", raising=False)
    assert datasets.where() == Path(pooch.os_cache("mini_dl"))
    monkeypatch.setenv("MINI_DL_DATA", str(tmp_path))
    assert datasets.where() == tmp_path
    monkeypatch.setenv("MINI_DL_DATA", "~/data of mine")
    assert datasets.where() == Path.home() / "data of mine"
    monkeypatch.setenv("MINI_DL_DATA", " ")
    assert datasets.where() == Path(pooch.os_cache("mini_dl"))


@pytest.mark.parametrize(
    "module", [datasets, contents, readers, stand_ins, sys.modules[datasets.Images.__module__]]
)
def test_examples_in_docstrings(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0


# ---------------------------------------------------------------- downloading


def test_downloaded_once_then_read_from_the_cache(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    toy(monkeypatch, server.give("/toy.txt", TOY))
    assert not datasets.available("toy")
    first = datasets.load("toy")
    assert isinstance(first, datasets.Text)
    assert first.text == TOY_TEXT
    assert first.real
    assert datasets.available("toy")
    assert toy_text() == TOY_TEXT
    assert server.requests == ["/toy.txt"]
    assert files_in(cache) == ["toy.txt"]
    assert (cache / "toy" / "toy.txt").read_bytes() == TOY
    assert capfd.readouterr() == ("", ""), "a plain download and a warm cache are silent"
    assert len(repr(first).splitlines()) < 8


def test_the_progress_bar_shows_in_a_real_download_only(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store, "BAR_SECONDS", 0.0)
    toy(monkeypatch, server.give("/toy.txt", TOY, pause=0.1))
    datasets.load("toy")
    assert "toy.txt" in capfd.readouterr().err
    datasets.load("toy")
    assert capfd.readouterr() == ("", "")


def test_files_can_be_read_by_others_in_the_class(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not POSIX:
        pytest.skip("permission bits are a matter of POSIX systems")
    toy(monkeypatch, server.give("/toy.txt", TOY))
    before = os.umask(0o022)
    try:
        datasets.load("toy")
    finally:
        os.umask(before)
    assert stat.S_IMODE((cache / "toy" / "toy.txt").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "how", ["other content", "a web page", "404", "cut", "cut, length not said", "endless"]
)
def test_what_is_wrong_at_one_address_is_got_from_the_next(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    bad = {
        "other content": lambda: server.give("/bad", TOY[:-1] + b"!"),
        "a web page": lambda: server.give("/bad", b"<html>Please log in</html>"),
        "404": lambda: server.base + "/missing",
        "cut": lambda: server.give("/bad", TOY, cut=len(TOY) // 2),
        "cut, length not said": lambda: server.give("/bad", TOY, cut=len(TOY) // 2, length=False),
        "endless": lambda: server.give("/bad", TOY * 20, length=False),
    }[how]()
    download = toy(monkeypatch, bad, server.give("/good", TOY))
    assert toy_text() == TOY_TEXT
    assert server.requests[-1] == "/good"
    assert files_in(cache) == ["toy.txt"]

    # the same with no good address: the error says what came
    (cache / "toy" / "toy.txt").unlink()
    toy(monkeypatch, bad)
    with pytest.raises(DatasetError) as e:
        datasets.load("toy")
    reason = {
        "other content": "what came is not the file: sha256",
        "a web page": "what came is not the file (a web page: a log-in or a filter?): 26 bytes where",
        "404": "the server answers 404",
        "cut": "broke off after",
        "cut, length not said": f"{len(TOY) // 2:,} bytes where {len(TOY):,} belong",
        "endless": "broke off after",
    }[how]
    assert f"{bad}: " in str(e.value)
    assert reason in str(e.value)
    assert files_in(cache) == []
    assert not datasets.available("toy")
    assert download.path == "toy/toy.txt"


def test_the_same_content_packed_anew_is_accepted(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = gzip.compress(TOY, compresslevel=1, mtime=1234567890)
    download = toy(monkeypatch, server.give("/toy.txt.gz", anew), packed=True)
    assert sha256(anew) != download.sha256
    assert toy_text() == TOY_TEXT
    assert datasets.available("toy")


def test_gz_that_was_unpacked_on_the_way_is_accepted(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch, dead: str
) -> None:
    toy(monkeypatch, server.give("/toy.txt.gz", TOY), packed=True)  # some servers and proxies do this
    assert toy_text() == TOY_TEXT
    assert datasets.available("toy")
    (cache / "toy" / "toy.txt.gz").unlink()
    (cache / "toy" / "toy.txt").write_bytes(TOY)  # and some browsers this
    toy(monkeypatch, dead, packed=True)
    assert toy_text() == TOY_TEXT


def test_a_bomb_is_not_unpacked() -> None:
    file = File("toy/toy.txt.gz", len(TOY), sha256(TOY))
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(DamagedError, match=f"more than {len(TOY):,} bytes where {len(TOY):,} belong"):
        contents.content_of(bomb, file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


# ---------------------------------------------------------------- no network


def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look-up of a server's name fail, as it does offline."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)


def test_no_network_and_no_file_is_an_error_with_the_remedy(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_network(monkeypatch)
    with pytest.raises(DatasetError) as e:
        datasets.load("names")
    assert e.value.__cause__ is None
    assert e.value.__suppress_context__, "one traceback, not three"
    message = str(e.value)
    download = CATALOGUE["names"].downloads[0]
    assert message.startswith("names (32,033 given names")
    for url in download.urls:
        assert f"  {url}: the server's name cannot be found (no network?)" in message
    assert f"as {cache / 'names' / 'names.txt'}" in message
    assert download.sha256 in message
    assert "MINI_DL_DATA" in message
    assert files_in(cache) == []


def test_by_hand_as_the_error_says_works(cache: Path, dead: str, monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch, dead + "/toy.txt")
    with pytest.raises(DatasetError) as e:
        datasets.load("toy")
    assert f"{dead}/toy.txt: connection refused" in str(e.value)
    place = Path(
        next(line for line in str(e.value).splitlines() if line.startswith("    as ")).removeprefix("    as ")
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(TOY)
    assert toy_text() == TOY_TEXT


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (
            "mnist",
            "scikit-learn's digits enlarged to 28 × 28, 1,437 to train and 360 to test instead of 60,000 and "
            "10,000: every accuracy, time and picture will differ",
        ),
        (
            "fashion_mnist",
            "scikit-learn's handwritten digits enlarged to 28 × 28, no clothes, 1,437 to train and 360 to "
            "test instead of 60,000 and 10,000: every class name, accuracy, time and picture will differ",
        ),
        (
            "tiny_shakespeare",
            "the help texts of Python's own standard library (pydoc_data.topics), English prose on "
            "programming, half as long: the vocabulary, every loss and every sample will differ",
        ),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_stand_in_without_network_says_so_in_one_line(
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    what: str,
    own: bool,
) -> None:
    if own:
        monkeypatch.setenv("MINI_DL_DATA", str(tmp_path / "empty"))
    no_network(monkeypatch)
    assert not datasets.available(name)
    data = datasets.load(name)
    assert capsys.readouterr().out == (
        f"mini_dl data: {name.upper()} IS NOT ON THIS MACHINE AND CANNOT BE DOWNLOADED! "
        f"In its place: {what}. (fallback=False makes this an error.)\n"
    )
    assert not data.real
    assert repr(data).startswith(f"STAND-IN for {name}: ")
    with pytest.raises(DatasetError, match=f"{name} .* is not on this machine"):
        datasets.load(name, fallback=False)


def test_the_stand_in_for_mnist_looks_like_mnist(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_network(monkeypatch)
    data = datasets.load("mnist")
    assert data.x_train.shape == (1437, 28, 28)
    assert data.x_test.shape == (360, 28, 28)
    assert data.x_train.dtype == np.uint8
    assert data.y_train.dtype == np.int64
    assert data.max_value == data.x_train.max() == 255
    assert data.class_names == tuple("0123456789")
    assert data.x_train[:, :4].max() == data.x_train[:, :, -4:].max() == 0, (
        "a margin of four pixels, as in MNIST"
    )
    digits = datasets.load("digits")
    np.testing.assert_array_equal(data.y_test, digits.y_test)
    assert (
        sha256(data.x_train.tobytes()) == "6a5d41b98d2ddc27993501ed3c8ead397a8dcc454817e74c161f1c3446903114"
    ), "the stand-in must be the same on every machine"
    # the picture is the digit: shrunk again by area it is close to the small one
    inner = data.x_train[:, 4:24, 4:24].astype(float)
    fine = inner.repeat(2, axis=1).repeat(2, axis=2).reshape(-1, 8, 5, 8, 5).mean(axis=(2, 4)) * 16 / 255
    assert np.abs(fine - digits.x_train).mean() < 1.5
    assert np.abs(fine.transpose(0, 2, 1) - digits.x_train).mean() > 3


def test_the_stand_in_for_shakespeare_is_long_english_text(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_network(monkeypatch)
    text = datasets.load("tiny_shakespeare").text
    assert len(text) > 300_000
    assert text.count(" the ") > 3000
    assert 60 < len(set(text)) < 200
    assert datasets.load("tiny_shakespeare").text == text


def test_a_silent_network_costs_seconds_not_minutes(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(store, "SILENCE_SECONDS", 1.0)
    urls = [server.stall(f"/silent{i}") for i in range(6)]
    toy(monkeypatch, *urls)
    begun = time.monotonic()
    with pytest.raises(DatasetError, match="no answer within") as e:
        datasets.load("toy")
    assert time.monotonic() - begun < 20  # each server would be silent for 30
    assert str(e.value).count("not tried, no server had answered") >= 2
    assert store.ANSWER_SECONDS <= store.SILENCE_SECONDS
    assert len(server.requests) <= 4


def test_the_real_limits_are_a_matter_of_seconds() -> None:
    assert store.CONNECT_SECONDS <= 5
    assert store.ANSWER_SECONDS <= 10
    assert store.SILENCE_SECONDS <= 20


def test_a_name_look_up_that_hangs_is_left_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ANSWER_SECONDS", 0.4)
    woken = threading.Event()

    def hang(*_: object, **__: object) -> None:
        woken.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    toy(monkeypatch, "http://example.invalid/toy.txt")
    begun = time.monotonic()
    with pytest.raises(DatasetError, match="no answer within"):
        datasets.load("toy")
    assert time.monotonic() - begun < 30
    woken.set()


def test_a_download_that_comes_to_a_halt_is_given_up(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "STALL_SECONDS", 2.0)
    stalled = server.stall("/stalled", TOY[:100_000])
    toy(monkeypatch, stalled, server.give("/good", TOY))
    begun = time.monotonic()
    assert toy_text() == TOY_TEXT
    assert time.monotonic() - begun < 20  # the server would wait for 30
    assert server.requests == ["/stalled", "/good"]
    assert files_in(cache) == ["toy.txt"]


def test_a_download_that_trickles_is_given_up(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes now and then keep a connection alive for ever, and bring no file."""
    monkeypatch.setattr(store, "STALL_SECONDS", 2.0)

    def trickle(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(TOY)))
        handler.end_headers()
        handler.wfile.write(TOY[:100_000])
        for i in range(100_000, 100_000 + 10 * 600, 10):  # for a minute, less than one piece in all
            handler.wfile.write(TOY[i : i + 10])
            handler.wfile.flush()
            if server.released.wait(0.1):
                return

    server.answers["/trickle"] = trickle
    toy(monkeypatch, server.base + "/trickle")
    begun = time.monotonic()
    with pytest.raises(DatasetError, match="came to a halt after"):
        datasets.load("toy")
    assert time.monotonic() - begun < 30


# ---------------------------------------------------------------- damaged files


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("how", ["cut in half", "empty", "one byte changed", "one byte more"])
def test_a_damaged_file_is_named_and_fetched_again(
    cache: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
    packed: bool,
) -> None:
    body = gzip.compress(TOY, mtime=0) if packed else TOY
    download = toy(monkeypatch, server.give("/toy", body), packed=packed)
    datasets.load("toy")
    kept = cache / download.path
    middle = len(body) // 2
    kept.write_bytes(
        {
            "cut in half": body[:middle],
            "empty": b"",
            "one byte changed": body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :],
            "one byte more": body + b"!" if not packed else gzip.compress(TOY + b"!"),
        }[how]
    )
    capsys.readouterr()
    assert not datasets.available("toy")
    assert toy_text() == TOY_TEXT
    said = capsys.readouterr().out
    assert said.startswith(f"mini_dl data: {kept} is damaged: ")
    assert said.endswith("; fetching it again.\n")
    assert said.count("\n") == 1
    assert kept.read_bytes() == body
    assert toy_text() == TOY_TEXT
    assert capsys.readouterr().out == ""
    assert server.requests == ["/toy", "/toy"]


def test_a_damaged_file_without_network_is_named_in_the_error(
    cache: Path, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = toy(monkeypatch, dead + "/toy.txt")
    kept = cache / download.path
    kept.parent.mkdir(parents=True)
    kept.write_bytes(TOY[:1000])
    with pytest.raises(DatasetError, match="Found, but not usable") as e:
        datasets.load("toy")
    assert f"{kept} is damaged: 1,000 bytes where {len(TOY):,} belong" in str(e.value)
    assert kept.read_bytes() == TOY[:1000], "what may be somebody's own file is not deleted"


@pytest.mark.skipif(not REAL, reason="needs MINI_DL_DATA")
def test_the_real_mnist_cut_in_half_is_noticed(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    (broken / "mnist").mkdir(parents=True)
    for file in (Path(REAL) / "mnist").glob("*.gz"):
        raw = file.read_bytes()
        (broken / "mnist" / file.name).write_bytes(
            raw[: len(raw) // 2] if "train-images" in file.name else raw
        )
    monkeypatch.setenv("MINI_DL_DATA", str(broken))
    no_network(monkeypatch)
    assert not datasets.available("mnist")
    assert not datasets.load("mnist").real
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert "train-images-idx3-ubyte.gz is damaged: 4,956,211 bytes of gzip that cannot be unpacked" in said[0]
    assert "MNIST IS NOT ON THIS MACHINE AND CANNOT BE DOWNLOADED" in said[1]


# ---------------------------------------------------------------- folders that take no files


def a_file_in_its_place(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write_text("not a folder")


def marked_read_only(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not POSIX:
        pytest.skip("permission bits are a matter of POSIX systems")
    cache.mkdir()
    cache.chmod(0o555)


def renaming_forbidden(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(target))

    monkeypatch.setattr(os, "replace", refuse)


def disk_full(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, data: object) -> int:
            super().write(bytes(memoryview(data)[:1000]))  # type: ignore[arg-type]
            raise OSError(errno.ENOSPC, "No space left on device")

    def full(path: Path, mode: str = "r") -> io.FileIO:
        return Full(path, mode)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "open", full, raising=False)


@pytest.mark.parametrize("trouble", [a_file_in_its_place, marked_read_only, renaming_forbidden, disk_full])
def test_a_folder_that_takes_no_file_does_not_stop_the_learner(
    cache: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    trouble(cache, monkeypatch)
    toy(monkeypatch, server.give("/toy.txt", TOY))
    assert toy_text() == TOY_TEXT
    said = capsys.readouterr().out
    assert said.startswith(f"mini_dl data: toy/toy.txt cannot be kept in {cache} (")
    assert "it stays in memory and will be downloaded again next time" in said
    assert "set MINI_DL_DATA to a folder you can write to" in said
    assert said.count("\n") == 1
    if trouble is disk_full:
        assert "No space left on device" in said
    assert toy_text() == TOY_TEXT
    assert server.requests == ["/toy.txt"], "within this process it is downloaded once"
    assert capsys.readouterr().out == ""
    assert datasets.available("toy")
    assert cache.is_file() or files_in(cache) == [], "nothing half-written is left behind"
    with pytest.raises(DatasetError, match="could not be kept"):
        datasets.fetch("toy")
    if cache.is_dir():
        cache.chmod(0o755)


def test_a_folder_of_another_user(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rights of an administrator, in a folder that belongs to somebody else."""
    if not POSIX or os.getuid() != 0:
        pytest.skip(
            "only an administrator can become another user; the folder marked read-only is tested above"
        )
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o755)
        folder = Path(parent) / "cache"
        folder.mkdir(mode=0o755)
        become_nobody = "import pooch, requests, tqdm.auto; os.setgid(65534); os.setuid(65534)"
        code = worker_code(folder, [server.give("/toy.txt", TOY)], become_nobody)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        said, hashed = done.stdout.splitlines()
        assert said.startswith(f"mini_dl data: toy/toy.txt cannot be kept in {folder} (Permission denied)")
        assert hashed == sha256(TOY)
        assert files_in(folder) == []


def test_spaces_and_letters_of_all_kinds_in_the_path(
    cache: Path,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "Dossier d’élève Ñandú" / "数据 и данные"
    monkeypatch.setattr(store, "cache_folder", lambda: folder)
    download = toy(monkeypatch, server.give("/toy.txt", TOY))
    assert toy_text() == TOY_TEXT
    assert toy_text() == TOY_TEXT
    assert server.requests == ["/toy.txt"]
    (folder / download.path).write_bytes(b"")
    assert toy_text() == TOY_TEXT
    assert str(folder) in capsys.readouterr().out
    monkeypatch.setattr(store, "cache_folder", lambda: cache)
    monkeypatch.setenv("MINI_DL_DATA", str(folder))
    assert toy_text() == TOY_TEXT
    assert len(server.requests) == 2


def test_a_console_that_cannot_show_a_letter_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    store.say("28 × 28 in 数据")
    console.flush()
    assert console.buffer.getvalue().decode() == "mini_dl data: 28 \\xd7 28 in \\u6570\\u636e" + os.linesep  # type: ignore[attr-defined]


# ---------------------------------------------------------------- MINI_DL_DATA


def test_own_folder_comes_first_and_takes_what_is_missing(
    cache: Path,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = tmp_path / "own"
    monkeypatch.setenv("MINI_DL_DATA", str(own))
    toy(monkeypatch, server.give("/toy.txt", TOY))
    assert toy_text() == TOY_TEXT
    target = own / "toy" / "toy.txt"
    assert capsys.readouterr().out == (
        f"mini_dl data: toy/toy.txt was missing in MINI_DL_DATA; it has been downloaded to {target}.\n"
    )
    assert target.read_bytes() == TOY
    assert not cache.exists()
    assert toy_text() == TOY_TEXT
    assert capsys.readouterr().out == ""


def test_own_folder_that_is_read_only_is_left_alone(
    cache: Path,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not POSIX:
        pytest.skip("permission bits are a matter of POSIX systems")
    own = tmp_path / "own"
    (own / "toy").mkdir(parents=True)
    (own / "toy").chmod(0o555)
    own.chmod(0o555)
    monkeypatch.setenv("MINI_DL_DATA", str(own))
    download = toy(monkeypatch, server.give("/toy.txt", TOY))
    assert toy_text() == TOY_TEXT
    said = capsys.readouterr().out
    assert said.startswith(
        f"mini_dl data: toy/toy.txt is kept in {cache}, because it cannot be kept in {own} ("
    )
    assert said.count("\n") == 1
    assert (cache / download.path).read_bytes() == TOY
    assert [p.name for p in own.rglob("*")] == ["toy"], "not even a lock"
    assert toy_text() == TOY_TEXT
    assert server.requests == ["/toy.txt"]
    (own / "toy").chmod(0o755)
    own.chmod(0o755)


def test_damaged_in_own_folder_but_good_in_the_cache(
    cache: Path,
    tmp_path: Path,
    dead: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = tmp_path / "own"
    download = toy(monkeypatch, dead)
    for folder, content in ((own, TOY[:-5]), (cache, TOY)):
        (folder / "toy").mkdir(parents=True)
        (folder / download.path).write_bytes(content)
    monkeypatch.setenv("MINI_DL_DATA", str(own))
    assert datasets.available("toy")
    assert toy_text() == TOY_TEXT
    assert f"{own / 'toy' / 'toy.txt'} is damaged" in capsys.readouterr().out


# ---------------------------------------------------------------- several processes


def worker_code(folder: Path, urls: list[str], before: str = "") -> str:
    """Write a program that loads the toy into `folder` and prints the sha256 of the text."""
    return textwrap.dedent(
        f"""
        import dataclasses, hashlib, os, pathlib
        os.environ.pop("MINI_DL_DATA", None)
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
        from mini_dl.course import datasets
        from mini_dl.course.datasets import readers, store
        from mini_dl.course.datasets.catalogue import CATALOGUE
        from mini_dl.course.datasets.contents import Download, File
        store.cache_folder = lambda: pathlib.Path({str(folder)!r})
        file = File("toy/toy.txt", {len(TOY)}, {sha256(TOY)!r})
        download = Download(file.path, file.size, file.sha256, {tuple(urls)!r}, (file,))
        CATALOGUE["toy"] = dataclasses.replace(CATALOGUE["time_machine"], name="toy", downloads=(download,))
        {before}
        print(hashlib.sha256(datasets.load("toy").text.encode()).hexdigest())
        """
    )


def run_two(code: str) -> list[tuple[int, str, str]]:
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    both = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    return [(process.returncode, *each) for process, each in zip(both, said, strict=True)]


def test_two_processes_at_once_share_one_download(cache: Path, server: Server) -> None:
    url = server.give("/toy.txt", TOY, pause=0.2)
    for code, out, err in run_two(worker_code(cache, [url])):
        assert code == 0, err
        *said, hashed = out.splitlines()
        assert hashed == sha256(TOY)
        assert all("another process is downloading toy/toy.txt; waiting" in line for line in said)
    assert server.requests == ["/toy.txt"], "the second waits for the first"
    assert files_in(cache) == ["toy.txt"]


def test_two_processes_at_once_where_nothing_can_be_locked(cache: Path, server: Server) -> None:
    server.give("/toy.txt", TOY)
    answer, both_here = server.answers["/toy.txt"], threading.Barrier(2)

    def answer_both(handler: http.server.BaseHTTPRequestHandler) -> None:
        both_here.wait(100)  # however late the second process comes
        answer(handler)

    server.answers["/toy.txt"] = answer_both
    before = "store.ANSWER_SECONDS = store.SILENCE_SECONDS = store.STALL_SECONDS = 100"
    before += "; store._try_lock = lambda descriptor: True"
    for code, out, err in run_two(worker_code(cache, [server.base + "/toy.txt"], before)):
        assert code == 0, err
        assert out.split() == [sha256(TOY)]
    assert server.requests == ["/toy.txt"] * 2
    assert files_in(cache) == ["toy.txt"]
    assert (cache / "toy" / "toy.txt").read_bytes() == TOY


def test_a_process_killed_in_the_middle_leaves_nothing_that_is_believed(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.stall("/toy.txt", TOY[:200_000])
    process = subprocess.Popen([sys.executable, "-c", worker_code(cache, [url])])
    give_up = time.monotonic() + 120
    while not server.requests and time.monotonic() < give_up:
        time.sleep(0.02)
    time.sleep(0.2)  # in it, or before it: nothing may be left either way
    process.send_signal(signal.SIGKILL if POSIX else signal.SIGTERM)
    process.wait(20)
    assert server.requests == ["/toy.txt"], "it was downloading when it was killed"
    assert files_in(cache) == []
    toy(monkeypatch, server.give("/toy.txt", TOY))
    assert not datasets.available("toy")
    begun = time.monotonic()
    assert toy_text() == TOY_TEXT
    assert time.monotonic() - begun < 60, "a dead process holds no lock"  # another would be waited for: 600


def test_a_process_killed_while_writing_leaves_only_an_unfinished_file(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.give("/toy.txt", TOY)
    code = worker_code(cache, [url], "os.replace = lambda source, target: os._exit(9)")
    assert subprocess.run([sys.executable, "-c", code], timeout=300).returncode == 9
    (part,) = files_in(cache)
    assert part.endswith(".part")
    toy(monkeypatch, url)
    assert not datasets.available("toy")
    assert toy_text() == TOY_TEXT
    assert files_in(cache) == [part, "toy.txt"], "it could be another process's, so it stays for a while"
    old = time.time() - 2 * store.STALE_SECONDS
    os.utime(cache / "toy" / part, (old, old))
    (cache / "toy" / "toy.txt").unlink()
    datasets.load("toy")
    assert files_in(cache) == ["toy.txt"]


def test_interrupting_the_kernel_leaves_nothing(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch, server.stall("/toy.txt", TOY[:100_000]))
    joined = threading.Thread.join

    def interrupted(self: threading.Thread, timeout: float | None = None) -> None:
        joined(self, timeout)
        if self.name.startswith("download ") and server.requests:
            raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        datasets.load("toy")
    assert files_in(cache) == []


# ---------------------------------------------------------------- archives


def zip_of(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def zipped_messages(monkeypatch: pytest.MonkeyPatch, url: str) -> tuple[bytes, Download]:
    """Let `sms_spam` be two messages in a zip archive, which is returned."""
    lines = "ham\tSee you\tat \x85 five\nspam\tWIN now\n".encode()
    packed = zip_of({"../../evil.txt": b"no", "SMSSpamCollection": lines, "readme": b"no"})
    file = File("sms-spam/SMSSpamCollection", len(lines), sha256(lines), "SMSSpamCollection")
    download = Download("sms-spam/sms.zip", len(packed), sha256(packed), (url,), (file,), "zip")
    monkeypatch.setitem(
        CATALOGUE, "sms_spam", dataclasses.replace(CATALOGUE["sms_spam"], downloads=(download,))
    )
    return packed, download


def test_zip_is_kept_as_it_comes_and_only_the_wanted_member_is_read(
    cache: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, _download = zipped_messages(monkeypatch, server.base + "/sms.zip")
    server.give("/sms.zip", packed)
    for _ in range(2):
        data = datasets.load("sms_spam")
        assert data.texts == ["See you\tat \x85 five", "WIN now"], (
            "split at line feeds, label before the first tab"
        )
        assert data.labels.tolist() == [0, 1]
    assert server.requests == ["/sms.zip"]
    assert files_in(tmp_path) == ["sms.zip"]
    assert files_in(cache) == ["sms.zip"]


def test_members_of_a_zip_may_lie_in_the_folder_directly(
    cache: Path, tmp_path: Path, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, _ = zipped_messages(monkeypatch, dead + "/sms.zip")
    (tmp_path / "own" / "sms-spam").mkdir(parents=True)
    lines = zipfile.ZipFile(io.BytesIO(packed)).read("SMSSpamCollection")
    (tmp_path / "own" / "sms-spam" / "SMSSpamCollection").write_bytes(lines)
    monkeypatch.setenv("MINI_DL_DATA", str(tmp_path / "own"))
    assert datasets.load("sms_spam").class_names == ("ham", "spam")


@pytest.mark.parametrize("how", ["cut", "member missing", "member changed", "member huge", "no zip"])
def test_a_bad_zip_is_named(cache: Path, dead: str, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    packed, download = zipped_messages(monkeypatch, dead + "/sms.zip")
    bad, reason = {
        "cut": (packed[: len(packed) // 2], "not the zip archive expected"),
        "member missing": (zip_of({"readme": b"no"}), "There is no item named 'SMSSpamCollection'"),
        "member changed": (zip_of({"SMSSpamCollection": b"x" * download.files[0].size}), "sha256 "),
        "member huge": (zip_of({"SMSSpamCollection": bytes(20_000_000)}), "more than "),
        "no zip": (b"<html>", "not the zip archive expected"),
    }[how]
    (cache / "sms-spam").mkdir(parents=True)
    (cache / download.path).write_bytes(bad)
    with pytest.raises(DatasetError, match="Found, but not usable") as e:
        datasets.load("sms_spam")
    assert reason in str(e.value)


def wav_of(samples: np.ndarray, rate: int = 8000) -> bytes:
    packed = io.BytesIO()
    with wave.open(packed, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return packed.getvalue()


def tar_of(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return packed.getvalue()


@pytest.fixture
def recordings() -> dict[str, bytes]:
    """Give recordings 4, 5 and 10 of two digits by two speakers; recording n has 100 + n samples."""
    return {
        f"{digit}_{speaker}_{number}.wav": wav_of(np.arange(100 + number) * (digit + 1) - 50)
        for digit in (0, 7)
        for speaker in ("ana", "bo")
        for number in (4, 5, 10)
    }


def spoken(monkeypatch: pytest.MonkeyPatch, recordings: dict[str, bytes], url: str) -> Download:
    listing = "".join(f"{sha256(recordings[name])}  recordings/{name}\n" for name in sorted(recordings))
    size = sum(map(len, recordings.values()))
    file = File("fsdd/only-recordings.tar.gz", size, sha256(listing.encode()), "recordings/*.wav")
    download = Download("fsdd/fsdd.tar.gz", size, "", (url,), (file,), "recordings")
    entry = dataclasses.replace(CATALOGUE["spoken_digits"], downloads=(download,))
    monkeypatch.setitem(CATALOGUE, "spoken_digits", entry)
    return download


def test_recordings_are_checked_one_by_one_and_never_unpacked_to_the_disk(
    cache: Path,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    recordings: dict[str, bytes],
) -> None:
    members = {f"fsdd-1.0/recordings/{name}": content for name, content in reversed(recordings.items())}
    members |= {"../../evil.wav": b"no", "/etc/evil": b"no", "fsdd-1.0/recordings/../../evil.py": b"no"}
    packed = tar_of(members, {"fsdd-1.0/recordings/9_ana_0.wav": "/etc/hostname"})
    download = spoken(monkeypatch, recordings, server.give("/fsdd.tar.gz", packed))
    for _ in range(2):
        data = datasets.load("spoken_digits")
        assert data.y_test.tolist() == [0, 0, 7, 7]
        assert data.speaker_test.tolist() == ["ana", "bo", "ana", "bo"]
        assert data.y_train.tolist() == [0, 0, 0, 0, 7, 7, 7, 7]
        assert [len(x) for x in data.x_train] == [105, 110] * 4, "recordings in order of their numbers"
        assert [len(x) for x in data.x_test] == [104] * 4
        assert data.x_train[-1].dtype == np.int16
        np.testing.assert_array_equal(data.x_train[-1], np.arange(110) * 8 - 50)
        assert data.rate == 8000
    assert server.requests == ["/fsdd.tar.gz"]
    assert files_in(tmp_path) == [Path(download.path).name]

    # the recordings alone, under the name they have in a folder like the course's own
    (cache / download.path).unlink()
    (cache / download.files[0].path).write_bytes(
        tar_of({f"recordings/{name}": content for name, content in recordings.items()})
    )
    assert len(datasets.load("spoken_digits").x_train) == 8


@pytest.mark.parametrize("how", ["one missing", "one changed", "cut", "no tar", "one huge"])
def test_a_bad_archive_of_recordings_is_named(
    cache: Path, dead: str, monkeypatch: pytest.MonkeyPatch, recordings: dict[str, bytes], how: str
) -> None:
    download = spoken(monkeypatch, recordings, dead + "/fsdd.tar.gz")
    first = min(recordings)
    changed = dict(recordings)
    if how == "one missing":
        del changed[first]
    if how == "one changed":
        changed[first] = changed[first][:-1] + b"!"
    if how == "one huge":
        changed[first] = bytes(10_000_000)
    bad = tar_of({f"fsdd/recordings/{name}": content for name, content in changed.items()})
    bad = {"cut": bad[: len(bad) // 2], "no tar": b"hello"}.get(how, bad)
    (cache / "fsdd").mkdir(parents=True)
    (cache / download.path).write_bytes(bad)
    with pytest.raises(DatasetError, match="Found, but not usable") as e:
        datasets.load("spoken_digits")
    reason = {
        "one missing": "11 recordings with the combined sha256",
        "one changed": "12 recordings with the combined sha256",
        "one huge": "recordings of more than",
    }
    assert reason.get(how, "not the tar archive expected") in str(e.value)


def test_a_recording_of_another_kind_is_refused(recordings: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="not 8 kHz mono with 16 bits"):
        readers.spoken_digits(
            {"0_ana_0.wav": wav_of(np.arange(9), rate=16000)}, CATALOGUE["spoken_digits"].about
        )


def test_sentences_with_awkward_characters() -> None:
    def lines(*rows: str) -> bytes:
        return ("\n".join(rows) + "\n").encode()

    parts = {
        "amazon_cells_labelled.txt": lines('He said "no".\t0', "Tab\tinside\t1"),
        "imdb_labelled.txt": lines("The script is\x85was there a script?  \t0", "A \x96 dash\u2028here\t1"),
        "yelp_labelled.txt": lines("Wow... Loved this place.\t1"),
    }
    data = readers.sentiment(parts, CATALOGUE["sentiment_sentences"].about)
    assert data.texts == [
        'He said "no".',
        "Tab\tinside",
        "The script is\x85was there a script?  ",
        "A \x96 dash\u2028here",
        "Wow... Loved this place.",
    ]
    assert data.labels.tolist() == [0, 1, 0, 1, 1]
    assert data.origin is not None
    assert data.origin.tolist() == ["amazon", "amazon", "imdb", "imdb", "yelp"]


# ---------------------------------------------------------------- in a terminal


def test_the_table_in_a_terminal(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    for entry in CATALOGUE.values():
        (line,) = [line for line in lines if line.startswith(entry.name + " ")]
        assert entry.licence in line
        assert entry.title in line
        assert "http" in line
        assert (" yes " if entry.name == "digits" else " no ") in line
    assert lines[-1] == f"Files are in {cache}"


def test_fetching_ahead_in_a_terminal(
    cache: Path,
    server: Server,
    dead: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    toy(monkeypatch, server.give("/toy.txt", TOY))
    assert main(["fetch", "toy", "digits"]) == 0
    assert capsys.readouterr().out.startswith("toy: here (download: ")
    assert (cache / "toy" / "toy.txt").exists()

    with_urls(monkeypatch, "names", dead)
    assert main(["fetch", "names", "toy"]) == 1
    out, err = capsys.readouterr()
    assert "toy: here" in out, "the others are fetched all the same"
    assert "To supply it by hand" in err
    assert err.endswith("not fetched: names\n")

    before = list(server.requests)
    assert main(["fetch", "toy", "nonsense"]) == 2
    assert "no data set: nonsense; there are: digits, mnist" in capsys.readouterr().err
    assert server.requests == before
    with pytest.raises(SystemExit) as e:
        main(["fetch"])
    assert e.value.code == 2


def test_fetching_all_gets_every_language(
    cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = []
    for name in datasets.names():
        for download in with_urls(monkeypatch, name, server.base).downloads:
            wanted.append("/" + download.path.rsplit("/", 1)[-1])
    assert main(["fetch", "all"]) == 1
    firsts = [p for p in wanted if not p.startswith(("/train-labels", "/t10k", "/xquad.es", "/xquad.de"))]
    assert server.requests == firsts, "after the first file that fails, the rest of a set is not tried"


@pytest.mark.parametrize(
    ("name", "code", "out"), [("digits", 0, "digits: here (download: none)\n"), ("x", 2, "")]
)
def test_the_module_runs_as_a_command(tmp_path: Path, name: str, code: int, out: str) -> None:
    env = {**os.environ, "MINI_DL_DATA": str(tmp_path), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "mini_dl.course.datasets", "fetch", name]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=300)
    assert (done.returncode, done.stdout) == (code, out)


# ---------------------------------------------------------------- the real data sets


def check_mnist(data: datasets.Images) -> None:
    assert data.x_train.shape == (60000, 28, 28)
    assert data.x_test.shape == (10000, 28, 28)
    assert data.x_train.dtype == np.uint8
    assert data.y_train.dtype == data.y_test.dtype == np.int64
    assert data.max_value == data.x_train.max() == 255
    assert data.x_train.flags.writeable


def check_digits_28(data: datasets.Images) -> None:
    check_mnist(data)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(data.y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert round(data.x_train.mean() / 255, 4) == 0.1307, "the mean that everybody quotes"
    assert data.class_names == tuple("0123456789")


def check_fashion(data: datasets.Images) -> None:
    check_mnist(data)
    assert data.y_train[:5].tolist() == [9, 0, 0, 3, 0]
    assert [data.class_names[i] for i in data.y_test[:3]] == ["Ankle boot", "Pullover", "Trouser"]
    assert np.bincount(data.y_train).tolist() == [6000] * 10
    assert round(data.x_train.mean() / 255, 4) == 0.2860


def check_shakespeare(data: datasets.Text) -> None:
    assert len(data.text) == 1_115_394
    assert len(set(data.text)) == 65
    assert data.text.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n")


def check_names(data: datasets.Words) -> None:
    assert len(data.words) == 32_033
    assert data.words[:3] == ["emma", "olivia", "ava"]
    assert data.words[-1] == "zzyzx"
    assert (min(map(len, data.words)), max(map(len, data.words))) == (2, 15)
    assert len(set(data.words)) == 29_494
    assert len(set("".join(data.words))) == 26


def check_time_machine(data: datasets.Text) -> None:
    assert len(data.text) == 178_979
    assert data.text.startswith("The Time Machine, by H. G. Wells [1898]\n")


def check_tatoeba(data: datasets.Pairs) -> None:
    assert len(data.pairs) == 167_130
    assert data.pairs[:2] == [("Go.", "Va !"), ("Hi.", "Salut !")]
    assert data.languages == ("English", "French")
    assert any("\u202f" in french for _, french in data.pairs)
    assert any("\xa0" in french for _, french in data.pairs)


def check_sentiment(data: datasets.LabelledTexts) -> None:
    assert len(data.texts) == len(data.labels) == 3000
    assert data.origin is not None
    for origin in ("amazon", "imdb", "yelp"):
        assert np.bincount(data.labels[data.origin == origin]).tolist() == [500, 500]
    assert data.texts[1] == "Good case, Excellent value."
    assert data.texts[2000] == "Wow... Loved this place."
    assert any("\x85" in text for text in data.texts)
    assert any("\x96" in text for text in data.texts)
    assert not any(text.rstrip().endswith(("\t0", "\t1")) for text in data.texts)


def check_sms(data: datasets.LabelledTexts) -> None:
    assert len(data.texts) == 5574
    assert np.bincount(data.labels).tolist() == [4827, 747]
    assert data.texts[1] == "Ok lar... Joking wif u oni..."
    assert [data.class_names[i] for i in data.labels[:3]] == ["ham", "ham", "spam"]


def check_penguins(data: datasets.Table) -> None:
    assert {len(column) for column in data.columns.values()} == {344}
    assert data["species"][0] == "Adelie"
    kinds, counts = np.unique(data["species"], return_counts=True)
    assert dict(zip(kinds.tolist(), counts.tolist(), strict=True)) == {
        "Adelie": 152,
        "Chinstrap": 68,
        "Gentoo": 124,
    }
    assert data["bill_length_mm"][0] == 39.1
    assert np.isnan(data["body_mass_g"]).sum() == 2
    assert (data["sex"] == "").sum() == 11
    assert data["year"].dtype == np.int64
    with pytest.raises(KeyError, match="penguins has no column 'weight'; it has species, island"):
        data["weight"]


def check_xquad(data: datasets.Questions) -> None:
    assert len(data.questions) == 1190
    assert len({q.context for q in data.questions}) == 240
    first = data.questions[0]
    assert first.question == "How many points did the Panthers defense surrender?"
    assert (first.answer, first.start) == ("308", 34)
    ids = [q.id for q in data.questions]
    for language in ("en", "es", "de"):
        other = datasets.load("xquad", language=language)
        assert other.language == language
        assert [q.id for q in other.questions] == ids
        assert all(q.context[q.start : q.start + len(q.answer)] == q.answer for q in other.questions)


def check_air(data: datasets.Series) -> None:
    assert data.dates.dtype == "datetime64[M]"
    assert data.dates.shape == data.values.shape == (144,)
    assert (str(data.dates[0]), data.values[0]) == ("1949-01", 112)
    assert (str(data.dates[-1]), data.values[-1]) == ("1960-12", 432)
    assert set(np.diff(data.dates).astype(int).tolist()) == {1}


def check_sunspots(data: datasets.Series) -> None:
    assert data.dates.shape == data.values.shape == (2820,)
    assert (str(data.dates[0]), data.values[0]) == ("1749-01", 58.0)
    assert (str(data.dates[-1]), data.values[-1]) == ("1983-12", 33.4)
    assert set(np.diff(data.dates).astype(int).tolist()) == {1}


def check_co2(data: datasets.Series) -> None:
    assert data.dates.dtype == "datetime64[D]"
    assert data.dates.shape == data.values.shape == (2284,)
    assert (str(data.dates[0]), data.values[0]) == ("1958-03-29", 316.1)
    assert (str(data.dates[-1]), data.values[-1]) == ("2001-12-29", 371.5)
    assert set(np.diff(data.dates).astype(int).tolist()) == {7}
    assert np.isnan(data.values).sum() == 59


def check_weather(data: datasets.Series) -> None:
    assert data.dates.shape == (1461,)
    assert data.values.shape == (1461, 4)
    assert data.values[0].tolist() == [0.0, 12.8, 5.0, 4.7]
    assert data.variables == ("precipitation", "temp_max", "temp_min", "wind")
    assert data.units == ("mm", "°C", "°C", "m/s")
    assert data.labels is not None
    assert sorted(set(data.labels.tolist())) == ["drizzle", "fog", "rain", "snow", "sun"]
    assert set(np.diff(data.dates).astype(int).tolist()) == {1}


def check_spoken(data: datasets.Sounds) -> None:
    assert len(data.x_train) == 2700
    assert len(data.x_test) == 300
    assert np.bincount(data.y_train).tolist() == [270] * 10
    assert np.bincount(data.y_test).tolist() == [30] * 10
    assert sorted(set(data.speaker_test.tolist())) == [
        "george",
        "jackson",
        "lucas",
        "nicolas",
        "theo",
        "yweweler",
    ]
    assert data.x_train[0].dtype == np.int16
    minutes = sum(map(len, data.x_train + data.x_test)) / data.rate / 60
    assert round(minutes, 1) == 21.9
    assert (data.x_test[0].shape, data.speaker_test[0], data.y_test[0]) == ((2384,), "george", 0)


REAL_CHECKS = {
    "mnist": check_digits_28,
    "fashion_mnist": check_fashion,
    "tiny_shakespeare": check_shakespeare,
    "names": check_names,
    "time_machine": check_time_machine,
    "tatoeba_fra_eng": check_tatoeba,
    "sentiment_sentences": check_sentiment,
    "sms_spam": check_sms,
    "penguins": check_penguins,
    "xquad": check_xquad,
    "air_passengers": check_air,
    "sunspots": check_sunspots,
    "co2": check_co2,
    "seattle_weather": check_weather,
    "spoken_digits": check_spoken,
}


def test_every_downloaded_data_set_has_a_check_of_its_content() -> None:
    assert {*REAL_CHECKS, "digits"} == set(datasets.names())


@pytest.mark.parametrize("name", REAL_CHECKS)
def test_real_data(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    if not REAL:
        pytest.skip("the environment variable MINI_DL_DATA names no folder with the real data")
    monkeypatch.setenv("MINI_DL_DATA", REAL)
    no_network(monkeypatch)
    assert datasets.available(name)
    data = datasets.load(name, fallback=False)
    assert data.real
    REAL_CHECKS[name](data)  # type: ignore[operator]
    shown = repr(data)
    assert shown.startswith(f"{name}: ")
    assert data.licence in shown
    assert len(shown.splitlines()) <= 12
    assert max(map(len, shown.splitlines())) <= 110
    assert capsys.readouterr().out == ""
    assert not cache.exists()


@pytest.mark.skipif(not REAL, reason="needs MINI_DL_DATA")
def test_real_mnist_loads_in_less_than_a_second(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINI_DL_DATA", REAL)
    spent = []
    for _ in range(3):  # the first also imports; processor time, for others may use the machine as well
        begun = time.process_time()
        datasets.load("mnist")
        spent.append(time.process_time() - begun)
    assert min(spent) < 1.0
