"""The explorable of hidden space: its Python side, its numbers, and what it does on a page."""

import datetime
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

import mini_dl
from mini_dl import nn, optim
from mini_dl.course import explore
from tests.browser import explorable

RNG = np.random.default_rng(3)
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
X = np.repeat(CORNERS, 3, axis=0) + 0.1 * RNG.normal(size=(12, 2)).round(2)
Y = np.repeat([0, 1, 1, 0], 3)
KEYS = ("points", "labels", "starts", "bent", "rate", "steps")


def test_it_says_what_it_is_without_an_address():
    first, second = explore.hidden_space(X, Y), explore.hidden_space(X, Y)
    assert repr(first) == repr(second)
    assert repr(first).startswith(
        "[Interactive figure: points in the plane of the inputs and in hidden space"
    )
    assert "export default { render }" in first._esm


def test_it_takes_the_points_and_draws_a_plane_at_the_end():
    widget = explore.hidden_space(X, Y, (5, 4), lr=0.01, steps=160, starts=2)
    assert np.allclose(widget.points, X, atol=5e-4)
    assert widget.labels == Y.tolist()
    assert (widget.bent, widget.rate, widget.steps) == (2, 0.01, 160)
    for net in widget.starts:
        assert [np.shape(layer) for layer in net] == [(5, 3), (4, 6), (2, 5), (1, 3)]
    assert [np.shape(layer) for layer in explore.hidden_space(X, Y).starts[0]] == [(2, 3), (1, 3)]


def test_its_starts_are_those_of_mini_dl_and_disturb_nobody():
    mini_dl.manual_seed(77)
    expected = mini_dl.randn(3).numpy()
    mini_dl.manual_seed(77)
    widget = explore.hidden_space(X, Y, starts=5)
    assert np.array_equal(mini_dl.randn(3).numpy(), expected)
    for seed, net in enumerate(widget.starts):
        mini_dl.manual_seed(seed)
        for rows, (a, b) in zip(net, [(2, 2), (2, 1)], strict=True):
            layer = nn.Linear(a, b)
            assert np.allclose(np.array(rows)[:, 1:], layer.weight.numpy(), atol=1e-4)
            assert np.allclose(np.array(rows)[:, 0], layer.bias.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("x", "y", "settings", "message"),
    [
        (np.zeros((4, 3)), Y, {}, r"X has shape \(4, 3\) and y has shape \(12,\)"),
        (X, Y[:-1], {}, r"y has shape \(11,\); they must be \(n, 2\) and \(n,\)"),
        (np.zeros((401, 2)), np.arange(401) % 2, {}, "401 points; give at most 400"),
        (X * np.nan, Y, {}, "X holds NaN or infinity"),
        (X, 2 * Y - 1, {}, r"y has labels \[-1, 1\]; use 0 and 1"),
        (X, 0 * Y, {}, r"y has labels \[0\]; use 0 and 1, both of them"),
        (X, Y, {"hidden": ()}, r"hidden is \[\]; give one to three layers"),
        (X, Y, {"hidden": (32, 1)}, r"hidden is \[32, 1\]"),
        (X, Y, {"lr": 0}, "lr is 0; give a learning rate above 0"),
        (X, Y, {"lr": float("nan")}, "lr is nan"),
        (X, Y, {"steps": 10}, "steps is 10; give 80 to 2000"),
        (X, Y, {"starts": 0}, "starts is 0; give 1 to 20"),
    ],
)
def test_it_names_what_is_wrong(x, y, settings, message):
    with pytest.raises(ValueError, match=message):
        explore.hidden_space(x, y, **settings)


# Its numbers are those of mini_dl, in double precision as in the browser.


