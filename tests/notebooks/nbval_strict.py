"""Run every notebook and compare what comes out with what is stored, cell by cell.

A pytest plugin on top of nbval, which by itself (0.11) compares no figure, passes a cell that was
never run, and lets a comment in a cell switch its comparison off. Here

- figures are compared pixel by pixel, with room for fonts and anti-aliasing;
- a cell that was never run fails;
- only two things leave a cell's outputs uncompared, and both are counted in the summary: its tag
  `nbval-ignore-output`, and a data set the notebook names in its metadata that is not on this
  machine (the notebook then runs on the course's fallback, and says so);
- the running time is recorded in build/notebook_times.json, reported against the notebook's stated
  bar (metadata `course.run_seconds`), and an error above twice that bar, or above three times where
  other tests run beside it on the same cores; while its kernel waits for a core, as far as the system
  tells (Linux), no time is counted against it; `--no-time-bar` leaves it unjudged, for a run whose
  set-up cell installs the course first;
- `--record-verified` writes book/verified.json, which the book shows: date, versions, cores, and each
  notebook's seconds. Whole, when every notebook passed and was compared, or not at all.

`--forbid-skips` turns every skip of the run, those comparisons included, into a failure.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import importlib
import importlib.metadata
import importlib.util
import io
import itertools
import json
import os
import platform
import socket
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from jupyter_client.connect import LocalPortCache
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError, find_metadata_tags, nocolors
from PIL import Image, UnidentifiedImageError

PNG_RMS_TOLERANCE = 2.0  # grey levels of 255: 1e-6 of noise in the data gives 0.01, a 0.1 % change 2.7
TIME_FACTOR = 2.0  # machines differ: above the bar is said, above twice the bar is an error
TIME_FACTOR_BESIDE_OTHERS = 3.0  # one core instead of two, and the other worker's tests take what they get
OUTPUT_SECONDS = 60  # for a message that the kernel has sent; nbval's 5 are few on a busy machine
TIMES = Path("build") / "notebook_times.json"
SANITIZE = Path(__file__).with_name("sanitize.cfg")
WIDGET = "application/vnd.jupyter.widget-view+json"


# ---------------------------------------------------------------------------- options and collection


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("course", "the course's own options")
    group.addoption("--no-notebooks", action="store_true", help="do not run the notebooks")
    group.addoption(
        "--forbid-skips",
        action="store_true",
        help="fail for every skipped or expected-to-fail test and every notebook not compared",
    )
    group.addoption("--no-time-bar", action="store_true", help="do not judge the notebooks' running times")
    group.addoption(
        "--record-verified",
        action="store_true",
        help="write book/verified.json when every notebook passed; needs -n0, for the times",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.forbid_skips:  # a file skipped as a whole fails; the others shall run nevertheless
        config.option.continue_on_collection_errors = True
    OwnPorts.instance()
    if config.option.record_verified and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "--record-verified measures running times: nothing may run beside a notebook; add -n0"
        )


class OwnPorts(LocalPortCache):
    """Ports for the kernels of this process alone, below those that a system gives to everybody.

    A port is chosen first, and taken seconds later by the kernel. Of the ports that are everybody's, a
    kernel or a server of another test process may take it in between; the kernel then dies.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        first = 10_000 + os.getpid() % 200 * 100
        self.next = itertools.cycle(range(first, first + 100))

    def find_available_port(self, ip: str) -> int:
        for port in itertools.islice(self.next, 100):
            if port in self.currently_used_ports:
                continue
            with socket.socket() as tried:
                try:
                    tried.bind((ip, port))
                except OSError:
                    continue
            self.currently_used_ports.add(port)
            return port
        return super().find_available_port(ip)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NotebookFile | None:
    if file_path.suffix != ".ipynb" or ".ipynb_checkpoints" in file_path.parts:
        return None
    if parent.config.option.no_notebooks:
        return None
    return NotebookFile.from_parent(parent, path=file_path)


def missing_data(names: list[str]) -> list[str]:
    """Return those of the named data sets that are not on this machine."""
    if not names:
        return []
    datasets = importlib.import_module("mini_dl.course.datasets")
    return [name for name in names if not datasets.available(name)]


class NotebookFile(IPyNbFile):
    """A notebook: one test per code cell, then one for the running time."""

    nb: nbformat.NotebookNode
    missing: list[str]
    seconds: float

    def collect(self) -> Iterator[pytest.Item]:
        self.nb = nbformat.read(self.path, as_version=4)
        self.seconds = 0.0
        course = self.nb.metadata.get("course", {})
        self.missing = missing_data(course.get("data", []))
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code":
                continue
            options: dict[str, Any] = defaultdict(bool, find_metadata_tags(cell.metadata))
            options.setdefault("check", True)
            options["ignored"] = not options["check"]
            options["check"] = options["check"] and not self.missing
            name = f"cell {index} ({cell.get('id', 'no id')})"
            yield NotebookCell.from_parent(self, name=name, cell_num=index, cell=cell, options=options)
        if self.missing:
            yield NotCompared.from_parent(self, name="outputs compared")
        yield RunningTime.from_parent(self, name="running time", bar=course.get("run_seconds"))

    def setup(self) -> None:
        # Figures are drawn inline in the kernel, whatever pytest's own process has set.
        backend = os.environ.pop("MPLBACKEND", None)
        try:
            super().setup()
        finally:
            if backend is not None:
                os.environ["MPLBACKEND"] = backend

    def get_sanitize_files(self) -> list[str]:
        return [str(SANITIZE), *super().get_sanitize_files()]


