// Elements are made by h(), which knows text and attributes alone: what comes from outside cannot become markup.
// patch() makes what is shown equal to what was made, and leaves focus, selection and scroll where they are.

const svgNames = new Set(['svg', 'g', 'path', 'rect', 'line', 'text', 'title', 'desc', 'circle']);

// h('td', {class: 'number'}, '12 ms'): null, undefined and false are no child, and no attribute.
function h(name, attributes, ...children) {
  const element = svgNames.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

function keyOf(node) {
  return node.nodeType === 1 ? node.getAttribute('data-key') : null;
}

function isSameKind(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

// What the reader changes stays the reader's: open details, the value of a field that has the focus.
function isReaders(element, name) {
  return (name === 'open' && element.nodeName === 'DETAILS') ||
    (name === 'value' && element === document.activeElement);
}

function patchAttributes(from, to) {
  for (const {name} of [...from.attributes]) {
    if (!to.hasAttribute(name) && !isReaders(from, name)) from.removeAttribute(name);
  }
  for (const {name, value} of [...to.attributes]) {
    if (isReaders(from, name)) continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    if (name === 'value' && from.nodeName === 'INPUT') from.value = value;
  }
}

function patchChildren(from, to) {
  const keyed = new Map();
  for (const child of from.childNodes) {
    if (keyOf(child) !== null) keyed.set(keyOf(child), child);
  }
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const known = key === null ? place : keyed.get(key);
    if (known && known.parentNode === from && isSameKind(known, wanted)) {
      if (known !== place) from.insertBefore(known, place);
      // Its key stands for it once: a second one of that key is another.
      if (key !== null) keyed.delete(key);
      patch(known, wanted);
      place = known.nextSibling;
    } else {
      from.insertBefore(wanted, place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function patch(from, to) {
  if (from.nodeType === 3) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (from.nodeType !== 1) return;
  const wasChosen = from.nodeName === 'SELECT' ? to.getAttribute('data-chosen') : null;
  patchAttributes(from, to);
  patchChildren(from, to);
  if (wasChosen !== null && from !== document.activeElement) from.value = wasChosen;
}