class Network:
    """The widget's network in mini_dl, from one of its starts."""

    def __init__(self, widget, start=0):
        self.X = mini_dl.tensor(np.array(widget.points))
        self.y = mini_dl.tensor(np.array(widget.labels, dtype=float)[:, None])
        self.bent = widget.bent
        self.layers = [
            (mini_dl.tensor(rows[:, 1:], requires_grad=True), mini_dl.tensor(rows[:, 0], requires_grad=True))
            for rows in map(np.array, widget.starts[start])
        ]
        self.optimizer = optim.Adam([part for layer in self.layers for part in layer], lr=widget.rate)

    def look(self):
        """Return the last hidden units, the scores and the loss."""
        values = [self.X]
        for i, (weight, bias) in enumerate(self.layers):
            z = values[-1] @ weight.T + bias
            values.append(z.tanh() if i < self.bent else z)
        return values[-2], values[-1], nn.functional.binary_cross_entropy_with_logits(values[-1], self.y)

    def learn(self, steps):
        for _ in range(steps):
            self.optimizer.zero_grad()
            self.look()[2].backward()
            self.optimizer.step()
        return self

    def right(self):
        return int(((self.look()[1].detach().numpy() > 0) == (self.y.numpy() > 0)).sum())

    def rows(self):
        return [
            np.column_stack([b.detach().numpy(), w.detach().numpy()]).ravel().tolist() for w, b in self.layers
        ]


@pytest.mark.parametrize(("hidden", "steps"), [((2,), 200), ((6, 5), 60), ((4, 3, 2), 60)])
def test_its_numbers_are_those_of_mini_dl(tmp_path, hidden, steps):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on the path: it computes the numbers of an explorable outside a browser")
    widget = explore.hidden_space(X, Y, hidden, starts=2)
    given = json.dumps({key: getattr(widget, key) for key in KEYS})
    module = tmp_path / "widget.mjs"
    module.write_text(widget._esm, encoding="utf-8")
    program = f"""import {{ state, forward, judge, learn }} from {json.dumps(module.as_uri())};
    const w = {given};
    let now = state(w.starts[1]);
    for (let i = 0; i < {steps}; i += 1) now = learn(now, w.bent, w.points, w.labels, w.rate);
    const seen = w.points.map((point) => forward(now.net, w.bent, point));
    const scores = seen.map((v) => v.at(-1)[0]);
    const hidden = seen.map((v) => v.at(-2));
    const net = now.net.map((rows) => rows.flat());
    console.log(JSON.stringify({{ hidden, scores, net, t: now.t, ...judge(scores, w.labels) }}));"""
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=300
    )
    found = json.loads(done.stdout)
    network = Network(widget, start=1).learn(steps)
    values, scores, loss = network.look()
    assert found["t"] == steps
    for layer, expected in zip(found["net"], network.rows(), strict=True):
        assert np.allclose(layer, expected, rtol=1e-6, atol=1e-8)
    assert np.allclose(found["hidden"], values.detach().numpy(), atol=1e-6)
    assert np.allclose(found["scores"], scores.detach().numpy()[:, 0], atol=1e-6)
    assert found["loss"] == pytest.approx(loss.item(), rel=1e-6)
    assert found["right"] == network.right()


# What it does on a page.

WIDGET = explore.hidden_space(X, Y, steps=100, starts=2)  # two steps a picture


@pytest.fixture
def page():
    """The explorable of two hidden units on an empty narrow page."""
    with explorable(WIDGET, KEYS) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def agrees(page, network, start=0, steps=0, point=0) -> bool:
    """Say whether the sentence is that of the network: step, loss, points right, and the chosen point."""
    hidden, scores, loss = network.look()
    numbers = [float(n.replace("−", "-")) for n in re.findall(r"[−\d.]*\d", says(page))]
    expected = [start, steps, loss.item(), network.right(), len(Y), point + 1, Y[point]]
    score = scores.detach().numpy()[point, 0]
    expected += [*X[point], *hidden.detach().numpy()[point], score, float(score > 0)]
    assert len(numbers) == len(expected), says(page)
    assert np.allclose(numbers, expected, atol=0.0051), (says(page), expected)
    assert numbers[2] == pytest.approx(loss.item(), abs=6e-5)
    assert says(page).split(" Point ")[0] in page.locator("svg").first.get_attribute("aria-label")
    return True


