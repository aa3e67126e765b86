"""Limits of time and memory for code that may never end, kept inside the reader's own kernel.

A ticker looks at the running code fifty times a second. In the main thread it is the alarm signal;
in any other thread, and on Windows, it is a watchdog thread. When a limit is passed, `Escape` is
raised inside the running code, again and again until it is out: a bare `except:` may swallow one
exception, but not a rain of them.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

TICK = 0.02  # seconds between two looks at the running code
LONGEST_IMPORT = 120.0  # seconds; an import is never interrupted before
LONGEST_REPORT = 1.0  # seconds; what Python reports by itself is never interrupted before


class Stopped(Exception):  # noqa: N818
    """The code passed a limit; `reason` is "time", "memory" or "print"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Escape(BaseException):
    """Raised inside the running code to get out of it; nothing but this module should catch it."""


class Watch:
    """What is allowed, and whether it was passed."""

    def __init__(self, seconds: float, megabytes: float) -> None:
        self.looked = time.monotonic()  # when the last look was
        self.deadline = self.looked + seconds
        self.last_import = self.deadline + LONGEST_IMPORT
        self.bytes = memory_in_use() + megabytes * 1e6
        self.reason = ""
        self.active = True
        self.home: FrameType | None = None  # the frame that called the code; nothing below it is touched

    def passed(self, frame: FrameType | None) -> bool:
        """Whether the code running in `frame` has to stop; remembers the reason."""
        before, self.looked = self.looked, time.monotonic()
        importing = self._importing(frame)
        if not self.reason:
            if importing:  # its time is not the reader's; a busy machine looks rarely
                self.deadline = min(self.deadline + self.looked - before, self.last_import)
            if memory_in_use() > self.bytes:
                self.reason = "memory"
            elif self.looked > self.deadline:
                self.reason = "time"
        return bool(self.reason) and not importing and not self._reporting(frame)

    def _importing(self, frame: FrameType | None) -> bool:
        """Tell whether an import is going on; ended halfway, it leaves a broken module behind."""
        going_on = any(f.f_code.co_filename.startswith("<frozen importlib") for f in self._callers(frame))
        return going_on and self.looked < self.last_import

    def _reporting(self, frame: FrameType | None) -> bool:
        """Tell whether Python reports an exception that fell into a destructor."""
        going_on = any(f.f_code is Destructors.report.__code__ for f in self._callers(frame))
        return going_on and self.looked < self.deadline + LONGEST_REPORT

    def _callers(self, frame: FrameType | None) -> Iterator[FrameType]:
        """Yield `frame`, what called it, and so on, as far as it is the code that is watched."""
        while frame is not None and frame is not self.home:
            yield frame
            frame = frame.f_back

    def break_off(self, reason: str) -> None:
        """End the running code from inside one of its own calls (used for endless printing)."""
        self.reason = self.reason or reason
        if self.active:
            raise Escape


class SignalTicker:
    """The ticker of the main thread: the alarm signal, whose handler may raise right where the code is."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.raised = 0

    def start(self) -> None:
        """Begin to tick."""
        self.old_handler = signal.signal(signal.SIGALRM, self._tick)
        self.old_timer = signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def stop(self) -> None:
        """End ticking; may be called again if it was interrupted."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.old_handler)
        if self.old_timer[0] > 0:  # somebody else's alarm: let it ring as it would have
            signal.setitimer(signal.ITIMER_REAL, *self.old_timer)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if self.watch.active and self.watch.passed(frame):
            # The next alarm comes within 0.1 ms, each time at another moment, so that some alarm meets
            # the code where no `try` protects it.
            self.raised += 1
            signal.setitimer(signal.ITIMER_REAL, (self.raised % 50 + 1) * 2e-6, TICK)
            raise Escape