# ------------------------------------------------------------------------------------------ one cell


class NotebookCell(IPyNbCell):
    """A code cell: it runs, and what comes out is what is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.output_timeout = OUTPUT_SECONDS
        if self.config.option.color != "yes":  # nbval colours files and logs as well
            self.colors = nocolors

    def runtest(self) -> None:
        where = f"{self.path.name}, cell {self.cell_num} (id {self.cell.get('id')})"
        if self.cell.source.strip() and self.cell.execution_count is None:
            self.raise_cell_error(
                f"{where} was never run: run the notebook with tools/run_notebooks.py, then commit it"
            )
        self.user_properties.append(("cell", "ignored" if self.options["ignored"] else "compared"))
        try:
            super().runtest()
        except NbCellError as error:
            # nbval counts code cells only and names no file: say which cell of which notebook.
            error.args = (f"{where}: {error}",)
            raise

    def compare_outputs(self, test: list, ref: list, skip_compare: tuple | None = None) -> bool:
        return super().compare_outputs(test, ref, skip_compare) and (
            self._same_number_of_widgets(test, ref) and self._same_figures(test, ref)
        )

    def _same_number_of_widgets(self, test: list, ref: list) -> bool:
        new, old = (sum(WIDGET in o.get("data", {}) for o in outputs) for outputs in (test, ref))
        if new != old:
            self.comparison_traceback.append(f"{old} interactive figures are stored, {new} came out")
        return new == old

    def _same_figures(self, test: list, ref: list) -> bool:
        for mime in ("image/png", "image/jpeg"):
            new, old = ([o["data"][mime] for o in os_ if mime in o.get("data", {})] for os_ in (test, ref))
            if len(new) != len(old):
                self.comparison_traceback.append(f"{len(old)} figures are stored, {len(new)} came out")
                return False
            for number, (stored, fresh) in enumerate(zip(old, new, strict=True)):
                problem = figure_difference(stored, fresh)
                if problem:
                    self.comparison_traceback.append(f"figure {number}: {problem}")
                    return False
        return True


def figure_difference(stored: str, fresh: str) -> str | None:
    """Say how two base64-coded images differ by more than fonts and anti-aliasing; None if they do not."""
    if stored.strip() == fresh.strip():
        return None
    try:
        old, new = _pixels(stored), _pixels(fresh)
    except (UnidentifiedImageError, binascii.Error, OSError, ValueError) as error:
        return f"the stored image cannot be read ({error})"
    if old.shape != new.shape:
        return f"{old.shape[1]}×{old.shape[0]} pixels are stored, {new.shape[1]}×{new.shape[0]} came out"
    rms = float(np.sqrt(np.mean((old - new) ** 2)))
    if rms > PNG_RMS_TOLERANCE:
        return (
            f"differs from the stored one by {rms:.1f} grey levels (RMS; {PNG_RMS_TOLERANCE:g} are allowed)"
        )
    return None


def _pixels(image: str) -> np.ndarray:
    content = base64.b64decode("".join(image.split()), validate=True)
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened.convert("RGB"), dtype=float)


# -------------------------------------------------------------------------- what stands for a notebook


class _OfNotebook(pytest.Item):
    parent: NotebookFile

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: Any = None) -> str:
        return str(excinfo.value)


class NotCompared(_OfNotebook):
    """Stands in the report for the comparisons that a missing data set prevented."""

    def runtest(self) -> None:
        pytest.skip(
            f"{self.path.name}: outputs not compared, no data here for {', '.join(self.parent.missing)}"
        )


def waited_for_a_core(kernel: Any) -> float:
    """Return the seconds in which a kernel could have gone on, but other programs had the cores; else 0."""
    try:
        return int(Path(f"/proc/{kernel.km.provisioner.pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, AttributeError):  # another system; a kernel that was ended
        return 0.0


class RunningTime(_OfNotebook):
    """The notebook's running time, against the bar it states."""

    def __init__(self, *, bar: float | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bar = bar

    def runtest(self) -> None:
        seconds = self.parent.seconds
        complete = self.session.config.stash.get(_RUN, {}).get(self.path) == sum(
            c.cell_type == "code" for c in self.parent.nb.cells
        )
        if not complete:  # some cells were deselected: not the notebook's time
            return
        self.user_properties += [("notebook seconds", seconds), ("notebook bar", self.bar)]
        if self.bar is None or self.config.option.no_time_bar:
            return
        factor = TIME_FACTOR_BESIDE_OTHERS if hasattr(self.config, "workerinput") else TIME_FACTOR
        seconds -= waited_for_a_core(self.parent.kernel)
        if seconds > factor * self.bar:
            raise AssertionError(
                f"{self.path.name} ran {seconds:.0f} s, over {factor:g} times the {self.bar:g} s it "
                "states (metadata course.run_seconds): make it faster, or state what it takes"
            )


_RUN = pytest.StashKey[dict[Path, int]]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if isinstance(item, NotebookCell) and call.when in ("setup", "call"):
        item.parent.seconds += call.duration
        if call.when == "call":
            done = item.config.stash.setdefault(_RUN, {})
            done[item.path] = done.get(item.path, 0) + 1
    if item.config.option.forbid_skips:
        _refuse_skip(report)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """A file skipped as a whole (importorskip, skip at module level) counts as well."""
    outcome = yield
    if collector.config.option.forbid_skips:
        _refuse_skip(outcome.get_result())


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped":
        return
    reason = getattr(report, "wasxfail", None)
    if reason is None:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    else:
        del report.wasxfail
        reason = f"expected to fail: {reason}"
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}\n{reason}\n(skips are failures here: --forbid-skips)"


