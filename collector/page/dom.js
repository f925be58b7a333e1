// Builds elements. Texts only ever become text nodes, so that names from profiles cannot become markup.

const SVG = "http://www.w3.org/2000/svg";

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An HTML element. Attributes named `on…` are event listeners; `true` is an empty attribute, `false` and null are none. */
export function el(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** The element of the page with an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Fills a select with `{value, text, title}` and chooses one, without touching an open list that has not changed. */
export function fillSelect(select, options, value) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map((option) => el("option", { value: option.value, title: option.title }, option.text)));
    select.dataset.options = wanted;
  }
  select.value = value;
}
