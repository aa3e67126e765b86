"""A small course made on the fly: notebooks that keep every rule, for tests that then break them."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

Notebook = nbformat.NotebookNode

FILLER = "A sentence of twelve words that says nothing and fills the page. " * 10
SETUP = """import importlib.util, os
if importlib.util.find_spec("mini_dl") is None:
    %pip install -q "mini_dl[course] @ {os.environ.get('MINI_DL_SOURCE', 'git+https://github.com/a/b')}"
from mini_dl.course import check, claim, quiz, setup
ready = setup(seed=1)"""
CITED = "[Rosenblatt (1958)](../../book/bibliography.md#ref-rosenblatt1958)"


def png(grey: int = 200, width: int = 8, height: int = 8) -> str:
    """Return a grey image as a notebook stores it."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (grey, grey, grey)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode() + "\n"


def text_output(text: str, name: str = "stdout") -> dict[str, Any]:
    """Return the output of a print."""
    return nbformat.v4.new_output("stream", name=name, text=text)


def display(**data: str) -> dict[str, Any]:
    """Return a displayed output; `image_png=...` is `image/png`."""
    mimes = {key.replace("_", "/", 1).replace("_", "-"): value for key, value in data.items()}
    return nbformat.v4.new_output("display_data", data=mimes)


def exercise(number: int, name: str) -> list[Notebook]:
    """Return the cells of a checked exercise."""
    info = {"id": name, "level": 1, "importance": "essential", "minutes": 5, "points": 2, "kind": "checked"}
    return [
        new_markdown_cell(
            f"### Exercise 2.{number} · Task\n\n★☆☆ · 5 minutes · essential\n\nDo it.",
            metadata={"tags": ["exercise"], "exercise": info},
        ),
        new_code_cell(
            f'def {name}(x: int) -> int:\n    """Return x."""\n    raise NotImplementedError',
            metadata={"tags": ["exercise-stub"]},
        ),
        new_code_cell(f"check.{name}({name})", metadata={"tags": ["exercise-check"]}),
        *(
            new_markdown_cell(
                f"<details><summary>Hint {i}</summary>\n\nThink about it once more.\n\n</details>",
                metadata={"tags": ["hint"]},
            )
            for i in (1, 2)
        ),
        new_code_cell(
            '# @title Solution { display-mode: "form" }\n'
            f"def {name}_solution(x: int) -> int:\n    return x\n\n"
            f"check.{name}({name}_solution).require()",
            metadata={"tags": ["solution", "hide-cell"], "jupyter": {"source_hidden": True}},
        ),
    ]


def good_notebook() -> Notebook:
    """Return a notebook that keeps every rule (its outputs are made up, not run)."""
    figures = [
        new_code_cell(
            "plt.plot([1, 2])\nplt.show()",
            metadata={"mystnb": {"image": {"alt": "A line that rises from one to two."}}},
            outputs=[display(image_png=png(), text_plain="<Figure>")],
        )
        for _ in range(3)
    ]
    cells = [
        new_markdown_cell("# 2 · The perceptron\n\n**The promise.** You will know."),
        new_markdown_cell(
            "**You will be able to**\n\n- do one thing;\n- do another;\n- do a third.\n\n"
            "**You need** [the first](01_first.ipynb#exercises).\n\n"
            "**Time** 30 minutes to read; it runs in 5 s.\n\n**Data** none. **Hardware** any.",
            metadata={"tags": ["at-a-glance"]},
        ),
        new_code_cell(SETUP, metadata={"tags": ["setup"]}, outputs=[text_output("Ready: random seed 1.\n")]),
        new_markdown_cell(
            f"> **History.** In 1958 {CITED} had an idea: "
            "the [perceptron](../../book/glossary.md#term-perceptron).",
            metadata={"tags": ["history"]},
        ),
        *figures,
        new_code_cell('claim("Two is two", 2 == 2)', outputs=[display(text_plain="✓ Two is two")]),
        new_code_cell("print(0.5)", outputs=[text_output("0.5\n")]),
        *(cell for i, name in enumerate(("one", "two", "three", "four"), 1) for cell in exercise(i, name)),
        new_markdown_cell(
            "### Exercise 2.5 · Open\n\n★★★ · 20 minutes · extra\n\nThink.",
            metadata={
                "tags": ["exercise"],
                "exercise": {"id": "five", "level": 3, "importance": "extra", "minutes": 20, "kind": "open"},
            },
        ),
        *(new_markdown_cell(f"## Part {i}\n\n{FILLER}") for i in range(14)),
        new_markdown_cell("## Summary\n\n- That is it.", metadata={"tags": ["summary"]}),
        new_code_cell("quiz(('Why?', [('So', True, 'Yes.')]))", metadata={"tags": ["quiz"]}),
        new_markdown_cell(f"## Further reading\n\n- {CITED}", metadata={"tags": ["references"]}),
        new_markdown_cell("**Next:** [3 · On](03_on.ipynb)"),
    ]
    count = 0
    for index, cell in enumerate(cells):
        cell.id = f"c{index:02d}"
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
    return new_notebook(
        cells=cells,
        metadata={
            "course": {"number": "02", "title": "The perceptron", "run_seconds": 5, "data": []},
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )


def write_course(root: Path, notebook: Notebook, name: str = "02_perceptron") -> Path:
    """Write a notebook into a small course, with what it links to; return its path."""
    part, book = root / "notebooks" / "1_part", root / "book"
    part.mkdir(parents=True, exist_ok=True)
    book.mkdir(exist_ok=True)
    for other in ("01_first", "03_on"):
        nbformat.write(new_notebook(cells=[new_markdown_cell("# Exercises")]), part / f"{other}.ipynb")
    (book / "references.bib").write_text("@article{rosenblatt1958,\n  year = 1958\n}\n")
    (book / "bibliography.md").write_text('- <a id="ref-rosenblatt1958"></a>Rosenblatt\n')
    (book / "glossary.md").write_text(
        "# Glossary\n\n```{glossary}\nperceptron\n  A neuron that learns.\n```\n"
    )
    path = part / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def only_code(*sources: str, **course: Any) -> Notebook:
    """Return a notebook of a few code cells, for runs where structure does not matter."""
    cells = [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return new_notebook(cells=cells, metadata={"course": {"number": "02", "data": [], **course}})
