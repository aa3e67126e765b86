"""Settings of the test run that pyproject.toml cannot say."""

import builtins
import os

# Several test processes share the cores: each computes on its part of them. With more threads than cores
# they wait for each other, and a notebook that takes 30 seconds takes minutes. Before NumPy is imported.
_processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if _processes > 1:
    _threads = str(max(1, (os.cpu_count() or 1) // _processes))
    for _library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{_library}_NUM_THREADS", _threads)

import numpy as np  # noqa: E402
import pytest  # noqa: E402

os.environ.setdefault("MPLBACKEND", "Agg")  # no windows while testing

pytest_plugins = ["tests.notebooks.nbval_strict", "tests.engine.cases", "tests.exercises.table"]


@pytest.fixture(autouse=True)
def names_of_the_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, object]) -> None:
    """Give the engine's examples what their reader has imported: np, mini_dl, F, tensor and so on."""
    if not isinstance(request.node, pytest.DoctestItem):
        return
    import mini_dl
    from mini_dl.nn import functional

    public = {name: value for name, value in vars(mini_dl).items() if not name.startswith("_")}
    names = {name: value for name, value in public.items() if not hasattr(builtins, name)}
    own = request.node.dtest.globs  # a module's own names go first
    for name, value in {**names, "np": np, "mini_dl": mini_dl, "F": functional}.items():
        doctest_namespace[name] = own.get(name, value)


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
