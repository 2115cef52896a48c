// Looks at the star map as a person does, in Chromium: node star_map.mjs ADDRESS-WITH-TOKEN FOLDER-FOR-SCREENSHOTS
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [address, pictures] = process.argv.slice(2);
const site = new URL(address).origin;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });

const problems = [];
async function openPage(viewport, options = {}) {
  const context = await browser.newContext({ viewport, ...options });
  const page = await context.newPage();
  page.on('console', (message) => { if (message.type() === 'error') problems.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => problems.push(`script: ${error}`));
  page.on('request', (request) => { if (!request.url().startsWith(site)) problems.push(`elsewhere: ${request.url()}`); });
  await page.goto(address);
  return page;
}
async function accessible(page, what) {
  await page.evaluate(axe);  // through the debugger, which the page's policy does not bind
  const { violations } = await page.evaluate('axe.run()');
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`), [], what);
}
const picture = (page, name) => page.screenshot({ path: path.join(pictures, `star-map-${name}.png`) });
const focused = (page) => page.evaluate(() => (document.activeElement.querySelector('.says') || document.activeElement).textContent);

// without the token nobody sees anything
const stranger = await (await browser.newContext()).newPage();
assert.equal((await stranger.goto(site)).status(), 401);
await stranger.getByText('open the address with the token').waitFor();

// the token leaves the address, and the stars are there
const wide = await openPage({ width: 1280, height: 800 });
assert.equal(wide.url(), `${site}/`);
await wide.getByRole('button', { name: /^shortener, well, 2 of 2 instances well/ }).waitFor();
await wide.getByRole('button', { name: /^status, crash loop, .* ended with exit code 134/ }).waitFor();
await wide.getByText('1 in trouble').waitFor();
await wide.getByRole('log', { name: 'What has happened' }).getByText('edge-1 well after 2 ms').waitFor();
await wide.waitForTimeout(1500);  // light is on its way
await picture(wide, '1280');
await accessible(wide, 'the map');

// requests are seen: what a star says counts up
const counted = () => Number(document.querySelector('[data-star="shortener"] .says').textContent.match(/([\d,]+) requests/)[1].replaceAll(',', ''));
const before = await wide.evaluate(counted);
for (const deadline = Date.now() + 10000; (await wide.evaluate(counted)) <= before;) {
  assert.ok(Date.now() < deadline, 'no request is seen');
  await wide.waitForTimeout(100);
}

// a sleeper wakes in front of one's eyes
await wide.getByRole('button', { name: /^paste, starting/ }).waitFor({ timeout: 20000 });
await wide.getByRole('button', { name: /^paste, well/ }).waitFor();

// the keyboard alone: Tab to a star, arrows to others, Enter opens, Escape comes back
await wide.evaluate(() => document.querySelector('.star').focus());
assert.match(await focused(wide), /^edge,/);
await wide.keyboard.press('Tab');
assert.match(await focused(wide), /^shortener,/);
await wide.keyboard.press('ArrowDown');
assert.doesNotMatch(await focused(wide), /^shortener,/);
await wide.keyboard.press('ArrowUp');
await wide.evaluate(() => document.querySelector('[data-star="shortener"]').focus());
await wide.keyboard.press('Enter');
const panel = wide.getByRole('complementary', { name: 'shortener' });
await panel.waitFor();
assert.equal(await focused(wide), 'shortener');
await panel.getByText('shortener-2', { exact: true }).first().waitFor();
await panel.getByRole('log').getByText(/GET \/shortener 200/).first().waitFor();
await wide.waitForTimeout(2500);  // for a line of requests a second
await picture(wide, 'panel-1280');
await accessible(wide, 'the panel');

// what is asked is done, or the refusal is told
await panel.getByRole('button', { name: 'One instance more' }).click();
await panel.getByText('shortener-3', { exact: true }).first().waitFor();
for (let i = 0; i < 2; ++i) await panel.getByRole('button', { name: 'One instance more' }).click({ delay: 200 });
await panel.getByText('shortener-5', { exact: true }).first().waitFor();
await panel.getByRole('button', { name: 'One instance more' }).click();
await panel.getByText('Not done: shortener has at most 5 instances').waitFor();
await panel.getByRole('button', { name: 'Restart' }).click();
await panel.getByText('Asked for.').waitFor();
await panel.getByLabel('Text for the console').fill('status');
await panel.getByRole('button', { name: 'Send' }).click();
await panel.getByText(/Not done: .*console-shortener-1/).waitFor();

// a deployment made elsewhere is in the history, and is rolled back by a second press
await wide.request.post(`${site}/services/shortener/deploy`, { data: { image: '/srv/new/shortener' }, headers: { Origin: site } });
await panel.getByText('replaced').first().waitFor();
const rollback = panel.getByRole('button', { name: /oll back/ });
await rollback.click();
await rollback.click();
await panel.getByText('rolled back').first().waitFor();
await wide.keyboard.press('Escape');
assert.match(await focused(wide), /^shortener,/);

// another site cannot ask in one's name
assert.equal((await wide.request.post(`${site}/down`, { data: {}, headers: { Origin: 'http://evil.example' } })).status(), 403);

// as a table, by the keyboard too
await wide.getByRole('button', { name: 'Show as table' }).click();
await wide.getByRole('row', { name: /^chat well 1 of 1/ }).waitFor();
await picture(wide, 'table-1280');
await accessible(wide, 'the table');
await wide.getByRole('button', { name: 'chat', exact: true }).press('Enter');
await wide.getByRole('complementary', { name: 'chat' }).waitFor();
await wide.keyboard.press('Escape');
assert.equal(await focused(wide), 'chat');

// a phone
const phone = await openPage({ width: 390, height: 844 }, { hasTouch: true, isMobile: true });
await phone.getByRole('button', { name: /^shortener, well/ }).waitFor();
await phone.waitForTimeout(1500);
assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the phone scrolls sideways');
const boxes = await phone.evaluate(() => [...document.querySelectorAll('.star .label')].map((l) => { const b = l.getBoundingClientRect(); return [b.left, b.right]; }));
for (const [left, right] of boxes) assert.ok(left >= 0 && right <= 390, `a name is cut: ${left} to ${right}`);
await picture(phone, '390');
await phone.getByRole('button', { name: /^status, crash loop/ }).tap();
await phone.getByRole('complementary', { name: 'status' }).waitFor();
await phone.waitForTimeout(500);
await picture(phone, 'panel-390');
await accessible(phone, 'the panel on a phone');

// for who prefers less motion nothing moves
const calm = await openPage({ width: 1280, height: 800 }, { reducedMotion: 'reduce' });
await calm.getByRole('button', { name: 'Let it move' }).waitFor();
const places = () => calm.evaluate(() => [...document.querySelectorAll('.star')].map((s) => s.style.transform).join());
await calm.getByRole('button', { name: /^chat,/ }).waitFor();
const there = await places();
await calm.waitForTimeout(1200);
assert.equal(await places(), there, 'a star moves');
await picture(calm, 'calm-1280');

// without its script the table says what there is
const bare = await openPage({ width: 1280, height: 800 }, { javaScriptEnabled: false });
await bare.getByRole('row', { name: /^chat well/ }).waitFor();

// the refused ones above are noted by the browser; nothing else is
assert.deepEqual(problems.filter((p) => !/status of (409|422|500)/.test(p)), []);
await browser.close();
