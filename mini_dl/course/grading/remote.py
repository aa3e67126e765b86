"""Judging here what another process answers."""

from __future__ import annotations

import contextlib
import copy
import inspect
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import mini_dl
from mini_dl.course.checks.exercise import Case, Exercise, Objection
from mini_dl.course.checks.judge import judge
from mini_dl.course.checks.report import Report
from mini_dl.course.grading import wire
from mini_dl.course.grading.submission import Submission

SHARED = "mini_dl.course.exercises."  # what the other process may load of the tests
START_SECONDS = 120.0  # for Python and the course in the other process; not the submission's time
ROOT = Path(mini_dl.__file__).resolve().parents[1]
_START = "import sys; sys.path.insert(0, {!r}); from mini_dl.course.grading.worker import main; main()"
_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "MINI_DL_DATA", "VIRTUAL_ENV")


class EndedError(Exception):
    """The other process ended, or sent something that is no answer."""


class StartError(Exception):
    """No process could be started for a submission, before anything of it ran: the machine's fault."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use for one exercise.

    Attributes
    ----------
    load : float
        Seconds for the statements that its function needs, imports included.
    times : float
        How many times the exercise's own limit all its calls may take (a grading machine is busy).
    megabytes : float
        Memory on top of what the imports take. Kept on Linux only.
    """

    load: float = 60.0
    times: float = 3.0
    megabytes: float = 2000.0


