// The page of a proxy of a fleet, in Chromium: who there is, whose sessions are shown, and what is said of one that does not answer. Ends with 1 and the
// reasons if something is wrong.
// node fleet.cjs NODE_MODULES CHROMIUM ADMIN_URL PICTURES
const [, , modules, chromiumPath, admin, pictures] = process.argv;
const { chromium } = require(`${modules}/playwright-core`);
const axe = require('fs').readFileSync(`${modules}/axe-core/axe.min.js`, 'utf8');
const assert = require('assert');

const wrongs = [];
const patience = { timeout: 120000 };

async function accessible(page, view) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', { expression: 'axe.run(document, { resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations))', awaitPromise: true });
  for (const violation of JSON.parse(result.value).filter((one) => ['serious', 'critical'].includes(one.impact))) {
    wrongs.push(`${view}: ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }
}

const proxies = (page) => page.locator('[aria-label="Proxies"] tbody tr');
const nodes = (page) => page.locator('[aria-label="Sessions of the fleet"] tbody tr td:nth-child(2)').allInnerTexts();

async function acted(page) {
  await page.goto(`${admin}/#/now`);
  await page.locator('main h1').waitFor(patience);
  // By keys alone.
  await page.locator('nav a[href="#/fleet"]').waitFor(patience);
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await proxies(page).nth(2).waitFor(patience);
  await page.locator('[aria-label="Sessions of the fleet"] tbody tr').nth(1).waitFor(patience);
  assert.deepStrictEqual([...new Set(await nodes(page))].sort(), ['node-0', 'node-1']);
  await page.getByText('unanswered: not published').waitFor(patience);
  await page.getByText('Not shown:').waitFor(patience);
  await page.locator('[aria-label="Clients"]').getByText('node-0, node-1').waitFor(patience);
  assert.strictEqual(await page.locator('[aria-label="Faults"] tbody tr').count(), 2);
  assert.strictEqual(await page.locator('[aria-label="Proxies"]').getByText('drift').count(), 1);

  await page.getByLabel('Which proxies').selectOption('node-1');
  await page.waitForFunction(() => location.hash.includes('node=node-1') && [...document.querySelectorAll('[aria-label="Sessions of the fleet"] tbody tr')].length === 1, null, patience);
  assert.deepStrictEqual(await nodes(page), ['node-1']);
  assert.strictEqual(await proxies(page).count(), 1);

  // A session of another proxy opens here.
  await page.locator('[aria-label="Sessions of the fleet"] tbody a').first().click();
  await page.waitForFunction(() => location.hash.includes('#/session/') && document.querySelector('main').innerText.includes('RCPT'), null, patience);
  assert.match(page.url(), /node=node-1/);
  await accessible(page, 'session of another proxy');
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  for (const [name, width, height, colorScheme] of [['desktop', 1440, 1000, 'dark'], ['desktop', 1440, 1000, 'light'], ['phone', 390, 844, 'dark'], ['phone', 390, 844, 'light']]) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && wrongs.push(`console: ${message.text()}`));
    page.on('request', (request) => request.url().startsWith(admin) || wrongs.push(`asks elsewhere: ${request.url()}`));
    if (name === 'desktop' && colorScheme === 'dark') {
      await acted(page);
    }

    await page.goto(`${admin}/#/fleet`);
    await proxies(page).nth(2).waitFor(patience);
    await page.locator('[aria-label="Faults"] tbody tr').first().waitFor(patience);
    await page.locator('[aria-label="Clients"] tbody tr').first().waitFor(patience);
    await accessible(page, `fleet, ${name}, ${colorScheme}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `fleet is wider than a ${name}`);
    await page.screenshot({ path: `${pictures}/fleet-${name}-${colorScheme}.png`, fullPage: true });
    await context.close();
  }

  await browser.close();
  assert.deepStrictEqual(wrongs, []);
})().catch((error) => {
  console.error(error.stack, wrongs.join('\n'));
  process.exit(1);
});
