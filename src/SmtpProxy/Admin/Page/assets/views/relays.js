/** @file Relays: which is slow, which is down and why, and taking one out of service. */
import { html, useState } from '../lib/html.js';
import { Problem, send } from '../lib/api.js';
import { ago, count, ms, plural, words } from '../lib/format.js';
import { to } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { operation } from '../lib/words.js';
import { Card, Empty, Loaded, Meter, Trouble } from '../parts/ui.js';

const columns = ['data_ready', 'connect', 'greeting', 'ehlo', 'mail', 'rcpt', 'data', 'end_of_data'];
const colours = { up: 'good', down: 'bad', trying: 'later', draining: 'later' };

const p95 = (relay, phase) => relay.phases?.find((one) => one.phase === phase && one.count > 0)?.p95_ms ?? null;

/** The share of time is dominated by a relay's slowest phase: relays are held against each other by it. */
const slowness = (relay) => Math.max(0, ...columns.map((phase) => p95(relay, phase) ?? 0));

/** A table of all relays, phase by phase; a cell is as deep as it is slow. */
function SideBySide({ relays }) {
  const shown = columns.filter((phase) => relays.some((relay) => p95(relay, phase) !== null));
  if (shown.length === 0) {
    return html`<${Empty} title="No relay has answered in the last minute." />`;
  }

  const most = Math.max(...relays.map(slowness));
  const sorted = [...relays].sort((a, b) => slowness(b) - slowness(a));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Latency side by side"><table class="side numbers">
    <thead><tr><th>relay</th><th class="bar">slowest phase</th>${shown.map((phase) => html`<th key=${phase} class="n">${operation(phase)}</th>`)}</tr></thead>
    <tbody>${sorted.map((relay, index) => html`<tr key=${relay.cluster + relay.destination}>
      <th scope="row"><a href=${to('sessions', null, { relay: relay.destination })}>${relay.destination}</a> ${index === 0 && relays.length > 1 && most > 0 && html`<span class="pill is-later">slowest</span>`}</th>
      <td class="bar"><${Meter} value=${slowness(relay)} most=${most} /></td>
      ${shown.map((phase) => html`<td key=${phase} class=${`n ${p95(relay, phase) !== null && p95(relay, phase) === slowness(relay) ? 'peak' : ''}`}>${ms(p95(relay, phase))}</td>`)}
    </tr>`)}</tbody>
  </table></div>`;
}

const events = { greeted: 'it greeted', greeting_refused: 'it refused', connect_failed: 'no connection', tls_failed: 'TLS failed', greeting_failed: 'no greeting', introduction_failed: 'introduction failed', introduction_refused: 'introduction refused' };

const Offers = ({ label, names }) => names?.length > 0 && html`<h3>${label}</h3><p class="chips">${names.map((name) => html`<code key=${name} class="pill">${name}</code>`)}</p>`;

/** What it offers when it is first asked; where that has changed, what is gone and what is new. */
function Offered({ offer }) {
  const lost = (offer.before ?? []).filter((name) => !offer.now.includes(name));
  const gained = offer.before ? offer.now.filter((name) => !offer.before.includes(name)) : [];
  return html`<h3>Offers clients${offer.channel === 'tls' ? ' under TLS' : ''}</h3>
    <p class="chips">${offer.now.map((name) => html`<code key=${name} class=${`pill ${gained.includes(name) ? 'is-good' : ''}`}>${name}</code>`)}
      ${lost.map((name) => html`<code key=${name} class="pill is-bad">no ${name}</code>`)}${offer.now.length === 0 && lost.length === 0 ? html`<span class="quiet">nothing that changes how mail flows</span>` : ''}</p>
    ${offer.before && html`<p class="drift"><b>Changed ${ago(offer.changedAt)}</b>, ${plural(offer.changes, 'time')} since the start.
      ${lost.length > 0 ? ` Gone: ${lost.join(', ')}.` : ''}${gained.length > 0 ? ` New: ${gained.join(', ')}.` : ''} Before: ${offer.before.join(', ') || 'nothing'}.</p>`}`;
}

const days = (until) => Math.floor((new Date(until).getTime() - Date.now()) / 86_400_000);

/** Whose certificate it showed, and for how long it is good. */
function Certificate({ certificate }) {
  const left = days(certificate.expires);
  return html`<h3>Certificate <span class="quiet">seen ${ago(certificate.seenAt)}</span></h3>
    ${certificate.problem && html`<p class="why">Not believed: ${certificate.problem}</p>`}
    <dl class="facts">
      <div><dt>subject</dt><dd>${certificate.subject}</dd></div>
      <div><dt>for</dt><dd>${certificate.names.join(', ') || 'no name'}</dd></div>
      <div><dt>issuer</dt><dd>${certificate.issuer}</dd></div>
      <div><dt>expires</dt><dd class=${left < 0 ? 'bad' : ''}>${left < 0 ? `${plural(-left, 'day')} ago` : `in ${plural(left, 'day')}`}, ${certificate.expires.slice(0, 10)}</dd></div>
      <div><dt>SHA-256</dt><dd><code>${certificate.fingerprint.toLowerCase()}</code></dd></div>
    </dl>`;
}

function Relay({ relay, changed }) {
  const [problem, set] = useState(null);
  const taken = relay.state === 'draining';
  const act = async () => {
    try {
      await send('POST', `/api/v1/upstreams/${encodeURIComponent(relay.cluster)}/${encodeURIComponent(relay.destination)}/${taken ? 'undrain' : 'drain'}`);
      set(null);
    } catch (error) {
      set(Problem.of(error));
    }

    changed();
  };
  const failures = relay.connectFailures + relay.tlsFailures + relay.greetingFailures + relay.introductionFailures;
  const offers = Array.isArray(relay.capabilities) ? { clear: relay.capabilities } : relay.capabilities ?? {};
  return html`<${Card} title=${html`${relay.destination} <span class="quiet">in ${relay.cluster}</span>`} class=${`relay is-${colours[relay.state] ?? 'none'}`}
    aside=${html`<span class=${`pill is-${colours[relay.state] ?? 'none'}`}>${relay.state}</span> <button type="button" onClick=${act} title=${taken ? 'give it sessions again' : 'new sessions go elsewhere, its own go on'}>${taken ? 'Undrain' : 'Drain'}</button>`}>
    ${problem && html`<${Trouble} problem=${problem} />`}
    ${relay.why && html`<p class="why">${relay.why}</p>`}
    ${relay.discards && html`<p class="notice is-bad"><strong>Discards mail:</strong> this is the embedded sink.</p>`}
    <dl class="facts">
      <div><dt>address</dt><dd><code>${relay.host ? `${relay.host}, ` : ''}${relay.address}</code></dd></div>
      <div><dt>sessions</dt><dd>${count(relay.sessions)} open, ${count(relay.greeted)} greeted${relay.greetingsRefused > 0 ? `, ${count(relay.greetingsRefused)} refused` : ''}</dd></div>
      <div><dt>failures</dt><dd>${failures > 0 ? html`<span class="bad">${plural(failures, 'failure')}</span>` : 'none'}</dd></div>
      ${relay.lastSession && html`<div><dt>last session</dt><dd>${events[relay.lastSession.what] ?? words(relay.lastSession.what)}, ${ago(relay.lastSession.at)}</dd></div>`}
      ${relay.lastGreeting && html`<div><dt>greeting</dt><dd><code>${relay.lastGreeting}</code></dd></div>`}
      ${relay.backup && html`<div><dt>backup</dt><dd>has sessions only while no other is up</dd></div>`}
      ${relay.probe && html`<div><dt>last probe</dt><dd>${Object.entries(relay.probe).filter(([, value]) => value !== null && typeof value !== 'object').map(([name, value]) => `${name} ${value}`).join(', ')}</dd></div>`}
    </dl>
    ${relay.certificate && html`<${Certificate} certificate=${relay.certificate} />`}
    ${(relay.offers ?? []).map((offer) => html`<${Offered} key=${offer.channel} offer=${offer} />`)}
    <${Offers} label="Offers the probe" names=${offers.clear} /><${Offers} label="Offers under TLS" names=${offers.tls} />
  </${Card}>`;
}

/** The view. */
export function Relays() {
  const load = useLoad('/api/v1/upstreams', 2000);
  return html`
    <header class="title"><h1>Relays</h1></header>
    <${Loaded} load=${load}>${(relays) => (relays.length === 0
    ? html`<${Empty} title="No relay is configured."><p>Name one: <code>smtpproxy --relay smtp://mx.example.org:25</code>, or under <code>ReverseProxy:Clusters</code>.</p></${Empty}>`
    : html`<${Card} title="Latency side by side" aside="p95, last minute"><${SideBySide} relays=${relays} /></${Card}>
      <div class="cards">${[...relays].sort((a, b) => Number(a.up) - Number(b.up)).map((relay) => html`<${Relay} key=${`${relay.cluster}/${relay.destination}`} relay=${relay} changed=${load.reload} />`)}</div>`)}
    </${Loaded}>`;
}
