// A 3 × 3 kernel on an image: at each place the sum of nine products, pixel times weight. `at` is the place where the
// window stands, counted row by row; the output is filled up to the furthest place, `seen`.

/** How many windows of 3 fit into n pixels with a border of `padding` on both sides. */
function places(n, stride, padding) {
  return Math.max(0, Math.floor((n + 2 * padding - 3) / stride) + 1);
}

/** The pixels under the window at row i, column j of the output: nine numbers, 0 on the border. */
function pixels(image, i, j, stride, padding) {
  return Array.from({ length: 9 }, (_, n) => {
    const [y, x] = [i * stride - padding + Math.floor(n / 3), j * stride - padding + (n % 3)];
    return image[y]?.[x] ?? 0;
  });
}

function render({ model, el }) {
  const [images, kernels] = [model.get("images"), model.get("kernels")];
  const cell = 30;

  const put = (changes) => {
    for (const [key, value] of Object.entries(changes)) model.set(key, value);
    model.save_changes();
  };
  const button = (name, act) => {
    const b = make("button", { type: "button" }, name);
    b.addEventListener("click", act);
    return b;
  };

  const input = make("svg", { role: "img" });
  const output = make("svg", { role: "img", style: "cursor: pointer" });
  const status = make("p", { role: "status" });

  /** Everything that follows from the model: image, sizes, the place of the window. */
  function now() {
    const image = images[model.get("chosen")].rows;
    const [stride, padding] = [model.get("stride"), model.get("padding")];
    const [rows, columns] = [places(image.length, stride, padding), places(image[0].length, stride, padding)];
    const last = rows * columns - 1;
    const [at, seen] = [Math.min(model.get("at"), last), Math.min(model.get("seen"), last)];
    return { image, stride, padding, rows, columns, last, at, seen, weights: model.get("weights") };
  }

  const go = (to) => put({ at: to, seen: Math.max(to, now().seen) });
  const next = button("Next place", () => go(now().at + 1));
  const back = button("Back", () => go(now().at - 1));
  const all = button("All places", () => put({ seen: now().last }));
  const again = button("Start again", () => put({ at: 0, seen: 0 }));
  output.addEventListener("click", (event) => {
    const { columns, rows } = now();
    const box = output.getBoundingClientRect();
    const j = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const i = Math.floor(((event.clientY - box.top) / box.height) * rows);
    if (i >= 0 && i < rows && j >= 0 && j < columns) go(i * columns + j);
  });

  const choice = (key, values) => values.map(([name, value]) => {
    const b = button(name, () => put({ [key]: value, ...(key === "weights" ? {} : { at: 0, seen: 0 }) }));
    b.is_on = () => JSON.stringify(model.get(key)) === JSON.stringify(value);
    return b;
  });
  const choosers = {
    image: choice("chosen", images.map(({ name }, i) => [name, i])),
    kernel: choice("weights", kernels.map(({ name, values }) => [name, values])),
    stride: choice("stride", [1, 2].map((n) => [String(n), n])),
    padding: choice("padding", [0, 1].map((n) => [String(n), n])),
  };
  const group = (name) => make("p", { role: "group", "aria-label": name }, `${name[0].toUpperCase()}${name.slice(1)}: `, ...choosers[name]);

  const fields = Array.from({ length: 9 }, (_, n) => {
    const field = make("input", {
      type: "number", step: 1, min: -9, max: 9, style: "width: 4.2em; min-height: 32px; font: inherit; text-align: center; color: var(--ink); background: var(--paper); border: 1px solid var(--line)",
      "aria-label": `weight in row ${Math.floor(n / 3) + 1}, column ${(n % 3) + 1}`,
    });
    field.addEventListener("input", () => {
      const value = Number(field.value);
      if (field.value === "" || !Number.isFinite(value)) return; // half typed: "", "-"
      put({ weights: model.get("weights").map((w, m) => (m === n ? Math.max(-9, Math.min(9, value)) : w)) });
    });
    field.addEventListener("blur", draw);
    return field;
  });
  const grid = make("div", { role: "group", "aria-label": "weights of the kernel", style: "display: grid; grid-template-columns: repeat(3, max-content); gap: 3px" }, ...fields);

  /** A square with a number in it; `share`, 0 to 1, says how strong its colour is. */
  function square(row, column, value, fill, share, extra = {}) {
    const [x, y] = [column * cell, row * cell];
    return make("g", {},
      make("rect", { x, y, width: cell, height: cell, fill, "fill-opacity": share.toFixed(3), stroke: "var(--line)", ...extra }),
      make("text", { x: x + cell / 2, y: y + cell / 2 + 5, fill: "var(--ink)", "text-anchor": "middle", "font-size": value.length > 3 ? 10 : 13 }, value));
  }

  const frame = (i, j, size) => make("rect", {
    x: j * cell + 1.5, y: i * cell + 1.5, width: size * cell - 3, height: size * cell - 3,
    fill: "none", stroke: "var(--vermilion)", "stroke-width": 4,
  });

  function draw() {
    const { image, stride, padding, rows, columns, last, at, seen, weights } = now();
    const [height, width] = [image.length + 2 * padding, image[0].length + 2 * padding];
    const most = Math.max(1, ...image.flat());
    const [i, j] = [Math.floor(at / columns), at % columns];
    const under = pixels(image, i, j, stride, padding);
    const sum = (values) => values.reduce((total, p, n) => total + p * weights[n], 0);

    input.setAttribute("viewBox", `-2 -2 ${width * cell + 4} ${height * cell + 4}`);
    const cells = [];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const value = image[y - padding]?.[x - padding];
        const border = value === undefined;
        cells.push(border ? square(y, x, "0", "var(--blue-ground)", 1, { "stroke-dasharray": "3 3" })
          : square(y, x, number(value), "var(--grey-fill)", value / most));
      }
    }
    input.replaceChildren(...cells, frame(i * stride, j * stride, 3));

    const values = Array.from({ length: last + 1 }, (_, n) =>
      sum(pixels(image, Math.floor(n / columns), n % columns, stride, padding)));
    const largest = Math.max(1e-9, ...values.map(Math.abs));
    output.setAttribute("viewBox", `-2 -2 ${columns * cell + 4} ${rows * cell + 4}`);
    output.style.maxWidth = `${(100 * columns) / width}%`; // a cell as large as one of the image
    output.replaceChildren(...values.map((value, n) => {
      const [row, column] = [Math.floor(n / columns), n % columns];
      if (n > seen) return square(row, column, "", "none", 1);
      return square(row, column, number(value, 1), `var(--${value < 0 ? "purple" : "orange"}-fill)`, Math.abs(value) / largest);
    }), frame(i, j, 1));

    const show = (x) => (x < 0 ? `(${number(x)})` : number(x));
    const terms = under.map((p, n) => `${number(p)}·${show(weights[n])}`).join(" + ");
    status.textContent = `Row ${i + 1}, column ${j + 1} of ${rows} × ${columns}: ${terms} = ${number(sum(under))}`;
    input.setAttribute("aria-label", `The image ${images[model.get("chosen")].name}, ${height} × ${width} with its border; ` +
      `the window covers rows ${i * stride + 1} to ${i * stride + 3}, columns ${j * stride + 1} to ${j * stride + 3}.`);
    output.setAttribute("aria-label", `The output, ${rows} × ${columns}, filled up to place ${seen + 1} of ${last + 1}.`);
    next.disabled = at === last;
    back.disabled = at === 0;
    all.disabled = seen === last;
    fields.forEach((field, n) => {
      if (field.ownerDocument.activeElement !== field) field.value = weights[n];
    });
    for (const buttons of Object.values(choosers)) {
      for (const b of buttons) b.setAttribute("aria-pressed", String(b.is_on()));
    }
  }

  el.append(explorable(
    make("div", { class: "row" },
      make("div", { class: "picture" }, make("p", {}, "Image, with the window on it"), input),
      make("div", { class: "picture" }, make("p", {}, "Output so far"), output)),
    status,
    make("p", {}, next, back, all, again),
    make("div", { class: "row" },
      make("div", {}, make("p", {}, "Kernel (type your own):"), grid),
      make("div", { class: "controls" }, group("kernel"), group("image"), group("stride"), group("padding"))),
    make("p", {}, "Orange: above 0. Violet: below 0. Dashed: the border of zeros. Click on a cell of the output to go there.")));
  const keys = ["chosen", "weights", "stride", "padding", "at", "seen"];
  for (const key of keys) model.on(`change:${key}`, draw);
  draw();
  return () => keys.forEach((key) => model.off(`change:${key}`, draw));
}

export default { render };
