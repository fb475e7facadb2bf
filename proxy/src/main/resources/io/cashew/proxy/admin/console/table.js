import { element, setAttribute, setText } from "./dom.js";

/**
 * A table whose rows stay as long as what they are about: focus and selection outlive a refresh.
 *
 * A column has a title, `number` if it has numbers, and `show(row, cell)`, which returns the text of a cell or fills it.
 */
export class Table {
  #columns;
  #body = element("tbody");
  #rows = new Map();
  #empty;
  #table;
  node;

  constructor(label, columns, empty) {
    this.#columns = columns;
    const head = columns.map((column) =>
      element("th", { scope: "col", class: column.number ? "number" : "" }, column.title),
    );
    this.#table = element("table", { "aria-label": label }, element("thead", {}, element("tr", {}, ...head)), this.#body);
    this.#empty = element("p", { class: "quiet" }, empty);
    // What is wider than the window is scrolled, with the keyboard too.
    this.node = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label });
    this.node.append(this.#empty);
  }

  /** Shows these rows, in their order; `keyOf` tells which is which. */
  update(rows, keyOf) {
    const shown = rows.length === 0 ? this.#empty : this.#table;
    if (this.node.firstChild !== shown) {
      this.node.replaceChildren(shown);
    }
    const known = this.#rows;
    this.#rows = new Map();
    rows.forEach((row, place) => {
      const key = keyOf(row);
      const line = known.get(key) ?? this.#line();
      known.delete(key);
      this.#rows.set(key, line);
      this.#columns.forEach((column, i) => {
        const text = column.show(row, line.cells[i]);
        if (text !== undefined) {
          setText(line.cells[i], text);
        }
      });
      if (this.#body.children[place] !== line) {
        this.#body.insertBefore(line, this.#body.children[place] ?? null);
      }
    });
    while (this.#body.children.length > rows.length) {
      this.#body.lastChild.remove();
    }
  }

  #line() {
    const cells = this.#columns.map((column, i) => {
      const cell = i === 0 ? element("th", { scope: "row" }) : element("td");
      setAttribute(cell, "class", [column.number ? "number" : "", column.class ?? ""].join(" ").trim());
      return cell;
    });
    return element("tr", {}, ...cells);
  }
}
