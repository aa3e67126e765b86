"""`make` lists every command, and says what is wrong with an old Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    shutil.which("make") is None, reason="no make here; README.md says how without"
)


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with spaces in its name and nothing but what make needs."""
    folder = tmp_path / "my course é"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def test_make_alone_lists_every_target_in_one_line(course: Path):
    listed = set(re.findall(r"^  make (\w+) +\S", make(course).stdout, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (course / "Makefile").read_text(), re.MULTILINE)
    assert listed == set(phony.split())
    assert listed >= {"lab", "test", "book", "serve", "notebook", "bench", "clean"}


def test_an_old_python_is_refused_with_a_remedy(course: Path):
    old = course / "python2"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 2.7.18" && exit\nexit 1\n')
    old.chmod(0o755)
    done = make(course, "lab", "PYTHON=./python2")
    assert done.returncode != 0
    assert "needs Python 3.11 or later; ./python2 is Python 2.7.18" in done.stdout
    assert "make lab PYTHON=python3.12" in done.stdout
    missing = make(course, "lab", "PYTHON=./python9")
    assert "./python9 is not there" in missing.stdout


def recorder(course: Path) -> Path:
    """A Python that makes an environment whose Python only writes down how it was called."""
    log = course / "log"
    fake = course / "python-fake"
    fake.write_text(
        '#!/bin/sh\ncase "$*" in\n  *"-m venv"*)\n    mkdir -p .venv/bin\n'
        f'    printf \'#!/bin/sh\\necho "$*" >> "{log}"\\n\' > .venv/bin/python\n'
        "    chmod +x .venv/bin/python;;\nesac\n"
    )
    fake.chmod(0o755)
    return log


def test_nothing_is_installed_twice(course: Path):
    log = recorder(course)
    assert make(course, "test", "PYTHON=./python-fake").returncode == 0
    assert make(course, "test", "PYTHON=./python-fake").returncode == 0
    calls = [line for line in log.read_text().splitlines() if line != "-c"]
    assert [line.split()[1] for line in calls if line.startswith("-m")] == ["pip", "pytest", "pytest"]
    assert make(course, "lab").returncode == 0
    assert "pip" not in log.read_text().splitlines()[-1], "what tests need holds what lab needs"


def test_a_changed_requirement_is_installed(course: Path):
    log = recorder(course)
    make(course, "lab", "PYTHON=./python-fake")
    stamp = (course / ".venv" / ".installed-lab").stat().st_mtime
    os.utime(course / "constraints.txt", (stamp + 5, stamp + 5))
    make(course, "lab")
    assert sum("pip install" in line for line in log.read_text().splitlines()) == 2


def test_lab_installs_less_than_test(course: Path):
    log = recorder(course)
    make(course, "lab", "PYTHON=./python-fake")
    (install,) = [line for line in log.read_text().splitlines() if "pip install" in line]
    assert install.endswith("-c constraints.txt -e .[lab]")


def test_notebook_asks_which(course: Path):
    recorder(course)
    done = make(course, "notebook", "PYTHON=./python-fake")
    assert done.returncode != 0
    assert "make notebook N=02" in done.stdout


def test_clean_leaves_the_environment(course: Path):
    for name in ("build", "book/_build", "notebooks/.ipynb_checkpoints", ".venv/lib/__pycache__"):
        (course / name).mkdir(parents=True)
    assert make(course, "clean").returncode == 0
    assert (course / ".venv/lib/__pycache__").exists()
    assert not [n for n in ("build", "book/_build", "notebooks/.ipynb_checkpoints") if (course / n).exists()]
