// Seven optimisers on one surface. All paths are computed here, from the formulas of the notebook; the reader plays
// them, pauses, steps, moves to any step, and hides or shows an optimiser. Nothing moves before it is asked to.
const [COS, SIN] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
const SURFACES = {
  ravine: {
    low: [-3.6, -3.6], span: 7.2, start: [-3 * COS - 0.8 * SIN, -3 * SIN + 0.8 * COS], goals: [[0, 0]], floor: 0,
    f: ([x, y]) => 0.5 * (COS * x + SIN * y) ** 2 + 25 * (COS * y - SIN * x) ** 2,
    slope: ([x, y]) => {
      const [u, v] = [COS * x + SIN * y, 50 * (COS * y - SIN * x)];
      return [COS * u - SIN * v, SIN * u + COS * v];
    },
  },
  saddle: {
    low: [-2.2, -2.2], span: 4.4, start: [1.8, 0.001], goals: [[0, 1], [0, -1]], floor: -0.25,
    f: ([x, y]) => 0.5 * x * x - 0.5 * y * y + 0.25 * y ** 4,
    slope: ([x, y]) => [x, y ** 3 - y],
  },
  Rosenbrock: {
    low: [-2, -1], span: 4, start: [-1.2, 1], goals: [[1, 1]], floor: 0,
    f: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    slope: ([x, y]) => [2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)],
  },
};

// Each takes weight, gradient, its memory and the rate of one coordinate; t counts the steps from 1.
const MU = 0.9;
const RULES = {
  SGD: (w, g, s, lr) => w - lr * g,
  momentum: (w, g, s, lr) => w - lr * (s.v = MU * s.v + g),
  Nesterov: (w, g, s, lr) => { s.v = MU * s.v + g; return w - lr * (g + MU * s.v); },
  AdaGrad: (w, g, s, lr) => { s.v += g * g; return w - lr * g / (Math.sqrt(s.v) + 1e-10); },
  RMSProp: (w, g, s, lr) => { s.v = 0.99 * s.v + 0.01 * g * g; return w - lr * g / (Math.sqrt(s.v) + 1e-8); },
  Adam: (w, g, s, lr, t) => {
    s.m = 0.9 * s.m + 0.1 * g;
    s.v = 0.999 * s.v + 0.001 * g * g;
    return w - lr * (s.m / (1 - 0.9 ** t)) / (Math.sqrt(s.v / (1 - 0.999 ** t)) + 1e-8);
  },
  AdamW: (w, g, s, lr, t) => RULES.Adam(w * (1 - 0.01 * lr), g, s, lr, t),
};
const LOOKS = { // colour, corners of the marker (0: a disc)
  SGD: ["var(--blue)", 0], momentum: ["var(--orange)", 4], Nesterov: ["var(--green)", 3], AdaGrad: ["var(--vermilion)", 5],
  RMSProp: ["var(--purple)", 6], Adam: ["var(--ink)", 4.5], AdamW: ["var(--sky)", 3.5],
};

/** Outline of a marker around (x, y): a disc, a polygon, or (half numbers) a polygon turned round. */
function marker(corners, x, y, r) {
  const n = corners ? Math.floor(corners) : 24;
  const turn = corners % 1 ? Math.PI / n : 0;
  const points = [];
  for (let i = 0; i < n; i += 1) {
    const a = turn - Math.PI / 2 + (2 * Math.PI * i) / n;
    points.push(`${x + r * Math.cos(a)},${y + r * Math.sin(a)}`);
  }
  return points.join(" ");
}

/** Straight pieces of the line f = level in a grid of heights (marching squares). */
function contour(heights, n, level) {
  const pieces = [];
  const between = (a, b) => (level - a) / (b - a);
  for (let j = 0; j < n; j += 1) {
    for (let i = 0; i < n; i += 1) {
      const [a, b, c, d] = [heights[j][i], heights[j][i + 1], heights[j + 1][i + 1], heights[j + 1][i]];
      const cuts = [];
      if (a < level !== b < level) cuts.push([i + between(a, b), j]);
      if (b < level !== c < level) cuts.push([i + 1, j + between(b, c)]);
      if (d < level !== c < level) cuts.push([i + between(d, c), j + 1]);
      if (a < level !== d < level) cuts.push([i, j + between(a, d)]);
      for (let k = 0; k + 1 < cuts.length; k += 2) pieces.push([cuts[k], cuts[k + 1]]);
    }
  }
  return pieces;
}

