// Gives names to what ipywidgets and bqplot leave nameless for screen readers: the handles and readouts of sliders,
// and the drawings of figures; and keeps the keys that operate a control from JupyterLab. It watches only
// the instrument that it is part of, and does nothing while nothing changes there.

const set = (element, name, value) => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};
const words = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

function nameSliders(root) {
  for (const box of root.querySelectorAll(".widget-slider")) {
    const label = words(box.querySelector(".widget-label"));
    const readout = box.querySelector(".widget-readout");
    const handles = [...box.querySelectorAll("[role=slider]")];
    if (!label || !handles.length) continue;
    handles.forEach((handle, i) => {
      set(handle, "aria-label", handles.length > 1 ? `${label}, ${i ? "upper" : "lower"} end` : label);
      // The handle's own value is a position; the readout says what it stands for.
      if (handles.length === 1 && words(readout)) set(handle, "aria-valuetext", words(readout));
    });
    if (readout?.isContentEditable) {
      set(readout, "role", "textbox");
      set(readout, "aria-label", `${label}, typed`);
    }
  }
}

function nameFigures(root) {
  for (const figure of root.querySelectorAll(".actspec-figure")) {
    const part = figure.closest(".actspec-part");
    const near = part ?? figure.parentElement;
    const said = [near.querySelector("h4"), near.querySelector("[role=status]")].map(words).filter(Boolean);
    const kind = [...figure.classList].find((c) => /^actspec-(?!figure)/.test(c)) ?? "";
    const name = said.join(": ") || `Picture: ${kind.replace("actspec-", "")}`;
    const drawings = [...figure.querySelectorAll(":scope > svg")];
    for (const drawing of drawings) {
      const main = drawing.classList.contains("svg-figure");
      if (main) {
        set(drawing, "role", "img");
        set(drawing, "aria-label", name.slice(0, 600));
      } else set(drawing, "aria-hidden", "true");
    }
  }
}

// In JupyterLab's command mode arrows move between cells, wherever the focus is. In what arrows operate they stay here.
const KEPT = "data-lm-suppress-shortcuts";
function keepArrows(root) {
  for (const operated of root.querySelectorAll("select, [role=slider], .actspec-table")) set(operated, KEPT, "true");
}

// Shift+Enter and its like still run the cell: JupyterLab hears the key last, and finds no mark at that moment.
function letRun(root, event) {
  if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.altKey) || !root?.contains(event.target)) return;
  for (let kept = event.target.closest(`[${KEPT}]`); kept; kept = kept.parentElement?.closest(`[${KEPT}]`)) {
    const now = kept;
    now.removeAttribute(KEPT);
    setTimeout(() => now.setAttribute(KEPT, "true"), 0);
  }
}

function render({ el }) {
  let root = null;
  let timer = null;
  const name = () => {
    timer = null;
    nameSliders(root);
    nameFigures(root);
    keepArrows(root);
  };
  const soon = () => {
    timer ??= setTimeout(name, 60);
  };
  // A figure redraws its own marks hundreds of times; none of them has or needs a name.
  const matters = (record) => !(record.target.parentElement ?? record.target).closest("svg");
  const observer = new MutationObserver((records) => records.some(matters) && soon());
  // The element is put into the page after this function has returned.
  const start = (tries) => {
    root = el.closest(".actspec");
    if (root) {
      observer.observe(root, {
        childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["aria-valuetext"],
      });
      soon();
    } else if (tries) timer = setTimeout(start, 50, tries - 1);
  };
  timer = setTimeout(() => { timer = null; start(100); }, 0);
  const pressed = (event) => letRun(root, event);
  window.addEventListener("keydown", pressed, true);
  return () => {
    window.removeEventListener("keydown", pressed, true);
    clearTimeout(timer);
    observer.disconnect();
  };
}

export default { initialize, render };
