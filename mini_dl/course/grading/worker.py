"""The process in which a submission's code runs: it answers calls, and judges nothing.

Its standard input and output are the way to the grader; both are put out of the submission's reach of
accident (not of malice) before anything of it runs.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import inspect
import linecache
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from mini_dl.course.checks.exercise import Case, Exercise, Objection
from mini_dl.course.checks.judge import _does_nothing
from mini_dl.course.checks.run import source_line, unchanged
from mini_dl.course.checks.sandbox import nothing, sandbox
from mini_dl.course.checks.show import clean, kind_of
from mini_dl.course.grading import wire

WHILE_LOADING = 12 * 2**30  # bytes of addresses that imports may add; PyTorch reserves many
LONGEST = 600  # seconds of computing, for a worker that nobody ends
LARGEST_FILE = 10**8


class FloodError(BaseException):
    """Raised out of a function that does not stop printing; derived so that `except Exception` lets it by."""


def _limits(megabytes: float) -> None:
    """Limit memory, computing time and the size of files, where the system can."""
    if sys.platform != "linux":
        return
    import resource

    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    for what, amount in (
        (resource.RLIMIT_AS, int(used + megabytes * 1e6)),
        (resource.RLIMIT_CPU, LONGEST),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        limit = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(what, (limit, limit))


def _refuse(*_: object) -> NoReturn:
    raise SystemExit


class Session:
    """What the worker knows: the function, and for arguments that cannot be sent the exercise itself."""

    def __init__(self) -> None:
        self.function: Any = None
        self.exercise: Exercise | None = None
        self.megabytes = 2000.0

    def prepare(self, message: dict[str, Any]) -> dict[str, Any]:
        """Load the exercise if calls need it; then take its solutions out of the way of imports."""
        self.megabytes = float(message["megabytes"])
        if message.get("module"):
            module = importlib.import_module(message["module"])
            found = (e for e in vars(module).values() if isinstance(e, Exercise) and e.id == message["id"])
            self.exercise = next(found)
        for name in [n for n in sys.modules if n.startswith("mini_dl.course.exercises.")]:
            del sys.modules[name]
        sys.modules["mini_dl.course.exercises"] = None  # type: ignore[assignment]
        _limits(WHILE_LOADING / 1e6)
        return {}

    def load(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run the statements that the function needs; one that fails matters only if it is missed later."""
        failed: list[list[Any]] = []
        names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        os._exit = _refuse  # type: ignore[assignment]
        with sandbox(nothing, _flood):
            for cell, index, source in message["pieces"]:
                file = f"<cell {cell}>"
                linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
                try:
                    tree = ast.parse(source)
                    tree.body = [tree.body[index]]
                    exec(compile(tree, file, "exec"), names)
                except (Exception, SystemExit, FloodError, RecursionError) as error:
                    text = f"{type(error).__name__}: {clean(str(error))}".rstrip(": ")
                    failed.append([cell, text])
        _limits(self.megabytes)
        self.function = names.get(message["name"])
        if not callable(self.function):
            return {"failed": failed, "kind": kind_of(self.function)}
        return {
            "failed": failed,
            "parameters": _parameters(self.function),
            "idle": _does_nothing(self.function),
        }

    def call(self, message: dict[str, Any]) -> dict[str, Any]:
        """Call the function once and tell what came of it."""
        case = self.exercise.draw(message["seed"])[message["index"]] if self.exercise else None
        sent = message["args"] is not None
        args = tuple(wire.decode(message["args"])) if sent or case is None else copy.deepcopy(case.args)
        before = copy.deepcopy(args)
        with sandbox(self.function, _flood) as tape:
            reply = self._reply(args, case, sent)
        reply["printed"] = tape.take()[:2000]
        reply["changed"] = []
        for i, (old, new) in enumerate(zip(before, args, strict=True)):
            if not unchanged(old, new):
                reply["changed"].append([i, wire.encode(new, opaque=True)])
        return reply

    def _reply(self, args: tuple[Any, ...], case: Case | None, sent: bool) -> dict[str, Any]:
        try:
            result = self.function(*args)
            if result is None or case is None or not self.exercise or not self.exercise.observed:
                return {"value": wire.encode(_plain(result), opaque=True), "seen": False}
            if sent:  # plain arguments and a plain answer: the grader looks at it itself
                with contextlib.suppress(wire.NotPlainError):
                    return {"value": wire.encode(result), "seen": False}
        except SystemExit:
            return {"raised": "SystemExit", "text": ""}
        except FloodError:
            return {"raised": "RuntimeError", "text": "it does not stop printing"}
        except Exception as error:
            line = source_line(error, self.function)
            text = clean(str(error)) + (f"  (in {line})" if line else "")
            return {"raised": type(error).__name__, "text": text}
        try:
            return {"value": wire.encode(self.exercise.look(result, case), opaque=True), "seen": True}
        except Objection as objection:
            return {"objection": str(objection)}
        except Exception as error:
            found = f"{type(error).__name__}: {clean(str(error))}"
            return {"objection": f"Your answer, {kind_of(result)}, cannot be read ({found})."}


def _plain(result: Any) -> Any:
    from mini_dl.course.checks.compare import snapshot

    return snapshot(result)


def _flood() -> NoReturn:
    raise FloodError


def _parameters(function: Callable[..., Any]) -> list[list[Any]] | None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    return [
        [p.name, int(p.kind), None if p.default is p.empty else clean(repr(p.default), 40)]
        for p in signature.parameters.values()
    ]


def main() -> None:
    """Serve until the grader closes the line."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    session = Session()
    actions = {"prepare": session.prepare, "load": session.load, "call": session.call}
    while (message := wire.receive(incoming)) is not None:
        outgoing.write(wire.pack(actions[message["do"]](message)))
        outgoing.flush()


if __name__ == "__main__":
    main()
