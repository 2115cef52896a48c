// Drives the shortener as a visitor does, in Chromium: node shortener.mjs URL FOLDER-FOR-SCREENSHOTS
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const [site, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });

const problems = [];
async function openPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: false, ...options });
  const page = await context.newPage();
  page.on('console', (message) => { if (message.type() === 'error') problems.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => problems.push(`script: ${error}`));
  return page;
}

/** What axe-core has against the page: nothing. */
async function accessible(page, what) {
  // Through the debugger, which the page's Content-Security-Policy does not bind.
  const source = (await import('node:fs')).readFileSync(axe, 'utf8');
  await page.evaluate(source);
  const { violations } = await page.evaluate('axe.run()');
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`), [], what);
}

const wide = await page_is_small();
async function page_is_small() {
  const page = await openPage();
  let bytes = 0;
  page.on('requestfinished', async (request) => {
    const sizes = await request.sizes();
    bytes += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  await page.goto(site, { waitUntil: 'networkidle' });
  assert.ok(bytes > 0 && bytes <= 50 * 1024, `the first page takes ${bytes} bytes, 50 KB are the most`);
  console.log(`first page: ${bytes} bytes in all`);
  return page;
}

const picture = (page, name) => page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });

async function create(page, target, name = '') {
  await page.goto(site);
  await page.getByLabel('Long address').fill(target);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Shorten' }).click();
}

// create
await picture(wide, 'empty-1440');
await accessible(wide, 'the empty site');
await create(wide, 'example.org/a/page?with=query', 'xvw');
await wide.getByText('Your link is ready.').waitFor();
const secretPage = wide.url();
assert.match(secretPage, /\/links\/xvw\/[A-Za-z0-9]{22}$/);
assert.equal(await wide.getByLabel('Short address').inputValue(), `${site}/xvw`);
await picture(wide, 'created-1440');
await accessible(wide, 'the page of a new link');

// collide
await create(wide, 'example.com', 'xvw');
await wide.getByText('“xvw” is taken. How about “xvw-1”?').waitFor();
assert.equal(await wide.getByLabel('Name').inputValue(), 'xvw-1');
await picture(wide, 'taken-1440');
await accessible(wide, 'the form with a taken name');
await wide.getByRole('button', { name: 'Shorten' }).click();
assert.match(wide.url(), /\/links\/xvw-1\//);

// what will not do is said, and kept in the form
await create(wide, 'javascript:alert(1)');
await wide.getByText('A link leads to an http or https address.').waitFor();
assert.equal(await wide.getByLabel('Long address').inputValue(), 'javascript:alert(1)');

// follow, and count
for (let i = 0; i < 3; ++i) {
  const answer = await wide.request.get(`${site}/xvw`, { maxRedirects: 0 });
  assert.equal(answer.status(), 302);
  assert.equal(answer.headers().location, 'https://example.org/a/page?with=query');
}
await wide.goto(`${site}/links/xvw`);
await wide.locator('dt:has-text("Visits") + dd').filter({ hasText: /^3$/ }).waitFor();
assert.equal(await wide.getByRole('heading', { name: 'Change this link' }).count(), 0, 'no change without the secret');

// edit
await wide.goto(secretPage);
await wide.getByLabel('Leads to').fill('https://example.net/elsewhere');
await wide.getByRole('button', { name: 'Save' }).click();
await wide.getByRole('link', { name: 'example.net/elsewhere' }).waitFor();
assert.equal((await wide.request.get(`${site}/xvw`, { maxRedirects: 0 })).headers().location, 'https://example.net/elsewhere');

// a list worth looking at, search and order
for (let i = 0; i < 24; ++i)
  await wide.request.post(`${site}/api/links`, { data: { target: `https://example.org/article/number/${i}`, id: `note-${i}` } });
await wide.goto(site);
await wide.getByText('Page 1 of 2').waitFor();
await picture(wide, 'list-1440');
await accessible(wide, 'the list');
await wide.getByLabel('Search links').fill('elsewhere');
await wide.getByRole('listitem').filter({ hasText: 'example.net/elsewhere' }).waitFor();
await wide.waitForFunction(() => document.querySelectorAll('.links li').length === 1);
await wide.goto(`${site}/?by=visits`);
assert.match(await wide.locator('.links li').first().innerText(), /xvw/);

// keyboard alone
await wide.goto(site);
await wide.keyboard.press('Tab');
await wide.keyboard.press('Enter');  // skip to content
for (let i = 0; i < 4 && (await wide.evaluate('document.activeElement.id')) !== 'target'; ++i) await wide.keyboard.press('Tab');
await wide.keyboard.type('example.edu');
await wide.keyboard.press('Enter');
await wide.getByText('Your link is ready.').waitFor();

// dark, and narrow
const dark = await openPage({ colorScheme: 'dark' });
await dark.goto(site);
await picture(dark, 'dark-1440');
await accessible(dark, 'the list in the dark');
await dark.goto(secretPage);
await picture(dark, 'link-dark-1440');
await accessible(dark, 'a link in the dark');
const narrow = await openPage({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
for (const [address, name] of [[site, 'list-360'], [secretPage, 'link-360'], [`${site}/nothing-here`, 'missing-360']]) {
  await narrow.goto(address);
  await picture(narrow, name);
  if (name !== 'missing-360') await accessible(narrow, name);
  const overflow = await narrow.evaluate('document.documentElement.scrollWidth - innerWidth');
  assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
}

// without JavaScript
const plain = await openPage({ javaScriptEnabled: false });
await create(plain, 'example.org/plain', 'plain');
await plain.getByText('Your link is ready.').waitFor();
await plain.goto(`${site}/?q=plain`);
assert.equal(await plain.locator('.links li').count(), 1);

// delete
await wide.goto(secretPage);
await wide.getByText('Delete', { exact: true }).click();
await picture(wide, 'delete-1440');
await wide.getByRole('button', { name: 'Delete for good' }).click();
await wide.getByText('The link “xvw” is gone.').waitFor();
assert.equal((await wide.request.get(`${site}/xvw`, { maxRedirects: 0 })).status(), 404);
problems.splice(0, problems.length, ...problems.filter((p) => !/status of (404|409|422)/.test(p)));  // Chromium logs those

assert.deepEqual(problems, []);
await browser.close();
console.log('all well');
