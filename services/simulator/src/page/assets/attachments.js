// What messages carry besides text: photos, documents, shared people, places.

import { h, icon, ICONS } from './dom.js';

const KILOBYTE = 1024;

const fileAddress = (fileId) => `/_sim/files/${encodeURIComponent(fileId)}`;

/** The node above a message's text, or null. */
export function attachment(message) {
  if (message.photo) return photo(message);
  if (message.document) return file(message.document);
  if (message.users_shared) return people(message.users_shared);
  if (message.location) return place(message.location);
  return null;
}

/** One line in the place of a message, for lists and answers. */
export function summary(message) {
  const kind = message.photo ? 'Photo'
    : message.document ? message.document.file_name
      : message.users_shared ? 'People'
        : message.location ? 'Location' : null;
  const text = message.text.replace(/\s+/g, ' ').trim();
  return [kind, text].filter(Boolean).join(' · ');
}

function photo(message) {
  const size = message.photo.at(-1);
  const address = fileAddress(size.file_id);
  // The size is known before the picture is there, so that nothing jumps.
  const picture = h('img', { src: address, width: size.width, height: size.height, alt: message.text || 'Photo', decoding: 'async' });
  picture.addEventListener('error', () => picture.replaceWith(h('span', { class: 'gone' }, 'This photo is no longer kept.')));
  return h('a', { class: 'photo', href: address, target: '_blank', rel: 'noopener' }, picture);
}

function file(document) {
  return h(
    'a',
    { class: 'document', href: fileAddress(document.file_id), download: document.file_name, title: document.mime_type },
    h('span', { class: 'document-icon' }, icon(ICONS.download)),
    h('span', { class: 'document-text' },
      h('strong', { dir: 'auto' }, document.file_name),
      h('span', {}, fileSize(document.file_size))),
  );
}

function fileSize(bytes) {
  if (bytes < KILOBYTE) return `${bytes} B`;
  const kilobytes = bytes / KILOBYTE;
  return kilobytes < KILOBYTE ? `${kilobytes.toFixed(1)} KB` : `${(kilobytes / KILOBYTE).toFixed(1)} MB`;
}

function people(shared) {
  const name = (user) => [user.first_name, user.last_name].filter(Boolean).join(' ') || `id ${user.user_id}`;
  return h('div', { class: 'shared' }, icon(ICONS.people),
    h('span', {}, shared.users.map((user) => h('span', { class: 'shared-name', dir: 'auto' }, name(user)))));
}

function place(location) {
  return h('div', { class: 'shared' }, icon(ICONS.pin), h('span', {}, `${location.latitude}, ${location.longitude}`));
}
