// Bars of subsets and a picture of all units, which light each other up under the hand. Everything that a hover needs is
// in the page; Python hears of a selection, of a unit that is asked about, and of buttons. Text goes in as text.

const NS = "http://www.w3.org/2000/svg";
const make = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const drawn = (name, attributes = {}, ...children) => {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const write = (x, y, text, anchor = "start", kind = "") => drawn("text", { x, y, "text-anchor": anchor, class: kind }, text);
const HEAD = 24, FOOT = 40, ROW = 22, TALLEST = 640, LEGIBLE = 15; // pixels
const LEAST = 96, EASY = 200; // pixels of the bars themselves, and where they leave room for long names
const TIGHT = 5.4, FEW = 64; // pixels of a letter, and of the bars, where not everything fits
const ROOMY = 640; // pixels that all of it needs for letters of the usual size
const SIDE = 336, UNIT = 60; // pixels: of an image, and of the longest bar of a unit
const KEYS = [
  ["↑ ↓ Home End", "walk through the bars, or over the picture"], ["Enter or Space", "select, or ask the network about a unit"],
  ["/", "find a unit"], ["z", "undo"], ["c", "copy the code"], ["f", "full screen"], ["Esc", "select nothing"],
];

function render({ model, el }) {
  const id = `actspec-${Math.random().toString(36).slice(2)}`; // each widget loads this file anew
  const stop = new AbortController();
  const on = (target, kind, act) => target.addEventListener(kind, act, { signal: stop.signal });
  el.classList.add("actspec-picture");
  el.setAttribute("data-lm-suppress-shortcuts", "true");

  const find = make("input", { type: "search", "aria-label": "Find a unit", autocomplete: "off", spellcheck: "false" });
  const sort = make("select", { "aria-label": "Sort the bars" });
  const sizes = make("span", { role: "group", "aria-label": "Show subsets of this many units" });
  const button = (text, title, act) => {
    const made = make("button", { type: "button", title }, text);
    on(made, "click", act);
    return made;
  };
  const undo = button("Undo", "Take back the last setting or selection (z)", () => model.send({ undo: true }));
  const copy = button("Copy code", "Copy the lines of Python that give this result (c)", () => model.send({ code: true }));
  const whole = button("Full screen", "Show this picture on the whole screen, or no longer (f)", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else el.requestFullscreen?.();
  });
  const help = button("Keys", "Show what the keyboard does (?)", () => {
    keys.hidden = !keys.hidden;
    help.setAttribute("aria-expanded", String(!keys.hidden));
  });
  help.setAttribute("aria-expanded", "false");
  const keys = make("dl", { hidden: "", class: "keys" });
  for (const [key, words] of KEYS) keys.append(make("dt", {}, key), make("dd", {}, words));
  const tools = make("div", { class: "tools" }, find, sort, sizes, undo, copy, whole, help);
  const barsDrawing = drawn("svg", { role: "group" });
  const barsBox = make("div", { class: "actspec-drawing bars actspec-scrolls" }, barsDrawing);
  const mapDrawing = drawn("svg", { role: "group", tabindex: "0" });
  const mapBox = make("div", { class: "actspec-drawing map" }, mapDrawing);
  const groupsDrawing = drawn("svg", { role: "img" });
  const groupsBox = make("div", { class: "actspec-drawing groups" }, groupsDrawing);
  const readout = make("output", { role: "status" });
  const caption = make("p", { class: "muted" });
  const answer = make("output", { role: "status", class: "answer" });
  const told = make("output", { role: "status", class: "told" });
  const side = make("div", { class: "side" }, make("div", {}, mapBox, caption), make("div", {}, readout, groupsBox, answer));
  const stage = make("div", { class: "stage" }, barsBox, side);
  el.append(tools, keys, told, stage);

  let rows = [], order = [], items = [], shapes = [], byUnit = new Map(), lit = [], hidden = new Set();
  let place = null, overlay = null, cursor = null, at = -1, wide = 0, spriteAddress = "", hovered = -1;
  const key = (subset) => subset.join(",");

  // Which rows are shown, and in what order.
  const arrange = () => {
    const words = find.value.trim().toLowerCase();
    const content = model.get("content");
    const fits = (row) => !words || row.units.some((name) => name.toLowerCase() === words)
      || (!/^\d+$/.test(words) && row.units.some((name) => name.toLowerCase().includes(words)));
    order = rows.map((_, k) => k).filter((k) => !hidden.has(rows[k].style) && fits(rows[k]));
    const by = sort.value;
    const number = (text) => { const v = parseFloat(String(text).replace(/,/g, "").replace("1 of ", "")); return Number.isNaN(v) ? -Infinity : v; };
    const value = { largest: (row) => Math.abs(row.value), units: (row) => -row.subset.length }[by]
      ?? (by.startsWith("fact") ? (row) => number(row.facts[Number(by.slice(4))]) : null);
    if (value) order.sort((a, b) => value(rows[b]) - value(rows[a]));
    told.textContent = order.length === rows.length ? "" : `${order.length} of ${rows.length} bars shown`;
    drawBars(content);
  };

  const choices = (content) => {
    const kinds = [["given", "What holds first"], ["largest", "Largest coefficient first"], ["units", "Fewest units first"],
      ...content.heads.map((head, i) => [`fact${i}`, `By ${head.text}`])];
    const before = sort.value;
    sort.replaceChildren(...kinds.map(([value, text]) => make("option", { value }, text)));
    sort.value = kinds.some(([value]) => value === before) ? before : "given";
    hidden = new Set([...hidden].filter((style) => content.sizes.some((size) => size.style === style)));
    sizes.replaceChildren(...(content.sizes.length < 2 ? [] : content.sizes.map((size) => {
      const toggle = make("button", { type: "button", title: `Show or hide subsets of ${size.text}`,
        "aria-label": `Show subsets of ${size.text}`, "aria-pressed": String(!hidden.has(size.style)) }, String(size.style + 1));
      toggle.prepend(mark(size.outline, size.style));
      toggle.addEventListener("click", () => {
        if (hidden.has(size.style)) hidden.delete(size.style);
        else hidden.add(size.style);
        toggle.setAttribute("aria-pressed", String(!hidden.has(size.style)));
        arrange();
      });
      return toggle;
    })));
    find.placeholder = `Find a ${content.unit}`;
    find.setAttribute("aria-label", `Find a ${content.unit}`);
  };
  const mark = (outline, style) => drawn("svg", { viewBox: "0 0 12 12", "aria-hidden": "true", class: `size-${style}` },
    drawn("path", { d: outline }));

  // The bars: a row for each subset, what is known of it to the right.
  const drawBars = (content) => {
    const height = Math.max(Math.min(ROW, TALLEST / Math.max(order.length, 1)), 3);
    const legible = height >= LEGIBLE, step = Math.max(1, Math.ceil(LEGIBLE / height));
    wide = barsBox.clientWidth;
    const close = wide > 0 && wide < ROOMY, sum = (columns) => (legible ? columns.reduce((total, column) => total + column, 0) : 0);
    let columns = content.heads.map((head) => (close ? 0.93 * head.width + 9 : head.width + 10));
    // Where they do not fit, heads go over two lines and numbers leave their errors to the words under the pointer.
    const tight = close && content.labels + sum(columns) + LEAST > wide, top = tight ? HEAD + 11 : HEAD;
    const lines = (text) => (tight ? text.split(" ") : [text]), cell = (text) => (tight ? text.split(" ± ")[0] : text);
    // Where not even these fit, a few columns are left to the words under the pointer, too.
    let kept = content.heads.map((_, n) => n);
    const across = (n) => 9 + TIGHT * Math.max(...lines(content.heads[n].text).map((word) => word.length), ...order.map((k) => cell(rows[k].facts[n]).length));
    for (const least of tight ? ["rarest", "returns", "joint part", ""] : []) {
      columns = kept.map(across);
      if (content.labels + sum(columns) + FEW <= wide) break;
      kept = kept.filter((n) => content.heads[n].text !== least);
    }
    barsBox.classList.toggle("close", close);
    barsBox.classList.toggle("tight", tight);
    const strip = sum(columns), width = Math.max(wide || 640, content.labels + strip + (tight ? FEW : LEAST));
    const spelled = legible && content.longest > content.labels && width - strip - content.longest >= EASY;
    const left = spelled ? content.longest : content.labels, right = width - strip - 8, high = top + order.length * height;
    const x = (value) => left + ((value - content.low) / (content.high - content.low)) * (right - left);
    barsDrawing.setAttribute("width", width);
    barsDrawing.setAttribute("height", high + FOOT);
    barsDrawing.setAttribute("viewBox", `0 0 ${width} ${high + FOOT}`);
    const frame = drawn("g", { "aria-hidden": "true" });
    let end = -Infinity;
    for (const tick of content.ticks) {
      const half = 3.4 * tick.text.length;
      frame.append(drawn("path", { class: tick.value === 0 ? "zero" : "rule", d: `M${x(tick.value)} ${top}V${high}` }));
      if (x(tick.value) - half < end + 4) continue; // its number would lie on the one before
      frame.append(write(x(tick.value), high + 15, tick.text, "middle"));
      end = x(tick.value) + half;
    }
    frame.append(write((left + right) / 2, high + 33, content.axis, "middle"));
    let edge = right + 8;
    const edges = columns.map((column) => (edge += column));
    if (legible)
      kept.map((n) => content.heads[n]).forEach((head, i) => {
        lines(head.text).forEach((line, n, all) => {
          const text = write(edges[i], top - 9 - 11 * (all.length - 1 - n), line, "end", "muted head");
          text.append(drawn("title", {}, head.help));
          frame.append(text);
        });
      });
    const list = drawn("g", { role: "listbox", "aria-label": content.name });
    items = [];
    order.forEach((k, i) => {
      const row = rows[k], y = top + i * height, middle = y + height / 2;
      const item = drawn("g", { role: "option", class: `row size-${row.style}${row.faint ? " faint" : ""}`, tabindex: "-1",
        "data-k": k, "aria-label": row.said });
      item.append(drawn("rect", { class: "hit", x: 0, y, width, height }));
      if (i % step === 0) item.append(write(left - 8, middle + 4, (spelled && row.long) || row.name, "end"));
      const [from, to] = [x(0), x(row.value)].sort((a, b) => a - b);
      item.append(drawn("rect", { class: "bar", x: from, y: y + 0.15 * height, width: to - from, height: 0.7 * height,
        ...(row.faint ? { style: `fill: url(#${id}-hatch-${row.style})` } : {}) })); // a rule would win over an attribute
      if (row.error > 0)
        item.append(drawn("path", { class: "whisker", d: `M${x(row.value - row.error)} ${middle}H${x(row.value + row.error)}` }));
      if (row.other !== null)
        item.append(drawn("path", { class: "tie", d: `M${x(row.value)} ${middle}H${x(row.other)}` }),
          drawn("circle", { class: "other", cx: x(row.other), cy: middle, r: Math.min(4, height / 4) }));
      if (height > 8) item.append(drawn("path", { class: "point", d: content.sizes.find((s) => s.style === row.style).outline,
        transform: `translate(${x(row.value) - 5} ${middle - 5}) scale(${10 / 12})` }));
      if (legible) kept.forEach((n, i) => item.append(write(edges[i], middle + 4, cell(row.facts[n]), "end", "fact")));
      items[k] = item;
      list.append(item);
    });
    const definitions = drawn("defs", {}, ...content.sizes.map((size) => drawn("pattern", { id: `${id}-hatch-${size.style}`,
      width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(20)", class: `size-${size.style}` },
    drawn("path", { d: "M1 0V5", class: "hatch" }))));
    const held = barsDrawing.contains(el.getRootNode().activeElement) ? el.getRootNode().activeElement.dataset.k : undefined;
    barsDrawing.replaceChildren(definitions, frame, list);
    marks();
    if (held !== undefined && order.includes(Number(held))) items[held].focus(); // who walks the bars stays where they are
  };

  // Where the units are: pixels of an image, or one below the other, sorted.
  const image = (known) => {
    const bytes = model.get("shades"), { rows: down, columns: across } = known;
    const cell = SIDE / Math.max(down, across);
    const canvas = make("canvas", { width: across, height: down });
    const pen = canvas.getContext("2d"), picture = pen.createImageData(across, down);
    for (let i = 0; i < down * across; i++) {
      const value = bytes.getUint8(i);
      picture.data.set([value, value, value, 255], 4 * i);
    }
    pen.putImageData(picture, 0, 0);
    const size = { width: across * cell, height: down * cell };
    const mask = drawn("mask", { id: `${id}-shades` }, drawn("image", { ...size, href: canvas.toDataURL(),
      preserveAspectRatio: "none", class: "pixelated", "aria-hidden": "true" }));
    mapDrawing.append(drawn("defs", { "aria-hidden": "true" }, mask), drawn("rect", { ...size, class: "paper" }),
      drawn("rect", { ...size, class: "shades", mask: `url(#${id}-shades)` }));
    return {
      ...size,
      count: down * across, across,
      box: (unit) => (unit < down * across ? [(unit % across) * cell, Math.floor(unit / across) * cell, cell, cell] : null),
      find: (px, py) => {
        const [column, line] = [Math.floor(px / cell), Math.floor(py / cell)];
        return column >= 0 && column < across && line >= 0 && line < down ? line * across + column : -1;
      },
      join: (boxes) => `M${boxes.map(([bx, by, w, h]) => `${bx + w / 2} ${by + h / 2}`).join("L")}${boxes.length > 2 ? "Z" : ""}`,
      name: (unit) => `${model.get("content").unit} ${unit}: row ${Math.floor(unit / across)}, column ${unit % across}`,
      step: { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across },
    };
  };
  const strip = (known) => {
    const { units, names, shades, labels } = known;
    const height = Math.max(Math.min(ROW - 4, 460 / units.length), 4), step = Math.max(1, Math.ceil(13 / height));
    const where = new Map(units.map((unit, i) => [unit, i]));
    units.forEach((unit, i) => {
      mapDrawing.append(drawn("rect", { class: "unit", x: labels, y: i * height + 1, width: Math.max(UNIT * shades[i], 1), height: height - 2 }));
      if (i % step === 0) mapDrawing.append(write(labels - 6, (i + 0.5) * height + 4, names[i], "end"));
    });
    const middle = (box) => box[1] + box[3] / 2, start = labels + UNIT + 6, room = SIDE - start - 4;
    return {
      width: SIDE, height: units.length * height, count: units.length, across: 1,
      box: (unit) => (where.has(unit) ? [labels, where.get(unit) * height, UNIT, height] : null),
      find: (px, py) => units[Math.floor(py / height)] ?? -1,
      join: (boxes) => boxes.slice(1).map((box, i) => {
        const [from, to] = [middle(boxes[i]), middle(box)], reach = start + Math.min(10 + 0.6 * Math.abs(to - from), 1.3 * room);
        return `M${start} ${from}C${reach} ${from} ${reach} ${to} ${start} ${to}`;
      }).join(""),
      name: (unit) => `${model.get("content").unit} ${names[where.get(unit)]}`,
      step: { ArrowUp: -1, ArrowDown: 1 }, units,
    };
  };
  const drawMap = () => {
    const known = model.get("place");
    mapDrawing.replaceChildren();
    shapes = [];
    place = { image, strip }[known.kind]?.(known) ?? null;
    mapBox.hidden = !place;
    stage.classList.toggle("alone", !place);
    caption.textContent = known.caption ?? "";
    if (!place) return;
    mapDrawing.setAttribute("width", place.width);
    mapDrawing.setAttribute("height", place.height);
    mapDrawing.setAttribute("viewBox", `0 0 ${place.width} ${place.height}`);
    mapDrawing.setAttribute("aria-label", known.name);
    const group = drawn("g", { "aria-hidden": "true", class: "shapes" });
    rows.forEach((row, k) => {
      const boxes = row.subset.map(place.box).filter(Boolean);
      const shape = drawn("g", { class: `shape size-${row.style}${row.faint ? " faint" : ""}` });
      for (const [x, y, width, height] of boxes) shape.append(drawn("rect", { class: "cell", x, y, width, height }));
      if (boxes.length > 1) shape.append(drawn("path", { class: "join", d: place.join(boxes) }));
      shapes[k] = shape;
      group.prepend(shape); // the first ones lie on top
    });
    overlay = drawn("g", { "aria-hidden": "true" });
    cursor = drawn("rect", { class: "cursor", visibility: "hidden" });
    mapDrawing.append(group, overlay, cursor, drawn("rect", { class: "hit", width: place.width, height: place.height }));
    marks();
  };

  // Light.
  const clear = () => {
    for (const element of lit) element.classList.remove("lit");
    lit = [];
    el.classList.remove("some-lit");
    overlay?.replaceChildren();
  };
  const light = (which, units) => {
    clear();
    lit = which.flatMap((k) => [items[k], shapes[k]]).filter(Boolean);
    for (const element of lit) element.classList.add("lit");
    el.classList.toggle("some-lit", lit.length > 0);
    if (overlay && units.length) {
      const style = which.length ? rows[which[0]].style : 0;
      for (const unit of units) {
        const box = place.box(unit);
        if (box) overlay.append(drawn("rect", { class: `glow size-${style}`, x: box[0], y: box[1], width: box[2], height: box[3] }));
      }
    }
  };
  const chosenRow = () => model.get("chosen");
  const lightRow = (k) => {
    if (!rows[k]) return;
    hovered = k;
    at = -1;
    light([k], rows[k].subset);
    readout.textContent = rows[k].said;
    drawGroups(k);
  };
  const lightUnit = (unit) => {
    at = unit;
    hovered = -1;
    const which = byUnit.get(unit) ?? [];
    light(which, [unit]);
    readout.textContent = `${place.name(unit)}, in ${which.length === 1 ? "1 subset" : `${which.length} subsets`}`
      + (model.get("asks") ? "; a click asks the network" : "");
    drawGroups(which.length === 1 ? which[0] : chosenRow());
  };
  const dark = () => {
    at = hovered = -1;
    clear();
    const k = chosenRow();
    readout.textContent = rows[k]?.said ?? "";
    drawGroups(k);
  };

  const marks = () => {
    const k = chosenRow();
    order.forEach((row, i) => {
      items[row].classList.toggle("chosen", row === k);
      items[row].setAttribute("aria-selected", String(row === k));
      items[row].setAttribute("tabindex", row === k || (!order.includes(k) && i === 0) ? "0" : "-1");
    });
    shapes.forEach((shape, row) => {
      shape.classList.toggle("chosen", row === k);
      shape.classList.toggle("out", !order.includes(row) && row !== k);
    });
    mapDrawing.querySelectorAll(".outlined").forEach((element) => element.remove());
    if (place && k < 0)
      for (const unit of model.get("outlined")) {
        const box = place.box(unit);
        if (box) overlay.before(drawn("rect", { class: "outlined", x: box[0], y: box[1], width: box[2], height: box[3] }));
      }
    if (hovered < 0 && at < 0) dark();
  };

  // The samples of each on/off combination: their means, and a few of them.
  const drawGroups = (k) => {
    const row = rows[k], known = row && model.get("groups")[key(row.subset)];
    groupsBox.hidden = !known;
    if (!known) return;
    const LINE = 46, start = 146, end = 226, tile = model.get("tile"), across = 32;
    const width = Math.max(known.cells.some((cell) => cell.shown.length) ? 338 : 240, 6.4 * Math.max(known.head.length, known.said.length)), height = 20 + LINE * known.cells.length;
    const x = (value) => start + ((value - known.low) / (known.high - known.low)) * (end - start);
    const parts = [write(0, 12, known.head, "start", "muted")];
    known.cells.forEach((cell, i) => {
      const y = 20 + i * LINE, middle = y + 17;
      parts.push(write(0, y + 14, cell.name), write(0, y + 30, cell.text, "start", "muted"),
        drawn("path", { class: "rule", d: `M${start} ${middle}H${end}` }));
      if (cell.mean !== null) {
        if (cell.error !== null)
          parts.push(drawn("path", { class: "whisker", d: `M${x(cell.mean - cell.error)} ${middle}H${x(cell.mean + cell.error)}` }));
        parts.push(drawn("circle", { class: `dot size-${row.style}`, cx: x(cell.mean), cy: middle, r: 4.5 }));
      }
      if (i === 0 && known.added !== null) {
        const text = write(x(known.added), middle - 9, "if they added up", x(known.added) > (start + end) / 2 ? "end" : "start", "muted small");
        parts.push(drawn("path", { class: "added", d: `M${x(known.added)} ${middle - 7}V${middle + 7}` }), text);
      }
      if (spriteAddress) cell.shown.forEach((number, n) => {
        const [down, columns, count] = tile;
        parts.push(drawn("svg", { x: end + 10 + n * (across + 2), y, width: across, height: across, viewBox: `0 ${number * down} ${columns} ${down}`, "aria-hidden": "true" },
          drawn("image", { href: spriteAddress, width: columns, height: down * count, preserveAspectRatio: "none", class: "actspec-image sample", "aria-hidden": "true" })));
      });
      else if (cell.shown.length) parts.push(write(end + 12, middle + 4, cell.shown[0], "start", "muted"));
    });
    groupsDrawing.setAttribute("width", width);
    groupsDrawing.setAttribute("height", height + 18);
    groupsDrawing.setAttribute("viewBox", `0 0 ${width} ${height + 18}`);
    groupsDrawing.setAttribute("aria-label", `${known.head}: ${known.cells.map((cell) => `${cell.name}, ${cell.text}`).join("; ")}. ${known.said}`);
    groupsDrawing.replaceChildren(...parts, write(0, height + 12, known.said));
  };

  const drawAnswer = () => {
    const found = model.get("answer");
    answer.replaceChildren();
    if (!found.said) return;
    answer.append(make("p", {}, found.said));
    if (found.measured === undefined) return;
    const big = Math.max(Math.abs(found.measured) + found.error, Math.abs(found.predicted ?? 0), 1e-12);
    const x = (value) => 180 + (90 * value) / big;
    const picture = drawn("svg", { width: 300, height: 48, "aria-hidden": "true" }, drawn("path", { class: "zero", d: "M180 2V46" }));
    [["network", found.measured, "now"], ["predicted", found.predicted, "said"]].forEach(([name, value, kind], i) => {
      if (value === null) return;
      const [from, to] = [x(0), x(value)].sort((a, b) => a - b);
      picture.append(write(80, 16 + 22 * i, name, "end"), drawn("rect", { class: kind, x: from, y: 5 + 22 * i, width: to - from, height: 14 }));
      if (i === 0) picture.append(drawn("path", { class: "whisker", d: `M${x(value - found.error)} 12H${x(value + found.error)}` }));
    });
    answer.append(picture);
  };

  // What people do.
  const choose = (k) => {
    model.set("chosen", k === chosenRow() ? -1 : k);
    model.save_changes();
  };
  const ask = (unit) => {
    if (model.get("asks")) {
      answer.replaceChildren(make("p", {}, `Asking the network about ${place.name(unit)} …`));
      model.send({ ask: unit });
    } else if (byUnit.has(unit)) choose(byUnit.get(unit)[0]);
  };
  const rowOf = (event) => {
    const item = event.target.closest?.("[role=option]");
    return item ? Number(item.dataset.k) : -1;
  };
  const unitAt = (event) => {
    const box = mapDrawing.getBoundingClientRect();
    return place ? place.find(((event.clientX - box.left) * place.width) / box.width, ((event.clientY - box.top) * place.height) / box.height) : -1;
  };
  on(barsDrawing, "pointerover", (event) => { const k = rowOf(event); if (k >= 0 && k !== hovered) lightRow(k); });
  on(barsDrawing, "pointerleave", dark);
  on(barsDrawing, "focusin", (event) => { const k = rowOf(event); if (k >= 0) lightRow(k); });
  on(barsDrawing, "focusout", dark);
  on(barsDrawing, "click", (event) => { const k = rowOf(event); if (k >= 0) choose(k); });
  on(mapDrawing, "pointermove", (event) => {
    const unit = unitAt(event);
    if (unit >= 0 && unit !== at) lightUnit(unit);
  });
  on(mapDrawing, "pointerleave", dark);
  on(mapDrawing, "click", (event) => { const unit = unitAt(event); if (unit >= 0) ask(unit); });
  const point = (unit) => {
    const box = place.box(unit);
    for (const [name, value] of Object.entries({ x: box[0], y: box[1], width: box[2], height: box[3], visibility: "visible" })) cursor.setAttribute(name, value);
    lightUnit(unit);
  };
  on(mapDrawing, "focusin", () => { if (place && mapDrawing.matches(":focus-visible")) point(rows[chosenRow()]?.subset.find((unit) => place.box(unit)) ?? place.units?.[0] ?? 0); });
  on(mapDrawing, "focusout", () => { cursor?.setAttribute("visibility", "hidden"); dark(); });
  on(find, "input", arrange);
  on(sort, "change", arrange);
  const taken = (event) => { event.preventDefault(); event.stopPropagation(); }; // or it would also move JupyterLab's cells
  const runs = (event) => event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.altKey); // JupyterLab's cell
  on(barsDrawing, "keydown", (event) => {
    if (runs(event)) return;
    const here = order.indexOf(rowOf(event));
    if (here < 0) return;
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: order.length - 1 }[event.key];
    if (to !== undefined) {
      taken(event);
      if (order[to] === undefined) return;
      order.forEach((k) => items[k].setAttribute("tabindex", "-1"));
      items[order[to]].setAttribute("tabindex", "0");
      items[order[to]].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      taken(event);
      choose(order[here]);
    }
  });
  on(mapDrawing, "keydown", (event) => {
    if (!place || at < 0 || runs(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      taken(event);
      ask(at);
      return;
    }
    const step = place.step[event.key];
    if (!step) return;
    taken(event);
    const next = place.units ? place.units[place.units.indexOf(at) + step] : at + step;
    if (next !== undefined && next >= 0 && (place.units || next < place.count)) point(next);
  });
  on(el, "keydown", (event) => {
    const typing = event.target === find || event.target === sort;
    if (event.key === "Escape" && !document.fullscreenElement) {
      if (event.target === find && find.value) { find.value = ""; arrange(); } else choose(chosenRow());
      taken(event);
      return;
    }
    if (typing) { event.stopPropagation(); return; }
    const act = event.ctrlKey || event.metaKey || event.altKey ? null
      : { "/": () => find.focus(), z: () => undo.disabled || undo.click(), c: () => copy.click(), f: () => whole.click(), "?": () => help.click() }[event.key];
    if (act) { taken(event); act(); }
  });

  const content = () => {
    const now = model.get("content");
    el.hidden = !now.rows;
    if (!now.rows) return;
    rows = now.rows;
    byUnit = new Map();
    rows.forEach((row, k) => row.subset.forEach((unit) => byUnit.set(unit, [...(byUnit.get(unit) ?? []), k])));
    hovered = at = -1;
    lit = [];
    copy.hidden = undo.hidden = !now.owned;
    choices(now);
    arrange();
    drawMap();
  };
  const sprite = () => {
    if (spriteAddress) URL.revokeObjectURL(spriteAddress);
    const bytes = model.get("sprite");
    spriteAddress = bytes?.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "";
    dark();
  };
  const undoable = () => { undo.disabled = !model.get("undoable"); };
  const message = async (said) => {
    if (said.code === undefined) return;
    try {
      await navigator.clipboard.writeText(said.code);
      told.textContent = "The code is copied; paste it into a cell.";
    } catch {
      const shown = make("pre", {}, said.code); // where the browser lets nobody at the clipboard
      told.replaceChildren("Copy these lines:", shown);
    }
  };
  const heard = { content, place: drawMap, shades: drawMap, groups: () => marks(), sprite, chosen: () => marks(), outlined: () => marks(), answer: drawAnswer, undoable };
  for (const [name, act] of Object.entries(heard)) model.on(`change:${name}`, act);
  model.on("msg:custom", message);
  const watch = new ResizeObserver(() => { if (barsBox.clientWidth && barsBox.clientWidth !== wide && rows.length) drawBars(model.get("content")); });
  watch.observe(barsBox);
  sprite();
  content();
  undoable();
  drawAnswer();
  return () => {
    stop.abort();
    watch.disconnect();
    if (spriteAddress) URL.revokeObjectURL(spriteAddress);
    for (const [name, act] of Object.entries(heard)) model.off(`change:${name}`, act);
    model.off("msg:custom", message);
  };
}

export default { initialize, render };
