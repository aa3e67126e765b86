"""Pack one archive for a class without internet.

    make classroom                             build/classroom/deep-learning-course.zip
    make classroom ARGS="--packages --torch"   with all Python packages for this kind of computer
    make classroom ARGS=--without-solutions    student versions of the notebooks; no book, no slides

Without make: `python tools/classroom.py`, with the same arguments. In the archive are the notebooks, the
data sets that they need (from the folder MINI_DL_DATA or the cache), the wheel of `mini_dl`, the built book,
the slides and START_HERE.md, which says what to do with them. It is written only when all of it is at hand.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import handout
import nbformat
import run_notebooks
import slides

ROOT = Path(__file__).resolve().parents[1]
ARCHIVE = ROOT / "build" / "classroom" / "deep-learning-course.zip"
BOOK = ROOT / "book" / "_build" / "html"
TOP = "deep-learning-course"

INSTRUCTIONS = """# Start here

This folder holds a course on deep learning for a computer without internet. You need Python 3.11 or later
from python.org.

1. Unpack the archive and open a terminal in this folder ({top}).
2. Make an environment and install the course in it:

   ```
   python3 -m venv .venv
   .venv/bin/python -m pip install {install}
   ```

   On Windows write `py -m venv .venv`, and `.venv\\Scripts\\python` for `.venv/bin/python`.
   {packages}
3. Tell the course where the data sets are, and start JupyterLab:

   ```
   export MINI_DL_DATA="$PWD/data"
   .venv/bin/python -m jupyterlab notebooks
   ```

   In PowerShell: `$env:MINI_DL_DATA = "$PWD\\data"`, then `.venv\\Scripts\\python -m jupyterlab notebooks`.

| Folder | What is in it |
|:--|:--|
| notebooks | {notebooks} |
| data | {data} |
| wheels | the engine `mini_dl`{wheels} |
{book}
"""


BOOK_AND_SLIDES = """| book/html | the book: open index.html in a browser |
| slides | for the lecturer: open one in a browser; the key S shows the notes |"""


class ClassroomError(Exception):
    """Something is missing; the message says what, and what to do."""


def needed_data(notebooks: list[Path]) -> list[str]:
    """Return the data sets that the notebooks name in their metadata."""
    named = [nbformat.read(p, as_version=4).metadata.get("course", {}).get("data", []) for p in notebooks]
    return sorted({name for names in named for name in names})


def data_files(name: str) -> Iterator[tuple[Path, str]]:
    """Yield each file of a data set that is on this machine, and its path within a data folder.

    Raises
    ------
    ClassroomError
        If the data set is not here, or damaged.
    """
    from mini_dl.course.datasets import available, catalogue, store

    if not available(name):
        raise ClassroomError(
            f"the data set {name} is not on this machine: run\n"
            f"  python -m mini_dl.course.datasets fetch {name}"
        )
    for download in catalogue.CATALOGUE[name].downloads:
        for folder in store.folders():
            forms = [(f.path, f.path.removesuffix(".gz")) for f in download.files]
            found = [next((p for p in form if (folder / p).is_file()), None) for form in forms]
            if None in found and (folder / download.path).is_file():
                found = [download.path]
            paths = [path for path in found if path is not None]
            if len(paths) == len(found):
                yield from ((folder / path, path) for path in paths)
                break


def build_wheel(to: Path) -> Path:
    """Build the wheel of mini_dl from a copy of the sources: a build leaves files behind."""
    source = to / "source"
    shutil.copytree(ROOT / "mini_dl", source / "mini_dl", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "benchmarks" / "results", source / "benchmarks" / "results")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    _pip("wheel", "--no-deps", "--wheel-dir", to, source)
    (wheel,) = to.glob("*.whl")
    return wheel


def _pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise ClassroomError(f"`pip {arguments[0]}` failed; is there a network?\n{said}")


def pack(
    archive: Path, *, solutions: bool = True, packages: bool = False, torch: bool = False, book: Path = BOOK
) -> list[str]:
    """Write the archive and return the paths in it."""
    notebooks = run_notebooks.all_notebooks()
    sets = needed_data(notebooks)
    files: dict[str, Path] = {}
    for name in sets:
        files |= {f"data/{place}": path for path, place in data_files(name)}
    if solutions and not (book / "index.html").is_file():
        raise ClassroomError(f"the book is not built: {book} has no index.html; run `make book`")
    with tempfile.TemporaryDirectory() as scratch:
        temporary = Path(scratch)
        if solutions:
            files |= {f"book/html/{p.relative_to(book).as_posix()}": p for p in _below(book)}
            folder = ROOT / "notebooks"
            pages = handout.linked_pages(nbformat.read(p, as_version=4) for p in notebooks)
            files |= {p.relative_to(ROOT).as_posix(): p for p in [*notebooks, *pages, folder / "README.md"]}
            slides.make(slides.all_decks(), temporary / "slides", book="../book/html")
            files |= {p.relative_to(temporary).as_posix(): p for p in _below(temporary / "slides")}
        else:
            handout.hand_out(notebooks, temporary)
            student = temporary / "student"
            files |= {p.relative_to(student).as_posix(): p for p in _below(student)}
        wheel = build_wheel(temporary)
        files[f"wheels/{wheel.name}"] = wheel
        extras = "lab,torch" if torch else "lab"
        if packages:
            wheels = temporary / "packages"
            _pip("download", "-c", ROOT / "constraints.txt", "-d", wheels, f"{wheel}[{extras}]")
            files |= {f"wheels/{p.name}": p for p in _below(wheels)}
        files["LICENSE"] = ROOT / "LICENSE"
        target = f'"wheels/{wheel.name}[{extras}]"'
        text = INSTRUCTIONS.format(
            top=TOP,
            install=f"--no-index --find-links wheels {target}" if packages else target,
            packages="All packages are in the folder wheels; they fit computers of the kind that packed them."
            if packages
            else "This step needs a network, once: the archive was packed without packages.",
            notebooks="the course" if solutions else "the course, without solutions",
            data=", ".join(sets) or "nothing: no notebook needs a download",
            wheels=" and all that it needs" if packages else "",
            book=BOOK_AND_SLIDES if solutions else "",
        )
        archive.parent.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_name(f".{archive.name}.tmp")
        try:
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as zipped:
                zipped.writestr(f"{TOP}/START_HERE.md", text)
                for place, path in sorted(files.items()):
                    zipped.write(path, f"{TOP}/{place}")
            os.replace(unfinished, archive)
        finally:
            unfinished.unlink(missing_ok=True)
    return ["START_HERE.md", *sorted(files)]


def _below(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when something is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="classroom.py"
    )
    parser.add_argument("--to", type=Path, default=ARCHIVE, help="the archive to write")
    parser.add_argument(
        "--without-solutions", action="store_true", help="student versions; no book, no slides"
    )
    parser.add_argument("--packages", action="store_true", help="add all Python packages (0.2 GB)")
    parser.add_argument("--torch", action="store_true", help="with PyTorch, for the later notebooks")
    options = parser.parse_args(arguments)
    try:
        names = pack(
            options.to,
            solutions=not options.without_solutions,
            packages=options.packages,
            torch=options.torch,
        )
    except (ClassroomError, handout.LeakError, slides.SlidesError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write {options.to}: {error.strerror or error}", file=sys.stderr)
        return 1
    size = options.to.stat().st_size / 1e6
    print(f"{options.to}: {len(names)} files, {size:.0f} MB. Try it on one computer of the class first.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
