"""The course's signature: `claim` and `collect`."""

import json
import subprocess
import sys

import numpy as np
import pytest

from mini_dl.course.claims import Claim, ClaimError, claim, collect


def test_a_claim_that_holds_prints_a_tick_and_its_sentence(capsys):
    claim("Two and two make four", 2 + 2 == 4)
    assert capsys.readouterr().out == "✓ Two and two make four\n"


@pytest.mark.parametrize("true", [True, np.True_, np.array(True), np.array([True])])
def test_every_kind_of_truth_value_is_taken(true, capsys):
    claim("So it is", true)
    assert "So it is" in capsys.readouterr().out


def test_a_pytorch_truth_value_is_taken(capsys):
    torch = pytest.importorskip("torch")
    claim("So it is", torch.tensor(2.0) > 1)
    with pytest.raises(ClaimError):
        claim("So it is", torch.tensor(2.0) > 3)


def test_a_false_claim_raises_with_the_sentence_and_the_values():
    with pytest.raises(ClaimError) as caught:
        claim("The accuracy is above 0.9", 0.75 > 0.9, accuracy=0.75, weights=np.arange(100.0))
    message = str(caught.value)
    assert "The accuracy is above 0.9" in message
    assert "accuracy = 0.75" in message
    assert "array of shape (100,), from 0 to 99" in message


def test_values_that_are_nan_are_counted():
    with pytest.raises(ClaimError, match="2 NaN"):
        claim("Finite", False, losses=np.array([np.nan] * 2 + [1.0] * 20))
    with pytest.raises(ClaimError, match="20 NaN"):
        claim("Finite", False, losses=np.full(20, np.nan))


@pytest.mark.parametrize("condition", [0.93, 1, "yes", None, [], np.array(3)])
def test_what_is_true_only_by_accident_is_refused(condition):
    with pytest.raises(TypeError, match="not True or False"):
        claim("So it is", condition)


def test_an_array_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match=r"2 values.*np\.all"):
        claim("So it is", np.array([True, False]))


@pytest.mark.parametrize("sentence", ["", "  ", None, True])
def test_a_claim_needs_a_sentence(sentence):
    with pytest.raises(TypeError, match="must be the sentence"):
        claim(sentence, True)


def test_the_html_escapes_and_carries_the_anchor():
    shown = Claim("1 < 2 & so on")
    assert "1 &lt; 2 &amp; so on" in shown._repr_html_()
    assert f'id="{shown.anchor}"' in shown._repr_html_()
    assert repr(shown) == "✓ 1 < 2 & so on"


def test_in_a_notebook_a_claim_is_displayed_and_a_false_one_shows_the_readers_line(tmp_path):
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('from mini_dl.course.claims import claim')\n"
        "shell.run_cell('claim(\"It holds\", True)')\n"
        "shell.run_cell('claim(\"It does not\", 1 > 2, one=1)')\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "✓ It holds" in out
    assert "ClaimError" in out
    assert "one = 1" in out
    assert "_as_bool" not in out  # the course's own frames stay out of the reader's traceback


def notebook(tmp_path, *cells):
    path = tmp_path / "small.ipynb"
    made = [{"cell_type": kind, "id": f"c{i}", "source": source} for i, (kind, source) in enumerate(cells)]
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")
    return path


def test_collect_lists_the_claims_in_order_with_cell_and_section(tmp_path):
    path = notebook(
        tmp_path,
        ("markdown", "# Title"),
        ("code", "%pip install x\nclaim('First', True)\nif True:\n    claim('Second', True)"),
        ("markdown", "text\n\n## A section"),
        ("markdown", "### Exercise 1.1 · Something"),
        ("code", ["x = 1\n", "claim('Third ' 'in two parts', x == 1, x=x)"]),
    )
    found = collect(path)
    assert [c.sentence for c in found] == ["First", "Second", "Third in two parts"]
    assert [(c.cell_id, c.cell, c.section) for c in found] == [
        ("c1", 1, "Title"),
        ("c1", 1, "Title"),
        ("c4", 4, "A section"),
    ]
    assert found[0].anchor == Claim("First").anchor


def test_collect_refuses_a_sentence_that_is_computed(tmp_path):
    path = notebook(tmp_path, ("code", "claim(f'{x} of 10', True)"))
    with pytest.raises(ValueError, match=r"small.ipynb, cell 0 \(c0\).*literal"):
        collect(path)


def test_collect_names_a_cell_that_is_not_python(tmp_path):
    path = notebook(tmp_path, ("markdown", "a"), ("code", "claim('x', True"))
    with pytest.raises(ValueError, match=r"cell 1 \(c1\): not Python"):
        collect(path)
