// The page of a proxy of a fleet, in Chromium: who there is, whose sessions are shown, what is said of one that does not answer, is stalled or has gone, and
// of a fleet that is halted or without its Redis. Ends with 1 and the reasons if something is wrong.
// node fleet.cjs NODE_MODULES CHROMIUM ADMIN_URL PICTURES PID_OF_NODE_1 PID_OF_REDIS
const [, , modules, chromiumPath, admin, pictures, other, redis] = process.argv;
const { chromium } = require(`${modules}/playwright-core`);
const { reach } = require('./keyboard.cjs');
const axe = require('fs').readFileSync(`${modules}/axe-core/axe.min.js`, 'utf8');
const assert = require('assert');

/** As Kubernetes names a pod. */
const pod = 'smtpproxy-7d9f8b6c5d-x2x4z';
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

const proxies = (page) => page.locator('table[aria-label="Proxies"] tbody tr');
const row = (page, node) => proxies(page).filter({ has: page.getByText(node, { exact: true }) });
const rows = (page) => page.locator('[aria-label="Sessions of the fleet"] tbody tr');
const nodes = (page) => page.locator('[aria-label="Sessions of the fleet"] tbody td.proxy').allInnerTexts();
const hero = (page) => page.locator('.hero [role="status"]');
const signal = (pid, name) => process.kill(Number(pid), name);
const where = (page, text) => page.waitForFunction((wanted) => location.hash.includes(wanted), text, patience);

/** What there is, by keys alone, and one proxy of it. */
async function looked(page) {
  await page.goto(`${admin}/#/now`);
  await page.locator('main h1').waitFor(patience);
  await page.locator('nav a[href="#/fleet"]').waitFor(patience);
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await proxies(page).nth(2).waitFor(patience);
  await rows(page).nth(1).waitFor(patience);
  assert.deepStrictEqual([...new Set(await nodes(page))].sort(), ['node-0', 'node-1']);
  await page.getByText('no answer: says no address').waitFor(patience);
  await page.getByText('Not shown:').waitFor(patience);
  await page.locator('table[aria-label="Clients"]').getByText('node-0').waitFor(patience);
  await page.locator('table[aria-label="Clients"]').getByText('node-1').waitFor(patience);
  assert.strictEqual(await page.locator('table[aria-label="Faults"] tbody tr').count(), 2);
  await page.locator('table[aria-label="Relays"]').getByText('at both').waitFor(patience);
  assert.strictEqual(await row(page, pod).getByText('drift').count(), 1);
  assert.strictEqual(await proxies(page).getByText('drift').count(), 1);
  await page.locator('.card', { hasText: 'Proxies' }).getByText('3 proxies, 2 configurations').waitFor(patience);
  await hero(page).getByText('2 of 3 proxies well').waitFor(patience);
  await hero(page).getByText(`No answer of ${pod}: says no address.`).waitFor(patience);

  // One that has drifted has drifted, too, when it is looked at alone.
  await page.getByLabel('Which proxies').selectOption(pod);
  await row(page, pod).getByText('drift').waitFor(patience);
  assert.strictEqual(await proxies(page).count(), 1);

  await page.getByLabel('Which proxies').selectOption('node-1');
  await page.waitForFunction(() => location.hash.includes('node=node-1') && [...document.querySelectorAll('[aria-label="Sessions of the fleet"] tbody tr')].length === 1, null, patience);
  assert.deepStrictEqual(await nodes(page), ['node-1']);
  assert.strictEqual(await proxies(page).count(), 1);
  await hero(page).getByText('One proxy, and it is well').waitFor(patience);
}

/** Whoever looks elsewhere comes back to the same proxies: by keys, by the menu, and from a session. */
async function returned(page) {
  await page.getByLabel('Which proxies').blur();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await where(page, '#/clients');
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await where(page, '#/fleet?node=node-1');
  await page.locator('nav a[href^="#/sessions"]').click();
  await where(page, '#/sessions');
  await page.locator('nav a', { hasText: 'Fleet' }).click();
  await where(page, '#/fleet?node=node-1');

  // A session of another proxy opens here, says whose it is, and belongs to the fleet.
  await rows(page).locator('a').first().click();
  await page.waitForFunction(() => location.hash.includes('#/session/') && document.querySelector('main').innerText.includes('RCPT'), null, patience);
  assert.match(page.url(), /node=node-1/);
  await page.locator('.facts').getByRole('link', { name: 'node-1' }).waitFor(patience);
  await page.locator('nav a[aria-current]', { hasText: 'Fleet' }).waitFor(patience);
  await accessible(page, 'session of another proxy');
  await page.keyboard.press('Escape');
  await where(page, '#/fleet?node=node-1');
  await page.getByRole('button', { name: 'Show all' }).click();
  await proxies(page).nth(2).waitFor(patience);

  // A message is looked for at all of them.
  await page.goto(`${admin}/#/find?q=127.0.0.1`);
  await page.locator('.hits').getByText('node-0').first().waitFor(patience);
  await page.locator('.hits').getByText('node-1').first().waitFor(patience);
  await page.getByText('Not searched:').waitFor(patience);

  // Several, and one that nobody has.
  await page.goto(`${admin}/#/fleet?node=node-0,node-1`);
  await proxies(page).nth(1).waitFor(patience);
  assert.strictEqual(await proxies(page).count(), 2);
  await page.goto(`${admin}/#/fleet?node=node-9`);
  await page.getByText('node-9: nobody of this name is in the fleet.').waitFor(patience);
}

