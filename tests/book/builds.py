"""Building books for the tests: the real one, and small trees with the real configuration and extension."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
LONGEST = 900  # seconds of a build that does not hang, on a machine with much else to do


@dataclass(frozen=True)
class Built:
    """A build: its exit code, all it printed, the folder of its pages, the seconds of processor it took."""

    code: int
    output: str
    html: Path
    seconds: float

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.output.splitlines() if "WARNING" in line]

    def pages(self) -> list[Path]:
        """The pages that are made from a page or notebook of the course, not search or index."""
        return sorted(p for folder in ("book", "notebooks") for p in (self.html / folder).rglob("*.html"))


def start_build(source: Path, out: Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the build command of the Makefile, into `out`."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
    command += ["--config", "book/_config.yml", "--toc", "book/_toc.yml", "--path-output", str(out)]
    command += ["-W", "-n", "--keep-going"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_REPOSITORY_")}
    clean |= {"NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "COLUMNS": "400"} | (env or {})
    return subprocess.Popen(
        command, cwd=source, env=clean, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finish(process: subprocess.Popen[str], out: Path) -> Built:
    """Wait for a build and return what came of it."""
    before = os.times()
    output, _ = process.communicate(timeout=LONGEST)
    after = os.times()  # now counts the process, which has ended, among the children
    seconds = sum(after[2:4]) - sum(before[2:4])
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    return Built(process.returncode, plain, out / "_build" / "html", seconds)


def real_book(folder: Path) -> Built:
    """Build the real book once for all workers: the first comes to build it, the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "built.json"
    try:
        (folder / "lock").touch(exist_ok=False)
    except FileExistsError:
        deadline = time.monotonic() + LONGEST + 60
        while not record.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the worker that builds the book did not finish in {LONGEST} s") from None
            time.sleep(0.2)
    else:
        built = finish(start_build(ROOT, folder), folder)
        draft = record.with_suffix(".part")
        draft.write_text(json.dumps([built.code, built.output, built.seconds]), encoding="utf-8")
        draft.replace(record)
    code, output, seconds = json.loads(record.read_text(encoding="utf-8"))
    return Built(code, output, folder / "_build" / "html", seconds)


def markdown(source: str, cell_id: str, **metadata: Any) -> dict[str, Any]:
    """A Markdown cell."""
    return {"cell_type": "markdown", "id": cell_id, "metadata": metadata, "source": source}


def code(source: str, cell_id: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A code cell that was run, with the data of its outputs."""
    shown = [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": metadata,
        "source": source,
        "execution_count": 1,
        "outputs": shown,
    }


def write_notebook(path: Path, *cells: dict[str, Any], widgets: dict[str, Any] | None = None) -> None:
    """Write a notebook with these cells, numbered as if run from top to bottom."""
    count = 0
    for cell in cells:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
    metadata: dict[str, Any] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if widgets:
        metadata["widgets"] = {STATE: {"version_major": 2, "version_minor": 0, "state": widgets}}
    notebook = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")


def png() -> str:
    """A small figure, as a notebook stores it."""
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (40, 30), "#0072b2").save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def claim_output(sentence: str) -> dict[str, str]:
    """What a claim shows in a notebook."""
    from mini_dl.course.claims import Claim

    return {"text/html": Claim(sentence)._repr_html_(), "text/plain": repr(Claim(sentence))}


PAGES = {
    "intro.md": "# A small book\n\nIt cites [Rosenblatt (1958)](bibliography.md#ref-rosenblatt1958), "
    "explains the [perceptron](glossary.md#term-perceptron), lies at https://github.com/owner/repo and "
    "leads to [1 · One](../notebooks/1_one_neuron/01_one.ipynb).\n",
    "glossary.md": '# Glossary\n\n## P\n\n### <a id="term-perceptron"></a>perceptron\n\n'
    "A neuron that learns.\n",
    "bibliography.md": "# Bibliography\n\n<!-- begin: written from references.bib -->\n"
    "<!-- end: written from references.bib -->\n",
    "claims.md": "# Claims\n\n<!-- here: the claims, collected from the notebooks -->\n",
    "references.bib": "@article{rosenblatt1958,\n author={Rosenblatt, Frank},\n title={The perceptron},\n "
    "journal={Psychological Review},\n year={1958},\n doi={10.1037/h0042519},\n}\n",
}


def small_tree(folder: Path) -> Path:
    """Write the frame of a book: the real configuration, extension and table of contents, little text."""
    book = folder / "book"
    book.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(BOOK / name, book / name)
    for name in ("_ext", "_static"):
        shutil.copytree(BOOK / name, book / name, ignore=shutil.ignore_patterns("__pycache__"))
    config = (book / "_config.yml").read_text(encoding="utf-8")
    config = re.sub(r"url: https://github\.com/\S+", "url: https://github.com/owner/repo", config)
    (book / "_config.yml").write_text(config, encoding="utf-8")
    toc = (book / "_toc.yml").read_text(encoding="utf-8")
    others = {f"{name}.md": f"# {name.title()}\n\nText.\n" for name in re.findall(r"file: book/(\S+)", toc)}
    for name, text in (others | PAGES).items():
        (book / name).parent.mkdir(exist_ok=True)
        (book / name).write_text(text, encoding="utf-8")
    return folder
