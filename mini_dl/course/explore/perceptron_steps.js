// The perceptron rule, one example at a time: w ← w + y·x when y·(w·x) <= 0, with x = (1, x1, x2).
// The line is where w·x = 0; the arrow is the part of w without the bias, at right angles to it.
function render({ model, el }) {
  const sets = model.get("sets");
  const [size, lim, edge] = [320, 2.3, 8];
  const px = (x) => edge + ((x + lim) / (2 * lim)) * (size - 2 * edge);
  const py = (y) => size - edge - ((y + lim) / (2 * lim)) * (size - 2 * edge);
  let state;

  const svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img" });
  const shade = make("polygon", { fill: "var(--blue)", "fill-opacity": 0.13 });
  const line = make("line", { stroke: "var(--ink)", "stroke-width": 2 });
  const arrow = make("path", { stroke: "var(--vermilion)", "stroke-width": 3, fill: "none" });
  const ring = make("circle", { r: 13, fill: "none", stroke: "var(--vermilion)", "stroke-width": 2.5 });
  const dots = make("g");
  svg.append(
    make("rect", { x: edge, y: edge, width: size - 2 * edge, height: size - 2 * edge, fill: "var(--paper)", stroke: "var(--line)" }),
    shade,
    make("line", { x1: px(-lim), x2: px(lim), y1: py(0), y2: py(0), stroke: "var(--line)" }),
    make("line", { x1: px(0), x2: px(0), y1: py(-lim), y2: py(lim), stroke: "var(--line)" }),
    make("text", { x: px(lim) - 4, y: py(0) - 5, "text-anchor": "end", "font-size": 14, fill: "var(--soft)" }, "x₁"),
    make("text", { x: px(0) + 5, y: py(lim) + 15, "font-size": 14, fill: "var(--soft)" }, "x₂"),
    line, arrow, dots, ring,
  );
  for (const v of [-2, -1, 1, 2]) { // numbers on the axes
    const look = { "font-size": 13, fill: "var(--soft)" };
    svg.append(
      make("text", { x: px(v), y: py(0) + 15, "text-anchor": "middle", ...look }, number(v)),
      make("text", { x: px(0) - 5, y: py(v) + 4, "text-anchor": "end", ...look }, number(v)),
    );
  }

  const status = make("p", { role: "status" });
  const weights = make("p");
  const button = (name, act) => {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", () => { act(); draw(); });
    return b;
  };
  const next = button("Next example", step);
  const pass = button("Whole pass", () => { do step(); while (state.at % state.set.labels.length && !state.done); });
  const again = button("Start again", () => reset(state.set));
  const chooser = sets.map((set) => button(set.name, () => reset(set)));

  function reset(set) {
    state = { set, w: [0, 0, 0], at: 0, mistakes: 0, clean: 0, done: false,
      said: "All weights are zero. Nothing has been shown yet." };
  }

  /** Show the next example and apply the rule to it. */
  function step() {
    if (state.done) return;
    const { points, labels } = state.set;
    const i = state.at % labels.length;
    const x = [1, ...points[i]];
    const y = labels[i];
    const score = x.reduce((sum, v, k) => sum + v * state.w[k], 0);
    const which = `Example ${i + 1} of ${labels.length}, class ${y > 0 ? "+1" : "−1"}, ` +
      `x = (${x.map((v) => number(v)).join(", ")}): w·x = ${number(score)}`;
    if (y * score <= 0) {
      state.w = state.w.map((v, k) => v + y * x[k]);
      state.mistakes += 1;
      state.clean = 0;
      state.said = `${which}, a mistake. w ← w ${y > 0 ? "+" : "−"} x.`;
    } else {
      state.clean += 1;
      state.said = `${which}, correct. w stays.`;
    }
    state.at += 1;
    if (state.clean === labels.length) {
      state.done = true;
      state.said += " A whole pass without a mistake: finished.";
    }
  }

  function draw() {
    const { points, labels } = state.set;
    const [b, w1, w2] = state.w;
    const norm = Math.hypot(w1, w2);
    dots.replaceChildren(...points.map(([x, y], i) => labels[i] > 0
      ? make("circle", { cx: px(x), cy: py(y), r: 6.5, fill: "var(--blue)", stroke: "var(--paper)" })
      : make("rect", { x: px(x) - 6, y: py(y) - 6, width: 12, height: 12, fill: "var(--orange)", stroke: "var(--ink)" })));
    const last = state.at ? points[(state.at - 1) % labels.length] : null;
    ring.setAttribute("visibility", last ? "visible" : "hidden");
    if (last) { ring.setAttribute("cx", px(last[0])); ring.setAttribute("cy", py(last[1])); }

    const corners = [[-lim, -lim], [lim, -lim], [lim, lim], [-lim, lim]];
    const score = ([x, y]) => b + w1 * x + w2 * y;
    const inside = [], crossing = [];
    corners.forEach((p, i) => {
      const q = corners[(i + 1) % 4];
      if (score(p) > 0) inside.push(p);
      if (score(p) > 0 !== score(q) > 0) {
        const s = score(p) / (score(p) - score(q));
        const cut = [p[0] + s * (q[0] - p[0]), p[1] + s * (q[1] - p[1])];
        inside.push(cut);
        crossing.push(cut);
      }
    });
    shade.setAttribute("points", inside.map(([x, y]) => `${px(x)},${py(y)}`).join(" "));
    line.setAttribute("visibility", crossing.length === 2 ? "visible" : "hidden");
    if (crossing.length === 2) {
      [["x1", "y1"], ["x2", "y2"]].forEach(([kx, ky], i) => {
        line.setAttribute(kx, px(crossing[i][0]));
        line.setAttribute(ky, py(crossing[i][1]));
      });
    }
    const foot = norm ? [(-b * w1) / norm ** 2, (-b * w2) / norm ** 2] : [0, 0]; // the line's nearest point to 0
    const seen = norm && Math.max(Math.abs(foot[0]), Math.abs(foot[1])) < lim;
    arrow.setAttribute("visibility", seen ? "visible" : "hidden");
    if (seen) {
      const [ux, uy] = [w1 / norm, w2 / norm];
      const tip = [foot[0] + 0.7 * ux, foot[1] + 0.7 * uy];
      const barb = (s) => [tip[0] - 0.18 * ux + s * 0.1 * uy, tip[1] - 0.18 * uy - s * 0.1 * ux];
      const at = ([x, y]) => `${px(x)} ${py(y)}`;
      arrow.setAttribute("d", `M ${at(foot)} L ${at(tip)} M ${at(barb(1))} L ${at(tip)} L ${at(barb(-1))}`);
    }
    const right = points.filter((p, i) => labels[i] * score(p) > 0).length;
    weights.textContent = `Now w = (${state.w.map((v) => number(v)).join(", ")}), bias first. ` +
      `Mistakes so far: ${state.mistakes}. Right now: ${right} of ${labels.length}.`;
    status.textContent = state.said;
    svg.setAttribute("aria-label", `${labels.length} points of two classes and the perceptron's line; ` +
      `${right} on the right side.`);
    next.disabled = pass.disabled = state.done;
    chooser.forEach((b, i) => b.setAttribute("aria-pressed", String(sets[i] === state.set)));
  }

  const data = make("p", { role: "group", "aria-label": "data" }, "Data: ", ...chooser);
  const legend = make("p", {}, "Circles: class +1. Squares: class −1. Shaded: where the unit says +1. Arrow: w without its bias.");
  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" }, data, next, pass, again, status, weights, legend))));
  reset(sets[0]);
  draw();
}

export default { render };
