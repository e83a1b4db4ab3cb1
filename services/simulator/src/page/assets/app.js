// The chat page: a list of people, the chat of one of them, live by server-sent events.

import { attachment, summary } from './attachments.js';
import { avatar, clock, dayName, fullName, h, icon, ICONS, isRightToLeft, shortTime } from './dom.js';
import { measureQuotes, render } from './entities.js';
import { currentKeyboard, keyboardRows, pickLocation, pickUsers } from './reply_keyboard.js';

const $ = (id) => document.getElementById(id);

/** An app stops waiting for the answer to a press after a while. */
const PRESS_TIMEOUT_MS = 20_000;
const TOAST_MS = 4_000;
const TYPING_MS = 5_000;
const READ_KEY = 'televent-read';

const state = {
  bot: { name: 'Televent', username: '' },
  /** the menu of the current person */
  commands: [],
  people: new Map(),
  current: null,
  messages: [],
  /** message id -> { version, node } */
  shown: new Map(),
  /** presses that wait: "chat:message:data" -> query id, or null until the server told it */
  pressed: new Map(),
  /** answers that came before the press returned: query id -> true */
  early: new Set(),
  /** message that the next text answers */
  replyTo: null,
  /** message whose reply keyboard is folded away */
  folded: null,
  read: JSON.parse(localStorage.getItem(READ_KEY) ?? '{}'),
};

// ---- server

