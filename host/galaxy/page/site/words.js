// How the page says numbers, times and states.

export const stateWord = (state) => state.replace('_', ' ');

export const plural = (n, word) => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;

export function bytes(n) {
  if (n < 1000) return `${n} B`;
  for (const unit of ['KB', 'MB', 'GB']) {
    n /= 1000;
    if (n < 1000 || unit === 'GB') return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${unit}`;
  }
}

export function age(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB');

/** An element with attributes and children; texts are texts. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Sets a text when it is another, so that what somebody has marked in it stays marked. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
