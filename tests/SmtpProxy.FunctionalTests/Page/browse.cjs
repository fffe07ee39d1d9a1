// Looks at the page as people do, in Chromium, and ends with 1 and the reasons if something is not as it should be.
// node browse.cjs NODE_MODULES CHROMIUM ADMIN_URL demo|dead PICTURES [TOKEN]
const [, , modules, chromiumPath, admin, mode, pictures, token] = process.argv;
const { chromium } = require(`${modules}/playwright-core`);
const axe = require('fs').readFileSync(`${modules}/axe-core/axe.min.js`, 'utf8');
const assert = require('assert');

const views = ['Now', 'Sessions', 'Find a message', 'Clients', 'Relays', 'Faults', 'Codes', 'Setup'];
const devices = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const patience = 120_000;
const began = Date.now();
let clicks = 0;

/** What is being done: where it takes too long, that is what is known of it. */
const step = (name) => console.log(`${((Date.now() - began) / 1000).toFixed(1)} s: ${name}`);

/** A page that remembers whatever it should not have done. */
async function open(browser, device, theme) {
  const context = await browser.newContext({ viewport: devices[device], colorScheme: theme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.wrongs = [];
  page.tolerant = false;
  const wrong = (what) => page.tolerant || page.wrongs.push(`${device} ${theme}: ${what}`);
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong(message.text()));
  page.on('pageerror', (error) => wrong(error.stack));
  page.on('request', (request) => new URL(request.url()).origin === new URL(admin).origin || request.url().startsWith('data:') || wrong(`asked ${request.url()}`));
  await page.goto(admin);
  if (token) {
    await signIn(page);
  }

  await page.getByRole('navigation').waitFor();
  return page;
}

async function signIn(page) {
  page.tolerant = true;
  await page.getByLabel('Token').fill('not-the-token-of-anybody');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That is not the token').waitFor();
  page.tolerant = false;
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const click = (locator) => { clicks++; return locator.click(); };
const nav = (page, view) => page.getByRole('navigation').getByRole('link', { name: new RegExp(`^${view}`) });
const settled = (page) => page.waitForFunction(() => !document.querySelector('.loading') && document.querySelector('main h1, main h2'));
const api = async (page, path) => (await page.request.get(admin + path)).json();

async function accessible(page, view, rules) {
  await page.evaluate((source) => window.axe || (0, Function)(source)(), axe).catch(() => {});
  if (!(await page.evaluate(() => !!window.axe))) {
    // The page's own policy forbids it, and rightly: the debugger is not bound by it.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe });
  }

  const found = await page.evaluate((only) => window.axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) }), rules);
  for (const violation of found.violations.filter((one) => ['serious', 'critical'].includes(one.impact))) {
    page.wrongs.push(`${view}: ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '')).join(' | ')}`);
  }
}

async function everyView(page, device, theme, rules) {
  for (const view of views) {
    step(`${device} ${theme} ${view}`);
    await nav(page, view).click();
    await settled(page);
    await accessible(page, `${device} ${theme} ${view}`, rules);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    wide > 0 && page.wrongs.push(`${device} ${view}: ${wide} pixels too wide`);
    await page.screenshot({ path: `${pictures}/${mode}-${view.split(' ')[0].toLowerCase()}-${device}-${theme}.png` });
  }
}

