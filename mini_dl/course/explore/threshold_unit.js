// A unit with two inputs: fires when w1·a + w2·b >= threshold. The reader moves all three numbers and
// collects the Boolean functions that come out. Two of the sixteen never do.
const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];
const NAMES = ["never", "a and b", "a, not b", "a", "b, not a", "b", "XOR", "a or b",
  "NOR", "XNOR", "not b", "a or not b", "not a", "b or not a", "NAND", "always"];

/** The outputs for 00, 01, 10, 11 read as a number from 0 to 15: the place in NAMES. */
const code = (outputs) => outputs.reduce((sum, y) => 2 * sum + y, 0);

/** The part of the square [lo, hi]² where w1·x + w2·y >= t, as a polygon (Sutherland and Hodgman). */
function halfPlane(w1, w2, t, lo, hi) {
  const corners = [[lo, lo], [hi, lo], [hi, hi], [lo, hi]];
  const excess = ([x, y]) => w1 * x + w2 * y - t;
  const kept = [];
  corners.forEach((p, i) => {
    const q = corners[(i + 1) % 4];
    const [ep, eq] = [excess(p), excess(q)];
    if (ep >= 0) kept.push(p);
    if (ep >= 0 !== eq >= 0) {
      const s = ep / (ep - eq);
      kept.push([p[0] + s * (q[0] - p[0]), p[1] + s * (q[1] - p[1])]);
    }
  });
  return kept;
}

function render({ model, el }) {
  const [size, lo, hi] = [300, -0.5, 1.5];
  const px = (x) => 34 + ((x - lo) / (hi - lo)) * (size - 44);
  const py = (y) => size - 34 - ((y - lo) / (hi - lo)) * (size - 44);
  const svg = make("svg", { viewBox: `0 0 ${size} ${size}`, role: "img" });
  const where = make("polygon", { fill: "var(--blue)", "fill-opacity": 0.16, stroke: "var(--blue)", "stroke-width": 1.5 });
  svg.append(
    make("rect", { x: px(lo), y: py(hi), width: px(hi) - px(lo), height: py(lo) - py(hi), fill: "none", stroke: "var(--line)" }),
    where,
    make("text", { x: px(0.5), y: size - 4, "text-anchor": "middle", "font-size": 14, fill: "var(--ink)" }, "input a"),
    make("text", { x: 15, y: py(0.5), "text-anchor": "middle", "font-size": 14, fill: "var(--ink)",
      transform: `rotate(-90 15 ${py(0.5)})` }, "input b"),
  );
  for (const v of [0, 1]) {
    svg.append(
      make("text", { x: px(v), y: size - 19, "text-anchor": "middle", "font-size": 13, fill: "var(--ink)" }, v),
      make("text", { x: 27, y: py(v) + 5, "text-anchor": "middle", "font-size": 13, fill: "var(--ink)" }, v),
    );
  }
  const dots = CORNERS.map(([a, b]) => {
    const dot = make("circle", { cx: px(a), cy: py(b), r: 13, stroke: "var(--blue)", "stroke-width": 2 });
    const label = make("text", { x: px(a), y: py(b) + 5, "text-anchor": "middle", "font-size": 14, "font-weight": "bold" });
    svg.append(dot, label);
    return [dot, label];
  });

  const cells = CORNERS.map(() => [make("td"), make("td")]);
  const table = make("table", {},
    make("tr", {}, ...["a", "b", "sum", "fires"].map((h) => make("th", { scope: "col" }, h))),
    ...CORNERS.map(([a, b], i) => make("tr", {}, make("td", {}, a), make("td", {}, b), ...cells[i])));
  const status = make("p", { role: "status" });
  const found = new Set();
  const list = make("ul", { class: "found", "aria-label": "the sixteen functions of two inputs" });
  const items = NAMES.map((name) => list.appendChild(make("li", {}, name)));

  function draw() {
    const [w1, w2, t] = ["w1", "w2", "threshold"].map((k) => model.get(k));
    const sums = CORNERS.map(([a, b]) => w1 * a + w2 * b);
    const outputs = sums.map((s) => (s >= t ? 1 : 0));
    where.setAttribute("points", halfPlane(w1, w2, t, lo, hi).map(([x, y]) => `${px(x)},${py(y)}`).join(" "));
    outputs.forEach((y, i) => {
      const [dot, label] = dots[i];
      dot.setAttribute("fill", y ? "var(--blue)" : "var(--paper)");
      label.setAttribute("fill", y ? "var(--paper)" : "var(--ink)");
      label.textContent = y;
      cells[i][0].textContent = number(sums[i]);
      cells[i][1].textContent = y ? "1 (fires)" : "0";
    });
    const name = NAMES[code(outputs)];
    found.add(code(outputs));
    items.forEach((item, i) => {
      item.classList.toggle("yes", found.has(i));
      item.textContent = (found.has(i) ? "✓ " : "") + NAMES[i];
    });
    status.textContent = `This unit computes “${name}”. Found so far: ${found.size} of 16.` +
      (found.size < 14 ? "" : " The last two need more than one line: read on.");
    svg.setAttribute("aria-label", `The plane of inputs a and b; the unit fires at ${outputs.filter(Boolean).length} ` +
      `of the four corners: it computes ${name}.`);
  }

  const controls = make("div", { class: "controls" },
    slider(model, "w1", "weight of a", -3, 3, 0.5),
    slider(model, "w2", "weight of b", -3, 3, 0.5),
    slider(model, "threshold", "threshold θ", -3, 3, 0.5),
    table);
  el.append(explorable(
    make("div", { class: "row" }, make("div", { class: "picture" }, svg), controls), status, list));
  for (const key of ["w1", "w2", "threshold"]) model.on(`change:${key}`, draw);
  draw();
  return () => ["w1", "w2", "threshold"].forEach((key) => model.off(`change:${key}`, draw));
}

export default { render };
