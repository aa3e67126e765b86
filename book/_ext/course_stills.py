"""Still pictures of the interactive figures, for readers without JavaScript.

`tools/stills.py` takes them from the built book and writes them, with a list, into ``_static/stills``.
Here each page with an interactive figure gets its picture inside ``<noscript>``, unless the picture is older
than what the notebook holds. That no figure is without one, a test of the book holds.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

STILLS = Path(__file__).resolve().parents[1] / "_static" / "stills"
LIST = "stills.json"
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
TAG = re.compile(rf'<script type="{re.escape(VIEW)}">(?P<view>[^<]*)</script>')


def models(notebook: dict[str, Any]) -> dict[str, str]:
    """Return the fingerprint of each interactive figure that a notebook shows, by the id of its model.

    The fingerprint changes with the figure's program, its style and the values it begins with.
    """
    state = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    shown = [
        output["data"][VIEW]["model_id"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    return {
        name: hashlib.sha256(json.dumps(state[name], sort_keys=True).encode()).hexdigest()[:16]
        for name in shown
        if name in state
    }


def key(notebook: Path, model: str) -> str:
    """Return the name of a figure's picture: that of its notebook, and enough of its model's id."""
    return f"{notebook.stem}-{model[:8]}"


def add_stills(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the still pictures beside the tags that the browser makes figures of."""
    path = Path(app.srcdir) / f"{pagename}.ipynb"
    if not pagename.startswith("notebooks/") or not TAG.search(context.get("body", "")) or not path.is_file():
        return
    wanted = models(json.loads(path.read_text(encoding="utf-8")))
    known = json.loads((STILLS / LIST).read_text(encoding="utf-8")) if (STILLS / LIST).is_file() else {}

    def with_still(match: re.Match[str]) -> str:
        name = json.loads(html.unescape(match["view"]))["model_id"]
        still = known.get(key(path, name))
        if name not in wanted or still is None or still["of"] != wanted[name]:
            return match[0]
        address = context["pathto"](f"_static/stills/{key(path, name)}.png", resource=True)
        return (
            f'{match[0]}<noscript><img class="course-still" src="{address}" width="{still["width"]}"'
            f' alt="{html.escape(still["alt"])}" /></noscript>'
        )

    context["body"] = TAG.sub(with_still, context["body"])
