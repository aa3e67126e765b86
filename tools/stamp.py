"""Write the repository's address into everything that names it, or check that all agree.

    python tools/stamp.py OWNER/REPOSITORY     # after you forked or moved the course
    python tools/stamp.py --check              # exit 1 when some place names another address

The address is one setting, `[tool.course] repository` in pyproject.toml. Badges, Colab and Binder
links, the notebooks' set-up cells, the book's configuration, README.md and CITATION.cff carry a copy.
Until it is set, it is a name that GitHub gives to nobody (`owner_not_set/...`), so that no stranger
can come to own what readers install from.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNSET_OWNER = "owner_not_set"
TEXT = {
    ".cff",
    ".css",
    ".html",
    ".ipynb",
    ".js",
    ".json",
    ".md",
    ".py",
    ".svg",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
}
APART = ("tests/", "tools/", "build/", "book/_build/", ".venv/")

# GitHub's own rules for names; the part after "_" is that of accounts managed by an enterprise.
OWNER = re.compile(r"(?!.*--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?(?:_[A-Za-z0-9]{3,8})?")
REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}")

SLUG = r"([\w.-]+/[\w.-]+?)"
END = r"(?=\.git\b|[/\"'\s)\]>@#?\\}]|$)"
# Wherever one of these stands it is the course's own address. Links to other people's repositories
# in the prose are none of these.
PLACES = [
    re.compile(rf"git\+https://github\.com/{SLUG}{END}"),
    re.compile(rf"colab\.research\.google\.com/github/{SLUG}/blob/"),
    re.compile(rf"mybinder\.org/v2/gh/{SLUG}/"),
    re.compile(rf"https://github\.com/{SLUG}/actions/"),
    re.compile(rf"git clone https://github\.com/{SLUG}{END}"),
    re.compile(rf"^\s*url:\s*[\"']?https://github\.com/{SLUG}{END}", re.MULTILINE),  # book/_config.yml
    re.compile(
        rf"^(?:repository-code|url):\s*[\"']?https://github\.com/{SLUG}{END}", re.MULTILINE
    ),  # CITATION.cff
    re.compile(rf"^repository\s*=\s*\"{SLUG}\"", re.MULTILINE),  # pyproject.toml
]
# The paragraph that tells the owners to set it; setting it takes the paragraph away.
NOTE = re.compile(r"^(?:> )?\*\*The repository's address is not set.*\n(?:.+\n)*\n?", re.MULTILINE)
# Files that must name it, should someone delete the place.
MUST = ["pyproject.toml", "README.md", "CITATION.cff", "book/_config.yml"]


class AddressError(ValueError):
    """The address cannot be one on GitHub; the message says why."""


def parse(address: str) -> str:
    """Return OWNER/REPOSITORY from such a slug or from the repository's web address.

    Raises
    ------
    AddressError
        If GitHub could not have such a repository.
    """
    slug = re.sub(r"^(?:https?://github\.com/|git@github\.com:)", "", address.strip())
    slug = slug.rstrip("/").removesuffix(".git")
    owner, _, repository = slug.partition("/")
    if not repository or "/" in repository:
        raise AddressError(f"{address!r} is not of the form OWNER/REPOSITORY, for instance ada/deep-learning")
    if not OWNER.fullmatch(owner):
        raise AddressError(
            f"{owner!r} is no owner's name on GitHub: letters, digits and single hyphens, 39 at most, "
            "no hyphen at either end"
        )
    if not REPOSITORY.fullmatch(repository) or repository in (".", ".."):
        raise AddressError(f"{repository!r} is no repository's name: letters, digits and . _ - , 100 at most")
    return slug


def current(root: Path = ROOT) -> str:
    """Return the setting: what pyproject.toml says."""
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["course"]["repository"]


def is_set(slug: str) -> bool:
    """Tell whether somebody has set the address."""
    return not slug.startswith(f"{UNSET_OWNER}/")


def files(root: Path) -> Iterator[Path]:
    """Give the project's text files: those git knows or would add; without git, all but built ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
    for name in sorted(set(names)):
        path = root / name
        hidden = any(part in (".venv", ".git", ".ipynb_checkpoints", "node_modules") for part in path.parts)
        if path.suffix in TEXT and path.is_file() and not hidden and not name.startswith(APART):
            yield path


def places(text: str) -> Iterator[tuple[int, int, str]]:
    """Give start, end and slug of every place in a text that holds the course's address."""
    found = {match.span(1): match.group(1) for pattern in PLACES for match in pattern.finditer(text)}
    for (start, end), slug in sorted(found.items()):
        yield start, end, slug


def stamp(slug: str, root: Path = ROOT) -> list[Path]:
    """Write `slug` into every place, and for the old slug wherever it stands; return the files changed."""
    old, changed = current(root), []
    for path in files(root):
        before = path.read_bytes().decode("utf-8")
        after = NOTE.sub("", before) if path.suffix == ".md" else before
        for start, end, _ in reversed(list(places(after))):
            after = after[:start] + slug + after[end:]
        after = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\w)", slug, after)
        if after != before:
            path.write_bytes(after.encode("utf-8"))
            changed.append(path)
    return changed


def disagreements(root: Path = ROOT) -> list[str]:
    """Return one line for every place that names another address, and every file that should name it."""
    slug, wrong, naming = current(root), [], set()
    for path in files(root):
        name, text = path.relative_to(root).as_posix(), path.read_bytes().decode("utf-8")
        for start, _, found in places(text):
            line = text.count("\n", 0, start) + 1
            if found != slug:
                wrong.append(f"{name}, line {line}: {found}, but pyproject.toml says {slug}")
        if is_set(slug) and f"{UNSET_OWNER}/" in text:
            line = text[: text.index(f"{UNSET_OWNER}/")].count("\n") + 1
            wrong.append(f"{name}, line {line}: {UNSET_OWNER}/..., but pyproject.toml says {slug}")
        if slug in text:
            naming.add(name)
    must = [*MUST, *(p.relative_to(root).as_posix() for p in files(root) if p.suffix == ".ipynb")]
    wrong += [f"{name}: does not name {slug}" for name in must if name not in naming]
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Stamp or check, as the command line says; 0 when all places agree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="stamp.py"
    )
    parser.add_argument("address", nargs="?", help="OWNER/REPOSITORY, or its https://github.com/ address")
    parser.add_argument("--check", action="store_true", help="change nothing, fail if places disagree")
    options = parser.parse_args(arguments)
    if bool(options.address) == options.check:
        parser.error("give either OWNER/REPOSITORY or --check")
    if options.address:
        try:
            slug = parse(options.address)
        except AddressError as error:
            print(error, file=sys.stderr)
            return 2
        for path in stamp(slug):
            print(f"stamped {path.relative_to(ROOT).as_posix()}")
    wrong = disagreements()
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        slug = current()
        note = "" if is_set(slug) else " (not set: python tools/stamp.py OWNER/REPOSITORY)"
        print(f"every place says {slug}{note}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
