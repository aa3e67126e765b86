// L = (v1·ReLU(w1·x) + v2·ReLU(w2·x) − y)² as a graph. Steps 1 to 9 compute the nodes from left to right (blue, above
// the edges); step 10 puts 1 at the loss; steps 11 to 19 go back and put a gradient on every edge (orange, below).
// In a narrow column it runs from top to bottom, blue numbers left and orange ones right of an edge.
function render({ model, el }) {
  const [BLUE, RED, INK] = ["var(--blue)", "var(--vermilion)", "var(--ink)"];
  const leaves = { // name: place and how it is written
    x: [36, 150, "x"], w1: [36, 36, "w₁"], w2: [36, 264, "w₂"],
    v1: [348, 17, "v₁"], v2: [348, 283, "v₂"], y: [532, 40, "y"],
  };
  const ops = { // in order of computation: place, symbol, inputs, name of the result
    a1: [164, 80, "×", ["w1", "x"], "a₁"], a2: [164, 220, "×", ["w2", "x"], "a₂"],
    h1: [286, 80, "ReLU", ["a1"], "h₁"], h2: [286, 220, "ReLU", ["a2"], "h₂"],
    p1: [422, 80, "×", ["v1", "h1"], "p₁"], p2: [422, 220, "×", ["v2", "h2"], "p₂"],
    s: [514, 150, "+", ["p1", "p2"], "ŷ"], e: [612, 150, "−", ["s", "y"], "e"],
    L: [696, 150, "( )²", ["e"], "L"],
  };
  const names = Object.keys(ops);
  const last = 2 * names.length + 1;
  const label = (name) => (leaves[name] ?? [0, 0, ops[name][4]])[2];
  const NARROW = 500; // pixels: below that width the numbers of the lying graph would be too small to read
  let tall = false;
  const turn = (x, y) => (tall ? [y, 20 + 0.74 * x] : [x, y]);
  const place = (name) => (tall && name === "y" ? turn(612, 14) : turn(...(leaves[name] ?? ops[name]))); // y stands beside e
  const show = (v) => number(v, 3);
  const bracket = (v) => (v < 0 ? `(${show(v)})` : show(v));

  /** Values of all nodes, the share each operation sends to each input, and the gradient of each node. */
  function compute() {
    const value = {};
    for (const name of Object.keys(leaves)) value[name] = model.get(name);
    const share = {};
    const grad = Object.fromEntries([...Object.keys(leaves), ...names].map((name) => [name, 0]));
    for (const name of names) {
      const [p, q] = ops[name][3].map((i) => value[i]);
      value[name] = { "×": () => p * q, "+": () => p + q, "−": () => p - q, "ReLU": () => Math.max(p, 0), "( )²": () => p * p }[ops[name][2]]();
    }
    grad.L = 1;
    for (const name of [...names].reverse()) {
      const [p, q] = ops[name][3].map((i) => value[i]);
      const g = grad[name];
      share[name] = { "×": () => [g * q, g * p], "+": () => [g, g], "−": () => [g, -g], "ReLU": () => [p > 0 ? g : 0], "( )²": () => [2 * p * g] }[ops[name][2]]()
        .map((v) => v + 0 || 0); // no minus zero
      ops[name][3].forEach((i, k) => { grad[i] += share[name][k]; });
    }
    return { value, share, grad };
  }

  function say({ value, share, grad }, step) {
    const n = names.length;
    if (step === 0) return "Only the given numbers are known. Step forward.";
    if (step === n + 1) return "Backward begins at the loss: the gradient of L with respect to itself is 1.";
    const back = step > n;
    const name = back ? names[last - step] : names[step - 1];
    const [, , symbol, inputs, result] = ops[name];
    const [i, j] = inputs.map(label);
    const [p, q] = inputs.map((k) => value[k]);
    if (!back) {
      const rule = inputs.length === 2 ? `${i} ${symbol.replace("×", "·")} ${j} = ${bracket(p)} ${symbol.replace("×", "·")} ${bracket(q)}`
        : symbol === "ReLU" ? `max(0, ${show(p)})` : `${bracket(p)}²`;
      return `Forward: ${result} = ${rule} = ${show(value[name])}.` + (name === "L" ? " That is the loss." : "");
    }
    const g = bracket(grad[name]);
    const [si, sj] = share[name].map(show);
    const text = {
      "×": () => `Times hands each input the gradient times the other input. ${i} gets ${g} · ${bracket(q)} = ${si}; ${j} gets ${g} · ${bracket(p)} = ${sj}.`,
      "+": () => `Plus copies: ${i} and ${j} both get ${si}.`,
      "−": () => `Minus: ${i} gets ${si}; ${j} gets it with the sign turned, ${sj}.`,
      "ReLU": () => p > 0 ? `ReLU was open (its input ${show(p)} is above 0): ${si} passes.`
        : `ReLU was shut (its input ${show(p)} is not above 0): ${si} passes, nothing behind it learns.`,
      "( )²": () => `The square's slope is 2${i}: ${i} gets ${g} · 2 · ${bracket(p)} = ${si}.`,
    }[symbol]();
    const met = name === "a1" ? ` Two gradients have met at x, and they add up: ${bracket(share.a2[1])} + ${bracket(share.a1[1])} = ${show(grad.x)}.` : "";
    return `Backward: ${text}${met}`;
  }

  const svg = make("svg", { role: "img" });
  const write = (x, y, text, color, extra = {}) => make("text", { x, y, fill: color, "font-size": 15, "text-anchor": "middle",
    stroke: "var(--paper)", "stroke-width": 4, "paint-order": "stroke", ...extra }, text);
  const status = make("p", { role: "status", style: "min-height: 4.4em" });
  const button = (text, act) => {
    const b = make("button", { type: "button" }, text);
    b.addEventListener("click", () => { model.set("step", act(model.get("step"))); model.save_changes(); });
    return b;
  };
  const next = button("Next step", (k) => Math.min(k + 1, last));
  const back = button("Step back", (k) => Math.max(k - 1, 0));
  const pass = button("To the end of the pass", (k) => (k < names.length ? names.length : last));
  const again = button("Start again", () => 0);

  function draw() {
    const step = model.get("step");
    const state = compute();
    const { value, share, grad } = state;
    const n = names.length;
    const known = (name) => name in leaves || names.indexOf(name) < step;
    const sent = (name) => last - names.indexOf(name) <= step; // its backward step has been made
    const active = step === 0 || step === n + 1 ? "" : step > n ? names[last - step] : names[step - 1];
    const [lines, words] = [[], []];
    const edge = (from, to, name, shown, gradient, part) => {
      const color = gradient !== null ? RED : known(name) ? BLUE : "var(--soft)";
      lines.push(make("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: color, "stroke-width": gradient !== null ? 2.5 : 2 }));
      const t = part ?? (Math.abs(to[1] - from[1]) > 62 ? 0.56 : from[1] === to[1] ? 0.5 : 0.45); // clear of the circles
      const [mx, my] = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])];
      const [first, second] = tall && from[1] !== to[1] ? [[mx - 5, my + 5, "end"], [mx + 5, my + 5, "start"]] : [[mx, my - 5, "middle"], [mx, my + 16, "middle"]];
      const brief = (v) => (tall ? number(v, Math.abs(v) < 100 ? 2 : 0) : show(v));
      if (shown) words.push(write(first[0], first[1], brief(value[name]), BLUE, { "text-anchor": first[2] }));
      if (gradient !== null) words.push(write(second[0], second[1], brief(gradient), RED, { "font-weight": 700, "text-anchor": second[2] }));
    };
    for (const name of names) {
      // Standing, edges that meet carry their numbers at different heights.
      const part = (i) => (!tall ? undefined : i[0] === "w" || i === "p1" ? 0.4 : i === "x" || i === "p2" ? 0.6 : i === "y" ? 0.48 : 0.5);
      ops[name][3].forEach((i, k) => edge(place(i), place(name), i, known(i), sent(name) ? share[name][k] : null, part(i)));
    }
    const [outX, outY] = place("L");
    edge(tall ? [outX, outY + 21] : [outX + 21, outY], turn(758, 150), "L", known("L"), step > n ? 1 : null);
    const circles = names.map((name) => {
      const [x, y] = place(name);
      const symbol = ops[name][2];
      const label = !tall ? { x, y: y - 27, "text-anchor": "middle" } : x < 150 ? { x: x - 27, y: y + 5, "text-anchor": "end" }
        : { x: x + 27, y: y + 5, "text-anchor": "start" };
      const fill = name !== active ? "var(--paper)" : step > n ? "var(--vermilion-ground)" : "var(--blue-ground)";
      return make("g", {}, make("circle", { cx: x, cy: y, r: 21, fill, stroke: name === active ? (step > n ? RED : BLUE) : INK, "stroke-width": name === active ? 3 : 1.5 }),
        make("text", { x, y: y + 5, "text-anchor": "middle", "font-size": symbol === "ReLU" ? 13 : 16, fill: INK }, symbol),
        make("text", { ...label, "font-size": 15, fill: "var(--soft)" }, ops[name][4]));
    });
    const boxes = Object.keys(leaves).map((name) => {
      const [x, y] = place(name);
      return make("g", {}, make("rect", { x: x - 17, y: y - 14, width: 34, height: 28, rx: 4, fill: "var(--ground)", stroke: INK }),
        make("text", { x, y: y + 5, "text-anchor": "middle", "font-size": 16, fill: INK }, label(name)));
    });
    const [sumX, sumY] = tall ? [150, 24] : [38, 186];
    if (step === last) words.push(write(sumX, sumY, `${show(grad.x)} in all`, RED, { "font-weight": 700, "font-size": 14 }));
    const [left, width, height] = tall ? [-12, 324, 590] : [0, 760, 300];
    svg.setAttribute("viewBox", `${left} 0 ${width} ${height}`);
    svg.replaceChildren(...lines, ...circles, ...boxes, ...words);
    key.textContent = tall ? "Left of an edge (at y above it), in blue: the number that flows forward. Right (at y below), in bold orange: the gradient of the loss that flows back."
      : "Above an edge, in blue: the number that flows forward. Below it, in bold orange: the gradient of the loss that flows back.";
    svg.setAttribute("aria-label", `Graph of a network with two ReLU units and a squared error; step ${step} of ${last}.` +
      (known("L") ? ` The loss is ${show(value.L)}.` : "") +
      (step === last ? ` Gradients: ${Object.keys(leaves).map((k) => `${label(k)} ${show(grad[k])}`).join(", ")}.` : ""));
    status.textContent = `Step ${step} of ${last}. ${say(state, step)}`;
    next.disabled = pass.disabled = step === last;
    back.disabled = again.disabled = step === 0;
  }

  const picture = make("div", {}, svg);
  const key = make("p");
  const keys = ["w1", "w2", "v1", "v2", "x", "y"];
  const sliders = keys.map((key) => slider(model, key, label(key), -3, 3, 0.5));
  const half = (part) => make("div", { class: "controls" }, ...part);
  el.append(explorable(picture, status, make("div", {}, next, back, pass, again),
    make("div", { class: "row" }, half(sliders.slice(0, 3)), half(sliders.slice(3))),
    key));
  for (const name of [...keys, "step"]) model.on(`change:${name}`, draw);
  draw();
  const watch = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width > 0 && tall !== (contentRect.width < NARROW)) {
      tall = !tall;
      draw();
    }
  });
  watch.observe(picture);
  return () => {
    watch.disconnect();
    for (const name of [...keys, "step"]) model.off(`change:${name}`, draw);
  };
}

export default { render };
