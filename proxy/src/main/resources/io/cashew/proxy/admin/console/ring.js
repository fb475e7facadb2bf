import { drawing, element } from "./dom.js";
import { number, percent } from "./format.js";

/** So many colours there are for nodes; the names beside them tell the rest apart. */
const COLOURS = 12;
/** Of many nodes the largest shares are named. */
const NAMED = 24;

export function colourOf(place) {
  return `n${place % COLOURS}`;
}

/** A place on a circle: 0 is at the top, and it goes round as a clock does. */
function place(radius, turn) {
  const angle = 2 * Math.PI * turn;
  return `${(radius * Math.sin(angle)).toFixed(2)} ${(-radius * Math.cos(angle)).toFixed(2)}`;
}

function arc(inner, outer, from, to, colour, tip) {
  const title = drawing("title", {}, tip);
  if (to - from > 0.999) {
    // An arc that ends where it begins would be none.
    const radius = (inner + outer) / 2;
    return drawing("circle", { r: radius, fill: "none", "stroke-width": outer - inner, class: `band ${colour}` }, title);
  }
  const large = to - from > 0.5 ? 1 : 0;
  const d =
    `M${place(outer, from)}A${outer} ${outer} 0 ${large} 1 ${place(outer, to)}` +
    `L${place(inner, to)}A${inner} ${inner} 0 ${large} 0 ${place(inner, from)}Z`;
  return drawing("path", { d, class: `arc ${colour}` }, title);
}

/** The shares of a pool's nodes: inside one arc a node; around it, where there is such an order, whose each place is. */
export function ring(pool) {
  const arcs = [];
  let from = 0;
  pool.nodes.forEach((node, i) => {
    if (node.share > 0) {
      arcs.push(arc(58, 92, from, from + node.share, colourOf(i), `${node.name} ${percent(node.share)}`));
    }
    from += node.share;
  });
  const around = pool.around;
  for (let i = 0, end = 0; i < around.length; i = end) {
    while (end < around.length && around[end] === around[i]) {
      end++;
    }
    arcs.push(arc(98, 124, i / around.length, end / around.length, colourOf(around[i]), pool.nodes[around[i]].name));
  }
  const points = pool.nodes.reduce((all, node) => all + node.points, 0);
  const largest = pool.nodes
    .map((node, i) => ({ ...node, i }))
    .sort((a, b) => (pool.nodes.length > NAMED ? b.share - a.share : a.i - b.i))
    .slice(0, NAMED);
  const said = largest.map((node) => `${node.name} ${percent(node.share)}`).join(", ");
  const picture = drawing(
    "svg",
    { viewBox: "-128 -128 256 256", role: "img", "aria-label": `${pool.distribution}: ${said}` },
    ...arcs,
    drawing("text", { y: points > 0 ? "-2" : "5", class: "middle" }, pool.distribution),
    ...(points > 0 ? [drawing("text", { y: "16", class: "middle small" }, `${number(points)} points`)] : []),
  );
  const legend = largest.map((node) =>
    element(
      "li",
      {},
      element("i", { class: `swatch ${colourOf(node.i)}` }),
      element("span", { class: "name" }, node.name),
      element("b", {}, percent(node.share)),
    ),
  );
  const more = pool.nodes.length - largest.length;
  const rest = more > 0 ? [element("li", { class: "quiet" }, `and ${number(more)} more`)] : [];
  return [picture, element("ul", { class: "shares" }, ...legend, ...rest)];
}
