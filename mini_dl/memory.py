"""One setting of the process that makes NumPy faster."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # from glibc's malloc.h


def keep_freed_memory() -> bool:
    """Let the C library keep memory that arrays give back, for the next arrays; True if it could.

    By default glibc returns every freed array over 128 kB to the system and asks for it again a moment
    later; clearing the fresh pages then costs more than the arithmetic. A training step makes and
    frees the same arrays over and over, so keeping them makes it up to a third faster. It holds for
    the whole process: a program decides it, an import does not. Only glibc (Linux) has the setting.

    >>> keep_freed_memory() in (True, False)
    True
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library: macOS, Windows, musl
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, 32 << 20) and mallopt(_M_TRIM_THRESHOLD, 1 << 30))
