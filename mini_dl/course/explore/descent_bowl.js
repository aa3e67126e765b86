// Gradient descent on  loss(w) = lowest + ½ (w − m)ᵀ H (w − m).  The reader moves the learning rate and the
// number of steps. Above 2 / (largest eigenvalue of H) each step lands farther from the minimum than the last.
// The reader is to find this limit: it is named only after it has been crossed once.
function render({ model, el }) {
  const [[p, q], [, r]] = model.get("hessian");
  const [mx, my] = model.get("minimum");
  const start = model.get("start");
  const [nameX, nameY] = model.get("names");
  const mean = (p + r) / 2;
  const spread = Math.hypot((p - r) / 2, q);
  const [large, small] = [mean + spread, mean - spread]; // the eigenvalues
  const angle = Math.atan2(large - p, q); // of the steep direction: (q, large − p) is its eigenvector
  const steep = Math.abs(q) < 1e-12 ? (p >= r ? 0 : Math.PI / 2) : angle;
  const limit = 2 / large;

  const size = 320;
  const reach = 1.35 * Math.max(Math.abs(start[0] - mx), Math.abs(start[1] - my));
  const px = (x) => size / 2 + ((x - mx) / reach) * (size / 2 - 14);
  const py = (y) => size / 2 - ((y - my) / reach) * (size / 2 - 14);
  const scale = (size / 2 - 14) / reach;
  const excess = ([x, y]) => 0.5 * (p * (x - mx) ** 2 + 2 * q * (x - mx) * (y - my) + r * (y - my) ** 2);

  const svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img" });
  svg.append(make("rect", { x: 0, y: 0, width: size, height: size, fill: "var(--paper)", stroke: "var(--line)" }));
  for (let k = 1; k <= 9; k += 1) { // contours at equal steps of height, out to the start
    const height = excess(start) * (k / 6) ** 2;
    svg.append(make("path", { fill: "none", stroke: "var(--sky)", "stroke-width": 1.2, d: ellipse(height) }));
  }
  function ellipse(height) {
    const [a, b] = [Math.sqrt((2 * height) / large), Math.sqrt((2 * height) / small)];
    const points = [];
    for (let i = 0; i <= 72; i += 1) {
      const t = (i * Math.PI) / 36;
      const [u, v] = [a * Math.cos(t), b * Math.sin(t)];
      points.push(`${px(mx) + scale * (u * Math.cos(steep) - v * Math.sin(steep))} ` +
        `${py(my) - scale * (u * Math.sin(steep) + v * Math.cos(steep))}`);
    }
    return `M ${points.join(" L ")}`;
  }
  const path = make("path", { fill: "none", stroke: "var(--vermilion)", "stroke-width": 2 });
  const dots = make("g");
  svg.append(
    path, dots,
    make("path", { d: `M ${px(mx) - 6} ${py(my)} h 12 M ${px(mx)} ${py(my) - 6} v 12`, stroke: "var(--ink)", "stroke-width": 2 }),
    make("text", { x: size - 8, y: size - 8, "text-anchor": "end", "font-size": 14, fill: "var(--ink)" }, nameX),
    make("text", { x: 8, y: 18, "font-size": 14, fill: "var(--ink)" }, nameY),
  );
  const status = make("p", { role: "status" });
  let crossed = false;

  function draw() {
    const [rate, steps] = [model.get("rate"), model.get("steps")];
    const walk = [start];
    for (let k = 0; k < steps; k += 1) {
      const [x, y] = walk[k];
      walk.push([x - rate * (p * (x - mx) + q * (y - my)), y - rate * (q * (x - mx) + r * (y - my))]);
    }
    const seen = walk.filter(([x, y]) => Math.hypot(x - mx, y - my) < 50 * reach);
    path.setAttribute("d", `M ${seen.map(([x, y]) => `${px(x)} ${py(y)}`).join(" L ")}`);
    dots.replaceChildren(...seen.map(([x, y], k) =>
      make("circle", { cx: px(x), cy: py(y), r: k ? 3 : 5, fill: "var(--vermilion)", stroke: "var(--paper)" })));
    const loss = model.get("lowest") + excess(walk[steps]);
    const share = rate / limit;
    const fate = share > 1 ? "it diverges" : share === 1 ? "it jumps to and fro for ever"
      : share > 0.5 ? "it overshoots along the steep direction, and still arrives" : "it arrives without overshooting";
    crossed ||= share > 1;
    const found = crossed ? ` is ${number(share)} of the limit ${number(limit, 3)}` : "";
    status.textContent = `Learning rate ${number(rate)}${found}: ${fate}. ` +
      `Loss after ${steps} steps: ${loss < 1e5 ? number(loss, 4) : loss.toExponential(1)}.`;
    svg.setAttribute("aria-label", `Contours of the loss around its minimum and ${steps} steps of gradient descent; ${fate}.`);
  }

  const keys = ["rate", "steps"];
  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        slider(model, "rate", "learning rate", 0.01, Math.ceil(120 * limit) / 100, 0.01),
        slider(model, "steps", "steps", 1, 40, 1),
        status,
        make("p", {}, "Big dot: the start. Cross: the minimum. Each ring is a line of equal loss.")))));
  for (const key of keys) model.on(`change:${key}`, draw);
  draw();
  return () => keys.forEach((key) => model.off(`change:${key}`, draw));
}

export default { render };
