"""The Colab case: one notebook alone, on a machine that has what Colab has, but not the course.

A wheel is built from this tree. A fresh virtual environment gets what Colab has of the things that
our notebooks need (`COLAB`), and nothing else. Then each notebook is copied alone into an empty folder
and executed; the set-up cell that a reader runs installs the course, here from that wheel
(`MINI_DL_SOURCE`) instead of GitHub. What comes out is compared with what is stored, as strictly as
everywhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from tests.notebooks import rules
from tests.notebooks.nbval_strict import missing_data

pytestmark = pytest.mark.slow_file

# Of all that Colab has installed, what a notebook of the course may lean on. PyTorch, TensorFlow and
# hundreds more are there as well; anywidget, pooch and the course are not, or not for certain.
COLAB = ["ipykernel", "ipywidgets", "matplotlib", "numpy", "scikit-learn", "tqdm"]
NOTEBOOKS = sorted((rules.ROOT / "notebooks").rglob("*.ipynb"))
NOTEBOOKS = [p for p in NOTEBOOKS if ".ipynb_checkpoints" not in p.parts]
CONSTRAINTS = (rules.ROOT / "constraints.txt").as_uri()  # an address: pip splits paths at spaces
PY = "Scripts/python.exe" if os.name == "nt" else "bin/python"


def run(*command: object, **options: object) -> str:
    """Run a command; on failure show what it printed, or skip where no package index is in reach."""
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=1800,
        check=False,
        **options,
    )
    text = done.stdout + done.stderr
    if done.returncode and ("(from versions: none)" in text or "NewConnectionError" in text):
        pytest.skip(f"needs a package index: {text.strip().splitlines()[-1]}")
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}\n{text}", pytrace=False)
    return text


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as a wheel, built from a copy: a build leaves files behind."""
    source, out = tmp_path_factory.mktemp("source") / "course", tmp_path_factory.mktemp("wheel of the course")
    shutil.copytree(rules.ROOT / "mini_dl", source / "mini_dl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(rules.ROOT / "benchmarks" / "results", source / "benchmarks" / "results")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(rules.ROOT / name, source / name)
    # In isolation, as a reader's pip builds it; the index is asked for setuptools.
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, source)
    (built,) = out.glob("*.whl")
    return built


@dataclass(frozen=True)
class Machine:
    """A virtual environment and, by name, what was in it at first."""

    python: Path
    packages: frozenset[str]

    def installed(self) -> frozenset[str]:
        found = json.loads(run(self.python, "-m", "pip", "list", "--format=json"))
        return frozenset(package["name"] for package in found)

    def reset(self) -> None:
        """Take away what has been installed since."""
        added = self.installed() - self.packages
        if added:
            run(self.python, "-m", "pip", "uninstall", "-q", "-y", *sorted(added))


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A fresh virtual environment that has what Colab has."""
    folder = tmp_path_factory.mktemp("colab") / "venv"
    run(sys.executable, "-m", "venv", folder)
    python = folder / PY
    run(python, "-m", "pip", "install", "-q", "-c", CONSTRAINTS, *COLAB)
    return Machine(python, Machine(python, frozenset()).installed())


def files_of_package() -> set[str]:
    """What must be in the wheel: the package's modules and the browser's files."""
    package = rules.ROOT / "mini_dl"
    kinds = {".py", ".js", ".css", ".typed"}
    return {
        p.relative_to(rules.ROOT).as_posix()
        for p in package.rglob("*")
        if p.is_file()
        and p.suffix in kinds | {""}
        and "__pycache__" not in p.parts
        and not p.name.startswith(".")
    }


def test_wheel_holds_the_package_and_nothing_else(wheel: Path):
    names = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    assert {n for n in files_of_package() if not n.endswith(".pyc")} - names == set(), "missing in the wheel"
    assert {n.split("/")[0] for n in names} == {"mini_dl"}, "beside the package in the wheel"
    assert {Path(n).suffix for n in names} >= {".py", ".js", ".css"}
    assert not [n for n in names if re.search(r"(^|/)(tests?/|test_|conftest)", n)], "tests in the wheel"


def test_the_course_is_not_there_before(colab: Machine):
    assert not {"mini_dl", "mini-dl", "anywidget", "pooch"} & colab.packages


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_alone(tmp_path: Path, path: Path, wheel: Path, colab: Machine):
    notebook = nbformat.read(path, as_version=4)
    lacking = missing_data(notebook.metadata["course"]["data"])
    if lacking:
        pytest.skip(f"no data here for {', '.join(lacking)}")
    colab.reset()  # each notebook meets a machine without the course
    folder = tmp_path / "My Drive" / "Colab Notebooks"
    folder.mkdir(parents=True)
    shutil.copy(path, folder)
    kernel = tmp_path / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True)
    start = [str(colab.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": start, "display_name": "Colab", "language": "python", "env": {"PYTHONPATH": ""}}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_", "VIRTUAL_ENV"))},
        "MINI_DL_SOURCE": wheel.as_uri(),
        "PIP_CONSTRAINT": CONSTRAINTS,
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "PYTHONPATH": str(rules.ROOT),  # for pytest to find the plugin; the kernel's is empty
    }
    options = ["-p", "no:cacheprovider", "-p", "tests.notebooks.nbval_strict", "--rootdir", str(folder)]
    # the set-up cell installs PyTorch, which takes as long as the network likes: that is no running time
    options += ["--nbval-kernel-name=colab", "--nbval-cell-timeout=600", "--no-time-bar", "-q"]
    said = run(sys.executable, "-m", "pytest", *options, path.name, cwd=folder, env=environment)
    assert "NOT COMPARED" not in said
    assert {"anywidget", "pooch"} <= colab.installed(), "the set-up cell did not install the course"
