"""The shared style and the few shared drawings."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mini_dl.course import plots

mpl.use("Agg")


@pytest.fixture(autouse=True)
def style():
    plots.use_style()
    yield
    plt.close("all")


def luminance(color):
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    channels = np.array(mpl.colors.to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def seen_by(color, blindness):
    """Return a colour as a person with full protanopia or deuteranopia sees it (Viénot and others, 1999)."""
    rgb = np.array(mpl.colors.to_rgb(color)) ** 2.2
    lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    cut = {
        "protan": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
        "deutan": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]],
    }[blindness]
    return np.clip(np.linalg.inv(lms) @ np.array(cut) @ lms @ rgb, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize("blindness", ["protan", "deutan"])
def test_colour_blind_readers_can_tell_the_first_four_colours_apart(blindness):
    seen = [seen_by(color, blindness) for color in plots.PALETTE[:4]]
    distances = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(distances) > 0.15


def test_red_and_green_would_fail_that_test():
    red, green = (seen_by(color, "deutan") for color in ("#d62728", "#8c8c1a"))
    assert np.linalg.norm(red - green) < 0.15


def test_text_colours_have_contrast_on_the_figures_ground():
    for color in (plots.BLUE, plots.GREY, plots.BLACK, "#444444"):
        assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_the_style_does_not_depend_on_what_was_set_before():
    mpl.rcParams["font.size"] = 40
    mpl.rcParams["figure.facecolor"] = "black"
    plots.use_style()
    assert mpl.rcParams["font.size"] == plots.STYLE["font.size"]
    assert mpl.rcParams["figure.facecolor"] == "white"


def test_decision_boundary_shades_by_class_and_names_classes():
    X, y = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), np.array([-1, 1, 1])
    ax = plots.decision_boundary(lambda p: np.where(p[:, 0] > 0.5, 1, -1), X, y, names={-1: "no", 1: "yes"})
    shade = ax.images[0].get_array()
    assert (shade[:, 0] == 0).all()
    assert (shade[:, -1] == 1).all()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["no", "yes"]
    swapped = plots.decision_boundary(
        lambda p: np.where(p[:, 0] > 0.5, 1, -1), X, y, names={1: "yes", -1: "no"}
    )
    assert (swapped.images[0].get_array() == 1 - shade).all()
    drawn = sum(len(c.get_offsets()) for c in ax.collections)
    assert drawn == 3


@pytest.mark.parametrize(("X", "y"), [(np.zeros((3, 3)), np.zeros(3)), (np.zeros((3, 2)), np.zeros(4))])
def test_decision_boundary_names_wrong_shapes(X, y):
    with pytest.raises(ValueError, match=r"\(n, 2\)"):
        plots.decision_boundary(lambda p: p[:, 0], X, y)


def test_decision_boundary_names_a_class_without_a_name():
    with pytest.raises(ValueError, match=r"y holds \[0.0\], names only \[1\]"):
        plots.decision_boundary(lambda p: p[:, 0], np.zeros((3, 2)), np.zeros(3), names={1: "one"})


def test_decision_boundary_refuses_more_classes_than_colours():
    with pytest.raises(ValueError, match="9 classes"):
        plots.decision_boundary(lambda p: p[:, 0], np.zeros((9, 2)), np.arange(9))


def test_loss_curve_names_each_line_at_its_end():
    ax = plots.loss_curve({"training": [3.0, 2.0, 1.0], "validation": [3.0, 2.5, 2.4]})
    assert [t.get_text() for t in ax.texts] == ["training", "validation"]
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 2, 3])
    assert ax.get_xlabel() == "epoch"
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_loss_curve_names_what_does_not_fit():
    with pytest.raises(ValueError, match="no curves"):
        plots.loss_curve({})
    with pytest.raises(ValueError, match="'a' has 2 values, x has 3"):
        plots.loss_curve({"a": [1, 2]}, x=[1, 2, 3])


def test_image_grid_lays_out_rows_and_leaves_the_rest_empty():
    figure = plots.image_grid(
        np.random.default_rng(0).random((7, 8, 8)), [str(i) for i in range(7)], columns=4
    )
    assert len(figure.axes) == 8
    assert [len(ax.images) for ax in figure.axes] == [1] * 7 + [0]
    assert figure.axes[6].get_title() == "6"


def test_image_grid_of_weights_has_zero_in_the_middle():
    figure = plots.image_grid(np.array([[[-3.0, 1.0]], [[0.5, 2.0]]]), symmetric=True)
    assert all(ax.images[0].get_clim() == (-3.0, 3.0) for ax in figure.axes)


def test_image_grid_names_wrong_shapes():
    with pytest.raises(ValueError, match=r"shape \(8, 8\)"):
        plots.image_grid(np.zeros((8, 8)))
    with pytest.raises(ValueError, match="1 titles for 2 images"):
        plots.image_grid(np.zeros((2, 8, 8)), ["one"])
