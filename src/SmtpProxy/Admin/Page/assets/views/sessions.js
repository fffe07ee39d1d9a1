/** @file Sessions: open and recent ones, as they come. Never more rows than {@link most}; older ones are a page away. */
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { get, Problem, query as queryOf } from '../lib/api.js';
import { count, plural } from '../lib/format.js';
import { keys } from '../lib/keys.js';
import { go, refine, route } from '../lib/route.js';
import { now, rest, tune } from '../lib/stream.js';
import { useValue } from '../lib/observable.js';
import { Empty, Trouble } from '../parts/ui.js';
import { Filters, filtersOf } from '../parts/filters.js';
import { FirstMail } from '../parts/first-mail.js';
import { SessionTable } from '../parts/session-row.js';
import { useMarked } from '../parts/marked.js';

const most = 200;
const page = 100;
/** Rows are drawn at most so often, however many sessions end. */
const drawEvery = 400;
const liveEvery = 2000;

/** What had ended when the list was paused, and what is open. The API passes over those that ended since: they may be more than a page. */
const before = (asked, number) => [
  get(`/api/v1/sessions${queryOf({ ...asked, cursor: `f-${number + 1}` })}`),
  asked.live === 'false' ? { sessions: [] } : get(`/api/v1/sessions${queryOf({ ...asked, live: 'true' })}`),
];

/** Reads, follows and pauses. */
function useSessions(filters, paused, cursor) {
  const [state, set] = useState({ live: [], ended: [], next: null, store: null, problem: null, pending: 0, missed: 0, loaded: false });
  const key = JSON.stringify(filters);
  const frozen = useRef(null);
  const still = paused || !!cursor;
  // While it is paused a change of the filters looks at what was there when it was paused.
  if (!still) {
    frozen.current = null;
  }

  useEffect(() => {
    let gone = false;
    let fresh = [];
    const read = async () => {
      try {
        const asked = { ...filters, limit: page, cursor };
        const then = still && !cursor && filters.live !== 'true' ? frozen.current : null;
        const [answer, open] = await Promise.all(then === null ? [get(`/api/v1/sessions${queryOf(asked)}`)] : before(asked, then));
        if (gone) {
          return;
        }

        if (still && frozen.current === null) {
          frozen.current = answer.store.taken;
        }

        fresh = [];
        set((old) => ({
          ...old, live: (open ?? answer).sessions.filter((one) => one.live), ended: answer.sessions.filter((one) => !one.live), next: answer.next, store: answer.store, problem: null, pending: 0, loaded: true,
        }));
      } catch (error) {
        if (!gone) {
          set((old) => ({ ...old, problem: Problem.of(error), loaded: true }));
        }
      }
    };
    const draw = setInterval(() => {
      if (fresh.length === 0) {
        return;
      }

      const batch = fresh.reverse();
      fresh = [];
      set((old) => {
        if (still) {
          return { ...old, pending: old.pending + batch.length };
        }

        const ids = new Set(batch.map((one) => one.session));
        const known = new Set(old.ended.map((one) => one.number));
        return { ...old, live: old.live.filter((one) => !ids.has(one.session)), ended: [...batch.filter((one) => !known.has(one.number)), ...old.ended].slice(0, most) };
      });
    }, drawEvery);
    const open = setInterval(async () => {
      if (!still && !document.hidden && filters.live !== 'false') {
        try {
          const answer = await get(`/api/v1/sessions${queryOf({ ...filters, live: 'true', limit: 50 })}`);
          if (!gone) {
            set((old) => ({ ...old, live: answer.sessions, store: answer.store }));
          }
        } catch {
          // The stream says what is wrong.
        }
      }
    }, liveEvery);
    tune({
      filters: { ...filters, live: null },
      handlers: {
        session: (session) => { fresh = [...fresh.slice(-most), session]; },
        gap: ({ missed }) => set((old) => ({ ...old, missed: old.missed + missed })),
        restart: read,
        slow: read,
        visible: read,
      },
    });
    read();
    return () => {
      gone = true;
      clearInterval(draw);
      clearInterval(open);
      rest();
    };
  }, [key, still, cursor]);
  return state;
}

/** The view. */
export function Sessions() {
  const { query } = useValue(route);
  const total = useValue(now)?.totals.sessions;
  const paused = query.get('pause') === '1';
  const cursor = query.get('cursor');
  const filters = filtersOf(query);
  const { live, ended, next, store, problem, pending, missed, loaded } = useSessions(filters, paused, cursor);
  const rows = filters.live === 'true' ? live : cursor ? ended : [...live, ...ended];
  const { mark } = useMarked(rows, (row) => row.session, (row) => go('session', row.session));
  const listeners = useRef(new Set());
  rows.forEach((row) => listeners.current.add(row.listener));
  const pause = () => refine({ pause: query.get('pause') === '1' ? null : '1', cursor: null });
  useEffect(() => keys({ p: () => refine({ pause: route.get().query.get('pause') === '1' ? null : '1', cursor: null }), h: () => refine({ noise: route.get().query.get('noise') === 'hide' ? null : 'hide' }) }), []);
  return html`
    <header class="title"><h1>Sessions</h1>
      <div class="actions">
        <button type="button" class=${paused ? 'is-on' : ''} aria-pressed=${paused} onClick=${pause}>${paused ? `Go on${pending ? ` (${count(pending)} new)` : ''}` : 'Pause'}</button>
      </div>
    </header>
    <${Filters} query=${query} listeners=${[...listeners.current].filter(Boolean).sort()} />
    ${problem && html`<${Trouble} problem=${problem} />`}
    ${store?.sampled && html`<p class="notice is-later">More sessions end than are kept: this is a sample. ${count(store.skipped)} were left out (SmtpProxy:Live:MaxPerSecond).</p>`}
    ${missed > 0 && html`<p class="notice is-later">${plural(missed, 'session')} ended while this page was away and are not held any more.</p>`}
    ${rows.length > 0 && html`<${SessionTable} sessions=${rows} mark=${mark} />`}
    ${loaded && rows.length === 0 && !problem && html`<${Empty} title=${Object.keys(filters).length ? 'No session passes these filters.' : 'No session yet.'}>
      ${Object.keys(filters).length ? html`<p>Take one away above, or wait: new ones appear by themselves.</p>` : html`<p>Send one:</p><${FirstMail} />`}
    </${Empty}>`}
    <footer class="foot">
      ${cursor && html`<button type="button" onClick=${() => refine({ cursor: null })}>Newest</button>`}
      ${next && html`<button type="button" onClick=${() => refine({ cursor: next })}>Older</button>`}
      ${store && html`<span class="quiet">${count(store.sessions)} kept of ${count(total ?? store.taken)} ended${store.evicted > 0 ? '; the oldest give way' : ''}</span>`}
    </footer>`;
}
