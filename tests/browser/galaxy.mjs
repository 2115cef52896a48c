// Visits the sample galaxy as people do, in Chromium: node galaxy.mjs URL FOLDER-FOR-SCREENSHOTS
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [site, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });

const problems = [];
async function openPage(where, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 850 }, ...options });
  const page = await context.newPage();
  page.on('console', (message) => { if (message.type() === 'error') problems.push(`${where}: ${message.text()}`); });
  page.on('pageerror', (error) => problems.push(`${where}: ${error}`));
  const answer = await page.goto(new URL(where, site).href);
  assert.equal(answer.status(), 200, where);
  return page;
}

/** What axe-core has against the page: nothing. */
async function accessible(page, what) {
  await page.evaluate(axe);  // through the debugger, which the page's Content-Security-Policy does not bind
  const { violations } = await page.evaluate('axe.run()');
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(', ')}`), [], what);
}

const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, colorScheme: 'dark' };
const places = ['/', '/how', '/s/', '/p/', '/chat/', '/links/', ...(process.env.WITHOUT_STATUS ? [] : ['/status/'])];
for (const where of places) {
  const name = where.replaceAll('/', '') || 'front';
  for (const [form, options] of [['wide', {}], ['phone', phone]]) {
    const page = await openPage(where, options);
    await accessible(page, `${where}, ${form}`);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    assert.ok(overflow <= 0, `${where}, ${form}: ${overflow} px too wide`);
    assert.equal(await page.locator('nav a').count(), 6);
    await page.screenshot({ path: path.join(pictures, `galaxy-${name}-${form}.png`) });
    await page.context().close();
  }
}

// By the menu, from the front page: every link of it leads to a page that has the same menu.
{
  const page = await openPage('/');
  for (const name of ['Shortener', 'Paste', 'Chat', 'Links']) {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await page.locator('nav [aria-current=page]').textContent(), name);
  }
}

// A link is made, and followed.
{
  const page = await openPage('/s/');
  await page.getByLabel('Long address').fill('example.org/far');
  await page.getByRole('button', { name: 'Shorten' }).click();
  await page.waitForURL(/\/s\/links\//);
  const short = await page.locator('h1 a').getAttribute('href');
  assert.ok(short.startsWith(new URL('/s/', site).href), short);
  const answer = await page.request.get(short, { maxRedirects: 0 });
  assert.equal(answer.headers().location, 'https://example.org/far');
}

// A text is kept.
{
  const page = await openPage('/p/');
  await page.getByLabel('Text').fill('one\n<b>two</b>');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
  assert.equal(await page.locator('.lines li').nth(1).textContent(), '<b>two</b>');
}

// Two tabs talk.
{
  const ann = await openPage('/chat/'), bob = await openPage('/chat/');
  const ready = (page) => page.locator('#text:not([disabled])').waitFor();
  await Promise.all([ready(ann), ready(bob)]);
  const words = `hello ${Date.now()}`;
  await ann.getByRole('textbox', { name: 'Message' }).fill(words);
  await ann.getByRole('button', { name: 'Send' }).click();
  await bob.locator('#lines li', { hasText: words }).waitFor();
  await bob.getByRole('textbox', { name: 'Message' }).fill(`${words} too`);
  await bob.keyboard.press('Enter');
  await ann.locator('#lines li', { hasText: `${words} too` }).waitFor();
  assert.match(await ann.locator('#people').textContent(), /people are here/);
  await ann.screenshot({ path: path.join(pictures, 'galaxy-chat-talk.png') });
}

// What is searched for is found.
{
  const page = await openPage('/links/');
  await page.getByRole('searchbox').fill('websocket');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=websocket/);
  assert.equal(await page.locator('.plain li').count(), 1);
}

assert.deepEqual(problems, []);
await browser.close();
console.log(`${places.length} pages, wide and on a phone; a link, a text and a talk`);
