import { element, setAttribute, setText } from "./dom.js";

/**
 * A table whose rows stay as long as what they are about: focus and selection outlive a refresh.
 *
 * A column has a title, `number` if it has numbers, and `show(row, cell)`, which returns the text of a cell or fills it. By
 * one that has `by(row)`, a number or a text, the rows can be sorted: a press on its title, again for the other way round,
 * once more for the order in which they are given.
 */
export class Table {
  #columns;
  #body = element("tbody");
  #rows = new Map();
  #empty;
  #table;
  #heads;
  #sorted = null;
  #given = [];
  #keyOf = null;
  #most = 0;
  node;

  constructor(label, columns, empty) {
    this.#columns = columns;
    this.#heads = columns.map((column) => this.#head(column));
    this.#table = element(
      "table",
      { "aria-label": label },
      element("thead", {}, element("tr", {}, ...this.#heads)),
      this.#body,
    );
    this.#empty = element("p", { class: "quiet" }, empty);
    // What is wider than the window is scrolled, with the keyboard too.
    this.node = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label });
    this.node.append(this.#empty);
  }

  #head(column) {
    const head = element("th", { scope: "col", class: column.number ? "number" : "" });
    if (column.by === undefined) {
      head.append(column.title);
      return head;
    }
    const button = element("button", { type: "button", class: "sort" }, column.title);
    button.addEventListener("click", () => this.#sortBy(column));
    head.append(button);
    return head;
  }

  #sortBy(column) {
    const first = column.number ? -1 : 1;
    const before = this.#sorted?.column === column ? this.#sorted.way : 0;
    this.#sorted = before === 0 ? { column, way: first } : before === first ? { column, way: -first } : null;
    this.#columns.forEach((each, i) => {
      const way = this.#sorted?.column === each ? this.#sorted.way : 0;
      setAttribute(this.#heads[i], "aria-sort", way === 0 ? "none" : way > 0 ? "ascending" : "descending");
    });
    if (this.#keyOf !== null) {
      this.update(this.#given, this.#keyOf, this.#most);
    }
  }

  /** The rows in the order that is asked for; those without a value are last, whichever way. */
  sorted(rows) {
    const sorted = this.#sorted;
    if (sorted === null) {
      return rows;
    }
    const { by } = sorted.column;
    const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    const none = (value) => value === null || value === undefined;
    return [...rows].sort((one, other) => {
      const [a, b] = [by(one), by(other)];
      return none(a) || none(b) ? none(a) - none(b) : sorted.way * compare(a, b);
    });
  }

  /** Shows these rows, in their order unless another is asked for; `keyOf` tells which is which. At most so many. */
  update(given, keyOf, most = given.length) {
    this.#given = given;
    this.#keyOf = keyOf;
    this.#most = most;
    const rows = this.sorted(given).slice(0, most);
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
