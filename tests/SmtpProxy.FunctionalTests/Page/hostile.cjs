// Looks at every view of a proxy whose clients and relays said markup, scripts and control characters, in Chromium. Ends with 1 and the reasons if anything
// of it became more than text. With the name of a member of its fleet it looks at the views of the fleet, where that member says its name and its version so.
// node hostile.cjs NODE_MODULES CHROMIUM ADMIN_URL WHAT_WAS_SAID [NODE]
const [, , modules, chromiumPath, admin, hostile, member] = process.argv;
const { chromium } = require(`${modules}/playwright-core`);
const assert = require('assert');

/** What nobody sees, or what turns the direction of a line; as the page's own list, but written down by another hand. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A configuration takes no such name: a member has it whose program is another one. So it is put into what the proxy answers. */
async function ofAFleet(page, look) {
  const said = JSON.stringify(hostile);
  await page.route('**/api/v1/fleet**', async (route) => {
    // Of whatever node the page asks for, it is the one that has this name.
    const url = new URL(route.request().url());
    if (url.searchParams.get('node')) {
      url.searchParams.set('node', member);
    }

    const response = await route.fetch({ url: url.href });
    const body = (await response.text()).replaceAll(`"${member}"`, said).replace(/"version":"[^"]*"/g, `"version":${said}`);
    await route.fulfill({ response, body });
  });
  const { sessions } = await (await page.request.get(`${admin}/api/v1/fleet/sessions?node=${member}`)).json();
  assert(sessions.length > 0, 'the member has no session');
  const coded = encodeURIComponent(hostile);
  const shown = {};
  for (const hash of ['fleet', `fleet?node=${coded}`, 'find?q=127.0.0.1', `session/${sessions[0].session.session}?node=${coded}`, `fleet?cursor=${coded}`, `fleet?clients=${coded}`]) {
    shown[hash] = await look(hash);
  }

  for (const [hash, text] of Object.entries(shown).filter(([name]) => !name.includes('?cursor'))) {
    assert(text.includes('<b class=pwn>') && text.includes('\\x1b]0;pwn'), `${hash} does not show the name:\n${text}`);
  }

  assert(shown.fleet.includes('\\u202e'), 'a character that turns the direction is not shown');
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const wrongs = [];
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !/status of 4\d\d/.test(message.text()) && wrongs.push(`${page.url()}: ${message.text()}`));
    page.on('pageerror', (error) => wrongs.push(`${page.url()}: ${error.stack}`));
    page.on('dialog', (dialog) => wrongs.push(`${page.url()}: a dialog, ${dialog.message()}`));
    page.on('request', (request) => new URL(request.url()).origin === new URL(admin).origin || wrongs.push(`asked ${request.url()}`));
    await page.addInitScript(() => { window.pwn = () => { window.pwned = true; }; });
    const look = async (hash) => {
      await page.goto('about:blank');
      await page.goto(`${admin}#/${hash}`);
      await page.waitForFunction(() => !document.querySelector('.loading') && document.querySelector('main h1, main h2'));
      for (const summary of await page.locator('main summary').all()) {
        await summary.click();
      }

      const found = await page.evaluate(() => ({
        made: [...document.querySelectorAll('.pwn, main img, main svg, main script, main iframe, main style')].map((one) => one.outerHTML), ran: window.pwned === true,
        texts: [document.title, ...[...document.querySelectorAll('body *')].flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).concat(one.title, one.ariaLabel ?? ''))],
        odd: [...document.querySelectorAll('a')].filter((one) => !/^https?:$/.test(one.protocol)).map((one) => one.outerHTML),
      }));
      found.made.length === 0 || wrongs.push(`${hash}: ${found.made}`);
      found.odd.length === 0 || wrongs.push(`${hash}: ${found.odd}`);
      found.ran && wrongs.push(`${hash}: a script ran`);
      const bad = found.texts.filter((text) => unseen.test(String(text).replace(/[\n\t]/g, '')));
      bad.length === 0 || wrongs.push(`${hash}: ${JSON.stringify(bad)}`);
      return found.texts.join('\n');
    };

    if (member) {
      await ofAFleet(page, look);
      assert.deepStrictEqual(wrongs, []);
      return;
    }

    const { sessions } = await (await page.request.get(`${admin}/api/v1/sessions`)).json();
    const coded = encodeURIComponent(hostile);
    const shown = {};
    for (const hash of ['now', 'sessions', 'find', 'clients', 'clients?by=network', 'relays', 'faults', 'codes', 'setup', ...sessions.map((one) => `session/${one.session}`),
      `find?q=${coded}`, `codes?q=${encodeURIComponent(`550 ${hostile}`)}`, `sessions?client=${coded}`, `sessions?diagnosis=${coded}`, `sessions?cursor=${coded}`, `clients?sort=${coded}`, `session/${coded}`, `session/%E0%A4%A`, `${coded}/${coded}`, `codes?a=${coded}`]) {
      shown[hash] = await look(hash);
    }

    // It is there, and it is text.
    assert(shown.relays.includes('<b class=pwn>'), shown.relays);
    for (const hash of ['faults', ...sessions.filter((one) => one.refusals.length > 0 && !one.noise).map((one) => `session/${one.session}`)]) {
      assert(shown[hash].includes('<b class=pwn>') && shown[hash].includes('\\x1b]0;pwn'), `${hash} does not show what was said:\n${shown[hash]}`);
    }

    assert(shown.faults.includes('\\u202e'), 'a character that turns the direction is not shown');
    assert(!/<b/i.test(shown.clients), shown.clients);
  } finally {
    await browser.close();
  }

  assert.deepStrictEqual(wrongs, []);
})().catch((error) => {
  console.error(error.stack ?? error);
  process.exit(1);
});
