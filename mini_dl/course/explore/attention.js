// The weights of one attention head: softmax(q · k / (√d · temperature)), computed here from recorded queries and keys.
function render({ model, el }) {
  const texts = model.get("texts");
  const size = 400, edge = 27; // the picture, and the room for the characters at its left and top
  const svg = make("svg", { role: "img", tabindex: 0 });
  const status = make("p", { role: "status" });
  const put = (key, value) => { model.set(key, value); model.save_changes(); };
  const named = (character) => (character === " " ? "␣" : character);

  const layer = () => texts[model.get("chosen")].layers[model.get("layer")];
  const rowAt = () => Math.min(model.get("row"), layer().rows.length - 1);

  /** The weights of every query, (T, S). */
  function weights() {
    const { queries, keys, causal } = layer();
    const [q, k] = [queries[model.get("head")], keys[model.get("head")]];
    const divisor = (model.get("scaled") ? Math.sqrt(q[0].length) : 1) * model.get("temperature");
    return q.map((query, t) => {
      const scores = k.map((key, s) => (causal && s > t ? -Infinity : query.reduce((sum, x, i) => sum + x * key[i], 0) / divisor));
      const top = Math.max(...scores);
      const e = scores.map((z) => Math.exp(z - top));
      const total = e.reduce((a, b) => a + b, 0);
      return e.map((x) => x / total);
    });
  }

  function choice(label, key, names) {
    const buttons = names.map((name, i) => {
      const b = make("button", { type: "button" }, name);
      b.addEventListener("click", () => put(key, i));
      return b;
    });
    const show = () => buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === model.get(key))));
    return { node: make("p", { role: "group", "aria-label": label }, `${label}: `, ...buttons), show };
  }
  const choices = [
    choice("text", "chosen", texts.map((t) => t.name)),
    choice("layer", "layer", texts[0].layers.map((l) => l.name)),
    choice("head", "head", texts[0].layers[0].queries.map((_, i) => String(i + 1))),
  ];
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => put("scaled", box.checked));

  let cell = 1;
  svg.addEventListener("pointerdown", (event) => {
    const frame = svg.getBoundingClientRect();
    const t = Math.floor((((event.clientY - frame.top) / frame.width) * size - edge) / cell); // as wide as `size`
    if (t >= 0 && t < layer().rows.length) put("row", t);
  });
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    put("row", Math.max(0, Math.min(layer().rows.length - 1, rowAt() + step)));
  });

  function draw() {
    const { rows, columns, name } = layer();
    const table = weights();
    const at = rowAt();
    cell = (size - edge - 2) / Math.max(rows.length, columns.length);
    svg.setAttribute("viewBox", `0 0 ${size} ${edge + rows.length * cell + 2}`);
    const font = Math.min(16, 0.85 * cell);
    const letter = (text, x, y, bold) => make("text", { x, y, "text-anchor": "middle", "font-size": font,
      "font-weight": bold ? 700 : 400, fill: bold ? "var(--vermilion)" : "var(--ink)" }, named(text));
    svg.replaceChildren(
      ...columns.map((c, s) => letter(c, edge + (s + 0.5) * cell, edge - 8, false)),
      ...rows.map((c, t) => letter(c, edge / 2, edge + (t + 0.5) * cell + font / 3, t === at)),
      ...table.flatMap((row, t) => row.map((w, s) => make("rect", { x: edge + s * cell, y: edge + t * cell,
        width: cell, height: cell, fill: "var(--blue)", "fill-opacity": w.toFixed(3), stroke: "var(--faint)", "stroke-width": 0.5 }))),
      make("rect", { x: edge, y: edge + at * cell, width: columns.length * cell, height: cell, fill: "none", stroke: "var(--vermilion)", "stroke-width": 2.5 }),
    );
    const order = table[at].map((w, s) => [w, s]).sort((a, b) => b[0] - a[0]).slice(0, 3).filter(([w]) => w >= 0.005);
    const looks = order.map(([w, s]) => `“${named(columns[s])}” (place ${s + 1}) ${Math.round(100 * w)}\u00a0%`).join(", ");
    const sharp = table.reduce((sum, row) => sum + Math.max(...row), 0) / table.length;
    status.textContent = `“${named(rows[at])}” (row ${at + 1}) looks at ${looks}. Mean largest weight of all rows: ${number(sharp, 2)}.`;
    svg.setAttribute("aria-label", `Weights of ${name}, head ${model.get("head") + 1}: ${rows.length} rows that ask, ${columns.length} columns that are asked. Arrow keys choose a row. ${status.textContent}`);
    choices.forEach((c) => c.show());
    box.checked = model.get("scaled");
  }

  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        ...choices.map((c) => c.node),
        make("p", {}, make("label", { style: "display: block" }, box, " divide by √d")),
        slider(model, "temperature", "temperature", 0.2, 5, 0.1),
        status,
        make("p", {}, "Rows ask, columns are asked. Click a row, or use the arrow keys. The stronger the blue, the larger the weight.")))));
  const keys = ["chosen", "layer", "head", "row", "scaled", "temperature"];
  for (const key of keys) model.on(`change:${key}`, draw);
  draw();
  return () => keys.forEach((key) => model.off(`change:${key}`, draw));
}

export default { render };
