// The star map: follows the galaxy and its events, and hands both to the sky, the table and the panel.
import { Panel } from './panel.js';
import { Sky } from './sky.js';
import { bytes, clock, make, plural, say, stateWord } from './words.js';

const $ = (id) => document.getElementById(id);
const map = $('map'), stars = $('stars'), plain = $('plain'), feed = $('feed'), notice = $('notice');
const feedLines = 5, secondsOfRates = 60;

let galaxy;
const buttons = new Map();   // of stars, by service
const counted = new Map();   // requests and failed, by service, as they were last seen
const rates = new Map();     // requests in each of the last seconds
const fresh = new Map();     // requests since the last full second

const sky = new Sky($('sky'), (name, x, y, r) => {
  const button = buttons.get(name);
  if (button) button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  if (button && button.dataset.r !== String(r)) {
    button.dataset.r = r;
    button.style.setProperty('--r', `${r}px`);
  }
});

const panel = new Panel($('panel'), (name) => (plain.hidden ? buttons.get(name) : plain.querySelector(`[data-service="${CSS.escape(name)}"]`))?.focus());
const open = (name) => panel.open(galaxy.services.find((s) => s.name === name), rates.get(name));

// ---- what there is ----

const wellOf = (s) => s.instances.filter((i) => i.state === 'well').length;

function describe(s) {
  const parts = [s.name, stateWord(s.state), `${wellOf(s)} of ${plural(s.wanted, 'instance')} well`, plural(s.requests, 'request')];
  if (s.waiting) parts.push(`${s.waiting} waiting`);
  if (s.why) parts.push(s.why);
  return parts.join(', ');
}

function showStars() {
  const names = new Set(galaxy.services.map((s) => s.name));
  for (const [name, button] of buttons) if (!names.has(name)) { button.remove(); buttons.delete(name); }
  for (const s of galaxy.services) {
    let button = buttons.get(s.name);
    if (!button) {
      button = make('button', { type: 'button', class: 'star', 'data-star': s.name, onclick: () => open(s.name) },
        make('span', { class: 'says' }), make('span', { class: 'label', 'aria-hidden': 'true' }, make('b', {}, s.name), make('small')));
      button.addEventListener('pointerenter', () => { sky.held = true; });
      button.addEventListener('pointerleave', () => { sky.held = false; });
      buttons.set(s.name, button);
      stars.append(button);
    }
    button.dataset.state = s.state;
    const words = s.state === 'well' && s.wanted > 1 ? `${wellOf(s)} of ${s.wanted}` : s.state === 'well' ? '' : stateWord(s.state);
    say(button.querySelector('small'), s.waiting ? `${s.waiting} waiting` : words);
    say(button.querySelector('.says'), describe(s));
  }
}

function showTable() {
  if (plain.hidden) return;
  const body = plain.querySelector('tbody');
  while (body.children.length > galaxy.services.length) body.lastChild.remove();
  galaxy.services.forEach((s, n) => {
    let row = body.children[n];
    if (!row || row.children.length !== 7 || row.dataset.live !== s.name) {
      const made = make('tr', { 'data-live': s.name }, make('th', { scope: 'row' },
        make('button', { type: 'button', 'data-service': s.name, onclick: () => open(s.name) }, s.name)), ...Array.from({ length: 6 }, () => make('td')));
      row ? row.replaceWith(made) : body.append(made);
      row = made;
    }
    const memory = s.instances.reduce((sum, i) => sum + i.memory, 0);
    [stateWord(s.state) + (s.why ? `: ${s.why}` : ''), `${wellOf(s)} of ${s.wanted}`, s.requests.toLocaleString('en'), s.failed.toLocaleString('en'),
      memory ? bytes(memory) : '—', s.paths.join(' ') || '—'].forEach((text, i) => say(row.children[i + 1], text));
  });
}

function showSummary() {
  const count = (...states) => galaxy.services.filter((s) => states.includes(s.state)).length;
  const parts = [`${count('well')} well`];
  if (count('asleep')) parts.push(`${count('asleep')} asleep`);
  if (count('starting')) parts.push(`${count('starting')} starting`);
  if (count('unwell', 'crash_loop')) parts.push(`${count('unwell', 'crash_loop')} in trouble`);
  if (count('stopped')) parts.push(`${count('stopped')} stopped`);
  say($('summary'), parts.join(' · '));
}

