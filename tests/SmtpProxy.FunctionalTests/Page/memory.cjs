// What the list of sessions holds while sessions pass through it, in Chromium. Ends with 1 and the reason if it grows with what has passed.
// node memory.cjs NODE_MODULES CHROMIUM ADMIN_URL     the proxy must hold one session that ended
const [, , modules, chromiumPath, admin] = process.argv;
const { chromium } = require(`${modules}/playwright-core`);
const assert = require('assert');

/** As many as the list shows. */
const shown = 200;
/** A row stays for some drawings: trees that lead from one to the next only come to be where some rows stay and others go. */
const batch = 50;
const few = 2 * shown;
const many = 4 * few;
/** Until what has come is drawn, in the page's own time, ms. */
const drawn = 500;
/** Of what there was after a few; with rows that are kept, it would be three times as much. */
const most = 1.3;

/** Instead of the stream: what a test sends arrives as sessions. What the page makes of them is its own. */
function standIn() {
  window.EventSource = class {
    constructor() {
      this.on = {};
      window.arrive = (session) => this.on.session?.({ lastEventId: '', data: JSON.stringify(session) });
      setTimeout(() => this.onopen?.());
    }

    addEventListener(name, then) {
      this.on[name] = then;
    }

    close() {}
  };
}

(async () => {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.addInitScript(standIn);
    const [session] = (await (await page.request.get(`${admin}/api/v1/sessions?live=false`)).json()).sessions;
    await page.clock.install();
    await page.goto(`${admin}#/sessions?live=false`);
    await page.locator('.sessions tbody tr').first().waitFor();
    const protocol = await page.context().newCDPSession(page);
    await protocol.send('Performance.enable');
    let passed = 0;
    const pass = async (until) => {
      while (passed < until) {
        await page.evaluate(([one, from, count]) => {
          for (let n = from; n < from + count; n++) {
            window.arrive({ ...one, session: `passed-${n}`, number: 1000000 + n });
          }
        }, [session, passed, batch]);
        passed += batch;
        await page.clock.runFor(drawn);
        await page.locator(`[data-row="passed-${passed - 1}"]`).waitFor();
      }
    };
    const held = async () => {
      await protocol.send('HeapProfiler.collectGarbage');
      const { metrics } = await protocol.send('Performance.getMetrics');
      const of = (name) => metrics.find((one) => one.name === name).value;
      return { nodes: of('Nodes'), heap: of('JSHeapUsedSize'), rows: await page.locator('.sessions tbody tr').count() };
    };
    await pass(few);
    const before = await held();
    await pass(many);
    const after = await held();
    console.log(JSON.stringify({ before, after }));
    assert.strictEqual(after.rows, shown, 'the list is longer than it says');
    assert.ok(after.nodes < most * before.nodes, `${before.nodes} nodes after ${few} sessions, ${after.nodes} after ${many}`);
    assert.ok(after.heap < most * before.heap, `${before.heap} octets of heap after ${few} sessions, ${after.heap} after ${many}`);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
