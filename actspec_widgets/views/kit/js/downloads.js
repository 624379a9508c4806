// Saves the picture beside it as it looks now, and the numbers that Python sends when asked.

const SVG = "http://www.w3.org/2000/svg";
const SCALE = 2; // pixels of a PNG for each pixel of the page
const EDGE = 12;
const DRAWINGS = ".actspec-figure > svg, .actspec-drawing > svg";
const INHERITED = [
  "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
  "stroke-linejoin", "stroke-linecap", "font-family", "font-size", "font-weight", "font-style", "text-anchor",
  "dominant-baseline", "visibility", "shape-rendering", "image-rendering",
];
const OWN = { opacity: "1", display: "inline", filter: "none", "mix-blend-mode": "normal" };

// A drawing whose looks no longer depend on the page: every style that a rule or a variable gave is written down.
function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  const styles = new Map();
  const pairs = [[drawing, copy]];
  for (const [from, to] of pairs) {
    const style = getComputedStyle(from);
    const parent = styles.get(from.parentElement);
    const written = INHERITED.filter((p) => !parent || style.getPropertyValue(p) !== parent.getPropertyValue(p));
    written.push(...Object.keys(OWN).filter((p) => style.getPropertyValue(p) !== OWN[p]));
    for (const name of [...INHERITED, ...Object.keys(OWN), "class", "style"]) to.removeAttribute(name);
    styles.set(from, style);
    if (from !== drawing && style.display === "none") {
      to.remove();
      continue;
    }
    const rules = written.filter((p) => !(from === drawing && p === "display"));
    if (rules.length) to.setAttribute("style", rules.map((p) => `${p}:${style.getPropertyValue(p)}`).join(";"));
    [...from.children].forEach((child, i) => pairs.push([child, to.children[i]]));
  }
  return copy;
}

const element = (name, attributes) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// An image inside a drawing may be known to this page only.
async function embedImages(drawing) {
  for (const image of drawing.querySelectorAll("image")) {
    const blob = await (await fetch(image.getAttribute("href"))).blob();
    const data = await new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = () => failed(reader.error);
      reader.readAsDataURL(blob);
    });
    image.setAttribute("href", data);
  }
}

function* linesOf(text) {
  const range = document.createRange();
  let line = null;
  for (const word of text.data.matchAll(/\S+\s*/g)) {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].trimEnd().length);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    if (line && Math.abs(line.box.top - box.top) < 3) {
      line.words += word[0];
      line.right = Math.max(line.right, box.right);
    } else {
      if (line) yield line;
      line = { words: word[0], box, right: box.right };
    }
  }
  if (line) yield line;
}

// HTML text as SVG text, line by line where the page put it; the places of the lines go into `boxes`.
function lettering(html, boxes) {
  const group = element("g", {});
  const pen = document.createElement("canvas").getContext("2d");
  const walker = document.createTreeWalker(html, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    if (around.closest("svg, style, .actspec-spoken")) continue;
    const style = getComputedStyle(around);
    pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const ascent = pen.measureText("x").fontBoundingBoxAscent;
    for (const { words, box, right } of linesOf(walker.currentNode)) {
      boxes.push({ left: box.left, top: box.top, right, bottom: box.bottom });
      const text = element("text", { x: box.left, y: box.top + ascent });
      text.setAttribute(
        "style",
        `fill:${style.color};font-family:${style.fontFamily};font-size:${style.fontSize};font-weight:${style.fontWeight}`,
      );
      text.textContent = words.trimEnd();
      group.append(text);
    }
  }
  return group;
}

function background(from) {
  for (let e = from; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (!/rgba\(.*, 0\)|transparent/.test(colour)) return colour;
  }
  return "#fff";
}

async function picture(part) {
  const captions = [...part.querySelectorAll(".actspec-caption")].filter((c) => c.getClientRects().length);
  const drawings = [...part.querySelectorAll(DRAWINGS)].filter((e) => e.getClientRects().length).concat(
    captions.flatMap((c) => [...c.querySelectorAll("svg")]),
  );
  if (!part.querySelector(DRAWINGS)) throw new Error("there is no picture yet");
  const boxes = drawings.map((e) => e.getBoundingClientRect());
  const lettered = captions.map((c) => lettering(c, boxes)); // a caption is as wide as the page, its lines are not
  const left = Math.min(...boxes.map((b) => b.left)) - EDGE;
  const top = Math.min(...boxes.map((b) => b.top)) - EDGE;
  const width = Math.ceil(Math.max(...boxes.map((b) => b.right)) - left + EDGE);
  const height = Math.ceil(Math.max(...boxes.map((b) => b.bottom)) - top + EDGE);
  const whole = element("svg", {
    xmlns: SVG, version: "1.1", width, height, viewBox: `${left} ${top} ${width} ${height}`,
  });
  const title = element("title", {});
  title.textContent = part.querySelector("h4")?.textContent ?? "Figure";
  whole.append(title, element("rect", { x: left, y: top, width, height, fill: background(part) }));
  for (const drawing of drawings) {
    const box = drawing.getBoundingClientRect();
    const copy = standalone(drawing);
    for (const [name, value] of Object.entries({ x: box.left, y: box.top, width: box.width, height: box.height }))
      copy.setAttribute(name, value);
    copy.setAttribute("overflow", "visible");
    whole.append(copy);
  }
  whole.append(...lettered);
  await embedImages(whole);
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

async function raster({ text, width, height }) {
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: SCALE * width, height: SCALE * height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (!blob) throw new Error("the browser made no PNG of it; take the SVG");
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function render({ model, el }) {
  const what = model.get("what");
  const file = (kind) => `${model.get("stem")}.${kind.toLowerCase()}`;
  const said = Object.assign(document.createElement("span"), { className: "actspec-muted" });
  said.setAttribute("role", "status");
  let asked = false; // of this view: others of the same model hear the answer too
  const make = {
    PNG: async () => save(await raster(await picture(el.closest(".actspec-part"))), file("PNG")),
    SVG: async () => {
      const { text } = await picture(el.closest(".actspec-part"));
      save(new Blob([text], { type: "image/svg+xml" }), file("SVG"));
    },
    CSV: async () => {
      asked = true;
      model.send("csv");
    },
  };
  const failed = (error) => {
    said.textContent = `Nothing was saved: ${error.message ?? error}.`;
  };
  for (const kind of model.get("kinds")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "jupyter-widgets jupyter-button widget-button";
    button.textContent = kind;
    button.title = `Save the ${kind === "CSV" ? "numbers" : "picture"} of the ${what} as a ${kind} file`;
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => {
      said.textContent = "";
      make[kind]().catch(failed);
    });
    el.append(button);
  }
  el.append(said);
  el.classList.add("actspec-downloads");
  const answer = (message, buffers) => {
    if (!asked) return;
    asked = false;
    if (message.error) failed(message.error);
    else save(new Blob([buffers[0]], { type: "text/csv" }), file("CSV"));
  };
  model.on("msg:custom", answer);
  return () => model.off("msg:custom", answer);
}

export default { initialize, render };
