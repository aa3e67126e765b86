"""Settings of the test run that pyproject.toml cannot say."""

import os

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")  # no windows while testing

pytest_plugins = ["tests.notebooks.nbval_strict"]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Use all cores for the whole suite, none apart for a few files named on the command line.

    Returns
    -------
    int or None
        None leaves it to pytest-xdist: as many workers as cores.
    """
    few = config.args_source is pytest.Config.ArgsSource.ARGS and len(config.args) < 4
    return 0 if few or config.option.collectonly else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest (notebooks, mark `slow_file`): no worker is left with it at the end."""
    items.sort(key=lambda item: not (item.get_closest_marker("slow_file") or item.path.suffix == ".ipynb"))