# ------------------------------------------------------------------------------------ the final report


def _notebook_reports(terminalreporter: Any) -> Iterator[pytest.TestReport]:
    for report in (r for reports in terminalreporter.stats.values() for r in reports):
        if isinstance(report, pytest.TestReport) and ".ipynb::" in report.nodeid:
            yield report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    times: dict[str, dict[str, Any]] = {}
    cells: dict[str, dict[str, int]] = defaultdict(lambda: {"compared": 0, "ignored": 0})
    not_compared: set[str] = set()
    for report in _notebook_reports(terminalreporter):
        name = report.nodeid.split("::")[0]
        properties = dict(report.user_properties)
        if report.when == "call" and "cell" in properties:
            cells[name][properties["cell"]] += 1
        if "notebook seconds" in properties:
            times[name] = {
                "seconds": round(properties["notebook seconds"], 2),
                "bar": properties["notebook bar"],
            }
        if report.nodeid.endswith("::outputs compared"):
            not_compared.add(name)
    if not cells:
        return
    terminalreporter.section("notebooks")
    for name in sorted(cells):
        run = times.get(name)
        time = "not run whole"
        if run:
            time = f"{run['seconds']:.1f} s"
            if run["bar"] is not None:
                over = (
                    f", ABOVE its {run['bar']:g} s"
                    if run["seconds"] > run["bar"]
                    else f" of {run['bar']:g} s"
                )
                time += over
        compared = f"{cells[name]['compared']} cells compared"
        if name in not_compared:
            compared = "NOT COMPARED (its data is not on this machine)"
        ignored = f", {cells[name]['ignored']} not by their tag" if cells[name]["ignored"] else ""
        terminalreporter.write_line(f"{Path(name).stem}: {time}; {compared}{ignored}")
    if not_compared:
        terminalreporter.write_line(
            f"{len(not_compared)} notebook(s) not compared; set MINI_DL_DATA, or go online, to compare them"
        )
    if _RECORDED in config.stash:
        terminalreporter.write_line(config.stash[_RECORDED])
    _record(Path(config.rootpath) / TIMES, times)


def _record(path: Path, times: dict[str, dict[str, Any]]) -> None:
    """Add the times to those of other notebooks run before."""
    if not times:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        known = {}
    path.write_text(json.dumps({**known, **times}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


# ---------------------------------------------------------------------------- the record for the book


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the record that the book shows, or fail and say why there is none."""
    config = session.config
    if not config.option.record_verified:
        return
    terminalreporter = config.pluginmanager.getplugin("terminalreporter")
    root = Path(config.rootpath)
    here = [p for p in (root / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts]
    whole: dict[str, float] = {}
    failed: set[str] = set()
    for report in _notebook_reports(terminalreporter):
        name = report.nodeid.split("::")[0]
        seconds = dict(report.user_properties).get("notebook seconds")
        if seconds is not None:
            whole[name] = seconds
        if report.outcome != "passed":
            failed.add(name)
    without = sorted({p.relative_to(root).as_posix() for p in here} - (set(whole) - failed))
    verified = _of_the_book()
    if without or not here:
        names = ", ".join(Path(name).stem for name in without) or "any notebook"
        config.stash[_RECORDED] = (
            f"{verified.RECORD} not written: {names} did not run whole, pass and compare"
        )
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        return
    record = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name).split("+")[0] for name in ("numpy", "torch")},
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "notebooks": {
            name: {"seconds": round(seconds, 1), "sha256": verified.source_hash(root / name)}
            for name, seconds in sorted(whole.items())
        },
    }
    path = root / verified.RECORD
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
    config.stash[_RECORDED] = f"{verified.RECORD} written: {len(whole)} notebooks verified"


_RECORDED = pytest.StashKey[str]()


def _of_the_book() -> Any:
    """Return the book's module that reads the record: both sides hash a notebook alike."""
    path = Path(__file__).resolve().parents[2] / "book" / "_ext" / "course_verified.py"
    spec = importlib.util.spec_from_file_location("course_verified", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
