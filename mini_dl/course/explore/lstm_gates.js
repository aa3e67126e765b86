// One LSTM cell that reads values and marks, without recurrent weights: the input gate hears the mark alone,
// i = sigmoid(w (m − ½)); forget and output gate have their biases; the candidate is g = tanh(v).

/** Gates, content and output at each step. */
export function run(values, marks, forget, mark, output) {
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const [f, o] = [sigmoid(forget), sigmoid(output)];
  let c = 0;
  return values.map((v, t) => {
    const i = sigmoid(mark * (marks[t] - 0.5));
    c = f * c + i * Math.tanh(v);
    return { i, f, o, c, h: o * Math.tanh(c) };
  });
}

function render({ model, el }) {
  const values = model.get("values");
  const n = values.length;
  const [width, left, rowHeight, gap] = [420, 108, 44, 10];
  const step = (width - left - 6) / n;
  const rows = [
    ["value", "var(--soft)", (s, t) => values[t]],
    ["input gate", "var(--green)", (s) => s.i],
    ["forget gate", "var(--orange)", (s) => s.f],
    ["cell", "var(--blue)", (s) => s.c],
    ["output", "var(--vermilion)", (s) => s.h],
  ];
  const height = rows.length * (rowHeight + gap) + 20;
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const bars = make("g");
  svg.append(bars);
  const status = make("p", { role: "status" });
  const put = (key, value) => { model.set(key, value); model.save_changes(); };
  const toggles = values.map((v, t) => {
    const b = make("button", { type: "button", "aria-label": `mark step ${t + 1}, value ${number(v)}`, style: "padding: 0; margin: 1px; min-width: 26px" }, String(t + 1));
    b.addEventListener("click", () => put("marks", model.get("marks").map((m, k) => (k === t ? 1 - m : m))));
    return b;
  });

  function draw() {
    const marks = model.get("marks");
    const steps = run(values, marks, model.get("forget"), model.get("mark"), model.get("output"));
    const content = Math.max(1, ...steps.map((s) => Math.abs(s.c)));
    bars.replaceChildren();
    rows.forEach(([name, color, read], r) => {
      const [top, limit] = [r * (rowHeight + gap) + 4, name === "cell" ? content : 1];
      const row = steps.map(read);
      const signed = row.some((v) => v < 0);
      const zero = signed ? top + rowHeight / 2 : top + rowHeight;
      const scale = (signed ? rowHeight / 2 : rowHeight) / limit;
      bars.append(
        make("text", { x: left - 6, y: top + rowHeight / 2 + 4, "text-anchor": "end", "font-size": 16, fill: "var(--ink)" }, name),
        make("line", { x1: left, x2: width - 6, y1: zero, y2: zero, stroke: "var(--line)" }),
        ...row.map((v, t) => make("rect", {
          x: left + t * step + 2, width: step - 4, y: v < 0 ? zero : zero - v * scale, height: Math.abs(v) * scale,
          fill: r === 0 && !marks[t] ? "none" : color, stroke: color, // a value without a mark is hollow
        })));
    });
    for (let t = 0; t < n; t += 1) {
      bars.append(make("text", { x: left + (t + 0.5) * step, y: height - 4, "text-anchor": "middle", "font-size": 15, fill: "var(--soft)" }, String(t + 1)));
    }
    const wanted = values.reduce((s, v, t) => s + v * marks[t], 0);
    const count = marks.reduce((s, m) => s + m, 0);
    const text = `${count} of ${n} steps marked; their values add up to ${number(wanted)}. At the end the cell holds ${number(steps[n - 1].c)}, the output is ${number(steps[n - 1].h)}.`;
    status.textContent = text;
    svg.setAttribute("aria-label", `Gates, cell and output of an LSTM over ${n} steps. ${text}`);
    toggles.forEach((b, t) => b.setAttribute("aria-pressed", String(marks[t] === 1)));
  }

  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        make("p", { role: "group", "aria-label": "marked steps" }, "Marked steps: ", ...toggles),
        slider(model, "mark", "mark weight", 0, 12, 0.5),
        slider(model, "forget", "forget bias", -4, 8, 0.5),
        slider(model, "output", "output bias", -4, 6, 0.5),
        status,
        make("p", {}, "Filled values are marked. The input gate listens to the mark, forget and output gate to their biases alone.")))));
  const keys = ["marks", "mark", "forget", "output"];
  for (const key of keys) model.on(`change:${key}`, draw);
  draw();
  return () => keys.forEach((key) => model.off(`change:${key}`, draw));
}

export default { render };
