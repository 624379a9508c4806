// A table whose headers sort and whose rows can be chosen. Python sorts: it has all rows, this page only the first ones.

const make = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children); // text stays text
  return made;
};

function render({ model, el }) {
  el.classList.add("actspec-table");
  let rows = [];

  const sortBy = (column) => {
    const { heads } = model.get("content");
    const again = model.get("sort_by") === column;
    model.set({ sort_by: column, descending: again ? !model.get("descending") : heads[column].numeric });
    model.save_changes();
  };
  const choose = (row) => {
    model.set("chosen", model.get("chosen") === row ? -1 : row);
    model.save_changes();
  };

  const mark = () => {
    const chosen = model.get("chosen");
    rows.forEach((row, i) => {
      const button = row.querySelector("button");
      if (!button) return;
      button.setAttribute("aria-pressed", String(i === chosen));
      button.tabIndex = i === Math.max(chosen, 0) ? 0 : -1; // one stop for Tab; arrows walk
      row.classList.toggle("actspec-chosen", i === chosen);
    });
  };

  const draw = () => {
    const { heads, cells, caption, choosable } = model.get("content");
    const focus = [...el.querySelectorAll("thead button")].indexOf(document.activeElement);
    const [by, descending] = [model.get("sort_by"), model.get("descending")];
    const headers = heads.map(({ text, numeric }, i) => {
      const arrow = make("span", { "aria-hidden": "true" }, i === by ? (descending ? " ▼" : " ▲") : "");
      const button = make("button", { type: "button", title: `Sort by ${text}` }, text, arrow);
      button.addEventListener("click", () => sortBy(i));
      const sorted = i === by ? (descending ? "descending" : "ascending") : "none";
      return make("th", { scope: "col", "aria-sort": sorted, class: numeric ? "" : "actspec-units" }, button);
    });
    rows = cells.map((texts, at) => {
      const inner = texts.map((text, i) => {
        const words = make("bdi", {}, text);
        const kind = { class: heads[i].numeric ? "" : "actspec-units" };
        if (i) return make("td", kind, words);
        if (!choosable) return make("th", { scope: "row", ...kind }, words);
        const button = make("button", { type: "button" }, words);
        return make("th", { scope: "row", ...kind }, button);
      });
      const row = make("tr", {}, ...inner);
      if (choosable) row.addEventListener("click", () => choose(at));
      return row;
    });
    const body = make("tbody", {}, ...rows);
    body.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const here = rows.indexOf(event.target.closest("tr"));
      if (!choosable || !step || !rows[here + step]) return;
      event.preventDefault();
      rows[here + step].querySelector("button").focus();
    });
    const table = make("table", {}, make("caption", { class: "actspec-spoken" }, caption));
    table.append(make("thead", {}, make("tr", {}, ...headers)), body);
    el.replaceChildren(table);
    mark();
    if (focus >= 0) el.querySelectorAll("thead button")[focus]?.focus();
  };

  draw();
  model.on("change:content", draw);
  model.on("change:chosen", mark);
  return () => {
    model.off("change:content", draw);
    model.off("change:chosen", mark);
  };
}

export default { initialize, render };