function countRequests() {
  for (const s of galaxy.services) {
    const before = counted.get(s.name);
    counted.set(s.name, { requests: s.requests, failed: s.failed });
    // The edge counts anew when it is started anew.
    if (!before || s.requests < before.requests) continue;
    const more = s.requests - before.requests;
    if (more === 0) continue;
    if (s.name !== 'edge') sky.shine(s.name, more, Math.max(s.failed - before.failed, 0));
    fresh.set(s.name, (fresh.get(s.name) || 0) + more);
  }
}

setInterval(() => {
  for (const s of galaxy?.services || []) {
    const list = rates.get(s.name) || rates.set(s.name, []).get(s.name);
    list.push(fresh.get(s.name) || 0);
    if (list.length > secondsOfRates) list.shift();
  }
  fresh.clear();
  const shown = galaxy?.services.find((s) => s.name === panel.name);
  if (shown) panel.update(shown, rates.get(shown.name));
}, 1000);

function take(status) {
  const isFirst = !galaxy;
  galaxy = status;
  countRequests();
  showStars();
  sky.set(status.services);
  showTable();
  showSummary();
  const shown = status.services.find((s) => s.name === panel.name);
  if (shown) panel.update(shown, rates.get(shown.name));
  else if (panel.name) panel.close();
  if (isFirst) followEvents(Math.max(status.last_event - feedLines, 0));
}

function followGalaxy() {
  const source = new EventSource('/galaxy?follow=1');
  source.onmessage = (message) => {
    notice.hidden = true;
    take(JSON.parse(message.data));
  };
  source.onerror = () => {
    notice.hidden = false;
    say(notice, source.readyState === EventSource.CLOSED
      ? 'The galaxy does not let this page in any more: open it with the address that aster ps prints.'
      : 'The galaxy’s daemon does not answer; this page goes on when it does.');
  };
}

// ---- what happens ----

const bad = new Set(['crashed', 'crash_loop', 'failed', 'unwell']);

function followEvents(after) {
  const source = new EventSource(`/events?after=${after}&follow=1`);
  source.onmessage = (message) => {
    const e = JSON.parse(message.data);
    feed.append(make('li', { class: bad.has(e.kind) ? 'bad' : false }, make('time', {}, clock(e.time)), make('b', {}, [e.instance || e.service, stateWord(e.kind)].filter(Boolean).join(' ')), ` ${e.text}`));
    while (feed.children.length > feedLines) feed.firstChild.remove();
    const about = ['deploying', 'deployed', 'rolled_back', 'failed'].includes(e.kind);
    if (about && e.service && e.service === panel.name) panel.loadDeployments();
  };
}

// ---- the person ----

/** Arrows go to the next star in that direction. */
stars.addEventListener('keydown', (e) => {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[e.key], from = document.activeElement;
  if (!way || !from.classList.contains('star')) return;
  e.preventDefault();
  const centre = (b) => { const box = b.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
  const [x, y] = centre(from);
  let best, least = Infinity;
  for (const button of buttons.values()) {
    const [bx, by] = centre(button);
    const along = (bx - x) * way[0] + (by - y) * way[1];
    const across = Math.abs((bx - x) * way[1]) + Math.abs((by - y) * way[0]);
    if (button === from || along <= 4) continue;
    if (along + 2 * across < least) { least = along + 2 * across; best = button; }
  }
  best?.focus();
});
stars.addEventListener('focusin', () => { sky.held = true; });
stars.addEventListener('focusout', () => { sky.held = false; });

function setView(isTable) {
  plain.hidden = !isTable;
  map.hidden = isTable;
  feed.hidden = isTable;
  $('motion').hidden = isTable;
  $('legend').hidden = isTable;
  say($('view'), isTable ? 'Show as map' : 'Show as table');
  history.replaceState(null, '', isTable ? '#table' : location.pathname);
  if (galaxy) showTable();
  if (!isTable) { sky.fit(); sky.draw(); }
}
$('view').addEventListener('click', () => setView(plain.hidden));

const calm = matchMedia('(prefers-reduced-motion: reduce)');
let moves = !calm.matches;
function setMotion(on) {
  moves = on;
  sky.setMotion(on);
  say($('motion'), on ? 'Hold still' : 'Let it move');
}
$('motion').addEventListener('click', () => setMotion(!moves));
calm.addEventListener('change', () => setMotion(!calm.matches));

document.body.classList.add('live');
for (const id of ['view', 'motion']) $(id).hidden = false;
setMotion(moves);
setView(location.hash === '#table');
followGalaxy();
