// Interactive figures without a kernel, without require.js and without a network.
//
// A notebook that was run keeps, for each anywidget it shows, the widget's state: the values it
// synchronises, and as text its JavaScript (`_esm`) and its style (`_css`). MyST-NB writes that
// state into the page, and where the widget belongs a small tag with its model's id. This file
// brings the two together. It gives the widget what anywidget promises it (https://anywidget.dev,
// "AFM": a model with get, set, on, off, save_changes, send, and an element to draw into); values
// changed in the page stay in the page.
"use strict";

(() => {
  const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

  // The model: named values that can be watched, as in Backbone.
  class Model {
    #values;
    #listeners = []; // [event, callback, context]

    constructor(values) {
      this.#values = values;
    }
    get(name) {
      return this.#values[name];
    }
    set(name, value) {
      const changes = typeof name === "object" ? name : { [name]: value };
      const changed = Object.keys(changes).filter((key) => this.#values[key] !== changes[key]);
      Object.assign(this.#values, changes);
      for (const key of changed) this.#emit(`change:${key}`, this, changes[key]);
      if (changed.length) this.#emit("change", this);
    }
    on(events, callback, context) {
      for (const event of events.split(/\s+/)) this.#listeners.push([event, callback, context]);
    }
    off(events, callback) {
      const names = events ? events.split(/\s+/) : null;
      this.#listeners = this.#listeners.filter(
        ([event, fn]) => (names && !names.includes(event)) || (callback && fn !== callback),
      );
    }
    #emit(event, ...args) {
      for (const [name, fn, context] of [...this.#listeners]) if (name === event) fn.apply(context, args);
    }
    save_changes() {} // there is no kernel to save to
    send() {}
  }

  // The values of a state: numbers and text as they are, binary ones (arrays) put in their places.
  function values({ state, buffers = [] }) {
    const result = structuredClone(state);
    for (const { path, data } of buffers) {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const holder = path.slice(0, -1).reduce((at, key) => at[key], result);
      holder[path.at(-1)] = new DataView(bytes.buffer);
    }
    return result;
  }

  // The widget's code as a module. A Blob's address works on file:// pages as well.
  async function load(code) {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    try {
      const module = await import(url);
      const widget = module.default ?? module; // before anywidget 0.9 `render` was exported by name
      return typeof widget === "function" ? await widget() : widget;
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  // One model can be shown several times; its code is loaded and initialised once.
  const loaded = new Map();
  async function start(id, stored) {
    const model = new Model(values(stored));
    if (stored.state._css) {
      const style = document.createElement("style");
      style.textContent = stored.state._css;
      document.head.append(style);
    }
    const widget = await load(stored.state._esm);
    await widget.initialize?.({ model });
    return { widget, model };
  }

  function say(element, sentence) {
    element.classList.add("course-widget-message");
    element.setAttribute("role", "note");
    element.textContent = sentence;
  }

  async function show(tag, models) {
    const element = document.createElement("div");
    element.className = "course-widget";
    tag.after(element);
    const id = JSON.parse(tag.textContent).model_id;
    const stored = models[id];
    if (typeof stored?.state?._esm !== "string") {
      say(element, "This figure is interactive, but not in this page: open the notebook and run it to move it.");
      return;
    }
    try {
      if (!loaded.has(id)) loaded.set(id, start(id, stored));
      const { widget, model } = await loaded.get(id);
      await widget.render({ model, el: element });
    } catch (error) {
      element.replaceChildren();
      say(element, "This interactive figure could not be started in your browser. The text does not depend on it.");
      console.error("anywidget_static.js:", error);
    }
  }

  function all() {
    const models = Object.assign({}, ...[...document.querySelectorAll(STATE)].map((s) => JSON.parse(s.textContent).state));
    for (const tag of document.querySelectorAll(VIEW)) show(tag, models);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
