// The keyboard under the input field, and the dialogues of the buttons that ask for something.

import { avatar, fullName, h, icon, ICONS } from './dom.js';

/** The keyboard that is in force: that of the last message of the bot that said anything about it, or null. */
export function currentKeyboard(messages) {
  const last = messages.findLast((message) => message.from_bot && message.input_markup);
  return last?.input_markup.keyboard ? { id: last.message_id, ...last.input_markup } : null;
}

/** Its buttons; `press` is called with the one that was pressed. */
export function keyboardRows(keyboard, press) {
  return keyboard.keyboard.map((row) => h('div', { class: 'key-row' }, row.map((button) => {
    const symbol = button.request_users ? ICONS.people : button.request_location ? ICONS.pin : null;
    const works = !button.request_chat && !button.request_contact && !button.request_poll && !button.web_app;
    return h('button', {
      class: `key${button.style ? ` ${button.style}` : ''}`,
      type: 'button',
      disabled: !works,
      onclick: () => press(button),
    }, symbol && icon(symbol, 'key-icon'), h('span', { class: 'key-text', dir: 'auto' }, button.text));
  })));
}

/** Shows a dialogue; `work` gets the form and may throw what is to be shown in it. */
function ask(title, fields, action, work) {
  const error = h('p', { class: 'form-error', role: 'alert' });
  const form = h('form', { autocomplete: 'off' },
    h('h3', {}, title),
    fields,
    error,
    h('div', { class: 'dialog-buttons' },
      h('button', { class: 'text-button', type: 'button', onclick: () => dialog.close() }, 'Cancel'),
      h('button', { class: 'text-button strong', type: 'submit' }, action)));
  const dialog = h('dialog', { class: 'dialog', 'aria-label': title }, form);
  dialog.addEventListener('close', () => dialog.remove());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await work(new FormData(form));
      dialog.close();
    } catch (failure) {
      error.textContent = failure.message;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** Lets one pick people, of the simulator or others; `share` gets them as the control API takes them. */
export function pickUsers(request, people, share) {
  const most = request.max_quantity ?? 1;
  const rows = people.map((person) => h('label', { class: 'pick' },
    h('input', { type: most > 1 ? 'checkbox' : 'radio', name: 'picked', value: String(person.id) }),
    avatar(person, 'small'),
    h('span', { dir: 'auto' }, fullName(person))));
  const fields = [
    h('p', { class: 'hint' }, most > 1 ? `Up to ${most} people.` : 'One person.'),
    h('div', { class: 'picks' }, rows),
    h('div', { class: 'fields' },
      h('label', {}, 'Somebody else: id', h('input', { name: 'id', inputmode: 'numeric', pattern: '[1-9][0-9]{0,15}' })),
      h('label', {}, 'First name', h('input', { name: 'first_name', maxlength: '64' }))),
  ];
  ask('Choose people', fields, 'Send', async (form) => {
    const users = form.getAll('picked').map(Number);
    if (form.get('id')) users.push({ id: Number(form.get('id')), first_name: form.get('first_name') || 'Somebody' });
    if (users.length === 0) throw new Error('Nobody is chosen.');
    await share({ request_id: request.request_id, users });
  });
}

/** Asks where one is; `share` gets the place as the control API takes it. */
export function pickLocation(share) {
  const field = (label, name, most, value) => h('label', {}, label,
    h('input', { name, type: 'number', step: 'any', min: String(-most), max: String(most), value, required: true }));
  const fields = h('div', { class: 'fields' },
    field('Latitude, degrees', 'latitude', 90, '52.5200'),
    field('Longitude, degrees', 'longitude', 180, '13.4050'));
  ask('Where are you?', fields, 'Send', (form) => share({
    latitude: Number(form.get('latitude')),
    longitude: Number(form.get('longitude')),
  }));
}