async function call(method, path, body) {
  const response = await fetch(`/_sim${path}`, {
    method,
    headers: method === 'GET' ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

/** Does something and shows what went wrong. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message, true);
    return undefined;
  }
}

// ---- people

async function loadPeople() {
  const people = await call('GET', '/people');
  state.people = new Map(people.map((person) => [String(person.id), person]));
  showPeople();
  showHeader();
  showComposer();
}

function unread(person) {
  return Math.max(0, person.bot_message_count - (state.read[person.id] ?? 0));
}

function markRead(id) {
  const person = state.people.get(id);
  if (!person || document.hidden) return;
  state.read[id] = person.bot_message_count;
  localStorage.setItem(READ_KEY, JSON.stringify(state.read));
}

function showPeople() {
  if (state.current) markRead(state.current);
  const people = [...state.people.values()].sort(
    (a, b) => (b.last_message?.date ?? 0) - (a.last_message?.date ?? 0)
      || (b.last_message?.message_id ?? 0) - (a.last_message?.message_id ?? 0)
      || a.id - b.id,
  );
  const rows = people.map(personRow);
  if (rows.length === 0) {
    rows.push(h('p', { class: 'nobody' }, 'Nobody here yet. Add a person with the + above.'));
  }
  $('people').replaceChildren(...rows);
  const waiting = people.reduce((sum, person) => sum + unread(person), 0);
  document.title = waiting > 0 ? `(${waiting}) Televent chats` : 'Televent chats';
}

function personRow(person) {
  const last = person.last_message;
  const count = unread(person);
  const isCurrent = String(person.id) === state.current;
  return h(
    'a',
    { class: `person${isCurrent ? ' current' : ''}`, href: `#${person.id}`, 'aria-current': isCurrent && 'true' },
    avatar(person),
    h(
      'span',
      { class: 'person-text' },
      h(
        'span',
        { class: 'person-line' },
        h('span', { class: 'person-name', dir: 'auto' }, fullName(person)),
        person.blocked && icon(ICONS.block, 'blocked-icon'),
        h('span', { class: 'person-time' }, last ? shortTime(last.date) : ''),
      ),
      h(
        'span',
        { class: 'person-line' },
        h('span', { class: 'person-preview', dir: 'auto' }, ...preview(person)),
        count > 0 && h('span', { class: 'badge', 'aria-label': `${count} unread` }, String(count)),
      ),
    ),
  );
}

function preview(person) {
  if (person.deactivated) return [h('em', {}, 'deleted account')];
  const last = person.last_message;
  if (!last) return [h('em', {}, person.started ? 'no messages yet' : 'has not pressed START')];
  const line = [last.attachment, last.text.replace(/\s+/g, ' ')].filter(Boolean).join(' · ').slice(0, 120);
  return last.from_bot ? [line] : [h('span', { class: 'you' }, 'You: '), line];
}

// ---- the chat

function selectFromHash() {
  const id = /^#([1-9][0-9]{0,15})$/.exec(location.hash)?.[1] ?? null;
  if (id !== state.current) {
    state.current = id;
    state.messages = [];
    state.shown.clear();
    state.replyTo = null;
    state.folded = null;
    state.commands = [];
    $('messages').replaceChildren();
    $('composer').replaceChildren();
    delete $('composer').dataset.kind;
  }
  $('app').classList.toggle('in-chat', id !== null);
  $('chat').hidden = id === null;
  $('welcome').hidden = id !== null;
  closeMenu();
  showPeople();
  showHeader();
  showComposer();
  if (id !== null) attempt(() => loadMessages({ jump: true }));
  attempt(loadCommands);
}

async function loadCommands() {
  const id = state.current;
  if (id === null || !state.people.has(id)) return;
  const commands = await call('GET', `/commands?chat_id=${id}`);
  if (id !== state.current) return;
  state.commands = commands;
  showCommandsButton();
}

function showHeader() {
  const person = state.people.get(state.current);
  if (!person) {
    $('chat-title').textContent = state.current ? 'Nobody has this id' : '';
    $('chat-subtitle').textContent = state.current ?? '';
    $('chat-avatar').replaceChildren();
    return;
  }
  $('chat-avatar').replaceChildren(avatar(person, 'small'));
  $('chat-title').textContent = fullName(person);
  const facts = [person.username && `@${person.username}`, `id ${person.id}`, person.language_code];
  $('chat-subtitle').textContent = facts.filter(Boolean).join(' · ');
}

async function loadMessages({ jump = false } = {}) {
  const id = state.current;
  if (id === null || !state.people.has(id)) return;
  const messages = await call('GET', `/chats/${id}/messages`);
  // Another chat may have been picked while this one loaded.
  if (id !== state.current) return;
  const scroller = $('scroller');
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  state.messages = messages;
  showMessages();
  showComposer();
  if (jump || atEnd) scroller.scrollTop = scroller.scrollHeight;
}

/** Shows the messages; what did not change keeps its node, and with it open quotes and spinners. */
function showMessages() {
  const rows = [];
  let day = null;
  const kept = new Map();
  state.messages.forEach((message, index) => {
    const name = dayName(message.date);
    if (name !== day) rows.push(h('div', { class: 'day' }, h('span', {}, name)));
    const next = state.messages[index + 1];
    const isLast = !next || next.from_bot !== message.from_bot || dayName(next.date) !== name;
    day = name;
    const version = JSON.stringify([message.html, message.reply_markup, message.edits, isLast, repliedTo(message)?.edits]);
    const old = state.shown.get(message.message_id);
    const node = old?.version === version ? old.node : messageNode(message, isLast);
    if (!old && state.shown.size > 0) node.classList.add('new');
    if (old && old.edits !== message.edits) node.classList.add('changed');
    kept.set(message.message_id, { version, node, edits: message.edits });
    rows.push(node);
  });
  if (rows.length === 0) rows.push(emptyChat());
  state.shown = kept;
  // Only what differs is touched, so that animations and focus survive.
  const list = $('messages');
  rows.forEach((row, index) => {
    if (list.childNodes[index] !== row) list.insertBefore(row, list.childNodes[index] ?? null);
  });
  while (list.childNodes.length > rows.length) list.lastChild.remove();
  showSpinners();
  measureQuotes(list);
}

function emptyChat() {
  return h(
    'div',
    { class: 'empty' },
    h('strong', {}, 'What can this bot do?'),
    h('p', {}, 'Invitations from calendars arrive here. A tap on Accept, and the organizer’s calendar shows the green check mark.'),
  );
}

function repliedTo(message) {
  return message.reply_to && state.messages.find((other) => other.message_id === message.reply_to);
}

function messageNode(message, isLast) {
  const person = state.people.get(state.current);
  const original = repliedTo(message);
  const bubble = h(
    'div',
    { class: `bubble${isLast ? ' tail' : ''}${message.photo ? ' with-photo' : ''}` },
    original && h('button', { class: 'reply', type: 'button', onclick: () => jumpTo(original.message_id) },
      h('strong', {}, original.from_bot ? state.bot.name : fullName(person)),
      h('span', { dir: 'auto' }, summary(original).slice(0, 90))),
    attachment(message),
    h('div', { class: isRightToLeft(message.text) ? 'text rtl' : 'text', dir: 'auto' }, render(message.text, message.entities, person?.language_code)),
    h('div', { class: 'meta' },
      message.silent && h('span', { class: 'silent', title: 'without a sound' }, icon(ICONS.bellOff)),
      message.edits > 0 && editedMark(message),
      h('time', {}, clock(message.date))),
  );
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return h(
    'article',
    { class: `message ${message.from_bot ? 'from-bot' : 'from-me'}`, 'data-id': message.message_id },
    h('div', { class: 'message-body' }, bubble, rows.length > 0 && keyboard(message, rows)),
  );
}

/** "edited"; a tap shows what stood there before. */
function editedMark(message) {
  const earlier = h('ol', { class: 'history', hidden: true });
  for (const html of [...message.history].reverse()) {
    // The history is HTML of the Bot API's dialect; only its text is shown.
    const text = new DOMParser().parseFromString(html, 'text/html').body.textContent;
    earlier.append(h('li', { dir: 'auto' }, text));
  }
  const button = h('button', {
    class: 'edited',
    type: 'button',
    title: `edited ${message.edits} time${message.edits === 1 ? '' : 's'}; show earlier versions`,
    onclick: () => {
      if (!earlier.isConnected) button.closest('.bubble').append(earlier);
      earlier.hidden = !earlier.hidden;
    },
  }, 'edited');
  return button;
}

function keyboard(message, rows) {
  return h('div', { class: 'keyboard' }, rows.map((row) => h('div', { class: 'key-row' }, row.map((button) => key(message, button)))));
}

function key(message, button) {
  const style = `key${button.style ? ` ${button.style}` : ''}`;
  const label = h('span', { class: 'key-text', dir: 'auto' }, button.text);
  if (button.url !== undefined) {
    return h('a', { class: style, href: button.url, target: '_blank', rel: 'noopener noreferrer', title: button.url }, label, icon(ICONS.link, 'corner'));
  }
  if (button.callback_data !== undefined) {
    return h('button', {
      class: style,
      type: 'button',
      'data-press': button.callback_data,
      onclick: () => press(message.message_id, button.callback_data),
    }, label, h('span', { class: 'spinner' }));
  }
  if (button.copy_text !== undefined) {
    const copy = () => navigator.clipboard.writeText(button.copy_text.text).then(() => toast('Copied'));
    return h('button', { class: style, type: 'button', onclick: () => attempt(copy) }, label, icon(ICONS.copy, 'corner'));
  }
  if (button.web_app !== undefined) {
    return h('a', { class: style, href: button.web_app.url, target: '_blank', rel: 'noopener noreferrer' }, label, icon(ICONS.app, 'corner'));
  }
  return h('button', { class: style, type: 'button', disabled: true }, label);
}

function jumpTo(messageId) {
  const node = state.shown.get(messageId)?.node;
  if (!node) return;
  node.scrollIntoView({ block: 'center', behavior: 'smooth' });
  node.classList.remove('changed');
  requestAnimationFrame(() => node.classList.add('changed'));
}

// ---- presses

async function press(messageId, data) {
  const name = `${state.current}:${messageId}:${data}`;
  if (state.pressed.has(name)) return;
  state.pressed.set(name, null);
  showSpinners();
  const done = () => {
    state.pressed.delete(name);
    showSpinners();
  };
  const result = await attempt(() => call('POST', `/chats/${state.current}/messages/${messageId}/press`, { data }));
  if (!result || state.early.delete(result.callback_query_id)) return done();
  state.pressed.set(name, result.callback_query_id);
  setTimeout(() => {
    if (state.pressed.get(name) === result.callback_query_id) done();
  }, PRESS_TIMEOUT_MS);
}

function showSpinners() {
  for (const button of $('messages').querySelectorAll('[data-press]')) {
    const messageId = button.closest('[data-id]').dataset.id;
    const waits = state.pressed.has(`${state.current}:${messageId}:${button.dataset.press}`);
    button.classList.toggle('waiting', waits);
    button.setAttribute('aria-busy', String(waits));
  }
}

function onAnswered(event) {
  const waiting = [...state.pressed].find(([, id]) => id === event.id);
  if (waiting) state.pressed.delete(waiting[0]);
  else state.early.add(event.id);
  showSpinners();
  if (String(event.chat_id) !== state.current || event.text === '') return;
  if (event.show_alert) {
    $('alert-title').textContent = state.bot.name;
    $('alert-text').textContent = event.text;
    if (!$('alert').open) $('alert').showModal();
  } else {
    toast(event.text);
  }
}

function toast(text, isError = false) {
  const node = h('div', { class: `toast${isError ? ' error' : ''}`, dir: 'auto' }, text);
  $('toasts').append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

// ---- writing

/** The field, or the one big button that fits the state of the chat. */
function showComposer() {
  const person = state.people.get(state.current);
  const kind = !person ? 'none'
    : person.deactivated ? 'deleted'
      : person.blocked ? 'blocked'
        : person.started ? 'write' : 'start';
  const composer = $('composer');
  if (composer.dataset.kind !== kind) {
    composer.dataset.kind = kind;
    composer.replaceChildren(...composerContent(kind));
  }
  if (kind === 'write') {
    showReplyBar();
    showReplyKeyboard();
    showCommandsButton();
  }
}

function composerContent(kind) {
  const big = (label, action) => h('button', { class: 'big-button', type: 'button', onclick: () => attempt(action) }, label);
  const id = state.current;
  switch (kind) {
    case 'start':
      return [big('START', () => call('POST', `/people/${id}/start`, {}))];
    case 'blocked':
      return [big('UNBLOCK AND RESTART', () => call('POST', `/people/${id}/start`, {}))];
    case 'deleted':
      return [h('p', { class: 'composer-note' }, 'This account was deleted.')];
    case 'write':
      return writeContent();
    default:
      return [];
  }
}

function writeContent() {
  const field = h('textarea', { id: 'field', rows: '1', placeholder: 'Message', 'aria-label': 'Message', dir: 'auto' });
  const send = h('button', { class: 'send', type: 'button', 'aria-label': 'Send', disabled: true }, icon(ICONS.send));
  const grow = () => {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
    send.disabled = field.value.trim() === '';
  };
  const submit = () => {
    const text = field.value.trim();
    if (text === '') return;
    const body = state.replyTo ? { text, reply_to: state.replyTo } : { text };
    field.value = '';
    state.dismissed = state.replyTo;
    state.replyTo = null;
    grow();
    showReplyBar();
    attempt(() => call('POST', `/chats/${state.current}/text`, body));
  };
  field.addEventListener('input', grow);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  send.addEventListener('click', submit);
  const commands = h('div', { class: 'commands', id: 'commands', hidden: true });
  const commandsButton = h('button', {
    class: 'icon-button', type: 'button', id: 'commands-button', title: 'Commands', 'aria-label': 'Commands', hidden: true,
    onclick: () => {
      commands.hidden = !commands.hidden;
      commands.replaceChildren(...state.commands.map((command) => h('button', {
        type: 'button', 'data-command': `/${command.command}`,
      }, h('strong', {}, `/${command.command}`), h('span', { dir: 'auto' }, command.description))));
    },
  }, icon(ICONS.slash));
  const keyboardButton = h('button', {
    class: 'icon-button', type: 'button', id: 'keyboard-button', title: 'Keyboard of the bot', hidden: true,
    'aria-label': 'Keyboard of the bot', 'aria-controls': 'reply-keyboard',
    onclick: () => {
      const { id } = currentKeyboard(state.messages) ?? {};
      state.folded = state.folded === id ? null : id;
      showReplyKeyboard();
    },
  }, icon(ICONS.keyboard));
  return [
    commands,
    h('div', { class: 'reply-bar', id: 'reply-bar', hidden: true }),
    h('div', { class: 'field-row' }, commandsButton, field, keyboardButton, send),
    h('div', { class: 'reply-keyboard', id: 'reply-keyboard', hidden: true }),
  ];
}

function showCommandsButton() {
  const button = $('commands-button');
  if (button) button.hidden = state.commands.length === 0;
}

/** The keyboard that the bot has put under the field; one for one use folds away by its first. */
function showReplyKeyboard() {
  const place = $('reply-keyboard');
  if (!place) return;
  const keyboard = currentKeyboard(state.messages);
  const isOpen = keyboard !== null && state.folded !== keyboard.id;
  $('keyboard-button').hidden = keyboard === null;
  $('keyboard-button').setAttribute('aria-expanded', String(isOpen));
  place.hidden = !isOpen;
  const last = state.messages.at(-1);
  const asked = keyboard ?? (last?.from_bot ? last.input_markup : null);
  $('field').placeholder = asked?.input_field_placeholder ?? 'Message';
  const version = JSON.stringify(keyboard);
  if (place.dataset.version === version) return;
  place.dataset.version = version;
  place.classList.toggle('tall', keyboard !== null && !keyboard.resize_keyboard);
  place.replaceChildren(...(keyboard ? keyboardRows(keyboard, (button) => pressReplyKey(keyboard, button)) : []));
}

function pressReplyKey(keyboard, button) {
  const chat = state.current;
  const send = async (what, body) => {
    await call('POST', `/chats/${chat}/${what}`, body);
    if (keyboard.one_time_keyboard) state.folded = keyboard.id;
    showReplyKeyboard();
  };
  if (button.request_users) pickUsers(button.request_users, [...state.people.values()], (body) => send('users_shared', body));
  else if (button.request_location) pickLocation((body) => send('location', body));
  else attempt(() => send('text', { text: button.text }));
}

/** A message with ForceReply as the last one makes the next text its answer. */
function showReplyBar() {
  const bar = $('reply-bar');
  if (!bar) return;
  const last = state.messages.at(-1);
  if (last?.from_bot && last.input_markup?.force_reply && last.message_id !== state.dismissed) {
    state.replyTo = last.message_id;
  } else {
    state.replyTo = null;
  }
  bar.hidden = state.replyTo === null;
  if (bar.hidden) return;
  const dismiss = () => {
    state.dismissed = state.replyTo;
    showReplyBar();
  };
  bar.replaceChildren(
    h('span', {}, h('strong', {}, `Reply to ${state.bot.name}`), h('span', { dir: 'auto' }, summary(last).slice(0, 120))),
    h('button', { class: 'icon-button', type: 'button', 'aria-label': 'Do not reply', onclick: dismiss }, icon(ICONS.close)),
  );
}

function showTyping(id) {
  if (String(id) !== state.current) return;
  const subtitle = $('chat-subtitle');
  subtitle.textContent = `${state.bot.name} is typing…`;
  clearTimeout(state.typing);
  state.typing = setTimeout(showHeader, TYPING_MS);
}

// ---- menu and dialogues

function closeMenu() {
  $('menu').hidden = true;
  $('menu-button').setAttribute('aria-expanded', 'false');
}

function openMenu() {
  const person = state.people.get(state.current);
  if (!person) return;
  const item = (label, action, className = '') => h('button', {
    type: 'button', role: 'menuitem', class: className,
    onclick: () => {
      closeMenu();
      attempt(action);
    },
  }, label);
  const post = (what) => () => call('POST', `/people/${person.id}/${what}`, {});
  $('menu').replaceChildren(
    item('Send /start', post('start')),
    item('Copy Telegram id', () => navigator.clipboard.writeText(String(person.id)).then(() => toast('Copied'))),
    item('Copy invite address', () => navigator.clipboard.writeText(`tg_${person.id}@televent.internal`).then(() => toast('Copied'))),
    person.blocked ? item('Unblock the bot', post('unblock')) : item('Block the bot', post('block'), 'danger'),
    item('Delete the account', post('deactivate'), 'danger'),
  );
  $('menu').hidden = false;
  $('menu-button').setAttribute('aria-expanded', 'true');
  $('menu').firstElementChild.focus();
}

function openAddDialog() {
  $('add-form').reset();
  $('add-error').textContent = '';
  $('add-form').elements.namedItem('id').value = String(100_000_000 + Math.floor(Math.random() * 900_000_000));
  $('add-dialog').showModal();
}

async function addPerson(event) {
  event.preventDefault();
  const form = new FormData($('add-form'));
  const body = { first_name: form.get('first_name'), started: form.get('started') === 'on' };
  for (const name of ['last_name', 'username', 'language_code']) {
    if (form.get(name)) body[name] = form.get(name);
  }
  try {
    await call('PUT', `/people/${form.get('id')}`, body);
    $('add-dialog').close();
    await loadPeople();
    location.hash = form.get('id');
  } catch (error) {
    $('add-error').textContent = error.message;
  }
}

// ---- live

function connect() {
  const events = new EventSource('/_sim/events');
  const live = $('live');
  events.onopen = () => {
    live.className = 'live on';
    live.title = 'live';
    reload();
  };
  events.onerror = () => {
    live.className = 'live';
    live.title = 'connection lost, trying again…';
  };
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    switch (event.type) {
      case 'answered':
        return onAnswered(event);
      case 'action':
        return showTyping(event.id);
      case 'chat':
        attempt(loadPeople);
        if (String(event.id) === state.current) attempt(loadMessages);
        return undefined;
      case 'people':
        attempt(loadCommands);
        return attempt(loadPeople);
      default:
        return reload();
    }
  };
}

async function reload() {
  await attempt(async () => {
    state.bot = await call('GET', '/bot');
    $('bot-name').textContent = `with @${state.bot.username}`;
    await loadPeople();
    await loadMessages({ jump: state.messages.length === 0 });
    await loadCommands();
  });
}

window.addEventListener('hashchange', selectFromHash);
document.addEventListener('visibilitychange', showPeople);
$('add').addEventListener('click', openAddDialog);
$('add-cancel').addEventListener('click', () => $('add-dialog').close());
$('add-form').addEventListener('submit', addPerson);
$('alert-close').addEventListener('click', () => $('alert').close());
$('menu-button').addEventListener('click', () => ($('menu').hidden ? openMenu() : closeMenu()));
document.addEventListener('click', (event) => {
  if (!event.target.closest('.menu')) closeMenu();
  const command = event.target.closest('[data-command]');
  if (command && state.current) {
    const commands = $('commands');
    if (commands) commands.hidden = true;
    attempt(() => call('POST', `/chats/${state.current}/text`, { text: command.dataset.command }));
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeMenu();
});

selectFromHash();
connect();