async function search(page, text) {
  await page.keyboard.press('/');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** What people come for; each in less than five clicks from the first view. */
async function sixTasks(page) {
  const task = async (name, act) => {
    step(name);
    await page.goto(`${admin}#/now`);
    await settled(page);
    clicks = 0;
    await act();
    assert(clicks < 5, `${name}: ${clicks} clicks`);
  };
  const refused = (await api(page, '/api/v1/sessions?verdict=permfail&live=false&limit=50')).sessions.find((one) => one.refusals[0]?.origin === 'relay');
  await task('who refused message X', async () => {
    await search(page, refused.client);
    await page.getByText(/Refused by relay/).first().waitFor();
    assert((await page.locator('.hits').innerText()).includes(refused.destination));
  });
  await task('which relay is slow', async () => {
    await click(nav(page, 'Relays'));
    const name = await page.locator('tr', { hasText: 'slowest' }).last().getByRole('link').innerText();
    assert((await api(page, '/api/v1/upstreams')).some((relay) => relay.destination === name), name);
  });
  await task('which client still speaks TLS 1.0', async () => {
    await click(nav(page, 'Clients'));
    const tile = page.getByRole('button', { name: /TLS 1\.0 off/ });
    await click(tile);
    const { would_break: counts } = await api(page, '/api/v1/clients');
    await page.getByRole('button', { name: new RegExp(`TLS 1\\.0 off\\? ?${counts.tls10.clients}`) }).waitFor();
    assert(counts.tls10.clients > 0 || await page.getByText('No client needs TLS 1.0').isVisible());
  });
  await task('why did this session fail', async () => {
    await click(nav(page, 'Sessions'));
    await click(page.getByRole('button', { name: 'Refused' }));
    await click(page.locator('.sessions tbody tr a').first());
    await page.getByText('What to do:').first().waitFor();
    await page.getByRole('table', { name: 'Dialogue' }).waitFor();
    await accessible(page, 'Session');
    await page.screenshot({ path: `${pictures}/session.png` });
  });
  await task('what is 451 4.7.1', async () => {
    await search(page, '451 4.7.1');
    await page.getByText('Local error in processing').first().waitFor();
    await page.getByText('Delivery not authorised, message refused').first().waitFor();
  });
  await task('halt everything', async () => {
    await click(page.getByRole('button', { name: 'Halt faults' }));
    await page.getByRole('link', { name: 'Faults halted' }).waitFor();
    assert((await api(page, '/api/v1/faults/status')).halted, 'halted');
  });
}

/** Sessions come while a link is pressed: it stays under the pointer until it is let go. */
async function pressedLink(page) {
  // The page lets go of itself after ten seconds, in which a busy machine may have done nothing.
  for (let held = Infinity, pressed; held > 9000; held > 9000 || await page.waitForURL(pressed)) {
    step('a link is pressed');
    await page.goto(`${admin}#/sessions?live=false`);
    await page.locator('.sessions tbody tr td.when a').first().hover();
    const since = Date.now();
    await page.mouse.down();
    // Until then it may have been another's turn to be the first; this one is under the pointer.
    pressed = await page.evaluate(() => document.querySelector('.sessions tbody tr td.when a:hover').href);
    const ended = (await api(page, '/api/v1/now')).totals.sessions;
    await page.evaluate(async (enough) => {
      while ((await (await fetch('/api/v1/now')).json()).totals.sessions < enough) {
        await new Promise((again) => setTimeout(again, 200));
      }
    }, ended + 24);
    await page.mouse.up();
    held = Date.now() - since;
  }
}

/** Filters, pause, keys. */
async function sessionsView(page) {
  step('filters, pause, keys');
  await page.goto(`${admin}#/sessions?verdict=accepted&live=false`);
  await page.locator('.sessions tbody tr').nth(5).waitFor();
  for (const link of (await page.locator('.sessions tbody tr td.when a').evaluateAll((all) => all.map((one) => one.title))).slice(0, 5)) {
    assert((await api(page, `/api/v1/sessions/${link}`)).messages.accepted > 0, link);
  }

  const answer = async (act) => (await (await Promise.all([page.waitForResponse((response) => /\/sessions\?/.test(response.url())), act()]))[0].json());
  const { store } = await answer(() => page.keyboard.press('p'));
  // More than a page of new ones: other filters find what was there when it was paused.
  await page.getByRole('button', { name: /Go on \(\d{3,} new\)/ }).waitFor();
  const { sessions } = await answer(() => page.getByRole('button', { name: 'Hide noise' }).click());
  assert(page.url().includes('noise=hide') && page.url().includes('pause=1'), page.url());
  assert(sessions.length > 0 && sessions.every((one) => one.number <= store.taken), `${sessions.map((one) => one.number)}, paused at ${store.taken}`);
  await page.locator('.sessions tbody tr a').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('table', { name: 'Dialogue' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(/#\/sessions/);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await accessible(page, 'Keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  const rows = await page.locator('.sessions tbody tr').count();
  assert(rows <= 300, `${rows} rows`);
}

/** With nothing going on, every number is the API's, the journal's and Prometheus's. */
async function numbers(page) {
  step('numbers');
  await nav(page, 'Now').click();
  await settled(page);
  const now = await api(page, '/api/v1/now');
  const text = async (label) => (await page.locator('.hero dl > div', { hasText: label }).locator('dd').innerText()).trim();
  assert.strictEqual(await text('since start'), String(now.totals.messages.accepted));
  assert.strictEqual(await text('relays up'), `${now.relays.up} of ${now.relays.of}`);
  const metrics = await (await page.request.get(`${admin}/metrics`)).text();
  const ended = [...metrics.matchAll(/^smtpproxy_session_duration_seconds_count\S* (\d+)/gm)].reduce((sum, [, value]) => sum + Number(value), 0);
  assert.strictEqual(now.totals.sessions, ended);
  await nav(page, 'Sessions').click();
  await page.locator('.sessions tbody tr').first().waitFor();
  assert.strictEqual(await page.locator('.sessions tbody tr').count(), now.totals.sessions);
  await page.getByText(`${now.totals.sessions} kept of ${now.totals.sessions} ended`).waitFor();
}

/** What a person is told while a relay is down, and while the proxy is. */
async function broken(page) {
  step('what is broken');
  await nav(page, 'Now').click();
  await page.locator('.notice', { hasText: 'Down: gone/mx9' }).waitFor();
  await nav(page, 'Relays').click();
  await page.locator('.relay', { hasText: 'mx9' }).locator('.why').waitFor();
  await nav(page, 'Faults').click();
  await page.getByText('Faults are off').waitFor();
  page.tolerant = true;
  await page.context().setOffline(true);
  await nav(page, 'Relays').click();
  await page.getByText('The proxy does not answer').first().waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).first().click().catch(() => {});
  await page.getByText('Latency side by side').waitFor();
  page.tolerant = false;
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const wrongs = [];
  try {
    const look = async ([device, theme, rules]) => {
      const page = await open(browser, device, theme);
      try {
        await everyView(page, device, theme, rules);
        if (device === 'desktop' && theme === 'light') {
          await (mode === 'demo' ? sessionsView(page).then(() => pressedLink(page)).then(() => sixTasks(page)) : numbers(page).then(() => broken(page)));
        }
      } catch (error) {
        await page.screenshot({ path: `${pictures}/${mode}-failed.png` });
        error.stack += `\nat ${page.url()}\n${page.wrongs.join('\n')}`;
        throw error;
      }

      wrongs.push(...page.wrongs);
      await page.context().close();
    };
    // Two at a time: a page waits as often as it computes.
    const contrast = ['color-contrast'];
    for (const two of [[['desktop', 'light'], ['phone', 'dark']], [['desktop', 'dark', contrast], ['phone', 'light', contrast]]]) {
      await Promise.all(two.map(look));
    }
  } finally {
    step('the end');
    await browser.close();
  }

  assert.deepStrictEqual(wrongs, []);
})().catch((error) => {
  console.error(error.stack ?? error);
  process.exit(1);
});
