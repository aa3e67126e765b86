"""What the notebooks share: set-up, claims, exercise checks, quizzes, data, plots, explorables, training."""

from importlib import import_module
from typing import Any

_WHERE = {
    "setup": "start",
    "claim": "claims",
    "check": "checks",
    "quiz": "quizzes",
    "datasets": None,
    "hardware": None,
    "plots": None,
    "results": None,
    "Training": "training",
    "explore": None,
}
__all__ = list(_WHERE)


def __getattr__(name: str) -> Any:
    """Import a part of the course when it is first asked for, so that `import mini_dl.course` is cheap."""
    if name not in _WHERE:
        raise AttributeError(f"mini_dl.course has no {name!r}; it has {', '.join(__all__)}")
    where = _WHERE[name]
    if where is None:
        return import_module(f"{__name__}.{name}")
    value = getattr(import_module(f"{__name__}.{where}"), name)
    globals()[name] = value
    return value
