"""`setup()`: seeds, device, one line."""

import subprocess
import sys

import numpy as np
import pytest

import mini_dl
from mini_dl.course.start import setup


def test_it_prints_one_line_and_seeds_numpy(capsys):
    first, one = setup(seed=7).rng.normal(), np.random.rand()  # noqa: NPY002
    second, two = setup(seed=7).rng.normal(), np.random.rand()  # noqa: NPY002
    assert (first, one) == (second, two)
    assert capsys.readouterr().out.count("\n") == 2


def test_it_seeds_the_engine(capsys):
    draws = [(setup(seed=7), mini_dl.randn(3).numpy().tolist())[1] for _ in range(2)]
    assert draws[0] == draws[1]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1943", None, True])
def test_a_bad_seed_is_named_with_the_remedy(seed):
    with pytest.raises(ValueError, match=rf"seed is {seed!r}; give a whole number"):
        setup(seed=seed)


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_pytorch_is_not_imported_for_a_notebook_that_does_without():
    code = (
        "import sys\nfrom mini_dl.course import setup\nready = setup(seed=1)\n"
        "print('torch' in sys.modules, ready.device)"
    )
    assert run(code).splitlines() == ["Ready: random seed 1.", "False cpu"]


def test_pytorch_is_seeded_where_the_notebook_imported_it():
    pytest.importorskip("torch")
    code = (
        "import torch; from mini_dl.course import setup\n"
        "r = setup(seed=1); a = torch.rand(3); setup(seed=1)\n"
        "assert torch.equal(a, torch.rand(3)), 'not seeded'\n"
        "assert r.gpu == (r.device != 'cpu')"
    )
    assert run(code).startswith("Ready: random seed 1, device ")


def test_importing_the_course_stays_cheap():
    """No plotting, no scikit-learn, no widgets before a notebook asks for them."""
    heavy = "matplotlib sklearn torch anywidget IPython pooch"
    code = f"import sys, mini_dl.course; print([m for m in '{heavy}'.split() if m in sys.modules])"
    assert run(code) == "[]\n"


def test_an_unknown_part_of_the_course_is_named():
    import mini_dl.course

    with pytest.raises(AttributeError, match=r"no .chekc.; it has .*check"):
        mini_dl.course.chekc  # noqa: B018
