// What the explorables share: building HTML and SVG elements, and a labelled slider.
const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; names in `svg` make SVG elements. */
function make(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "line", "circle", "rect", "polygon", "path", "text", "title"].includes(name);
  const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** The frame of an explorable. A key pressed in it is the reader's, not a command to JupyterLab's cells. */
function explorable(...children) {
  const frame = make("div", { class: "explore" }, ...children);
  frame.addEventListener("keydown", (e) => { if (e.key !== "Escape") e.stopPropagation(); });
  return frame;
}

/** A slider with its name before it and its value behind it, tied to `key` of the model. */
function slider(model, key, name, min, max, step) {
  const input = make("input", { type: "range", min, max, step });
  const value = make("output");
  const show = () => {
    input.value = model.get(key);
    value.textContent = number(model.get(key));
  };
  input.addEventListener("input", () => {
    model.set(key, Number(input.value));
    model.save_changes();
  });
  model.on(`change:${key}`, show);
  show();
  return make("label", {}, make("span", {}, name), input, value);
}

/** A number with a real minus sign and no needless zeros. */
function number(x, digits = 2) {
  return String(Number(x.toFixed(digits))).replace("-", "−");
}
