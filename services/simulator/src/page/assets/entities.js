// A message's text and entities as document nodes. Offsets count UTF-16 units, as JavaScript's strings do.

import { h, icon, ICONS, isRightToLeft, RIGHT_TO_LEFT } from './dom.js';

const BLOCKS = new Set(['blockquote', 'expandable_blockquote', 'pre']);
const SAFE_LINK = /^(https?|tg):/i;

/** Renders `text`; times appear in this browser's zone and in the person's language. */
export function render(text, entities, language) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const content = build(text, 0, text.length, sorted, language);
  if (RIGHT_TO_LEFT.test(text)) markLines(content);
  return content;
}

const LEFT_TO_RIGHT_MARK = '\u200e';
const RIGHT_TO_LEFT_MARK = '\u200f';

/** Chromium lets the letters of one line set the direction of the digits in the next; a mark at its start ends that. */
function markLines(content) {
  const lines = content.textContent.split('\n');
  const nodes = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
  let line = 0;
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    // The break before a block is not seen; a mark behind it would be, as an empty line.
    const isBeforeBlock = ['BLOCKQUOTE', 'PRE'].includes(node.nextSibling?.nodeName);
    node.data = node.data.replace(/\n/g, (_, at, whole) => {
      line += 1;
      if (isBeforeBlock && at === whole.length - 1) return '\n';
      return `\n${isRightToLeft(lines[line] ?? '') ? RIGHT_TO_LEFT_MARK : LEFT_TO_RIGHT_MARK}`;
    });
  }
}

function build(text, from, to, entities, language) {
  const fragment = document.createDocumentFragment();
  const waiting = [...entities];
  let at = from;
  while (waiting.length > 0) {
    const entity = waiting.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    fragment.append(text.slice(at, start));
    const inside = [];
    const after = [];
    for (const other of waiting) {
      const otherEnd = other.offset + other.length;
      if (other.offset >= end) {
        after.push(other);
      } else {
        inside.push({ ...other, length: Math.min(otherEnd, end) - other.offset });
        // One that reaches beyond this one goes on behind it.
        if (otherEnd > end) after.push({ ...other, offset: end, length: otherEnd - end });
      }
    }
    waiting.splice(0, waiting.length, ...after);
    fragment.append(wrap(entity, text.slice(start, end), build(text, start, end, inside, language), language));
    at = end;
    // A block ends its line by itself; the line break behind it would leave an empty line.
    if (BLOCKS.has(entity.type) && text[at] === '\n' && at < to) at += 1;
  }
  fragment.append(text.slice(at, to));
  return fragment;
}

function wrap(entity, inner, content, language) {
  switch (entity.type) {
    case 'bold':
      return h('strong', {}, content);
    case 'italic':
      return h('em', {}, content);
    case 'underline':
      return h('u', {}, content);
    case 'strikethrough':
      return h('s', {}, content);
    case 'spoiler':
      return spoiler(content);
    case 'code':
      return h('code', {}, content);
    case 'pre':
      return h('pre', { 'data-language': entity.language }, h('code', {}, content));
    case 'blockquote':
      return h('blockquote', { dir: 'auto' }, content);
    case 'expandable_blockquote':
      return expandable(content);
    case 'text_link':
      return link(entity.url, content);
    case 'url':
      return link(inner, content);
    case 'email':
      return link(`mailto:${inner}`, content);
    case 'text_mention':
      return h('a', { class: 'mention', href: `#${entity.user?.id ?? ''}` }, content);
    case 'bot_command':
      return h('button', { class: 'command', type: 'button', 'data-command': inner }, content);
    case 'mention':
    case 'hashtag':
      return h('span', { class: 'mention' }, content);
    case 'date_time':
      return time(entity, inner, content, language);
    default:
      return h('span', {}, content);
  }
}

function link(address, content) {
  if (!SAFE_LINK.test(address)) return h('span', {}, content);
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer', title: address }, content);
}

function spoiler(content) {
  const reveal = (event) => event.currentTarget.classList.add('open');
  return h('span', { class: 'spoiler', tabindex: '0', role: 'button', onclick: reveal }, content);
}

function expandable(content) {
  const quote = h('blockquote', { class: 'expandable', dir: 'auto' }, h('div', { class: 'quote-text' }, content));
  const toggle = h(
    'button',
    {
      class: 'quote-toggle',
      type: 'button',
      'aria-label': 'Show all',
      'aria-expanded': 'false',
      onclick: () => {
        const open = quote.classList.toggle('open');
        toggle.setAttribute('aria-expanded', String(open));
      },
    },
    icon(ICONS.chevron),
  );
  quote.append(toggle);
  return quote;
}

/** Hides the toggles of quotes that are short enough; call it when they are in the document. */
export function measureQuotes(root) {
  for (const quote of root.querySelectorAll('.expandable:not(.open)')) {
    const text = quote.firstElementChild;
    quote.classList.toggle('short', text.scrollHeight <= text.clientHeight + 1);
  }
}

function time(entity, inner, content, language) {
  const date = new Date(entity.unix_time * 1000);
  const format = entity.date_time_format ?? '';
  const full = formatter(language, { dateStyle: 'full', timeStyle: 'long' }).format(date);
  const shown = format === '' ? content : showTime(date, format, language);
  return h('time', { datetime: date.toISOString(), title: `${full}\nsent as: ${inner}` }, shown);
}

function showTime(date, format, language) {
  if (format === 'r') return relative(date, language);
  const options = {};
  if (format.includes('w')) options.weekday = 'short';
  if (format.includes('d')) Object.assign(options, { day: '2-digit', month: '2-digit', year: 'numeric' });
  if (format.includes('D')) Object.assign(options, { day: 'numeric', month: 'long', year: 'numeric' });
  if (/t/i.test(format)) Object.assign(options, { hour: '2-digit', minute: '2-digit' });
  if (format.includes('T')) options.second = '2-digit';
  return formatter(language, options).format(date);
}

function formatter(language, options) {
  try {
    return new Intl.DateTimeFormat(language || undefined, options);
  } catch {
    return new Intl.DateTimeFormat(undefined, options);
  }
}

function relative(date, language) {
  const seconds = (date - Date.now()) / 1000;
  const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units.at(-1);
  return new Intl.RelativeTimeFormat(language || undefined, { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}
