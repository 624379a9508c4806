// A sentence as chips. All answers are in the page, so a click, a hover and a key need no kernel; Python is asked for a
// new sentence only. Every text goes in as text, never as HTML.

const NS = "http://www.w3.org/2000/svg";
const make = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const drawn = (name, attributes = {}) => {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
const mark = (outline) => {
  const picture = drawn("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" });
  picture.append(drawn("path", { d: outline }));
  return picture;
};
const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);

function render({ model, el }) {
  // Each widget loads this file anew, so that a count would begin again and labels would name another's fields.
  const id = `actspec-sentence-${Math.random().toString(36).slice(2)}`;
  el.classList.add("actspec-sentence");
  const known = make("select", { id: `${id}-known` });
  const typed = make("input", { id: `${id}-typed`, type: "text", autocomplete: "off", spellcheck: "false" });
  const network = make("select", { id: `${id}-network` });
  const read = make("button", { type: "submit" }, "Read");
  const field = (control, label) => make("span", {}, make("label", { for: control.id }, label), control);
  const knownField = field(known, "Sentence");
  const networkField = field(network, "Network");
  const typedField = field(typed, "or type one");
  const controls = make("form", {}, knownField, typedField, read, networkField);
  const alert = make("p", { role: "alert", class: "actspec-sentence-alert" });
  const bar = make("progress", { max: "1", "aria-label": "How much is read" });
  const stop = make("button", { type: "button" }, "Stop");
  const busy = make("p", { class: "actspec-sentence-busy" }, bar, " ", stop);
  const headline = make("p", { role: "status", class: "actspec-sentence-headline" });
  const basis = make("p", { class: "actspec-sentence-muted" });
  const arcs = drawn("svg", { "aria-hidden": "true" });
  const chips = make("div", { role: "group", class: "actspec-sentence-chips" });
  const stage = make("div", { class: "actspec-sentence-stage" }, arcs, chips);
  const reading = make("output", { role: "status" });
  const line = drawn("svg", { viewBox: "0 0 400 18", preserveAspectRatio: "none", "aria-hidden": "true" });
  const ends = make("div", { class: "actspec-sentence-ends" });
  const scale = make("div", { class: "actspec-sentence-scale", "aria-hidden": "true" }, line, ends);
  const bars = make("div", { role: "listbox", class: "actspec-sentence-bars" });
  const detail = make("p", { role: "status", class: "actspec-sentence-detail" });
  const rest = make("p", { class: "actspec-sentence-muted" });
  el.append(controls, alert, busy, headline, basis, stage, reading, scale, bars, detail, rest);
  let table = new Float32Array(0), words = [], rows = [];

  // What was asked of Python.
  const ask = (text) => {
    model.set("asked", { text, network: network.value, count: (model.get("asked").count ?? 0) + 1 });
    model.save_changes();
  };
  controls.addEventListener("submit", (event) => { event.preventDefault(); ask(typed.value); });
  known.addEventListener("change", () => { typed.value = known.value; ask(known.value); });
  network.addEventListener("change", () => ask(typed.value));
  stop.addEventListener("click", () => {
    model.set("asked", { stop: true, count: (model.get("asked").count ?? 0) + 1 });
    model.save_changes();
  });
  // JupyterLab's keys for cells stay out of what is typed here.
  el.addEventListener("keydown", (event) => { if (event.target === typed) event.stopPropagation(); });

  const isOff = (i) => model.get("off").includes(i);
  const toggle = (i) => {
    const off = model.get("off");
    model.set("off", isOff(i) ? off.filter((j) => j !== i) : [...off, i].sort((a, b) => a - b));
    model.save_changes();
  };
  const choose = (row) => {
    model.set("selected", rows[row].subset);
    model.save_changes();
  };
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

  // One stop for Tab among the chips and one among the bars; arrows walk.
  const walk = (items, steps) => (event) => {
    const here = items.indexOf(event.target.closest("button, [role=option]"));
    const to = { [steps[0]]: here - 1, [steps[1]]: here + 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined || here < 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (!items[to]) return;
    items.forEach((item) => { item.tabIndex = -1; });
    items[to].tabIndex = 0;
    items[to].focus();
  };

  // Hovering and focus light up what belongs together: of a bar its words and arc, of a word its bars and arcs.
  let chipItems = [], barItems = [];
  const light = (subset, row) => {
    chipItems.forEach((chip, i) => chip.classList.toggle("hot", subset !== null && subset.includes(i)));
    barItems.forEach((item, k) => item.classList.toggle("hot", row === k || (row === null && subset !== null
      && rows[k].subset.includes(subset[0]))));
    arcs.querySelectorAll("path").forEach((path) => {
      const k = Number(path.dataset.row);
      path.classList.toggle("hot", row === k || (row === null && subset !== null && rows[k].subset.includes(subset[0])));
    });
  };
  const hot = (item, subset, row) => {
    for (const kind of ["pointerenter", "focus"]) item.addEventListener(kind, () => light(subset, row));
    for (const kind of ["pointerleave", "blur"]) item.addEventListener(kind, () => light(null, null));
  };

  const draw = () => {
    const content = model.get("content");
    const bytes = model.get("answers");
    if (!content.words) return;
    table = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    ({ words, rows } = content);
    const options = [...content.texts];
    if (!options.includes(content.text)) options.unshift(content.text);
    known.replaceChildren(...options.map((text) => make("option", { value: text }, text)));
    network.replaceChildren(...content.networks.map((name) => make("option", { value: name }, name)));
    [known.value, typed.value, network.value] = [content.text, content.text, content.network];
    knownField.hidden = content.texts.length < 2;
    typedField.firstChild.textContent = knownField.hidden ? "Type another" : "or type one";
    networkField.hidden = content.networks.length < 2;
    typed.maxLength = 400;
    headline.textContent = content.headline;
    basis.textContent = content.basis;
    rest.textContent = content.rest;
    chips.setAttribute("aria-label", `Press a ${content.unit} to drop it, again to put it back`);
    chipItems = words.map((word, i) => {
      const chip = make("button", { type: "button", dir: "auto" }, word);
      chip.tabIndex = i ? -1 : 0;
      chip.addEventListener("click", () => toggle(i));
      hot(chip, [i], null);
      return chip;
    });
    chips.replaceChildren(...chipItems);
    chips.onkeydown = walk(chipItems, ["ArrowLeft", "ArrowRight"]);
    const largest = Math.max(...rows.map((row) => Math.abs(row.value)), 1e-12);
    bars.setAttribute("aria-label", content.bars);
    barItems = rows.map((row, k) => {
      const share = (50 * Math.abs(row.value)) / largest;
      const name = make("span", { class: "name" }, make("bdi", {}, row.name), " ", mark(row.outline));
      const inner = make("b", {});
      inner.style.width = `${share}%`;
      inner.style.left = `${row.value < 0 ? 50 - share : 50}%`;
      const item = make("div", { role: "option", class: `actspec-size-${row.style}` }, name,
        make("span", { class: "track", "aria-hidden": "true" }, inner), make("span", { class: "value" }, signed(row.value)));
      item.tabIndex = k ? -1 : 0;
      item.addEventListener("click", () => choose(k));
      item.addEventListener("keydown", (event) => {
        if ((event.key !== "Enter" && event.key !== " ") || event.shiftKey || event.ctrlKey || event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        choose(k);
      });
      hot(item, row.subset, k);
      return item;
    });
    bars.replaceChildren(...barItems);
    bars.onkeydown = walk(barItems, ["ArrowUp", "ArrowDown"]);
    state();
    selection();
  };

  const now = () => table[model.get("off").reduce((index, i) => index + 2 ** i, 0)];
  const state = () => {
    const content = model.get("content");
    if (!content.words) return;
    chipItems.forEach((chip, i) => {
      chip.setAttribute("aria-pressed", String(!isOff(i)));
      chip.classList.toggle("off", isOff(i));
      chip.title = isOff(i) ? "Press to put it back" : "Press to drop it";
    });
    const left = words.filter((_, i) => !isOff(i));
    const value = now();
    const said = left.length ? `“${left.join(" ")}”` : `no ${content.unit} left`;
    reading.textContent = `${content.target} ${signed(value)} (${content.poles[value > 0 ? 1 : 0]}): ${said}`;
    const low = Math.min(0, content.range[0]), high = Math.max(0, content.range[1], low + 1e-9);
    const x = (v) => 6 + (388 * (v - low)) / (high - low);
    line.replaceChildren(
      drawn("path", { d: "M6 9H394", class: "axis" }), drawn("path", { d: `M${x(0)} 3V15`, class: "axis" }),
      drawn("path", { d: `M${x(table[0])} 2V16`, class: "whole" }), drawn("path", { d: `M${x(value)} 1V17`, class: "now" }));
    ends.replaceChildren(make("span", {}, `${signed(low)} ${low < 0 ? content.poles[0] : ""}`),
      make("span", {}, `${high > 0 ? content.poles[1] : ""} ${signed(high)}`));
    curves();
  };

  // Two words: one arc; more: a comb of arcs through them in order. Thick by effect, dashed below zero.
  const curves = () => {
    const box = stage.getBoundingClientRect();
    if (!box.width) return;
    const at = chipItems.map((chip) => chip.getBoundingClientRect());
    const largest = Math.max(...rows.map((row) => Math.abs(row.value)), 1e-12);
    const chosen = model.get("selected");
    arcs.replaceChildren();
    rows.forEach((row, k) => {
      if (row.subset.length < 2) return;
      let d = "";
      for (let i = 1; i < row.subset.length; i++) {
        const [from, to] = [at[row.subset[i - 1]], at[row.subset[i]]];
        const [x1, x2] = [from.x + from.width / 2 - box.x, to.x + to.width / 2 - box.x];
        const [y1, y2] = [from.y - box.y - 1, to.y - box.y - 1];
        const top = Math.max(2, Math.min(y1, y2) - Math.min(14 + Math.abs(x2 - x1) * 0.16, 46));
        d += `M${x1} ${y1}C${x1} ${top} ${x2} ${top} ${x2} ${y2}`;
      }
      const path = drawn("path", { d, "stroke-width": (0.6 + (6.4 * Math.abs(row.value)) / largest).toFixed(2) });
      path.dataset.row = k;
      path.classList.add(`actspec-size-${row.style}`);
      path.classList.toggle("below", row.value < 0);
      path.classList.toggle("off", row.subset.some(isOff));
      path.classList.toggle("chosen", same(row.subset, chosen));
      arcs.append(path);
    });
  };

  const selection = () => {
    const chosen = model.get("selected");
    const k = rows.findIndex((row) => same(row.subset, chosen));
    barItems.forEach((item, i) => item.setAttribute("aria-selected", String(i === k)));
    chipItems.forEach((chip, i) => chip.classList.toggle("chosen", chosen.includes(i)));
    detail.textContent = k < 0 ? "" : rows[k].said;
    curves();
  };

  const progress = () => {
    const share = model.get("progress");
    busy.hidden = share < 0;
    bar.value = Math.max(share, 0);
  };
  const problem = () => {
    alert.textContent = model.get("error");
    alert.hidden = !model.get("error");
    const content = model.get("content"); // what is shown is still the sentence before
    if (model.get("error") && content.words) [known.value, network.value] = [content.text, content.network];
  };

  const watch = new ResizeObserver(curves);
  watch.observe(stage);
  const heard = { content: draw, off: state, selected: selection, progress, error: problem };
  for (const [name, tell] of Object.entries(heard)) model.on(`change:${name}`, tell);
  draw();
  progress();
  problem();
  return () => {
    watch.disconnect();
    for (const [name, tell] of Object.entries(heard)) model.off(`change:${name}`, tell);
  };
}

export default { initialize, render };
