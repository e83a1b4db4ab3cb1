// Small helpers for building the page. Text only ever enters the document as text.

const SVG = 'http://www.w3.org/2000/svg';

/** Creates an element: `h('a', { class: 'x', href: '#', onclick: f }, 'text', node)`. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A line icon from a path. */
export function icon(path, className = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  if (className) svg.setAttribute('class', className);
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  link: 'M8 16 16 8M9 8h7v7',
  app: 'M4 6h16v12H4zM4 10h16',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  send: 'M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4',
  chevron: 'm6 9 6 6 6-6',
  block: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M5.6 5.6l12.8 12.8',
  close: 'M6 6l12 12M18 6 6 18',
  slash: 'M15 5 9 19',
  bellOff: 'M6 10a6 6 0 0 1 9.5-4.9M18 10c0 5 2 6 2 7H8M4.5 17C5 16 6 15 6 11M10 20h4M4 4l16 16',
  download: 'M12 4v11m-5-5 5 5 5-5M5 20h14',
  keyboard: 'M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 15h8',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M3 20c0-4 2.5-6 6-6s6 2 6 6M16 4.5a3.5 3.5 0 0 1 0 6M18 14.5c2 .8 3 2.6 3 5.5',
  pin: 'M12 21c-4-4.5-6-7.5-6-11a6 6 0 0 1 12 0c0 3.5-2 6.5-6 11M12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5',
};

/** A round picture with initials, in a colour that stays with the id. */
export function avatar(person, className = '') {
  const initials = [person.first_name, person.last_name]
    .filter(Boolean)
    .map((name) => [...name][0].toUpperCase())
    .join('');
  const shade = Number(BigInt(person.id) % 7n);
  return h('span', { class: `avatar shade-${shade} ${className}`, 'aria-hidden': 'true' }, initials);
}

export function fullName(person) {
  return [person.first_name, person.last_name].filter(Boolean).join(' ');
}

const FIRST_STRONG = /[\u200e\u200f]|\p{L}/u;
/** A letter of a script that is written from right to left, or the mark that stands for one. */
export const RIGHT_TO_LEFT = /[\u200f\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** Whether the first letter sets the text from right to left; the time stamp then stands on the left. */
export function isRightToLeft(text) {
  return RIGHT_TO_LEFT.test(FIRST_STRONG.exec(text)?.[0] ?? '');
}

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long' });
const shortFormat = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: '2-digit', year: '2-digit' });
const DAY_MS = 86_400_000;

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
const daysAgo = (date) => Math.round((midnight(new Date()) - midnight(date)) / DAY_MS);

export function clock(unix) {
  return clockFormat.format(new Date(unix * 1000));
}

/** For the list: a time today, a weekday this week, else a date. */
export function shortTime(unix) {
  const date = new Date(unix * 1000);
  const days = daysAgo(date);
  if (days <= 0) return clockFormat.format(date);
  return days < 7 ? weekdayFormat.format(date) : shortFormat.format(date);
}

/** For the line between days. */
export function dayName(unix) {
  const date = new Date(unix * 1000);
  const days = daysAgo(date);
  if (days <= 0) return 'Today';
  return days === 1 ? 'Yesterday' : dayFormat.format(date);
}
