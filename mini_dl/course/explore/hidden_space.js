// A small network that learns here. A unit is a row [bias, weight, …], a layer a list of rows; the first `bent` layers
// end in tanh, the others are linear.
const like = (net, f) => net.map((rows, l) => rows.map((row, k) => row.map((w, j) => f(w, l, k, j))));

/** The weights, Adam's two memories, the steps taken. */
export const state = (net) => ({ net, m: like(net, () => 0), v: like(net, () => 0), t: 0 });

/** The values of all layers: the point itself first, the score last. */
export function forward(net, bent, point) {
  const values = [point];
  net.forEach((rows, l) => {
    const x = values[l];
    values.push(rows.map((row) => {
      let z = row[0];
      for (let j = 0; j < x.length; j += 1) z += row[j + 1] * x[j];
      return l < bent ? Math.tanh(z) : z;
    }));
  });
  return values;
}

/** Mean cross-entropy, and how many points are right. */
export function judge(scores, labels) {
  const loss = scores.reduce((sum, s, i) => sum + Math.max(s, 0) - s * labels[i] + Math.log1p(Math.exp(-Math.abs(s))), 0);
  return { loss: loss / scores.length, right: scores.filter((s, i) => s > 0 === labels[i] > 0).length };
}

/** One step: backpropagation over all points, then Adam moves each weight. */
export function learn({ net, m, v, t }, bent, points, labels, lr) {
  const slope = like(net, () => 0);
  points.forEach((point, i) => {
    const values = forward(net, bent, point);
    let delta = [(1 / (1 + Math.exp(-values[net.length][0])) - labels[i]) / points.length];
    for (let l = net.length - 1; l >= 0; l -= 1) {
      const x = values[l], back = x.map(() => 0);
      delta.forEach((d, k) => {
        slope[l][k][0] += d;
        for (let j = 0; j < x.length; j += 1) {
          slope[l][k][j + 1] += d * x[j];
          back[j] += d * net[l][k][j + 1];
        }
      });
      delta = l <= bent ? back.map((b, j) => b * (1 - x[j] ** 2)) : back;
    }
  });
  t += 1;
  m = like(m, (a, l, k, j) => 0.9 * a + 0.1 * slope[l][k][j]);
  v = like(v, (a, l, k, j) => 0.999 * a + 0.001 * slope[l][k][j] ** 2);
  net = like(net, (w, l, k, j) => w - lr * m[l][k][j] / (1 - 0.9 ** t) / (Math.sqrt(v[l][k][j] / (1 - 0.999 ** t)) + 1e-8));
  return { net, m, v, t };
}

