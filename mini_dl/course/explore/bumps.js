// A curve f over 0 … 1 and a sum of bumps. Bump i stands on the i-th of n equal pieces; it is a step up minus a
// step down, each a sigmoid of steepness k, times the value of f in the middle of the piece.
function render({ model, el }) {
  const curves = model.get("curves");
  const [width, height, left, right, top, bottom] = [420, 280, 8, 8, 10, 26];
  const points = 421; // where the sum is drawn and compared
  const grid = Array.from({ length: points }, (_, i) => i / (points - 1));
  const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
  const px = (x) => left + x * (width - left - right);

  /** The curve at x, straight between its given values. */
  function f(x) {
    const { values } = curves[model.get("chosen")];
    const at = x * (values.length - 1);
    const i = Math.min(Math.floor(at), values.length - 2);
    return values[i] + (at - i) * (values[i + 1] - values[i]);
  }

  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const zero = make("line", { x1: px(0), x2: px(1), stroke: "var(--line)" });
  const each = make("g", { fill: "var(--sky)", "fill-opacity": 0.28, stroke: "var(--sky)", "stroke-width": 1 });
  const target = make("path", { fill: "none", stroke: "var(--ink)", "stroke-width": 2, "stroke-dasharray": "6 4" });
  const sum = make("path", { fill: "none", stroke: "var(--vermilion)", "stroke-width": 2.5 });
  svg.append(
    make("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom, fill: "var(--paper)", stroke: "var(--line)" }),
    zero, each, target, sum,
    make("text", { x: px(0), y: height - 6, "font-size": 16, fill: "var(--soft)" }, "0"),
    make("text", { x: px(0.5), y: height - 6, "text-anchor": "middle", "font-size": 16, fill: "var(--soft)" }, "x"),
    make("text", { x: px(1), y: height - 6, "text-anchor": "end", "font-size": 16, fill: "var(--soft)" }, "1"),
  );
  const status = make("p", { role: "status" });

  const put = (key, value) => { model.set(key, value); model.save_changes(); };
  const button = (name, act) => {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", act);
    return b;
  };
  const add = button("Add a bump", () => put("added", Math.min(model.get("added") + 1, model.get("bumps"))));
  const all = button("All bumps", () => put("added", model.get("bumps")));
  const none = button("Take all away", () => put("added", 0));
  const chooser = curves.map((curve, i) => button(curve.name, () => put("chosen", i)));

  let last = model.get("bumps");
  /** With another number of bumps: all of them again if all were there, else as many as fit. */
  function recount() {
    const [n, added] = [model.get("bumps"), model.get("added")];
    if (added === last || added > n) put("added", n);
    last = n;
  }

  function draw() {
    const [n, k] = [model.get("bumps"), model.get("steepness")];
    const added = Math.min(model.get("added"), n);
    const wanted = grid.map(f);
    const total = grid.map(() => 0);
    const single = [];
    for (let i = 0; i < added; i += 1) {
      const peak = f((i + 0.5) / n);
      single.push(grid.map((x, j) => {
        const value = peak * (sigmoid(k * (x - i / n)) - sigmoid(k * (x - (i + 1) / n)));
        total[j] += value;
        return value;
      }));
    }
    const low = Math.min(0, ...wanted), high = Math.max(0, ...wanted);
    const room = 0.12 * (high - low || 1);
    const py = (y) => {
      const inside = Math.max(low - room, Math.min(high + room, y));
      return top + ((high + room - inside) / (high - low + 2 * room)) * (height - top - bottom);
    };
    const path = (row) => `M ${row.map((y, j) => `${px(grid[j]).toFixed(1)} ${py(y).toFixed(1)}`).join(" L ")}`;
    zero.setAttribute("y1", py(0));
    zero.setAttribute("y2", py(0));
    each.replaceChildren(...single.map((row) => make("path", { d: `${path(row)} L ${px(1)} ${py(0)} L ${px(0)} ${py(0)} Z` })));
    target.setAttribute("d", path(wanted));
    sum.setAttribute("d", path(total));
    const gap = total.reduce((s, y, j) => s + Math.abs(y - wanted[j]), 0) / points;
    status.textContent = `${added} of ${n} ${n === 1 ? "bump" : "bumps"}: ${2 * added} hidden units. Mean distance from the curve: ${number(gap, 3)}.`;
    svg.setAttribute("aria-label", `The curve ${curves[model.get("chosen")].name} and the sum of ${added} of ${n} bumps; mean distance ${number(gap, 3)}.`);
    add.disabled = all.disabled = added === n;
    none.disabled = added === 0;
    chooser.forEach((b, i) => b.setAttribute("aria-pressed", String(i === model.get("chosen"))));
  }

  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        make("p", { role: "group", "aria-label": "curve" }, "Curve: ", ...chooser),
        slider(model, "bumps", "pieces", 1, 40, 1),
        slider(model, "steepness", "steepness", 10, 400, 10),
        make("p", {}, add, all, none),
        status,
        make("p", {}, "Dashed: the curve. Shaded: the bumps. Thick line: their sum.")))));
  const keys = ["chosen", "bumps", "added", "steepness"];
  model.on("change:bumps", recount);
  for (const key of keys) model.on(`change:${key}`, draw);
  draw();
  return () => {
    model.off("change:bumps", recount);
    keys.forEach((key) => model.off(`change:${key}`, draw));
  };
}

export default { render };
