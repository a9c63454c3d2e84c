// Making elements. Text always goes in as text: names and reasons are hostile until shown.

/**
 * Makes an element.
 *
 * @param {string} tag
 * @param {object} [properties] `class`, `text`, `data` (dataset), `on` ({event: listener}), `style` ({property: value});
 *   false, null and undefined are left out, the rest become attributes.
 * @param {...(Node|string|null|undefined|false|Array)} children
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...nodes(children));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "text") element.textContent = value;
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "on") for (const [event, listener] of Object.entries(value)) on(element, event, listener);
  else if (name === "style") for (const [property, of] of Object.entries(value)) element.style.setProperty(property, of);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Listens, and returns how to stop. */
export function on(target, event, listener, options) {
  target.addEventListener(event, listener, options);
  return () => target.removeEventListener(event, listener, options);
}

/** Replaces what is inside an element. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

/** An SVG element; attributes only. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Runs `action` once on the next frame, however often it is asked for. */
export function once(action) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      action();
    });
  };
}

/** Runs `action` when nothing more was asked for `wait` milliseconds, with the latest arguments. */
export function later(action, wait) {
  let timer = 0;
  const ask = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), wait);
  };
  ask.stop = () => clearTimeout(timer);
  return ask;
}

/** Whether motion is unwelcome. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