/** Of what costs the members much, less is asked than of what moves. */
async function counted(page) {
  const asked = {};
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname;
    asked[path] = (asked[path] ?? 0) + 1;
  });
  await page.goto(`${admin}/#/fleet`);
  const all = () => asked['/api/v1/fleet/now'] ?? 0;
  while (all() < 12) {
    await page.waitForResponse((response) => response.url().includes('/fleet/now'), patience);
  }

  for (const path of ['clients', 'upstreams', 'faults']) {
    const times = asked[`/api/v1/fleet/${path}`];
    assert.ok(times >= 1 && times <= all() / 3, `${path} was asked for ${times} times, now ${all()} times`);
  }
}

/** What is wrong is plain at once, and over when it is over. */
async function troubled(page) {
  await page.goto(`${admin}/#/fleet?node=node-0,node-1`);
  await hero(page).getByText('All 2 proxies are well').waitFor(patience);
  await page.getByRole('button', { name: 'Halt faults' }).click();
  await row(page, 'node-1').getByText('halted').waitFor(patience);
  await page.locator('.notice', { hasText: 'Faults are halted' }).waitFor(patience);
  await page.screenshot({ path: `${pictures}/fleet-halted.png`, fullPage: true });
  await page.goto(`${admin}/#/faults`);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.goto(`${admin}/#/fleet?node=node-0,node-1`);
  await row(page, 'node-1').getByText('halted').waitFor({ state: 'detached', ...patience });

  signal(other, 'SIGSTOP');
  await row(page, 'node-1').getByText('no answer: timed out').waitFor(patience);
  await hero(page).getByText('1 of 2 proxies well').waitFor(patience);
  await page.screenshot({ path: `${pictures}/fleet-stalled.png`, fullPage: true });
  await row(page, 'node-1').getByText('gone for').waitFor(patience);
  await hero(page).getByText('node-1 has gone.').waitFor(patience);
  await accessible(page, 'fleet, one gone');
  await page.screenshot({ path: `${pictures}/fleet-gone.png`, fullPage: true });
  signal(other, 'SIGCONT');
  await hero(page).getByText('All 2 proxies are well').waitFor(patience);
  assert.strictEqual(await proxies(page).count(), 2);

  signal(redis, 'SIGSTOP');
  await hero(page).getByText('Without the fleet').waitFor(patience);
  await page.screenshot({ path: `${pictures}/fleet-without.png`, fullPage: true });
  signal(redis, 'SIGCONT');
  await hero(page).getByText('All 2 proxies are well').waitFor(patience);
}

/** On a phone nothing is moved sideways, and no name is broken. */
async function narrow(page) {
  const found = await page.evaluate(() => ({
    wide: [...document.querySelectorAll('main .scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute('aria-label')),
    broken: [...document.querySelectorAll('main .node')].filter((one) => one.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(one).fontSize)).map((one) => one.innerText),
  }));
  assert.deepStrictEqual(found, { wide: [], broken: [] });
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  for (const [name, width, height, colorScheme] of [['desktop', 1440, 1000, 'dark'], ['desktop', 1440, 1000, 'light'], ['phone', 390, 844, 'dark'], ['phone', 390, 844, 'light']]) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && wrongs.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => wrongs.push(error.stack));
    page.on('request', (request) => request.url().startsWith(admin) || wrongs.push(`asks elsewhere: ${request.url()}`));
    try {
      if (name === 'desktop' && colorScheme === 'dark') {
        await looked(page);
        await returned(page);
        await counted(page);
        await troubled(page);
      }

      await page.goto('about:blank');
      await page.goto(`${admin}/#/fleet`);
      await proxies(page).nth(2).waitFor(patience);
      await page.locator('table[aria-label="Faults"] tbody tr').first().waitFor(patience);
      await page.locator('table[aria-label="Clients"] tbody tr').first().waitFor(patience);
      await page.locator('table[aria-label="Relays"] tbody tr').first().waitFor(patience);
      await rows(page).first().waitFor(patience);
      await accessible(page, `fleet, ${name}, ${colorScheme}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `fleet is wider than a ${name}`);
      if (name === 'phone') {
        await narrow(page);
      } else if (colorScheme === 'light') {
        await reach(page, 'fleet');
      }

      await page.screenshot({ path: `${pictures}/fleet-${name}-${colorScheme}.png`, fullPage: true });
    } catch (error) {
      await page.screenshot({ path: `${pictures}/fleet-failed.png`, fullPage: true }).catch(() => {});
      error.stack += `\nat ${page.url()}`;
      throw error;
    }

    await context.close();
  }

  await browser.close();
  assert.deepStrictEqual(wrongs, []);
})().catch((error) => {
  console.error(error.stack, wrongs.join('\n'));
  // Nobody waits for one that stands still.
  [other, redis].forEach((pid) => signal(pid, 'SIGCONT'));
  process.exit(1);
});
