// Drives tsdav, the CalDAV library of many web applications, and prints one JSON object a line for each check:
// {"name", "passed", "detail"}.
//
// Usage: node tsdav.mjs FOLDER URL USERNAME PASSWORD; FOLDER has tsdav in its node_modules.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, serverUrl, username, password] = process.argv.slice(2);
const { createDAVClient } = createRequire(join(folder, 'package.json'))('tsdav');

const event = (uid, summary) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Televent//tests//EN',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20300101T000000Z',
    'DTSTART:20300107T090000Z',
    'DTEND:20300107T100000Z',
    'RRULE:FREQ=WEEKLY;COUNT=3',
    `SUMMARY:${summary}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');

// What the checks leave for those after them.
const state = {};

const inCalendar = (calendars, displayName) => {
  const found = calendars.find((calendar) => calendar.displayName === displayName);
  assert.ok(found, `there is no calendar named ${displayName}`);
  return found;
};
const objects = (options) => state.client.fetchCalendarObjects({ calendar: state.calendar, ...options });
const detailedSync = () =>
  state.client.smartCollectionSyncDetailed({
    collection: { ...state.known, objectMultiGet: state.client.calendarMultiGet },
    account: state.account,
    method: 'webdav',
  });

const checks = {
  'discovery from the root URL': async () => {
    state.client = await createDAVClient({
      serverUrl,
      credentials: { username, password },
      authMethod: 'Basic',
      defaultAccountType: 'caldav',
    });
    state.account = await state.client.createAccount({
      account: { accountType: 'caldav', serverUrl, credentials: { username, password } },
      loadCollections: false,
    });
    assert.match(state.account.rootUrl, /\/dav\/$/, 'the well-known URL leads to the DAV root');
    assert.ok(state.account.principalUrl && state.account.homeUrl);
  },
  'a new account has a calendar': async () => {
    const calendars = await state.client.fetchCalendars();
    assert.ok(calendars.length > 0);
    assert.ok(calendars.every((calendar) => calendar.ctag && calendar.syncToken));
    assert.ok(calendars.every((calendar) => calendar.reports.includes('syncCollection')));
  },
  'the addresses of the user': async () => {
    const addresses = await state.client.fetchCalendarUserAddresses({ account: state.account });
    assert.match(addresses[0], /^mailto:tg_\d+@/);
  },
  'MKCALENDAR with properties': async () => {
    const url = new URL('tsdav/', state.account.homeUrl).href;
    const [made] = await state.client.makeCalendar({
      url,
      props: { 'd:displayname': 'tsdav', 'c:calendar-description': 'of a test' },
    });
    assert.ok(made.ok, `MKCALENDAR: ${made.status}`);
    state.calendar = inCalendar(await state.client.fetchCalendars(), 'tsdav');
    assert.equal(state.calendar.url, url);
    assert.equal(state.calendar.description, 'of a test');
    state.known = { ...state.calendar, objects: [] };
  },
  'create': async () => {
    const options = { calendar: state.calendar, filename: 'one.ics', iCalString: event('one', 'One') };
    assert.equal((await state.client.createCalendarObject(options)).status, 201);
    assert.equal((await state.client.createCalendarObject(options)).status, 412, 'it is not overwritten');
    const [found, ...more] = await objects();
    assert.deepEqual(more, []);
    assert.match(found.data, /SUMMARY:One/);
    state.object = found;
  },
  'time-range': async () => {
    const within = (start, end) => objects({ timeRange: { start, end } });
    assert.equal((await within('2030-01-21T00:00:00Z', '2030-01-22T00:00:00Z')).length, 1, 'the third occurrence');
    assert.equal((await within('2030-01-28T00:00:00Z', '2030-01-29T00:00:00Z')).length, 0, 'there is no fourth');
  },
  'expand': async () => {
    const timeRange = { start: '2030-01-01T00:00:00Z', end: '2030-02-01T00:00:00Z' };
    const [found] = await objects({ timeRange, expand: true });
    assert.equal(found.data.match(/BEGIN:VEVENT/g).length, 3);
    assert.doesNotMatch(found.data, /RRULE/);
  },
  'ctag moves with a change, and only then': async () => {
    const dirty = async (collection) => (await state.client.isCollectionDirty({ collection })).isDirty;
    assert.equal(await dirty(state.calendar), true);
    const fresh = inCalendar(await state.client.fetchCalendars(), 'tsdav');
    assert.equal(await dirty(fresh), false);
  },
  'sync-collection: created': async () => {
    const synced = await detailedSync();
    assert.deepEqual(synced.objects.created.map((each) => each.url), [state.object.url]);
    assert.match(synced.objects.created[0].data, /SUMMARY:One/);
    state.known = { ...state.known, syncToken: synced.syncToken, objects: synced.objects.created };
  },
  'update': async () => {
    const changed = { ...state.object, data: event('one', 'Two') };
    const updated = await state.client.updateCalendarObject({ calendarObject: changed });
    assert.ok(updated.ok, `PUT: ${updated.status}`);
    const again = await state.client.updateCalendarObject({ calendarObject: changed });
    assert.equal(again.status, 412, 'an old ETag does not overwrite');
    [state.object] = await objects();
    assert.match(state.object.data, /SUMMARY:Two/);
  },
  'sync-collection: updated': async () => {
    const synced = await detailedSync();
    assert.deepEqual(synced.objects.updated.map((each) => each.etag), [state.object.etag]);
    assert.deepEqual([synced.objects.created, synced.objects.deleted], [[], []]);
    state.known = { ...state.known, syncToken: synced.syncToken, objects: synced.objects.updated };
  },
  'delete': async () => {
    const stale = { ...state.object, etag: '"stale"' };
    assert.equal((await state.client.deleteCalendarObject({ calendarObject: stale })).status, 412);
    const deleted = await state.client.deleteCalendarObject({ calendarObject: state.object });
    assert.ok(deleted.ok, `DELETE: ${deleted.status}`);
    assert.deepEqual(await objects(), []);
  },
  'sync-collection: deleted': async () => {
    const synced = await detailedSync();
    assert.deepEqual(synced.objects.deleted.map((each) => each.url), [state.object.url]);
    assert.deepEqual([synced.objects.created, synced.objects.updated], [[], []]);
  },
};

for (const [name, check] of Object.entries(checks)) {
  let detail = '';
  try {
    await check();
  } catch (error) {
    detail = String(error.message).split('\n')[0] || 'failed';
  }
  console.log(JSON.stringify({ name, passed: detail === '', detail }));
}
