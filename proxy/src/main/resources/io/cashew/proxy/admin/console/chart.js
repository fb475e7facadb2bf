import { drawing, element, setAttribute, setText } from "./dom.js";
import { count } from "./format.js";

const WIDTH = 600;
const HEIGHT = 120;

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8];

/** The next number above that is easy to read: of these steps, times a power of ten, times one of the base of its unit. */
function roundUp(value, base) {
  let unit = 1;
  while (value >= base * unit) {
    unit *= base;
  }
  for (let power = unit; ; power *= 10) {
    const step = STEPS.find((each) => each * power >= value);
    if (step !== undefined) {
      return step * power;
    }
  }
}

/** The path of a line through samples; it breaks where a value is missing, or the samples before it. */
export function line(samples, field, x, y) {
  let path = "";
  let inLine = false;
  for (const sample of samples) {
    const value = sample[field];
    if (value === null || value === undefined) {
      inLine = false;
      continue;
    }
    path += `${inLine && sample.follows ? "L" : "M"}${x(sample.at).toFixed(1)} ${y(value).toFixed(1)}`;
    inLine = true;
  }
  return path;
}

/** A line without axes, for a cell of a table. */
export function sparkline(cell, samples, field, span, colour) {
  let path = cell.querySelector("path");
  if (path === null) {
    path = drawing("path");
    cell.replaceChildren(
      drawing("svg", { class: "spark", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" }, path),
    );
  }
  setAttribute(path, "class", `line ${colour}`);
  const top = Math.max(1, ...samples.map((sample) => sample[field] ?? 0));
  const x = (at) => (100 * (at - span.from)) / (span.to - span.from);
  setAttribute(path, "d", line(samples, field, x, (value) => 22 - (20 * value) / top));
}

/**
 * A small live chart. A pointer over it, or the arrow keys with the focus on it, ask what was at a time; `hear` is told what to
 * say aloud then. Series have a name, a field of the samples and their place in the colours; the unit of what is shown has so
 * many of the next smaller one as `base` says.
 */
export class Chart {
  #title;
  #series;
  #show;
  #hear;
  #base;
  #samples = [];
  #span = { from: 0, to: 1 };
  #asked = null;
  #top = element("span", { class: "top", "aria-hidden": "true" });
  #since = element("span", { "aria-hidden": "true" });
  #until = element("span", { "aria-hidden": "true" }, "now");
  #marks = drawing("g", { class: "events" });
  #happened = [];
  #mark = drawing("line", { class: "mark", y1: 0, y2: HEIGHT, visibility: "hidden" });
  #plot;
  node;

  constructor(title, series, show, hear, base) {
    this.#title = title;
    this.#series = series.map((each) => ({
      ...each,
      value: element("b"),
      path: drawing("path", { class: `line s${each.colour}` }),
      area: drawing("path", { class: `area s${each.colour}` }),
    }));
    this.#show = show;
    this.#hear = hear;
    this.#base = base;
    this.#plot = drawing(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", tabindex: "0" },
      ...[0.25, 0.5, 0.75].map((part) =>
        drawing("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT * part, y2: HEIGHT * part }),
      ),
      ...(series.length === 1 ? this.#series.map((each) => each.area) : []),
      ...this.#series.map((each) => each.path),
      this.#marks,
      this.#mark,
    );
    this.node = element(
      "figure",
      { class: "card chart" },
      element(
        "figcaption",
        {},
        element("h3", {}, title),
        element(
          "p",
          { class: "values" },
          ...this.#series.map((each) =>
            element("span", {}, element("i", { class: `swatch s${each.colour}` }), `${each.name} `, each.value),
          ),
        ),
      ),
      element("div", { class: "plot" }, this.#plot, this.#top),
      element("p", { class: "axis" }, this.#since, this.#until),
    );
    this.#listen();
  }

  #listen() {
    this.#plot.addEventListener("pointermove", (event) => {
      const box = this.#plot.getBoundingClientRect();
      const at = this.#span.from + ((event.clientX - box.left) / box.width) * (this.#span.to - this.#span.from);
      this.#ask(this.#nearest(at));
    });
    this.#plot.addEventListener("pointerleave", () => this.#ask(null));
    this.#plot.addEventListener("blur", () => this.#ask(null));
    this.#plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") {
        this.#ask(null);
      } else if (step !== undefined && this.#samples.length > 0) {
        event.preventDefault();
        const last = this.#samples.length - 1;
        const from = this.#asked === null ? last + 1 : this.#samples.indexOf(this.#asked);
        this.#ask(this.#samples[Math.min(last, Math.max(0, from + step))]);
        this.#hear(this.#sentence(this.#asked));
      }
    });
  }

  #nearest(at) {
    return this.#samples.reduce(
      (best, each) => (best === null || Math.abs(each.at - at) < Math.abs(best.at - at) ? each : best),
      null,
    );
  }

  #ask(sample) {
    this.#asked = sample;
    this.#tell();
  }

  #sentence(sample) {
    const values = this.#series.map((each) => `${each.name} ${this.#show(sample?.[each.field] ?? null)}`);
    const events = this.#eventsBefore(sample).map((each) => `. ${each.text}`);
    return `${this.#title}, ${this.#when(sample)}: ${values.join(", ")}${events.join("")}`;
  }

  /** What has happened between a sample and the one before it. */
  #eventsBefore(sample) {
    const from = this.#samples[this.#samples.indexOf(sample) - 1]?.at ?? this.#span.from;
    return sample === null ? [] : this.#happened.filter((each) => each.at > from && each.at <= sample.at);
  }

  #when(sample) {
    const seconds = sample === null ? 0 : Math.round((this.#span.to - sample.at) / 1000);
    return seconds < 1 ? "now" : `${count(seconds, "second")} ago`;
  }

  /** Writes the values of the time that is asked for, else of now. */
  #tell() {
    const sample = this.#asked ?? this.#samples.at(-1) ?? null;
    for (const each of this.#series) {
      setText(each.value, this.#show(sample?.[each.field] ?? null));
    }
    const events = this.#eventsBefore(this.#asked);
    const more = events.length > 1 ? ` and ${events.length - 1} more` : "";
    setText(this.#until, this.#when(this.#asked) + (events.length > 0 ? ` · ${events[0].kind}${more}` : ""));
    setAttribute(this.#plot, "aria-label", this.#sentence(sample));
    setAttribute(this.#mark, "visibility", this.#asked === null ? "hidden" : "visible");
    if (this.#asked !== null) {
      const x = this.#x(this.#asked.at);
      setAttribute(this.#mark, "x1", x);
      setAttribute(this.#mark, "x2", x);
    }
  }

  #markEvents() {
    while (this.#marks.children.length > this.#happened.length) {
      this.#marks.lastChild.remove();
    }
    this.#happened.forEach((each, i) => {
      const mark =
        this.#marks.children[i] ?? this.#marks.appendChild(drawing("line", { y1: 0, y2: HEIGHT }, drawing("title")));
      const x = this.#x(each.at).toFixed(1);
      setAttribute(mark, "x1", x);
      setAttribute(mark, "x2", x);
      setAttribute(mark, "class", `event ${each.level === "INFO" ? "note" : "trouble"}`);
      setText(mark.firstChild, `${each.kind}: ${each.text}`);
    });
  }

  #x(at) {
    return (WIDTH * (at - this.#span.from)) / (this.#span.to - this.#span.from);
  }

  /** Shows samples, and marks where something has happened: `{ at, kind, level, text }`, the newest first. */
  update(samples, span, happened = []) {
    this.#samples = samples;
    this.#span = span;
    this.#happened = happened.filter((each) => each.at > span.from && each.at <= span.to);
    this.#markEvents();
    if (!samples.includes(this.#asked)) {
      this.#asked = null;
    }
    const values = samples.flatMap((sample) => this.#series.map((each) => sample[each.field] ?? 0));
    const top = roundUp(Math.max(0, ...values), this.#base);
    const x = (at) => this.#x(at);
    const y = (value) => HEIGHT - 2 - ((HEIGHT - 4) * value) / top;
    for (const each of this.#series) {
      const path = line(samples, each.field, x, y);
      setAttribute(each.path, "d", path);
      setAttribute(each.area, "d", closed(path));
    }
    setText(this.#top, this.#show(top));
    setText(this.#since, `${Math.round((span.to - span.from) / 60_000)} min ago`);
    this.#tell();
  }
}

/** The area below each piece of a line. */
function closed(path) {
  return path
    .split("M")
    .filter((piece) => piece.includes("L"))
    .map((piece) => {
      const points = piece.split("L");
      const from = points[0].split(" ")[0];
      const to = points.at(-1).split(" ")[0];
      return `M${from} ${HEIGHT}L${piece}L${to} ${HEIGHT}Z`;
    })
    .join("");
}
