// What comes next? The logits of a model are divided by the temperature and made probabilities; top-k keeps the k
// most likely tokens, then top-p the fewest of them that reach p; the rest is made to sum to 1 and drawn from.
/** The probabilities that a sampler draws from, with `kept` and `before` (the model's own, at temperature 1). */
function distribution(logits, temperature, topK, topP) {
  const softmax = (row) => {
    const top = Math.max(...row);
    const e = row.map((z) => Math.exp(z - top));
    const sum = e.reduce((a, b) => a + b, 0);
    return e.map((v) => v / sum);
  };
  const warm = softmax(logits.map((z) => z / temperature));
  const order = logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b).slice(0, topK);
  const mass = order.reduce((s, i) => s + warm[i], 0);
  const kept = logits.map(() => false);
  let reached = 0;
  for (const i of order) {
    if (reached >= topP * mass - 1e-9) break;
    kept[i] = true;
    reached += warm[i];
  }
  return { before: softmax(logits), kept, after: warm.map((q, i) => (kept[i] ? q / reached : 0)) };
}

function render({ model, el }) {
  const contexts = model.get("contexts"), tokens = model.get("tokens");
  const bars = Math.min(14, tokens.length);
  const [width, row, left, right, top] = [320, 20, 34, 48, 20];
  const height = top + bars * row + 6;
  const percent = (q) => `${number(100 * q, q > 0 && q < 0.0995 ? 1 : 0)} %`;
  const px = (q) => left + q * (width - left - right);

  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const status = make("p", { role: "status" });
  const drawn = make("p", { "aria-live": "polite" });
  const quote = make("p", {});
  const put = (key, value) => { model.set(key, value); model.save_changes(); };
  const button = (name, act) => {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", act);
    return b;
  };
  const chooser = contexts.map((_, i) => button(`text ${i + 1}`, () => put("chosen", i)));

  let seed = 1;
  /** A number from 0 to 1: the generator of Park and Miller, the same row for every reader. */
  const uniform = () => { seed = (seed * 48271) % 2147483647; return seed / 2147483647; };
  const current = () => distribution(
    contexts[model.get("chosen")].logits, model.get("temperature"), model.get("top_k"), model.get("top_p"));
  const draw20 = button("Draw 20 times", () => {
    const { after } = current();
    const found = Array.from({ length: 20 }, () => {
      let rest = uniform(), last = 0;
      for (let i = 0; i < after.length; i += 1) {
        if (!after[i]) continue;
        last = i;
        rest -= after[i];
        if (rest < 0) break;
      }
      return tokens[last];
    });
    drawn.textContent = `Drawn: ${found.join(" ")}`;
  });

  function draw() {
    const { text, logits } = contexts[model.get("chosen")];
    const { before, kept, after } = current();
    const order = logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b).slice(0, bars);
    svg.replaceChildren(
      make("text", { x: left, y: 14, "font-size": 13, fill: "var(--soft)" }, "next token, most likely first"),
      ...order.flatMap((i, r) => {
        const y = top + r * row;
        return [
          make("text", { x: left - 8, y: y + 14, "text-anchor": "end", "font-size": 15, "font-family": "monospace",
            fill: kept[i] ? "var(--ink)" : "var(--soft)", "text-decoration": kept[i] ? "none" : "line-through" }, tokens[i]),
          make("rect", { x: left, y: y + 3, width: Math.max(0, px(after[i]) - left), height: row - 6, fill: "var(--blue)" }),
          make("line", { x1: px(before[i]), x2: px(before[i]), y1: y + 1, y2: y + row - 1, stroke: "var(--vermilion)", "stroke-width": 3 }),
          make("text", { x: Math.max(px(after[i]), px(before[i])) + 6, y: y + 14, "font-size": 13,
            fill: kept[i] ? "var(--ink)" : "var(--soft)" }, kept[i] ? percent(after[i]) : "cut"),
        ];
      }));
    const bits = after.reduce((s, q) => s - (q > 0 ? q * Math.log2(q) : 0), 0);
    const count = kept.filter(Boolean).length;
    const best = order[0];
    status.textContent = `${count} of ${tokens.length} tokens can be drawn; the most likely, ${tokens[best]}, has `
      + `${percent(after[best])}. Entropy: ${number(bits, 2)} bits.`;
    quote.textContent = `Text: “…${text}▁”`;
    svg.setAttribute("aria-label", `Bars of the ${bars} most likely next tokens: `
      + order.map((i) => `${tokens[i]} ${kept[i] ? percent(after[i]) : "cut"}`).join(", "));
    chooser.forEach((b, i) => b.setAttribute("aria-pressed", String(i === model.get("chosen"))));
  }

  const clear = () => { drawn.textContent = "Nothing drawn yet with these settings."; };
  const refresh = () => { clear(); draw(); };
  el.append(explorable(
    make("p", { role: "group", "aria-label": "text" }, ...chooser),
    quote,
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        slider(model, "temperature", "temperature", 0.1, 2, 0.05),
        slider(model, "top_k", "top-k", 1, tokens.length, 1),
        slider(model, "top_p", "top-p", 0.05, 1, 0.05),
        status,
        make("p", {}, draw20),
        drawn,
        make("p", {}, "Bars: what is drawn from. Orange marks: the model's own probabilities.")))));
  const keys = ["chosen", "temperature", "top_k", "top_p"];
  for (const key of keys) model.on(`change:${key}`, refresh);
  refresh();
  return () => keys.forEach((key) => model.off(`change:${key}`, refresh));
}

export default { render };