def test_stepped_by_mouse_and_keyboard_it_shows_what_mini_dl_computes(page):
    assert agrees(page, Network(WIDGET))
    page.get_by_role("button", name="2 steps").click()
    page.get_by_role("button", name="2 steps").press("Enter")
    assert agrees(page, Network(WIDGET).learn(4), steps=4)
    step = page.get_by_role("slider", name=re.compile("^step"))
    step.press("ArrowLeft")
    assert agrees(page, Network(WIDGET).learn(2), steps=2)
    step.press("End")
    assert agrees(page, Network(WIDGET).learn(4), steps=4)
    step.press("Home")
    page.get_by_role("button", name="2 steps").click()  # what came later is forgotten
    assert step.get_attribute("max") == "2"
    page.get_by_role("button", name="Another start").click()
    assert agrees(page, Network(WIDGET, start=1), start=1)
    page.get_by_role("button", name="Another start").press("Space")
    assert agrees(page, Network(WIDGET))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_trained_it_pauses_and_runs_to_the_end(page):
    page.clock.install(time=datetime.datetime(2024, 1, 1, 0))
    page.clock.pause_at(datetime.datetime(2024, 1, 1, 1))
    page.get_by_role("button", name="Train").click()
    page.clock.run_for(10 * 40 + 20)
    assert page.locator("[role=status]").get_attribute("aria-live") == "off"
    page.get_by_role("button", name="Pause").click()
    assert page.locator("[role=status]").get_attribute("aria-live") == "polite"
    assert agrees(page, Network(WIDGET).learn(20), steps=20)
    page.clock.run_for(400)
    assert agrees(page, Network(WIDGET).learn(20), steps=20)
    page.get_by_role("button", name="Train").press("Enter")
    page.clock.run_for(60 * 40)
    assert page.get_by_role("button", name="Train").is_visible()
    assert agrees(page, Network(WIDGET).learn(120), steps=120)
    page.get_by_role("button", name="Train").click()
    page.evaluate("stop_it()")
    page.clock.run_for(400)
    assert agrees(page, Network(WIDGET).learn(120), steps=120)


def test_a_weight_moved_by_hand_moves_the_points(page):
    page.get_by_role("button", name="2 steps").click()
    network = Network(WIDGET).learn(2)
    unit = page.get_by_role("group", name="Unit h₂")
    unit.get_by_label("weight w₁").press("End")
    network.layers[0][0].data[1, 0] = 8
    assert agrees(page, network)  # by hand, learning begins anew: step 0
    slider = page.get_by_role("group", name="Output").get_by_label("bias")
    box = slider.bounding_box()
    slider.click(position={"x": 1, "y": box["height"] / 2})  # the left end
    network.layers[1][1].data[0] = -8
    assert agrees(page, network)
    assert "0, 6 of 12" not in says(page)
    shapes = page.locator(".picture svg").nth(1)
    before = shapes.inner_html()
    unit.get_by_label("bias").press("Home")
    assert shapes.inner_html() != before


def test_a_point_is_chosen_by_mouse_and_keyboard(page):
    page.get_by_role("slider", name="point").press("ArrowRight")
    assert agrees(page, Network(WIDGET), point=1)
    low, high = X.round(3).min(axis=0), X.round(3).max(axis=0)
    room = 0.13 * (high - low)
    low, high = low - room, high + room
    picture = page.locator(".picture svg").first
    box = picture.bounding_box()
    for point in (4, 9):
        across, up = (X[point] - low) / (high - low)
        picture.click(position={"x": across * box["width"], "y": (1 - up) * box["height"]})
        assert agrees(page, Network(WIDGET), point=point)


def test_the_line_in_hidden_space_is_the_outputs(page):
    """The thick line's pieces lie where the output's score is 0, in the frame from −1.12 to 1.12."""
    bias, *weights = WIDGET.starts[0][1][0]
    thick = page.locator(".picture svg").nth(1).locator("path[stroke='var(--ink)']").get_attribute("d")
    spots = np.array(re.findall(r"([\d.]+) ([\d.]+)", thick), dtype=float) / 288
    hidden = np.stack([spots[:, 0], 1 - spots[:, 1]], axis=1) * 2.24 - 1.12
    assert len(hidden) > 20
    assert np.abs(hidden @ weights + bias).max() < 0.002


def test_the_units_lines_of_each_layer_are_drawn_on_demand():
    widget = explore.hidden_space(X, Y, (4, 3), steps=100, starts=1)
    with explorable(widget, KEYS) as page:
        lines = page.locator(".picture svg").first.locator(
            "path[stroke='var(--green)'], path[stroke='var(--purple)']"
        )
        drawn = [lines.evaluate_all("all => all.map((p) => p.getAttribute('d')).join('')")]
        assert drawn == [""]
        for _ in range(3):
            page.get_by_label("lines of layer").press("ArrowRight")
            drawn.append(lines.evaluate_all("all => all.map((p) => p.getAttribute('d')).join('')"))
        assert len(set(drawn)) == 4
        assert page.get_by_role("group").count() == 0  # too many numbers for sliders
