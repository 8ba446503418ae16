/** Creates an element. Strings become text nodes; null and undefined children are skipped. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Sets the text of an element only if it differs: a new text node would clear the user's selection. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Keeps "Over-Ear" on one line. */
export const nonBreakingHyphens = (text) => text.replaceAll('-', '\u2011');
