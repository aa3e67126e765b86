"""What the book needs beyond ``_config.yml``: its checks, its anchors and its independence of the network.

Everything here is a Sphinx event handler or transform. In the order in which they run:

- settings: the repository's address from the environment, theme options;
- table of contents: parts without a notebook are left out, a notebook in no part is an error;
- pages written from data: bibliography (``references.bib``), claims (the notebooks), the data sets' licences
  (the catalogue);
- anchors: ``<a id="term-…">``, ``<a id="ref-…">`` and the claims' ids become targets that MyST checks,
  so that a misspelt term or citation key is a warning, and with ``-W`` an error;
- figures without alternative text: the same;
- terms of the glossary: linked where a notebook first uses them;
- interactive figures: a still picture where JavaScript is off;
- the finished page: nothing from a CDN, names that screen readers can use, a description;
- MathJax: the files it needs are copied from the package ``sphinx-mathjax-offline``;
- style sheets and scripts: one small sheet, and nothing that a reader waits for before the text.
"""

from __future__ import annotations

import html
import importlib
import importlib.util
import os
import re
import shutil
from pathlib import Path
from typing import Any

import course_bibliography
import course_glossary
import course_light
import course_stills
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

BIBLIOGRAPHY, CLAIMS, REFERENCES = "book/bibliography", "book/claims", "book/references.bib"
CLAIMS_MARK = "<!-- here: the claims, collected from the notebooks -->"
LICENCE, DATA_MARK = "book/licence", "<!-- here: the data sets, from the catalogue -->"
ANCHOR = re.compile(r'^<a id="((?:term|ref)-[^"]+)">$')
CLAIM_ID = re.compile(r'\bid="(claim-[0-9a-f]+)"')
IMG = re.compile(r"<img\b[^>]*>")
ALT = re.compile(r'\balt="([^"]*)"')
MATH_THEN_SIGN = re.compile(r'(<span class="math notranslate nohighlight">[^<]*</span>)([,.;:!?)]+)')
COLAB_TITLE = re.compile(r"\A# ?@title [^\n]*\n+")
CELL_LINES = 10_000  # MyST-NB numbers the lines of cell n from (n + 1) · 10000
# what MathJax loads from its folder: itself, fonts, extensions of TeX, and, when a reader asks for
# it in the formula's menu, the speech for screen readers
MATHJAX = ["tex-mml-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions", "a11y"]
MATHJAX_SPEECH = ["sre/mathmaps/base.json", "sre/mathmaps/en.json"]


# --- settings -----------------------------------------------------------------------------------


def settings(app: Sphinx, config: Config) -> None:
    """Complete what ``_config.yml`` cannot say without replacing all theme options."""
    options = config.html_theme_options
    url, branch = os.environ.get("COURSE_REPOSITORY_URL"), os.environ.get("COURSE_REPOSITORY_BRANCH")
    app.course_stamped_url = options.get("repository_url", "")  # as it stands in the pages' text
    if url:
        options["repository_url"] = url.rstrip("/")
    if branch:
        options["repository_branch"] = branch
    # sphinx-book-theme 1.3 would show an empty bar with a second search box above the page
    options["navbar_persistent"] = []
    options["show_toc_level"] = 2
    options["search_bar_text"] = "Search the book"
    options["pygments_light_style"] = "github-light-colorblind"
    options["pygments_dark_style"] = "github-dark-colorblind"
    config.html_context["default_mode"] = "auto"


