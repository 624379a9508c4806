// What is known of each row beside its bar: columns of short texts, as high as the rows of the picture.

const make = (name, className, text = "") => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text; // text stays text
  return made;
};

function render({ model, el }) {
  el.classList.add("actspec-strip");
  let rows = [];

  const mark = () => rows.forEach((row, i) => row.classList.toggle("actspec-chosen", i === model.get("chosen")));

  const draw = () => {
    const { above, height, heads, widths, cells, faint, words } = model.get("content");
    const columns = widths.map((width) => `${width}px`).join(" ");
    const line = (className, texts, top, high) => {
      const row = make("div", className);
      row.style.cssText = `top:${top}px;height:${high}px;line-height:${high}px;grid-template-columns:${columns}`;
      row.append(...texts.map((text) => make("span", "", text)));
      return row;
    };
    const head = line("actspec-strip-head", heads.map((h) => h.text), above - 18, 18);
    [...head.children].forEach((cell, i) => { cell.title = heads[i].help; });
    rows = cells.map((texts, i) => {
      const row = line(faint[i] ? "actspec-faint" : "", texts, above + i * height, height);
      row.title = words[i];
      row.addEventListener("click", () => {
        model.set("chosen", i);
        model.save_changes();
      });
      return row;
    });
    el.style.width = `${widths.reduce((sum, width) => sum + width + 10, 0)}px`;
    el.replaceChildren(...(cells.length ? [head, ...rows] : []));
    mark();
  };

  draw();
  model.on("change:content", draw);
  model.on("change:chosen", mark);
  return () => {
    model.off("change:content", draw);
    model.off("change:chosen", mark);
  };
}

export default { render };
