/** @file The page's frame: where to go, how the proxy is, Halt, search, keys. The views do the rest. */
import './lib/theme.js';
import { html, render, useEffect, useErrorBoundary, useRef, useState } from './lib/html.js';
import { askLogin, login, Problem, send } from './lib/api.js';
import { connection, now, rest } from './lib/stream.js';
import { go, route, to } from './lib/route.js';
import { help, keys } from './lib/keys.js';
import { switchTheme, theme } from './lib/theme.js';
import { useValue } from './lib/observable.js';
import { askFleet, chosen, hasFleet } from './lib/fleet.js';
import { Trouble } from './parts/ui.js';
import { Clients } from './views/clients.js';
import { Codes } from './views/codes.js';
import { Faults } from './views/faults.js';
import { Fleet } from './views/fleet.js';
import { Find } from './views/find.js';
import { Login } from './views/login.js';
import { Now } from './views/now.js';
import { Relays } from './views/relays.js';
import { Session } from './views/session.js';
import { Sessions } from './views/sessions.js';
import { Setup } from './views/setup.js';

const views = [['now', 'Now', Now, 'n'], ['sessions', 'Sessions', Sessions, 's'], ['find', 'Find a message', Find, 'm'], ['clients', 'Clients', Clients, 'c'], ['relays', 'Relays', Relays, 'r'],
  ['faults', 'Faults', Faults, 'f'], ['fleet', 'Fleet', Fleet, 'p'], ['codes', 'Codes', Codes, 'o'], ['setup', 'Setup', Setup, 'e']];

/** What looks like a reply is explained; everything else is looked for. */
function search(text) {
  const q = text.trim();
  if (q) {
    go(/^[1-5]\d\d([ -]|$)|^[245]\.\d{1,3}\.\d{1,3}$/.test(q) ? 'codes' : 'find', null, { q });
  }
}

function Halt({ faults }) {
  const [problem, set] = useState(null);
  if (!faults?.enabled) {
    return null;
  }

  if (faults.halted) {
    return html`<a class="button" href="#/faults">Faults halted</a>`;
  }

  const halt = async () => {
    try {
      await send('POST', '/api/v1/faults/halt', { reason: 'from the page' });
      now.set({ ...now.get(), faults: { ...now.get().faults, halted: true, armed: 0 } });
    } catch (error) {
      set(Problem.of(error));
    }
  };
  return html`<button type="button" class="halt" onClick=${halt} title=${problem ? problem.message : 'Stop all faults at once'}>${problem ? 'Halt failed: again' : 'Halt faults'}</button>`;
}

/** What stands between the page and the proxy, if anything does. */
function Broken() {
  const { state, problem } = useValue(connection);
  if (state !== 'gone' && !problem) {
    return null;
  }

  return html`<div class="notice is-bad" role="status"><strong>${problem?.title ?? 'The proxy does not answer'}</strong> ${problem?.detail ?? ''} ${state === 'gone' ? 'What you see is the last that is known.' : ''}</div>`;
}

function Help({ close }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.showModal();
    return () => {};
  }, []);
  return html`<dialog ref=${box} onClose=${close} aria-label="Keys"><h2>Keys</h2><dl class="keys">${help.filter(([key]) => key !== 'g p' || hasFleet.get()).map(([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <form method="dialog"><button class="primary">Close</button></form></dialog>`;
}

function View({ view, id }) {
  const [error, again] = useErrorBoundary();
  useEffect(() => again?.(), [view, id]);
  if (error) {
    console.error(error);
    return html`<${Trouble} problem=${Problem.of(error)} retry=${again} />`;
  }

  const Found = view === 'session' && id ? Session : (views.find(([name]) => name === view) ?? views[0])[2];
  return html`<${Found} key=${view + (id ?? '')} id=${id} />`;
}

function App() {
  const signed = useValue(login);
  const { view, id, query } = useValue(route);
  const state = useValue(now);
  const { state: link } = useValue(connection);
  const kind = useValue(theme);
  const fleet = useValue(hasFleet);
  const nodes = useValue(chosen);
  const isThere = link !== 'gone';
  // Asked again when the proxy is back: it may be another one by then.
  useEffect(() => { if (!signed.needed && isThere) { askFleet(); } }, [signed.needed, isThere]);
  const field = useRef(null);
  const [helping, setHelp] = useState(false);
  useEffect(() => keys({
    ...Object.fromEntries(views.map(([name, , , key]) => [`g ${key}`, () => go(name, null, name === 'fleet' ? { node: chosen.get() } : {})])),
    '/': () => field.current?.focus(), '?': () => setHelp(true), t: switchTheme,
    Escape: (event) => (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) ? event.target.blur() : route.get().view === 'session' && history.length > 1 && history.back()),
  }), []);
  const here = view !== 'session' ? view : query.get('node') ? 'fleet' : 'sessions';
  const title = views.find(([name]) => name === here)?.[1] ?? 'Now';
  useEffect(() => {
    document.title = `${title} – SmtpProxy`;
    scrollTo(0, 0);
    // On a phone the views are a strip that is longer than the screen.
    document.querySelector('.side-nav a[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [view, id, fleet]);
  if (signed.needed) {
    return html`<${Login} />`;
  }

  const flow = link === 'gone' ? 'bad' : { flowing: 'good', failing: 'bad', not_ready: 'bad' }[state?.flow.state] ?? 'none';
  const signOut = async () => {
    await send('POST', '/api/v1/logout', {}).catch(() => {});
    location.reload();
  };
  return html`
    <a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); document.getElementById('main').focus(); }}>Skip to the content</a>
    <header class="top">
      <a class="brand" href="#/now"><img src="/assets/icon.svg" alt="" width="24" height="24" /><b>SmtpProxy</b><i class=${`dot is-${flow}`} title=${state?.flow.text ?? ''} /></a>
      <form role="search" onSubmit=${(event) => { event.preventDefault(); search(field.current.value); field.current.value = ''; field.current.blur(); }}>
        <input ref=${field} type="search" aria-label="Search: a message, a client, a code" placeholder="Search a message, client or code" autocomplete="off" spellcheck=${false} />
        <kbd aria-hidden="true">/</kbd>
      </form>
      <div class="actions">
        <${Halt} faults=${state?.faults} />
        <button type="button" class="icon" aria-label=${kind === 'dark' ? 'Light colours' : 'Dark colours'} title="dark or light (t)" onClick=${switchTheme}>${kind === 'dark' ? '☀' : '☾'}</button>
        <button type="button" class="icon wide-only" aria-label="Keys" title="keys (?)" onClick=${() => setHelp(true)}>?</button>
        ${signed.required && html`<button type="button" onClick=${signOut}>Sign out</button>`}
      </div>
    </header>
    <nav class="side-nav" aria-label="Views"><ul>
      ${views.filter(([name]) => name !== 'fleet' || fleet).map(([name, label, , key]) => html`<li key=${name}><a href=${to(name, null, name === 'fleet' ? { node: nodes } : {})} aria-current=${name === here ? 'page' : null}><span>${label}</span><kbd aria-hidden="true">g ${key}</kbd></a></li>`)}
    </ul><p class="version">${state ? `Version ${state.version}` : ''}</p></nav>
    <main id="main" tabindex="-1"><${Broken} /><${View} view=${view} id=${id} /></main>
    ${helping && html`<${Help} close=${() => setHelp(false)} />`}`;
}

askLogin().finally(() => {
  rest();
  const place = document.getElementById('app');
  place.textContent = '';
  render(html`<${App} />`, place);
});