function render({ model, el }) {
  const [rates, lengths] = [model.get("rates"), model.get("steps")];
  const names = Object.keys(SURFACES).filter((name) => name in rates); // JSON may have lost the order
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const size = 340;
  const state = { surface: names[0], at: 0, timer: null };
  const shown = new Set(Object.keys(RULES));
  let paths = {};

  const svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img" });
  const ground = make("g");
  const runners = make("g");
  svg.append(make("rect", { x: 0, y: 0, width: size, height: size, fill: "var(--paper)", stroke: "var(--line)" }), ground, runners);
  const status = make("p", { role: "status" });
  const where = make("input", { type: "range", min: 0, step: 1 });
  const count = make("output");
  const legend = make("div", { role: "group", "aria-label": "optimisers: rate and height" });
  const heights = {};

  const surface = () => SURFACES[state.surface];
  const px = (x) => ((x - surface().low[0]) / surface().span) * size;
  const py = (y) => size - ((y - surface().low[1]) / surface().span) * size;
  const height = (name, at) => surface().f(paths[name][at]) - surface().floor;

  function button(name, act) {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", act);
    return b;
  }
  const play = button("Play", () => {
    if (state.timer) return pause();
    if (state.at === lengths[state.surface]) state.at = 0;
    if (still) {
      state.at = lengths[state.surface];
      draw();
      return tell();
    }
    play.textContent = "Pause";
    state.timer = setInterval(() => {
      go(state.at + 1);
      if (state.at === lengths[state.surface]) pause();
    }, 60);
  });
  if (still) play.textContent = "To the end";
  const one = button("Step", () => { pause(); go(state.at + 1); tell(); });
  const again = button("Start again", () => { pause(); go(0); tell(); });
  const chooser = names.map((name) => button(name, () => { pause(); choose(name); tell(); }));
  where.addEventListener("input", () => { pause(); go(Number(where.value)); tell(); });

  function pause() {
    clearInterval(state.timer);
    if (state.timer) {
      state.timer = null;
      play.textContent = "Play";
      tell();
    }
  }
  function go(at) {
    state.at = Math.max(0, Math.min(at, lengths[state.surface]));
    draw();
  }

  /** Take a surface: compute all paths, draw its contours, name the optimisers. */
  function choose(name) {
    Object.assign(state, { surface: name, at: 0 });
    chooser.forEach((b, i) => b.setAttribute("aria-pressed", String(names[i] === name)));
    const { f, slope, start, goals, low, span, floor } = surface();
    paths = {};
    for (const optimiser of Object.keys(RULES).filter((rule) => rule in rates[name])) {
      const lr = rates[name][optimiser];
      const memory = [{ m: 0, v: 0 }, { m: 0, v: 0 }];
      const path = [start];
      for (let t = 1; t <= lengths[name]; t += 1) {
        const w = path[t - 1];
        const g = slope(w);
        path.push(w.map((value, k) => RULES[optimiser](value, g[k], memory[k], lr, t)));
      }
      paths[optimiser] = path;
    }
    const n = 90;
    const grid = [];
    for (let j = 0; j <= n; j += 1) {
      grid.push([]);
      for (let i = 0; i <= n; i += 1) grid[j].push(f([low[0] + (span * i) / n, low[1] + (span * j) / n]) - floor);
    }
    const highest = Math.max(...grid.flat());
    const lines = [];
    for (let level = highest / 2; level > highest / 5000; level /= 2.6) {
      for (const [[a, b], [c, d]] of contour(grid, n, level)) {
        const [s, t] = [size / n, size];
        lines.push(`M ${(a * s).toFixed(1)} ${(t - b * s).toFixed(1)} L ${(c * s).toFixed(1)} ${(t - d * s).toFixed(1)}`);
      }
    }
    ground.replaceChildren(
      make("path", { d: lines.join(" "), stroke: "var(--line)", "stroke-width": 1, fill: "none" }),
      ...goals.map(([x, y]) => make("path", { d: `M ${px(x) - 7} ${py(y)} h 14 M ${px(x)} ${py(y) - 7} v 14`,
        stroke: "var(--ink)", "stroke-width": 2 })),
    );
    where.max = lengths[name];
    legend.replaceChildren(...Object.keys(paths).map((optimiser) => {
      const box = make("input", { type: "checkbox" });
      box.checked = shown.has(optimiser);
      box.addEventListener("change", () => {
        if (box.checked) shown.add(optimiser); else shown.delete(optimiser);
        draw();
      });
      const [color, corners] = LOOKS[optimiser];
      const sign = make("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", style: "width:16px;flex:none" });
      sign.append(make("polygon", { points: marker(corners, 8, 8, 6.5), fill: color, stroke: "var(--ink)" }));
      heights[optimiser] = make("output", { style: "margin-left:auto" });
      const line = make("label", { style: "display:flex;gap:0.5em;min-height:26px" });
      line.append(box, sign, `${optimiser}, rate ${number(rates[state.surface][optimiser], 4)}`, heights[optimiser]);
      return line;
    }));
    draw();
  }

  function draw() {
    const { at } = state;
    where.value = at;
    count.textContent = at;
    runners.replaceChildren();
    for (const [name, path] of Object.entries(paths)) {
      const z = height(name, at);
      heights[name].textContent = z >= 0.01 ? z.toPrecision(2) : z.toExponential(0).replace("-", "−");
      if (!shown.has(name)) continue;
      const walked = path.slice(0, at + 1).map(([x, y]) => `${px(x).toFixed(1)} ${py(y).toFixed(1)}`);
      runners.append(make("path", { d: `M ${walked.join(" L ")}`, stroke: LOOKS[name][0], "stroke-width": 1.8,
        fill: "none" }));
    }
    for (const [name, path] of Object.entries(paths)) { // the markers over all lines
      if (!shown.has(name)) continue;
      const [color, corners] = LOOKS[name];
      const [x, y] = path[at];
      runners.append(make("polygon", { points: marker(corners, px(x), py(y), 7), fill: color, stroke: "var(--ink)" }));
    }
    svg.setAttribute("aria-label", `Contours of the ${state.surface} surface and the paths of ${shown.size} optimisers ` +
      `after ${at} steps. A cross marks the lowest place.`);
  }
  function tell() {
    const best = Object.keys(paths).sort((a, b) => height(a, state.at) - height(b, state.at));
    status.textContent = state.at === 0 ? `All stand at the start of the ${state.surface} surface.`
      : `After ${state.at} steps on the ${state.surface} surface ${best[0]} is lowest, then ${best[1] ?? "nobody"}.`;
  }

  el.append(explorable(
    make("div", {}, ...chooser),
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        make("div", {}, play, one, again),
        make("label", {}, make("span", {}, "step"), where, count),
        legend, status,
        make("p", {}, "Behind each name: its learning rate, and its height above the lowest place.")))));
  choose(names[0]);
  tell();
  return () => clearInterval(state.timer);
}

export default { render };
