// What the page does while something is done by its hand, or is not as it should be, in Chromium. Ends with 1 and the reasons if something is wrong.
// node states.cjs NODE_MODULES CHROMIUM ADMIN_URL PICTURES FACTS     FACTS: what the journal says, as JSON
const [, , modules, chromiumPath, admin, pictures, factsText] = process.argv;
const { chromium } = require(`${modules}/playwright-core`);
const axe = require('fs').readFileSync(`${modules}/axe-core/axe.min.js`, 'utf8');
const assert = require('assert');
const net = require('net');
const { keyboard, typing } = require('./keyboard.cjs');

const facts = JSON.parse(factsText);
const wrongs = [];
let tolerant = false;

const api = async (page, path) => (await page.request.get(admin + path)).json();
const settled = (page) => page.waitForFunction(() => !document.querySelector('.loading') && document.querySelector('main h1, main h2'));

async function go(page, hash) {
  await page.goto('about:blank');
  await page.goto(`${admin}#/${hash}`);
  await settled(page);
}

/** Until it holds; what holds never fails in the end. */
async function until(what, holds) {
  for (let n = 0; n < 200; n++) {
    if (await holds()) {
      return;
    }

    await new Promise((done) => { setTimeout(done, 100); });
  }

  assert.fail(what);
}

