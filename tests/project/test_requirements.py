"""pyproject.toml, constraints.txt and environment.yml say the same."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Requirements with more than a lower bound, each with its reason (which stands beside it, too).
UPPER_BOUNDS = {"jupyter-book": "version 2 fetches its theme from a service at build time"}
# What conda-forge calls otherwise.
CONDA_NAMES = {"torch": "pytorch"}
# Extras that `.[dev]` leaves out, each with its reason.
APART_FROM_DEV = {"bench": "rivals of the engine, which one benchmark alone needs"}
# What environment.yml is for: to work through all notebooks.
EXTRAS_OF_ENVIRONMENT = ("course", "torch", "lab")


def requirements(*extras: str) -> dict[str, Requirement]:
    """Return the direct requirements of the core and the extras, by name; the project itself left out."""
    texts = list(PROJECT["dependencies"])
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    parsed = [Requirement(text) for text in texts]
    return {canonicalize_name(r.name): r for r in parsed if canonicalize_name(r.name) != "mini-dl"}


EVERYTHING = requirements(*PROJECT["optional-dependencies"])


def pins() -> dict[str, str]:
    """Return constraints.txt as name -> version."""
    found = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, version = line.partition("==")
            assert version, f"constraints.txt: {line!r} is not of the form name==version"
            assert canonicalize_name(name) not in found, f"constraints.txt pins {name} twice"
            found[canonicalize_name(name)] = version.strip()
    return found


@pytest.mark.parametrize("name", EVERYTHING)
def test_requirement_has_a_lower_bound_only(name: str):
    operators = {s.operator for s in EVERYTHING[name].specifier}
    if name in UPPER_BOUNDS:
        assert operators - {">="}, f"{name} has no upper bound any more: take it out of UPPER_BOUNDS"
        return
    assert operators == {">="}, (
        f"pyproject.toml: {EVERYTHING[name]}: a lower bound alone, or a tested reason in UPPER_BOUNDS"
    )


def test_the_core_needs_numpy_alone():
    assert list(requirements()) == ["numpy"]


def test_python_is_a_lower_bound():
    assert PROJECT["requires-python"] == ">=3.11"


@pytest.mark.parametrize("name", EVERYTHING)
def test_constraints_pin_what_pyproject_asks(name: str):
    assert name in pins(), f"constraints.txt does not pin {name}"
    assert EVERYTHING[name].specifier.contains(pins()[name]), (
        f"constraints.txt pins {name}=={pins()[name]}, pyproject.toml asks for {EVERYTHING[name]}"
    )


def test_torch_is_pinned_for_every_platform():
    # "2.13.0+cpu" would exist on one index only
    assert re.fullmatch(r"[\d.]+", pins()["torch"])


def test_dev_takes_in_every_extra():
    (own,) = [r for r in map(Requirement, PROJECT["optional-dependencies"]["dev"]) if r.name == "mini_dl"]
    assert own.extras | {"dev", *APART_FROM_DEV} == set(PROJECT["optional-dependencies"])


def environment() -> tuple[dict[str, Requirement], list[str], list[str]]:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [d for d in content["dependencies"] if isinstance(d, str)]
    (pip,) = [d["pip"] for d in content["dependencies"] if isinstance(d, dict)]
    parsed = [Requirement(text) for text in plain]
    return {canonicalize_name(r.name): r for r in parsed}, pip, content["channels"]


def test_environment_names_the_same_packages_and_bounds():
    conda, pip, channels = environment()
    assert channels == ["conda-forge"]
    assert pip == ["--no-deps -e ."]
    assert str(conda.pop("python").specifier) == PROJECT["requires-python"]
    conda.pop("pip")
    wanted = {
        CONDA_NAMES.get(n, n): str(r.specifier) for n, r in requirements(*EXTRAS_OF_ENVIRONMENT).items()
    }
    assert {name: str(r.specifier) for name, r in conda.items()} == wanted


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="constraints.txt is written from Python 3.11")
def test_constraints_pin_all_that_is_installed():
    """Nothing that `.[dev]` brings in here is left to float."""
    from importlib.metadata import distributions

    installed = {canonicalize_name(d.name): d for d in distributions() if d.name}
    todo, seen = ["mini-dl"], set()
    while todo:
        name = todo.pop()
        for text in installed[name].requires or []:
            needed = Requirement(text)
            extra = "dev" if name == "mini-dl" else ""
            if needed.marker and not needed.marker.evaluate({"extra": extra}):
                continue
            other = canonicalize_name(needed.name)
            if other not in seen and other in installed:
                seen.add(other)
                todo.append(other)
    apart = {"mini-dl", "pip", "setuptools"}
    loose = sorted(
        n for n in seen - apart if n not in pins() and not n.startswith(("nvidia", "cuda", "triton"))
    )
    assert not loose, f"constraints.txt does not pin {', '.join(loose)}"


def test_every_package_and_the_recorded_measurements_are_shipped():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    there = {
        f.parent.relative_to(ROOT).as_posix().replace("/", ".") for f in ROOT.glob("mini_dl/**/__init__.py")
    }
    assert set(setuptools["packages"]) == there | set(setuptools["package-dir"])
    assert all(list((ROOT / folder).glob("*.json")) for folder in setuptools["package-dir"].values())
