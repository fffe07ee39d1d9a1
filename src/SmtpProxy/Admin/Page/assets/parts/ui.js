/** @file Small things that many views show: a code, an outcome, who used the time, a problem, an empty place. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { catalogue, meaning, needCodes } from '../lib/codes.js';
import { kind, ms, percent, reply } from '../lib/format.js';
import { to } from '../lib/route.js';
import { result } from '../lib/words.js';
import { useValue } from '../lib/observable.js';

/** A reply code with its meaning on hover; it leads to the catalogue. */
export function Code({ code, enhanced = null, link = true }) {
  const all = useValue(catalogue);
  useEffect(needCodes, []);
  const text = reply(code, enhanced);
  const shown = { class: `code is-${kind(code)}`, title: code ? meaning(all, code, enhanced) : 'No reply came' };
  return link && code ? html`<a ...${shown} href=${to('codes', null, { q: text })}>${text}</a>` : html`<span ...${shown}>${text}</span>`;
}

/** What became of a session. */
export function Result({ session }) {
  const [text, colour] = result(session);
  return html`<span class=${`pill is-${colour}`}>${text}</span>`;
}

/** Client, relay and proxy as one bar, with a legend if wanted. */
export function Owners({ client, relay, proxy, legend = false }) {
  const total = client + relay + proxy;
  if (!(total > 0)) {
    return html`<span class="quiet">no time yet</span>`;
  }

  const parts = [['client', client], ['relay', relay], ['proxy', proxy]];
  const text = parts.map(([name, value]) => `${name} ${percent(value / total)}`).join(', ');
  return html`<div class="owners">
    <div class="owners-bar" role="img" aria-label=${text} title=${text}>
      ${parts.map(([name, value]) => html`<i key=${name} class=${`of-${name}`} style=${{ width: `${(value / total) * 100}%` }} />`)}
    </div>
    ${legend && html`<div class="legend">${parts.map(([name, value]) => html`<span key=${name}><i class=${`dot of-${name}`} />${name} <b>${percent(value / total)}</b></span>`)}</div>`}
  </div>`;
}

/** What went wrong, what to do, and a way to try again. */
export function Trouble({ problem, retry = null }) {
  return html`<div class="notice is-bad" role="alert">
    <strong>${problem.title}</strong>
    ${problem.detail && html`<p>${problem.detail}</p>`}
    ${retry && html`<button type="button" onClick=${retry}>Try again</button>`}
  </div>`;
}

/** A place where nothing is yet, and what would fill it. */
export const Empty = ({ title, children }) => html`<div class="empty"><strong>${title}</strong>${children}</div>`;

/** Shows something that is being read: its problem, that it is on its way, or it. */
export function Loaded({ load, children }) {
  if (!load.data) {
    return load.problem ? html`<${Trouble} problem=${load.problem} retry=${load.reload} />` : html`<p class="quiet loading" role="status">Loading…</p>`;
  }

  return html`${load.problem && html`<${Trouble} problem=${load.problem} retry=${load.reload} />`}${children(load.data)}`;
}

/** A part of a view with a heading. */
export const Card = ({ title, aside = null, wide = false, class: more = '', children }) => html`<section class=${`card ${wide ? 'wide' : ''} ${more}`}>
  ${title && html`<header><h2>${title}</h2>${aside && html`<div class="aside">${aside}</div>`}</header>`}
  ${children}
</section>`;

/**
 * A field that begins with what the address says. What is typed into it stays until the address says something else: given as `value`, it would be taken
 * back by whatever else of the view is drawn anew in the meantime. `field` is a reference to the element, for who wants it.
 */
export function Typed({ value, field = null, ...more }) {
  const own = useRef(null);
  const at = field ?? own;
  useLayoutEffect(() => { at.current.value = value; }, [value]);
  return html`<input ref=${at} ...${more} autocomplete="off" spellcheck=${false} />`;
}

/** Copies a text, and says so. `read` may take its time. */
export function Copy({ label, read }) {
  const [state, set] = useState('');
  const copy = async () => {
    try {
      const text = await read();
      await (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard')));
      set('copied');
    } catch {
      set('not copied');
    }

    setTimeout(() => set(''), 1500);
  };
  return html`<button type="button" onClick=${copy} aria-live="polite">${state ? `${label}: ${state}` : label}</button>`;
}

/** A horizontal bar for a number among others. */
export const Meter = ({ value, most, of = 'relay' }) => html`<i class="meter" aria-hidden="true"><i class=${`of-${of}`} style=${{ width: `${most > 0 ? Math.max(1, (value / most) * 100) : 0}%` }} /></i>`;

/** p50 and p95 of phases, as a table. */
export function Phases({ phases, name }) {
  const seen = phases.filter((phase) => phase.count > 0);
  const most = Math.max(1, ...seen.map((phase) => phase.p95_ms ?? 0));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Latency by phase"><table class="numbers">
    <thead><tr><th>phase</th><th class="n">count</th><th class="n">p50</th><th class="n">p95</th><th class="bar"><span class="sr">p95 as a bar</span></th></tr></thead>
    <tbody>${phases.filter((phase, index) => index < 2 || phase.count > 0).map((phase) => html`<tr key=${phase.phase}>
      <th scope="row">${name(phase.phase)}</th><td class="n">${phase.count}</td><td class="n">${ms(phase.p50_ms)}</td><td class="n">${ms(phase.p95_ms)}</td>
      <td class="bar"><${Meter} value=${phase.p95_ms ?? 0} most=${most} /></td>
    </tr>`)}</tbody>
  </table></div>`;
}