async function accessible(page, view) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', { expression: 'axe.run(document, { resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations))', awaitPromise: true });
  for (const violation of JSON.parse(result.value).filter((one) => ['serious', 'critical'].includes(one.impact))) {
    wrongs.push(`${view}: ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
  }
}

/** The journal, Prometheus, the API and the page say the same. */
async function numbers(page) {
  await go(page, 'now');
  const now = await api(page, '/api/v1/now');
  assert.strictEqual(now.totals.messages.accepted, facts.accepted);
  assert.strictEqual(now.totals.sessions, facts.sessions);
  const since = page.locator('.hero dl > div', { hasText: 'since start' }).locator('dd');
  await until('the page shows another number of messages', async () => (await since.innerText()).trim() === String(facts.accepted));
  const metrics = await (await page.request.get(`${admin}/metrics`)).text();
  const sum = (name, label) => [...metrics.matchAll(new RegExp(`^${name}\\{[^}]*${label}[^}]*\\} (\\d+)`, 'gm'))].reduce((all, [, value]) => all + Number(value), 0);
  assert.strictEqual(sum('smtpproxy_transactions_total', 'smtpproxy_outcome="accepted"'), facts.accepted);
  assert.strictEqual(sum('smtpproxy_session_duration_seconds_count', ''), facts.sessions);
  await go(page, 'sessions?live=false');
  await page.locator('.sessions tbody tr').nth(facts.sessions - 1).waitFor();
  assert.strictEqual(await page.locator('.sessions tbody tr').count(), facts.sessions);
  await go(page, 'sessions?live=false&verdict=permfail');
  await until('the filter lets others through', async () => (await page.locator('.sessions tbody tr').count()) === facts.refused);
}

/** Whatever the form of filters offers, the API knows. */
async function filters(page) {
  const fields = await page.evaluate(async () => (await import('/assets/parts/filters.js')).fields);
  assert(fields.length > 10, `${fields.length} filters`);
  for (const { name, values, hint } of fields) {
    for (const value of values ?? (hint ? [hint.split(' ')[0]] : [])) {
      const answer = await page.request.get(`${admin}/api/v1/sessions?${new URLSearchParams({ [name]: value })}`);
      assert.strictEqual(answer.status(), 200, `${name}=${value}: ${await answer.text()}`);
    }
  }

  await go(page, 'sessions');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByLabel('Diagnosis').selectOption('recipient_unknown');
  await until('the filter by diagnosis finds others', async () => (await page.locator('.sessions tbody tr').count()) === facts.refused);
}

/** One relay is dead; the other is taken out of service, and put back. */
async function relays(page) {
  await go(page, 'relays');
  await page.locator('.relay', { has: page.getByRole('heading', { name: /^relay-1/ }) }).locator('.why').waitFor();
  const good = page.locator('.relay', { has: page.getByRole('heading', { name: /^relay-2/ }) });
  await good.getByText('Offers clients').waitFor();
  await good.getByRole('button', { name: 'Drain', exact: true }).click();
  await good.getByText('taken out of service').waitFor();
  assert.strictEqual((await api(page, '/api/v1/upstreams')).find((one) => one.destination === 'relay-2').state, 'draining');
  await good.getByRole('button', { name: 'Undrain' }).click();
  await good.getByText('taken out of service').waitFor({ state: 'detached' });
  assert.strictEqual((await api(page, '/api/v1/upstreams')).find((one) => one.destination === 'relay-2').state, 'up');
}

/** A session that goes on is followed to its end. */
async function follow(page) {
  const [listener] = (await api(page, '/api/v1/setup')).page.listeners;
  const socket = net.connect(Number(listener.address.split(':').pop()), '127.0.0.1');
  let heard = '';
  socket.on('data', (octets) => { heard += octets; });
  const say = async (line, code) => {
    heard = '';
    socket.write(`${line}\r\n`);
    await until(`no ${code} to ${line}`, () => new RegExp(`^${code} `, 'm').test(heard));
  };
  await until('no greeting', () => heard.startsWith('220 '));
  await say('EHLO followed.test.example', 250);
  await go(page, 'sessions?live=true');
  await page.locator('.sessions tbody tr a').first().click();
  const dialogue = page.getByRole('table', { name: 'Dialogue' });
  await dialogue.getByText('EHLO').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  await say('MAIL FROM:<me@test.example>', 250);
  await dialogue.getByText('MAIL').waitFor();
  await say('RCPT TO:<550@test.example>', 550);
  await dialogue.getByText('RCPT').waitFor();
  await page.screenshot({ path: `${pictures}/followed.png` });
  await say('QUIT', 221);
  socket.end();
  await dialogue.getByText('QUIT').waitFor();
  await page.getByText('live', { exact: true }).waitFor({ state: 'detached' });
}

/** A preset, Halt, Resume, and a rule with lists, a range, an occurrence and a budget. */
async function faults(page) {
  await go(page, 'faults');
  await page.locator('.preset', { hasText: 'queue-full' }).getByRole('button', { name: /^Start/ }).click();
  await page.locator('tr', { hasText: 'queue-full' }).getByText('armed').waitFor();
  await page.getByRole('button', { name: 'Halt everything' }).click();
  await page.getByRole('heading', { name: 'Halted' }).waitFor();
  assert((await api(page, '/api/v1/faults/status')).halted);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Halt everything' }).waitFor();

  await page.locator('#rule-name').fill('mine');
  await page.locator('#rule-type').selectOption('reply');
  await page.locator('#rule-at').selectOption('rcpt');
  for (const summary of await page.locator('.rule summary').all()) {
    await summary.click();
  }

  await accessible(page, 'Faults, with every group open');
  await page.locator('[id="rule-action.reply.code"]').fill('451');
  await page.locator('[id="rule-match.mailFrom"]').fill('*@a.example, *@b.example');
  await page.locator('[id="rule-match.recipientCount.min"]').fill('2');
  await page.locator('[id="rule-occurrence.nth"]').fill('1, 3');
  await page.locator('[id="rule-budget.maxInjections"]').fill('7');
  await page.locator('[id="rule-pulse.on"]').fill('00:00:05');
  tolerant = true;
  await page.getByRole('button', { name: 'Arm it' }).click();
  await page.locator('.rule .notice', { hasText: 'pulse.off is missing' }).waitFor();
  tolerant = false;
  await page.locator('[id="rule-pulse.on"]').fill('');
  await page.getByRole('button', { name: 'Arm it' }).click();
  await page.locator('tr', { hasText: 'mine' }).getByText('armed').waitFor();
  assert.deepStrictEqual((await api(page, '/api/v1/faults/rules')).rules.mine, {
    at: 'rcpt', match: { mailFrom: ['*@a.example', '*@b.example'], recipientCount: { min: 2 } }, occurrence: { nth: [1, 3] }, budget: { maxInjections: 7 },
    ttl: '00:10:00', action: { type: 'reply', code: 451 },
  });
  await page.getByRole('button', { name: 'Remove mine' }).click();
  await page.locator('tr', { hasText: 'mine' }).waitFor({ state: 'detached' });
}

/** What the proxy may say at worst; said by the test in its place. */
async function worst(browser) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(120_000);
  tolerant = true;
  let reads = 0;
  const events = { body: '' };
  await page.route(/\/api\/v1\/sessions\/stream/, (route) => route.fulfill(events.status ? { status: events.status, contentType: 'application/problem+json', body: '{"title":"Too many streams"}' }
    : { status: 200, contentType: 'text/event-stream', body: events.body }));
  await page.route(/\/api\/v1\/sessions\?/, async (route) => {
    reads++;
    const answer = await route.fetch();
    const body = await answer.json();
    await route.fulfill({ response: answer, json: { ...body, store: { ...body.store, sampled: true, skipped: 1234 } } });
  });
  events.body = 'retry: 60000\n\nevent: hello\ndata: {}\n\nevent: gap\ndata: {"missed": 17}\n\n';
  await page.goto(`${admin}#/sessions`);
  await page.getByText('this is a sample. 1,234 were left out').waitFor();
  await page.getByText('17 sessions ended while this page was away').waitFor();
  await page.screenshot({ path: `${pictures}/sampled.png` });

  const before = reads;
  events.body = 'retry: 60000\n\nevent: hello\ndata: {}\n\nevent: slow\ndata: {}\n\n';
  await page.reload();
  await until('a page that was too slow does not read anew', () => reads >= before + 2);

  events.status = 503;
  await page.reload();
  await page.getByText('No stream to spare').waitFor();
  await page.locator('.sessions tbody tr').first().waitFor();
  await page.close();
  tolerant = false;
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  page.setDefaultTimeout(120_000);
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !tolerant && wrongs.push(message.text()));
  page.on('pageerror', (error) => wrongs.push(error.stack));
  try {
    for (const step of [numbers, filters, relays, follow, faults]) {
      await step(page);
    }

    await keyboard(page, go, until);
    await typing(page, (_, hash) => page.goto(`${admin}#/${hash}`), until);

    await worst(browser);
    await page.goto(`${admin}/docs`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await accessible(page, '/docs');
  } catch (error) {
    await page.screenshot({ path: `${pictures}/states-failed.png` });
    error.stack += `\nat ${page.url()}\n${wrongs.join('\n')}`;
    throw error;
  } finally {
    await browser.close();
  }

  assert.deepStrictEqual(wrongs, []);
})().catch((error) => {
  console.error(error.stack ?? error);
  process.exit(1);
});