class ThreadTicker:
    """The ticker elsewhere: a thread that asks the interpreter to raise in the watched thread.

    It cannot choose the moment as well as an alarm can. Hence a second way past a bare `except:`: each
    `Escape` it raises also leaves a trace function behind, which raises another at the very next line.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        ticker = self

        class TwiceRaised(Escape):
            def __init__(self) -> None:
                ticker._trace_from(sys._getframe(1))

        self.escape = TwiceRaised
        self.old_trace = sys.gettrace()
        self.watched = threading.get_ident()
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, name="check-watchdog", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        self.thread.start()

    def stop(self) -> None:
        """End ticking; may be called again if it was interrupted."""
        self.over.set()
        with self.lock:  # from here on the watchdog raises nothing more; take back what is still pending
            _raise_in_thread(self.watched, None)
        sys.settrace(self.old_trace)

    def _run(self) -> None:
        pause, raised = TICK, 0
        while not self.over.wait(pause):
            with self.lock:
                if self.over.is_set() or not self.watch.active:
                    return
                if self.watch.passed(sys._current_frames().get(self.watched)):
                    _raise_in_thread(self.watched, self.escape)
                    raised += 1
                    pause = (raised % 50 + 1) * 2e-5

    def _trace_from(self, frame: FrameType | None) -> None:
        while frame is not None and frame is not self.watch.home:
            frame.f_trace = self._trace
            frame = frame.f_back
        sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if not self.watch.active:
            return None
        if event == "line":
            raise Escape
        return self._trace


def _raise_in_thread(thread: int, error: type[BaseException] | None) -> None:
    argument = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)


def limited(work: Callable[[Watch], T], seconds: float, megabytes: float) -> T:
    """Return `work(watch)`, or raise `Stopped` when it passes a limit.

    Examples
    --------
    >>> limited(lambda watch: 1 + 1, seconds=1, megabytes=100)
    2
    """
    watch = Watch(seconds, megabytes)
    in_main = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    ticker: Any = SignalTicker(watch) if in_main else ThreadTicker(watch)
    roof, destructors = MemoryRoof(), Destructors()
    watch.home = sys._getframe()
    result = None

    def clean_up() -> None:
        ticker.stop()
        destructors.release()
        roof.remove()

    try:
        roof.raise_()
        destructors.hush()
        ticker.start()
        try:
            result = work(watch)
        finally:
            watch.active = False
            try:
                clean_up()
            except Escape:  # the last one, which was under way; now nobody raises another
                clean_up()
    except Escape:
        pass
    except MemoryError:
        watch.reason = watch.reason or "memory"
    if watch.reason:  # also when the code swallowed the exception and went on to return something
        raise Stopped(watch.reason)
    return result  # type: ignore[return-value]


def memory_in_use() -> float:
    """Bytes of memory held by this process; 0 where the system offers no cheap way to know (Windows)."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096.0
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return 0.0
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # macOS: bytes, the highest so far


class Destructors:
    """Keeps quiet about an `Escape` that falls into a destructor or a callback of the garbage collector.

    No exception can leave such a place. Python drops it and reports it to `sys.unraisablehook`, which
    prints it: to the reader that would be a riddle. The next `Escape` comes anyway.
    """

    def hush(self) -> None:
        """Begin to keep quiet."""
        self.hook = sys.unraisablehook
        sys.unraisablehook = self.report

    def report(self, unraisable: Any) -> None:
        """Report every other exception as before."""
        if not issubclass(unraisable.exc_type, Escape):
            self.hook(unraisable)

    def release(self) -> None:
        """End it."""
        sys.unraisablehook = self.hook


class MemoryRoof:
    """A roof over the address space, so that one enormous array is refused instead of swapping for ever.

    Left out where PyTorch is loaded: it may reserve far more addresses than it will ever fill.
    """

    ROOM = 4 * 2**30

    def raise_(self) -> None:
        """Put the roof up."""
        self.old: tuple[int, int] | None = None
        if sys.platform != "linux" or "torch" in sys.modules:
            return
        import resource

        with open("/proc/self/statm") as file:
            roof = int(file.read().split()[0]) * 4096 + self.ROOM
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        if (soft == resource.RLIM_INFINITY or roof < soft) and (
            hard == resource.RLIM_INFINITY or roof < hard
        ):
            resource.setrlimit(resource.RLIMIT_AS, (roof, hard))
            self.old = (soft, hard)

    def remove(self) -> None:
        """Take the roof away."""
        if self.old is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, self.old)
