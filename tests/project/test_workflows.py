"""GitHub's workflows are valid, pinned, and run what a person runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def test_they_keep_githubs_schema():
    schema = ["--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, *map(str, WORKFLOWS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_actions_are_pinned_to_a_release(path: Path):
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    for action in used:
        assert re.search(r"(@v\d+\.\d+\.\d+|^docker://.*:\d+\.\d+\.\d+)$", action), (
            f"{action}: pin it exactly"
        )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_rights_are_the_least(path: Path):
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job, f"{path.name}: job {name} may run for six hours"
        assert set(job.get("permissions", {})) <= {"pages", "id-token"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_nothing_foreign_gets_into_a_shell(path: Path):
    for step in steps(path):
        spliced = re.findall(r"\$\{\{\s*(github\.[\w.]+)", step.get("run", ""))
        assert not spliced, f"{path.name}: hand {spliced} to the step by env:, not into its shell line"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_files_they_name_exist(path: Path):
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"(?<![\w/.])((?:tools|book|tests|mini_dl)/[\w/]+\.\w+)", text):
        assert (ROOT / name).exists(), f"{path.name} names {name}, which does not exist"


def test_three_systems_and_two_pythons():
    (job,) = [j for j in load(ROOT / ".github/workflows/tests.yml")["jobs"].values() if "strategy" in j]
    matrix = job["strategy"]["matrix"]
    assert {re.match(r"[a-z]+", system).group() for system in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert len(matrix["python"]) >= 2
    assert all(isinstance(version, str) for version in matrix["python"]), "3.10 unquoted is the number 3.1"


@pytest.mark.parametrize("name", ["tests.yml", "newest.yml"])
def test_linux_forbids_skips(name: str):
    runs = [s["run"] for s in steps(ROOT / ".github/workflows" / name) if "pytest" in s.get("run", "")]
    assert runs
    assert all("--forbid-skips" in run for run in runs)


def test_newest_has_no_constraints_and_the_others_have():
    def installs(name: str) -> list[str]:
        return [
            s["run"] for s in steps(ROOT / ".github/workflows" / name) if "pip install" in s.get("run", "")
        ]

    assert not any("constraints.txt" in run for run in installs("newest.yml"))
    for name in ("tests.yml", "book.yml"):
        assert all("-c constraints.txt" in run for run in installs(name))


def test_the_book_is_stamped_with_its_own_address():
    build = steps(ROOT / ".github/workflows/book.yml")
    (at,) = [i for i, s in enumerate(build) if "tools/stamp.py" in s.get("run", "")]
    (book,) = [i for i, s in enumerate(build) if "jupyter-book build" in s.get("run", "")]
    assert build[at]["env"]["REPOSITORY"] == "${{ github.repository }}"
    assert at < book


def test_pre_commit_hooks_need_no_network():
    content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in content["repos"]] == ["local"]
    for hook in content["repos"][0]["hooks"]:
        for name in re.findall(r"(?:tests|tools)/[\w/]+\.py", hook["entry"]):
            assert (ROOT / name).exists(), f"hook {hook['id']} names {name}, which does not exist"