def table_of_contents(app: Sphinx, config: Config) -> None:
    """Drop globs that match nothing yet, and refuse a notebook that no part holds."""
    from sphinx.util.matching import patmatch
    from sphinx_external_toc.api import GlobItem

    site_map = config.external_site_map
    root = Path(app.srcdir)
    notebooks = sorted(
        path.relative_to(root).with_suffix("").as_posix()
        for path in (root / "notebooks").rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    )
    listed = {name.removesuffix(".ipynb") for name in site_map}
    globs = site_map.globs()
    for docname in notebooks:
        if docname not in listed and not any(patmatch(docname, pattern) for pattern in globs):
            logger.warning(
                "%s.ipynb is in no part of the book: add its folder to book/_toc.yml",
                docname,
                type="course",
                subtype="toc",
            )
    for document in list(site_map.values()):
        for tree in document.subtrees:
            tree.items = [
                item
                for item in tree.items
                if not isinstance(item, GlobItem) or any(patmatch(name, item) for name in notebooks)
            ]
        document.subtrees = [tree for tree in document.subtrees if tree.items]


# --- pages written from data --------------------------------------------------------------------


def always_read(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Have the pages that are written from other files read anew at each build."""
    return [name for name in (BIBLIOGRAPHY, CLAIMS, LICENCE) if name in env.found_docs]


def _of_the_course(module: str, page: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ExtensionError(
            f"the page of {page} needs the package mini_dl where the book is built ({error}); "
            'install it from the repository\'s root: python -m pip install -e ".[course]"'
        ) from error


def datasets_markdown() -> str:
    """Return a table of the catalogue's data sets: what each is, whose, and under which licence."""
    catalogue = _of_the_course("mini_dl.course.datasets.catalogue", "licences").CATALOGUE
    rows = [
        f"| [{_escaped(entry.title)}]({entry.source}) | {entry.licence} | {_escaped(entry.citation)} |"
        for entry in catalogue.values()
    ]
    return "| Data set | Licence | Whose |\n|:--|:--|:--|\n" + "\n".join(rows)


def _escaped(sentence: str) -> str:
    return re.sub(r"([\\`*_\[\]$<>|])", r"\\\1", " ".join(sentence.split()))


def claims_markdown(root: Path, docnames: list[str]) -> str:
    """Return a table of claims for each notebook that makes some, with a link to each cell."""
    collect = _of_the_course("mini_dl.course.claims", "claims").collect
    parts, total = [], 0
    for docname in docnames:
        path = root / f"{docname}.ipynb"
        found = collect(path)
        if not found:
            continue
        total += len(found)
        title = re.search(r"^# (.+)$", _first_markdown(path), flags=re.MULTILINE)
        rows = [
            f"| {i} | [{_escaped(c.sentence)}](../{docname}.ipynb#{c.anchor}) | {_escaped(c.section)} |"
            for i, c in enumerate(found, start=1)
        ]
        parts.append(
            f"## {title.group(1) if title else docname}\n\n"
            "| No. | Claim | In the section |\n|--:|:--|:--|\n" + "\n".join(rows)
        )
    if not total:
        return "*No notebook of this build makes a claim yet.*"
    count = f"{total} claims in {len(parts)} notebook{'s' if len(parts) > 1 else ''}."
    return f"**{count}**\n\n" + "\n\n".join(parts)


def _first_markdown(path: Path) -> str:
    import json

    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return next(("".join(c["source"]) for c in cells if c["cell_type"] == "markdown"), "")


def written_pages(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill the bibliography and the page of claims while they are read, and write one address throughout."""
    root = Path(app.srcdir)
    url = app.config.html_theme_options.get("repository_url", "")
    if app.course_stamped_url and url != app.course_stamped_url:
        source[0] = source[0].replace(app.course_stamped_url, url)
    if docname == BIBLIOGRAPHY:
        app.env.note_dependency(str(root / REFERENCES))
        source[0] = course_bibliography.fill(source[0], root / REFERENCES)
    elif docname == CLAIMS:
        docnames = sorted(n for n in app.env.found_docs if n.startswith("notebooks/"))
        source[0] = source[0].replace(CLAIMS_MARK, claims_markdown(root, docnames))
    elif docname == LICENCE:
        source[0] = source[0].replace(DATA_MARK, datasets_markdown())


# --- anchors and figures ------------------------------------------------------------------------


class Anchors(SphinxTransform):
    """Turn the ids that authors write into targets, before MyST looks links up (priority 879)."""

    default_priority = 870

    def apply(self, **kwargs: Any) -> None:
        """Move ``<a id="term-…"></a>`` to its section or list item and note every target."""
        slugs = self.env.metadata[self.env.docname].setdefault("myst_slugs", {})
        if getattr(self.document, "myst_slugs", None) is None:
            self.document.myst_slugs = slugs
        for raw in list(self.document.findall(nodes.raw)):
            text = raw.astext().strip()
            for claim_id in CLAIM_ID.findall(text):
                self._note(slugs, claim_id, raw, "claim")
            match = ANCHOR.match(text)
            if not match:
                continue
            parent = raw.parent
            position = parent.index(raw)
            if position + 1 < len(parent) and parent[position + 1].astext().strip() == "</a>":
                parent.pop(position + 1)
            parent.remove(raw)
            holder = parent
            while not isinstance(holder, nodes.section | nodes.list_item | nodes.document):
                holder = holder.parent
            title = parent.astext().strip()
            if isinstance(parent, nodes.title) and match.group(1) != f"term-{slug(title)}":
                logger.warning(
                    'the anchor of "%s" must be term-%s, not %s',
                    title,
                    slug(title),
                    match.group(1),
                    location=parent,
                    type="course",
                    subtype="anchor",
                )
            holder["ids"].insert(0, match.group(1))
            self._note(slugs, match.group(1), holder, title)

    def _note(self, slugs: dict[str, Any], target: str, node: nodes.Node, title: str) -> None:
        if target in slugs:
            logger.warning(
                "the anchor %s is there twice", target, location=node, type="course", subtype="anchor"
            )
        entry = (node.line or 0, target, title)
        slugs[target] = entry
        self.document.myst_slugs[target] = entry


def slug(title: str) -> str:
    """Return a heading as the glossary's anchors write it: lower-case words joined by hyphens.

    >>> slug("McCulloch–Pitts neuron")
    'mcculloch-pitts-neuron'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _place(docname: str, node: nodes.Node) -> str:
    line = node.line or next((n.line for n in _parents(node) if n.line), 0)
    if docname.startswith("notebooks/") and line >= CELL_LINES:
        return f"{docname}.ipynb, cell {line // CELL_LINES - 1}"
    return f"{docname}, line {line}"


def _parents(node: nodes.Node) -> Any:
    while node.parent is not None:
        node = node.parent
        yield node


def check_alt(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of every figure that says nothing to someone who cannot see it."""

    def warn(node: nodes.Node) -> None:
        place = _place(app.env.docname, node)
        logger.warning(
            "%s: a figure has no alternative text; a code cell has it in its metadata as mystnb.image.alt",
            place,
            type="course",
            subtype="alt",
        )

    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            warn(image)
    for raw in doctree.findall(nodes.raw):
        for tag in IMG.findall(raw.astext()):
            alt = ALT.search(tag)
            if not alt or not alt.group(1).strip():
                warn(raw)


def name_solutions(app: Sphinx, doctree: nodes.document) -> None:
    """Write on a folded solution what it is, and leave out the line that folds it on Colab."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or "tag_solution" not in cell["classes"]:
            continue
        cell["prompt_show"], cell["prompt_hide"] = "Show the solution", "Hide the solution"
        for block in cell.findall(nodes.literal_block):
            text = COLAB_TITLE.sub("", block.astext())
            if text != block.astext():
                block.rawsource = text
                block.children = []
                block += nodes.Text(text)
                break


def mark_parts(app: Sphinx, doctree: nodes.document) -> None:
    """Give the parts of a chapter their classes, which Markdown itself cannot carry."""
    if not app.env.docname.startswith("notebooks/"):
        return
    for quote in doctree.findall(nodes.block_quote):
        start = quote.astext().lstrip()
        if start.startswith("At a glance"):
            quote["classes"].append("course-glance")
        elif start.startswith("History."):
            quote["classes"].append("course-history")
    for paragraph in doctree.findall(nodes.paragraph):
        start = paragraph.astext()
        if start.startswith("The promise."):
            paragraph["classes"].append("course-promise")
        elif start.startswith(("★", "☆")):
            paragraph["classes"].append("course-stars")
    for section in doctree.findall(nodes.section):
        if section.children[0].astext().startswith("Exercise "):
            section["classes"].append("course-exercise")


# --- the finished page --------------------------------------------------------------------------


def only_ours(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Take out what points to the network: jupyter-book always loads sphinx-thebe, twice."""
    keep, seen = [], set()
    mathjax = any(
        "mathjax/" in str(getattr(script, "filename", script)) for script in context["script_files"]
    )
    formulas = pagename.startswith("notebooks/") or 'class="math' in context.get("body", "")
    for script in context["script_files"]:
        body = getattr(script, "attributes", {}).get("body") or ""
        name = str(getattr(script, "filename", script))
        if "thebe" in body.lower() or "thebe" in name or (body and body in seen):
            continue
        if not (mathjax and formulas) and ("mathjax" in name or body.startswith("window.MathJax")):
            continue
        seen.add(body)
        keep.append(script)
    context["script_files"] = keep
    context["css_files"] = [
        style for style in context["css_files"] if "thebe" not in str(getattr(style, "filename", style))
    ]


def description(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Describe the page to search engines by its first paragraph."""
    if doctree is None or 'name="description"' in context.get("metatags", ""):
        return
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) > 40:
            text = text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + " …"
            context["metatags"] = (
                context.get("metatags", "") + f'\n<meta name="description" content="{html.escape(text)}" />'
            )
            return


def accessible(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put right in the HTML what axe-core finds in what Sphinx and MyST-NB write."""
    body = context.get("body")
    if body:
        # the visible words of the summary are its name
        body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        # code and tables that can be wider than the page are scrolled with the keyboard, too
        body = body.replace('<div class="highlight"><pre>', '<div class="highlight"><pre tabindex="0">')
        # a comma stays on the line of the formula before it
        body = MATH_THEN_SIGN.sub(r'<span class="course-together">\1\2</span>', body)
        context["body"] = body


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Put the part of MathJax that the pages use into the output."""
    if exception is not None or app.builder.format != "html":
        return
    spec = importlib.util.find_spec("sphinx-mathjax-offline")
    if spec is None or not spec.submodule_search_locations:
        raise ExtensionError(
            "the book needs MathJax from the package sphinx-mathjax-offline, which is not installed; "
            'install what the book needs: python -m pip install -e ".[book]"'
        )
    source = Path(spec.submodule_search_locations[0]) / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in MATHJAX + MATHJAX_SPEECH:
        if not (target / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (source / name).is_dir() else shutil.copyfile
            copy(source / name, target / name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect everything."""
    app.connect("config-inited", settings, priority=1)
    app.connect("config-inited", table_of_contents, priority=950)  # the table is parsed at 900
    app.connect("env-get-outdated", always_read)
    app.connect("source-read", written_pages)
    app.add_transform(Anchors)
    app.connect("doctree-read", check_alt)
    app.connect("doctree-read", name_solutions)
    app.connect("doctree-read", mark_parts)
    app.connect("doctree-resolved", course_glossary.link_terms)
    app.connect("html-page-context", description, priority=900)
    app.connect("html-page-context", course_stills.add_stills, priority=980)
    app.connect("html-page-context", accessible, priority=990)
    app.connect("html-page-context", only_ours, priority=999)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", course_light.lighten, priority=900)  # after all that write into the pages
    # env_version: raise it when a change here must make Sphinx read all pages anew
    return {"version": "1", "env_version": 4, "parallel_read_safe": True, "parallel_write_safe": True}