function render({ model, el }) {
  const [points, labels, starts, bent, rate, steps] = ["points", "labels", "starts", "bent", "rate", "steps"].map((key) => model.get(key));
  const plane = starts[0].length - 1; // the layer that is drawn on the right
  const small = plane === 1; // two hidden units alone: a slider for each number
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const stride = Math.ceil(steps / 80); // steps from one picture to the next
  const [size, n] = [288, 48]; // pixels of a picture, and cells along it
  let [begun, film, at, chosen, shown, timer] = [0, [], 0, 0, Number(small)]; // film: the states so far

  /** From numbers to pixels and back. */
  const frame = ([x0, x1], [y0, y1]) => ({
    to: ([x, y]) => [((x - x0) / (x1 - x0)) * size, ((y1 - y) / (y1 - y0)) * size],
    from: ([px, py]) => [x0 + (px / size) * (x1 - x0), y1 - (py / size) * (y1 - y0)],
  });
  const around = (all) => frame(...[0, 1].map((k) => {
    const [low, high] = [Math.min, Math.max].map((end) => end(...all.map((p) => p[k])));
    return [low - 0.13 * (high - low), high + 0.13 * (high - low)];
  }));
  const left = around(points);
  const ticks = Array.from({ length: n + 1 }, (_, i) => (i * size) / n);
  const pixels = ticks.flatMap((y) => ticks.map((x) => [x, y]));
  const nodes = pixels.map(left.from);
  /** In each cell: the part where z, known at the corners, is above 0, and the line where it is 0. */
  const zero = (z) => Array.from({ length: n * n }, (_, c) => {
    const first = c + Math.floor(c / n);
    const ends = [first, first + 1, first + n + 2, first + n + 1];
    const [inside, line] = [[], []];
    ends.forEach((a, i) => {
      const b = ends[(i + 1) % 4];
      if (z[a] > 0) inside.push(pixels[a]);
      if (z[a] > 0 === z[b] > 0) return;
      line.push(pixels[a].map((x, k) => x + (z[a] / (z[a] - z[b])) * (pixels[b][k] - x)));
      inside.push(line[line.length - 1]);
    });
    return { inside, line };
  });
  const shape = (node, lists) => node.setAttribute("d", lists.map((list) => (list.length ? `M${list.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}` : "")).join(""));

  function picture(name) {
    const stroke = (color, width, more) => make("path", { fill: "none", stroke: `var(--${color})`, "stroke-width": width, ...more });
    const p = { grid: stroke("line", 0.7), units: [stroke("green", 1.5), stroke("purple", 1.5, { "stroke-dasharray": "3 4" })],
      edge: stroke("ink", 2.5), ring: stroke("vermilion", 2.5, { d: "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0 -18 0" }),
      dots: [stroke("blue", 7, { "stroke-linecap": "round" }), stroke("orange", 6, { "stroke-linecap": "square" })],
      side: make("path", { fill: "var(--orange)", "shape-rendering": "crispEdges" }) };
    p.svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", style: "border: 1px solid var(--line)" },
      make("g", { opacity: 0.22 }, make("rect", { width: size, height: size, fill: "var(--blue)" }), p.side),
      p.grid, ...p.units, p.edge, ...p.dots, p.ring);
    p.svg.addEventListener("pointerdown", (event) => { // the nearest point is chosen
      const { left: x, top: y, width } = p.svg.getBoundingClientRect();
      const far = p.spots.map((s) => Math.hypot(s[0] / size - (event.clientX - x) / width, s[1] / size - (event.clientY - y) / width));
      chosen = far.indexOf(Math.min(...far));
      draw();
    });
    p.node = make("div", { class: "picture" }, make("b", {}, name), p.svg);
    return p;
  }
  const [inputs, space] = [picture("Inputs x₁, x₂"), picture("Hidden space h₁, h₂")];

  function button(name, act) {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", () => { act(); draw(); });
    return b;
  }
  const pause = () => { timer = clearInterval(timer); };
  const start = (from) => { pause(); [film, at] = [[from], 0]; };
  start(state(starts[0]));
  /** Some steps on; what came later is forgotten. */
  function walk() {
    let now = film[at];
    for (let i = 0; i < stride; i += 1) now = learn(now, bent, points, labels, rate);
    film.splice(at += 1, film.length, now);
  }
  const train = button("Train", () => {
    if (timer) return pause();
    const goal = film[at].t + steps;
    timer = setInterval(() => {
      walk();
      if (film[at].t >= goal) pause();
      if (!still || !timer) draw();
    }, 40);
  });
  const some = button(`${stride} steps`, () => { pause(); walk(); });
  const other = button("Another start", () => start(state(starts[begun = (begun + 1) % starts.length])));
  const shows = []; // of the sliders that are tied to no model
  const knob = (name, min, max, step, read, write) => slider({ get: read, set: (_, value) => { write(value); draw(); },
    save_changes: () => {}, on: (_, show) => shows.push(show) }, "", name, min, max, step);
  const when = knob("step", 0, 0, stride, () => film[at].t, (value) => { pause(); at = value / stride; });
  const which = knob("point", 1, points.length, 1, () => chosen + 1, (value) => { chosen = value - 1; });
  const lines = knob("lines of layer", 0, plane, 1, () => shown, (value) => { shown = value; });
  /** Sliders for the numbers of a unit; moved by hand, learning begins anew. */
  const unit = (title, l, k, letter) => make("div", { class: "controls", role: "group", "aria-label": title }, make("b", {}, title),
    ...["bias", `weight ${letter}₁`, `weight ${letter}₂`].map((name, j) => knob(name, -8, 8, 0.1, () => film[at].net[l][k][j],
      (value) => start(state(like(film[at].net, (w, ...place) => (`${place}` === `${[l, k, j]}` ? value : w)))))));

  const status = make("p", { role: "status", style: "min-height: 3em" });
  function draw() {
    const { net, t } = film[at];
    const values = nodes.map((node) => forward(net, bent, node));
    const seen = points.map((point) => forward(net, bent, point));
    const view = plane <= bent ? frame([-1.12, 1.12], [-1.12, 1.12]) : around(seen.map((v) => v[plane]));
    const [b, w1, w2] = net[plane][0];
    for (const [p, z, grid, spots] of [
      [inputs, values.map((v) => v[plane + 1][0]), pixels, points.map(left.to)],
      [space, pixels.map(view.from).map(([x, y]) => b + w1 * x + w2 * y), values.map((v) => view.to(v[plane])), seen.map((v) => view.to(v[plane]))],
    ]) {
      const parts = zero(z);
      const classes = [0, 1].map((label) => spots.filter((_, i) => labels[i] === label));
      p.spots = spots;
      shape(p.side, parts.map((c) => c.inside));
      shape(p.edge, parts.map((c) => c.line));
      shape(p.grid, ticks.flatMap((_, k) => (k % 4 ? [] : [grid.slice(k * (n + 1), (k + 1) * (n + 1)), grid.filter((_, i) => i % (n + 1) === k)])));
      classes.forEach((list, label) => shape(p.dots[label], list.map((s) => [s, s])));
      p.ring.setAttribute("transform", `translate(${spots[chosen]})`);
    }
    inputs.units.forEach((node, odd) => shape(node, shown ? net[shown - 1].flatMap((_, k) => (k % 2 === odd ? zero(values.map((v) => v[shown][k])).map((c) => c.line) : [])) : []));

    const { loss, right } = judge(seen.map((v) => v[plane + 1][0]), labels);
    const score = seen[chosen][plane + 1][0];
    const pair = ([x, y]) => `(${number(x)}, ${number(y)})`;
    const sum = `Start ${begun}, step ${t}: loss ${number(loss, 4)}, ${right} of ${labels.length} points right.`;
    status.ariaLive = timer ? "off" : "polite"; // silent while it runs
    status.textContent = `${sum} Point ${chosen + 1}, class ${labels[chosen]}: x = ${pair(points[chosen])}, h = ${pair(seen[chosen][plane])}, `
      + `score ${number(score)}, answer ${Number(score > 0)}.`;
    inputs.svg.ariaLabel = `The inputs: points of two classes, regions of the answers. ${sum}`;
    space.svg.ariaLabel = `The hidden space: the same points, and the output's line.`;
    train.textContent = timer ? "Pause" : "Train";
    when.querySelector("input").max = stride * (film.length - 1);
    shows.forEach((show) => show());
  }

  const row = (...parts) => make("div", { class: "row" }, ...parts);
  el.append(explorable(row(inputs.node, space.node), status,
    row(make("div", { class: "controls" }, make("p", {}, train, some, other), when, which, lines),
      ...(small ? [unit("Output (thick line)", 1, 0, "v"), unit("Unit h₁ (thin line)", 0, 0, "w"), unit("Unit h₂ (dashed line)", 0, 1, "w")] : []))));
  draw();
  return pause;
}

export default { render };