class Worker:
    """A process of its own for one function of a submission; it ends with the `with` statement."""

    def __enter__(self) -> Worker:
        self.folder = tempfile.TemporaryDirectory(prefix="grading-")
        home = self.folder.name
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
        environment |= {"HOME": home, "USERPROFILE": home, "TMPDIR": home, "MPLBACKEND": "Agg"}
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START.format(str(ROOT))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=home,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self.folder.cleanup()
            raise StartError(f"{sys.executable} cannot be started ({error.strerror or error})") from None
        self.replies: queue.Queue[dict[str, Any] | Exception | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)  # with all that it started
        else:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(OSError):
            self.folder.cleanup()

    def _listen(self) -> None:
        while True:
            try:
                reply = wire.receive(self.process.stdout)
            except (wire.DamagedError, OSError, ValueError) as error:
                self.replies.put(EndedError(f"it sent something that is no answer ({error})"))
                return
            self.replies.put(reply)
            if reply is None:
                return

    def ask(self, message: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Send a message and wait for the reply.

        Raises
        ------
        EndedError
            If the process ended, or answered nonsense.
        TimeoutError
            If no reply came in time.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(wire.pack(message))
            self.process.stdin.flush()
        except OSError:
            raise EndedError("its process has ended") from None
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:  # in short pieces, so that a limit of the judge can interrupt it on every system
            with contextlib.suppress(queue.Empty):
                reply = self.replies.get(timeout=0.02)
                break
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError
        if isinstance(reply, Exception):
            raise reply
        if reply is None:
            status = self.process.wait()
            raise EndedError(f"its process has ended (exit status {status})")
        return reply


@dataclass
class Seen:
    """What an `observe` hook made of an answer in the other process."""

    value: Any = None
    objection: str = ""


class Remote:
    """The submission's function, seen from here: a call asks the other process."""

    def __init__(self, worker: Worker, exercise: Exercise, seed: int, parameters: Any) -> None:
        self.worker = worker
        self.seed = seed
        self.cases = len(exercise.draw(seed))
        self.send_arguments = sends_arguments(exercise, seed)
        self.calls = 0
        self.__name__ = exercise.id
        if parameters is not None:
            self.__signature__ = _signature(parameters)

    def __call__(self, *args: Any) -> Any:
        """Return the other process's answer, or raise what its function raised."""
        index = self.calls if self.calls < self.cases else self.calls - self.cases
        self.calls += 1
        message: dict[str, Any] = {"do": "call", "args": None, "index": index, "seed": self.seed}
        if self.send_arguments:
            message["args"] = wire.encode(list(args))
        try:
            reply = self.worker.ask(message)
            return self._received(reply, args)
        except (wire.DamagedError, KeyError, TypeError, IndexError) as error:
            raise EndedError(f"it sent something that is no answer ({error})") from None

    def _received(self, reply: dict[str, Any], args: tuple[Any, ...]) -> Any:
        print(str(reply.get("printed", "")), end="")
        for i, new in reply["changed"]:
            _put(args[i], wire.decode(new))
        if "raised" in reply:
            name, text = str(reply["raised"]), str(reply["text"])
            if name == "SystemExit":
                raise SystemExit
            raise type(name, (Exception,), {"__str__": lambda self: text})
        if "objection" in reply:
            return Seen(objection=str(reply["objection"]))
        value = wire.decode(reply["value"])
        return Seen(value) if reply["seen"] else value


def sends_arguments(exercise: Exercise, seed: int) -> bool:
    """Whether the calls' arguments can be sent; if not, the other process draws them itself."""
    try:
        for case in exercise.draw(seed):
            wire.encode(list(case.args))
    except wire.NotPlainError:
        return False
    return True


def _put(old: Any, new: Any) -> None:
    """Change an argument here as it was changed there."""
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        with contextlib.suppress(ValueError, TypeError):
            old.setflags(write=True)
            old.resize(new.shape, refcheck=False)
            old[...] = new
    elif isinstance(old, list) and isinstance(new, list):
        old[:] = new
    elif isinstance(old, dict) and isinstance(new, dict):
        old.clear()
        old.update(new)
    elif hasattr(old, "copy_") and hasattr(new, "detach"):
        old.detach().copy_(new)


class _Text:
    """A default value, of which only the text is known."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _signature(parameters: list[list[Any]]) -> inspect.Signature:
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        [
            inspect.Parameter(
                str(name),
                kinds[kind],
                default=inspect.Parameter.empty if default is None else _Text(str(default)),
            )
            for name, kind, default in parameters
        ]
    )


def _with_look_from_there(exercise: Exercise) -> Exercise:
    """Return the exercise with an `observe` hook that takes what was seen in the other process."""
    if not exercise.observed:
        return exercise

    def look(result: Any, case: Case) -> Any:
        if not isinstance(result, Seen):
            return exercise.look(result, case)
        if result.objection:
            raise Objection(result.objection)
        return result.value

    changed = copy.copy(exercise)
    changed._observe = look
    return changed


def grade_one(
    submission: Submission, exercise: Exercise, *, seed: int, limits: Limits | None = None
) -> Report:
    """Judge a submission's function of the exercise's name, in a process of its own.

    Raises
    ------
    StartError
        If that process could not be started, so that nothing can be said about the submission.
    """
    limits = limits or Limits()
    name = exercise.id
    if not submission.defines(name):
        summary = f"The notebook has no function {name} in a cell that Python can read."
        return Report(name, "not attempted", summary)
    pieces = [[s.cell, s.index, s.source] for s in submission.needed_for(name)]
    with Worker() as worker:
        module = None
        if exercise.observed or not sends_arguments(exercise, seed):
            module = exercise.reference.__module__
            if not module.startswith(SHARED):  # hidden tests: only plain arguments and answers cross
                module = None
        prepare = {"do": "prepare", "module": module, "id": name, "megabytes": limits.megabytes}
        try:
            worker.ask(prepare, START_SECONDS)
        except (EndedError, TimeoutError) as error:
            raise StartError(
                f"the course cannot be loaded in another process ({error or 'too slow'})"
            ) from None
        try:
            loaded = worker.ask({"do": "load", "name": name, "pieces": pieces}, limits.load)
        except TimeoutError:
            summary = f"The cells that {name} needs took longer than {limits.load:g} s."
            return Report(name, "timeout", summary, hint="Does a loop outside the function never end?")
        except EndedError as error:
            return Report(name, "error", f"The cells that {name} needs could not be run: {error}.")
        failed = [(f"Cell {cell}", str(text)) for cell, text in loaded.get("failed", [])][:3]
        if "kind" in loaded:
            if failed:
                return Report(name, "error", f"A cell that {name} needs ends in an error.", rows=failed)
            return Report(name, "error", f"In the notebook {name} is {loaded['kind']}, not a function.")
        if loaded.get("idle"):
            return judge(exercise, _idle, seed)
        try:
            remote = Remote(worker, exercise, seed, loaded.get("parameters"))
        except (TypeError, ValueError, IndexError) as error:
            return Report(name, "error", f"The notebook's process sent no parameters ({error}).")
        report = judge(_with_look_from_there(exercise), remote, seed, limits.times * exercise.seconds)
        if not report.passed:
            report.rows += failed
        return report


def _idle(*args: Any) -> None: ...
