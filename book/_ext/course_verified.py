"""At each notebook's foot: when it was last verified, with what, in how many seconds.

The record book/verified.json is written by the test run itself (`make verify`, which is
`pytest notebooks -n0 --record-verified`; see tests/notebooks/nbval_strict.py), never by hand. A notebook that
is no longer the one that was verified says so; without a record the pages say nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import html
import json
from pathlib import Path
from typing import Any

RECORD = Path("book") / "verified.json"


def source_hash(notebook: Path) -> str:
    """Return the sha256 of what is written in a notebook's cells; outputs and metadata do not count."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def read(root: Path) -> dict[str, Any] | None:
    """Return the record, or None where there is none.

    Raises
    ------
    ValueError
        If the file is not such a record.
    """
    try:
        record = json.loads((root / RECORD).read_text(encoding="utf-8"))
        record["date"] = datetime.date.fromisoformat(record["date"])
        lacking = {"python", "numpy", "torch", "cores", "notebooks"} - set(record)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"{RECORD} is no record of a test run ({error}): write it with make verify"
        ) from error
    if lacking:
        raise ValueError(f"{RECORD} lacks {', '.join(sorted(lacking))}: write it with make verify")
    return record


def sentence(record: dict[str, Any], root: Path, name: str) -> str:
    """Return what stands at the foot of the notebook `name`; empty when the record does not know it."""
    run = record["notebooks"].get(name)
    if run is None:
        return ""
    date = f"{record['date'].day} {record['date']:%B %Y}"
    if run["sha256"] != source_hash(root / name):
        return f"Changed since it was last verified, on {date}."
    seconds, cores = max(1, round(run["seconds"])), record["cores"]
    return (
        f"Last verified on {date} with Python {record['python']}, NumPy {record['numpy']} and PyTorch "
        f"{record['torch']}: {seconds} s on {cores} CPU core{'s' if cores > 1 else ''}."
    )


def foot(app: Any, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the sentence at the end of a notebook's page."""
    if not pagename.startswith("notebooks/") or not context.get("body"):
        return
    record = read(Path(app.srcdir))
    text = sentence(record, Path(app.srcdir), f"{pagename}.ipynb") if record else ""
    if text:
        context["body"] += f'\n<p class="course-verified">{html.escape(text)}</p>\n'


def written_anew(app: Any, env: Any) -> list[str]:
    """Have every notebook's page written again when the record has changed."""
    path = Path(app.srcdir) / RECORD
    now = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
    before, env.course_verified = getattr(env, "course_verified", ""), now
    return [name for name in env.found_docs if name.startswith("notebooks/")] if now != before else []


def setup(app: Any) -> dict[str, Any]:
    """Connect everything."""
    app.connect("env-updated", written_anew)
    app.connect("html-page-context", foot, priority=995)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
