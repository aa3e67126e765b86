// One recurrent unit, h_t = tanh(w h_{t-1}) or h_t = w h_{t-1}, left alone after a first push h_0. Above its state
// at each step; below how much the last state would change with the state at that step: the product of the
// slopes of all steps in between.
const STEPS = 50;

/** States h_0 … h_50, and the derivatives of h_50 with respect to each of them. */
export function unit(weight, push, linear) {
  const states = [push];
  for (let t = 1; t <= STEPS; t += 1) {
    const z = weight * states[t - 1];
    states.push(linear ? z : Math.tanh(z));
  }
  const gradients = new Array(STEPS + 1).fill(1);
  for (let t = STEPS; t > 0; t -= 1) {
    gradients[t - 1] = gradients[t] * weight * (linear ? 1 : 1 - states[t] ** 2);
  }
  return { states, gradients };
}

/** A power of ten with a raised exponent: 10⁻⁷. */
const ten = (power) => `10${String(power).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))}`;

/** A number in words of three digits: 0.0123, 4.56 · 10⁻⁷. */
function short(x) {
  const size = Math.abs(x);
  if (size === 0 || (size >= 0.01 && size < 10000)) return number(x, size < 1 ? 3 : 1);
  const power = Math.floor(Math.log10(size));
  return `${number(x / 10 ** power, 1)}\u00a0·\u00a0${ten(power)}`;
}

function render({ model, el }) {
  const [width, left, right] = [420, 58, 8];
  const [stateTop, stateBottom, gradientTop, gradientBottom] = [12, 122, 160, 290];
  const decades = 16; // the lower picture goes from 10⁻¹⁶ to 10¹⁶
  const px = (t) => left + (t / STEPS) * (width - left - right);
  const ink = { "font-size": 15, fill: "var(--soft)" };
  const svg = make("svg", { viewBox: `0 0 ${width} 332`, role: "img" });
  const frame = (top, bottom) => make("rect", { x: left, y: top, width: width - left - right, height: bottom - top, fill: "var(--paper)", stroke: "var(--line)" });
  const line = (y) => make("line", { x1: px(0), x2: px(STEPS), y1: y, y2: y, stroke: "var(--line)", "stroke-dasharray": "3 4" });
  const sy = (h, limit) => (stateTop + stateBottom) / 2 - (Math.max(-1, Math.min(1, h / limit)) * (stateBottom - stateTop)) / 2.2;
  const gy = (g) => {
    const power = Math.max(-decades, Math.min(decades, Math.log10(Math.abs(g))));
    return (gradientTop + gradientBottom) / 2 - (power / decades) * ((gradientBottom - gradientTop) / 2 - 3);
  };
  const state = make("path", { fill: "none", stroke: "var(--blue)", "stroke-width": 2 });
  const gradient = make("path", { fill: "none", stroke: "var(--vermilion)", "stroke-width": 2.5 });
  const top = make("text", { x: left - 5, y: stateTop + 12, "text-anchor": "end", ...ink });
  const bottom = make("text", { x: left - 5, y: stateBottom - 3, "text-anchor": "end", ...ink });
  svg.append(frame(stateTop, stateBottom), line(sy(0, 1)), state, top, bottom,
    make("text", { x: px(0) + 4, y: stateBottom + 16, ...ink }, "state"),
    frame(gradientTop, gradientBottom), line(gy(1)), gradient,
    ...[12, 6, 0, -6, -12].map((p) => make("text", { x: left - 5, y: gy(10 ** p) + 4, "text-anchor": "end", ...ink }, p === 0 ? "1" : ten(p))),
    make("text", { x: px(0) + 4, y: gradientBottom + 16, ...ink }, "gradient of the last state"),
    make("text", { x: px(STEPS), y: gradientBottom + 36, "text-anchor": "end", ...ink }, "step 50"),
    make("text", { x: px(0), y: gradientBottom + 36, ...ink }, "step 0"));
  const status = make("p", { role: "status" });
  const put = (key, value) => { model.set(key, value); model.save_changes(); };
  const kinds = [["with tanh", false], ["without tanh", true]].map(([name, linear]) => {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", () => put("linear", linear));
    return [b, linear];
  });

  function draw() {
    const [weight, push, linear] = [model.get("weight"), model.get("push"), model.get("linear")];
    const { states, gradients } = unit(weight, push, linear);
    const limit = Math.max(1, ...states.map(Math.abs));
    const path = (row, y) => `M ${row.map((v, t) => `${px(t).toFixed(1)} ${y(v).toFixed(1)}`).join(" L ")}`;
    state.setAttribute("d", path(states, (h) => sy(h, limit)));
    gradient.setAttribute("d", path(gradients, gy));
    top.textContent = limit < 10000 ? number(limit, 0) : ten(Math.round(Math.log10(limit)));
    bottom.textContent = `−${top.textContent}`;
    const text = `Weight ${number(weight)}: after 50 steps the state is ${short(states[STEPS])}. `
      + `The gradient that comes back to step 0 is ${short(gradients[0])}.`;
    status.textContent = text;
    svg.setAttribute("aria-label", `State and gradient of one recurrent unit over 50 steps. ${text}`);
    kinds.forEach(([b, kind]) => b.setAttribute("aria-pressed", String(kind === linear)));
  }

  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, svg),
      make("div", { class: "controls" },
        slider(model, "weight", "weight w", -2, 2, 0.05),
        slider(model, "push", "first push", 0.01, 1, 0.01),
        make("p", { role: "group", "aria-label": "unit" }, ...kinds.map(([b]) => b)),
        status,
        make("p", {}, "Above: the state at each step. Below, in powers of ten: how much the last state changes with the state at that step.")))));
  const keys = ["weight", "push", "linear"];
  for (const key of keys) model.on(`change:${key}`, draw);
  draw();
  return () => keys.forEach((key) => model.off(`change:${key}`, draw));
}

export default { render };
