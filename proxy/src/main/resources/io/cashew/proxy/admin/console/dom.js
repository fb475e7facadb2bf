// Makes nodes of the page. Text becomes text nodes, never markup: what keys, clients and nodes say is shown as it is.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function drawing(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Writes only what has changed, so that what somebody has selected stays selected. */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value);
  }
}

/** A word with a shape and a colour: none of the three alone says how things stand. */
export function setBadge(node, kind, text) {
  setAttribute(node, "class", `badge ${kind}`);
  setText(node, text);
  node.hidden = false;
}
