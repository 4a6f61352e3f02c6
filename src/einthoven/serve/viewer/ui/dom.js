// @ts-check
/** Create elements. Text is always inserted as text, so that content of a file can never become markup. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Attribute */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {Element} T
 * @param {T} node
 * @param {Record<string, Attribute>} attributes
 * @param {(Child | Child[])[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

/**
 * Create an HTML element. Attributes such as `onclick` are listeners; null and false are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {(Child | Child[])[]} children
 */
export const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/**
 * Create an SVG element.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {(Child | Child[])[]} children
 */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/**
 * Return the element with an id, which must be of `type`.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type]
 * @returns {T}
 */
export function byId(id, type) {
  const node = document.getElementById(id);
  if (!(node instanceof (type ?? HTMLElement))) throw new Error(`index.html has no such element: ${id}`);
  return /** @type {T} */ (node);
}

/**
 * Keep the keyboard focus on the button at the same place in `root` while `render` replaces buttons.
 * @param {Element} root
 * @param {() => void} render
 */
export function keepFocus(root, render) {
  const buttons = () => [...root.querySelectorAll("button")];
  const focused = /** @type {HTMLButtonElement | null} */ (document.activeElement);
  const place = focused ? buttons().indexOf(focused) : -1;
  render();
  if (place >= 0 && !focused?.isConnected) buttons()[place]?.focus();
}

/**
 * Replace the children of `node`, and leave those `<details>` open that are.
 * @param {Element} node
 * @param {Node[]} children
 */
export function replaceKeepingOpen(node, children) {
  const open = [...node.querySelectorAll("details")].map((details) => details.open);
  node.replaceChildren(...children);
  node.querySelectorAll("details").forEach((details, k) => {
    details.open = open[k] ?? false;
  });
}

/**
 * Let a screen reader speak.
 * @param {string} text
 */
export function announce(text) {
  byId("announce").textContent = text;
}
