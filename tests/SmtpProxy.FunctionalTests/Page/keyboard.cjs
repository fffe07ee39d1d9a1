// The page by keyboard alone, as states.cjs asks for it: every control is reached with Tab, and whoever is there sees it.
const assert = require('assert');

/** Of one view: what can be used, in the order of the document, and what Tab comes to. */
async function reach(page, view) {
  const count = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button:not([disabled]), input, select, summary, [tabindex="0"]')].filter((one) => one.checkVisibility());
    all.forEach((one, index) => { one.dataset.nth = index; });
    document.activeElement?.blur();
    return all.length;
  });
  const reached = new Set();
  const unseen = [];
  for (let n = 0; n < count + 20; n++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      const style = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      return { nth: one.dataset.nth, html: one.outerHTML.slice(0, 120), outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0, inSight: box.bottom > 0 && box.top < innerHeight && box.width > 0 };
    });
    if (at.nth === undefined) {
      continue;
    }

    if (!reached.has(at.nth) && !(at.outlined && at.inSight)) {
      unseen.push(at.html);
    }

    reached.add(at.nth);
  }

  const missing = await page.evaluate((known) => [...document.querySelectorAll('[data-nth]')].filter((one) => one.checkVisibility() && !one.disabled && !known.includes(one.dataset.nth)).map((one) => one.outerHTML.slice(0, 120)), [...reached]);
  assert.deepStrictEqual({ view, missing, unseen }, { view, missing: [], unseen: [] });
}

/** From Now to why a session failed, to a code, to a halt: no mouse. */
exports.keyboard = async (page, go, until) => {
  for (const view of ['now', 'sessions', 'find', 'clients', 'relays', 'faults', 'codes?q=354', 'setup']) {
    await go(page, view);
    await reach(page, view);
  }

  await go(page, 'now');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until('the link to the content leads nowhere', () => page.evaluate(() => document.activeElement.id === 'main'));
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('button', { name: 'Refused' }).focus();
  await page.keyboard.press('Enter');
  await until('the filter is not set', () => page.url().includes('verdict=permfail'));
  await page.getByRole('button', { name: /^Filter/ }).focus();
  await page.keyboard.press('Space');
  await page.getByLabel('Slower than, ms').focus();
  await page.keyboard.type('0');
  await page.keyboard.press('Enter');
  await until('Enter does not set a filter', () => page.url().includes('slower_than=0'));
  await page.keyboard.press('Escape');
  await until('Esc does not leave a field', () => page.evaluate(() => document.activeElement === document.body));
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByText('What to do:').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(/#\/sessions\?.*slower_than=0/);
  await page.keyboard.press('/');
  await page.keyboard.type('354');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/codes/);
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};

/** What is typed while the view is drawn anew, because an answer comes late, is still there. */
exports.typing = async (page, go, until) => {
  for (const [view, label, late, drawn] of [
    ['sessions', 'Slower than, ms', '/api/v1/upstreams', () => page.locator('#filter-relay option').nth(1).count()],
    ['find?q=known', 'What to look for', '/api/v1/search', () => page.getByText('Nothing is known of known.').count()],
    ['codes', 'A code or a line', '/api/v1/codes', () => page.locator('.codes li').first().count()],
  ]) {
    let answer;
    const asked = new Promise((done) => { page.route((url) => url.pathname === late, (route) => { answer = () => route.continue(); done(); }, { times: 1 }); });
    await page.goto('about:blank');
    await go(page, view);
    if (view === 'sessions') {
      await page.getByRole('button', { name: /^Filter/ }).click();
    }

    await asked;
    await page.getByLabel(label).fill('1234');
    answer();
    await until(`${view}: the late answer is not shown`, drawn);
    assert.strictEqual(await page.getByLabel(label).inputValue(), '1234', view);
  }
};

exports.reach = reach;
