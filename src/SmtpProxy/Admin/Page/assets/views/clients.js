/** @file Clients: who uses the proxy, and who would be cut off if something were switched off. */
import { html } from '../lib/html.js';
import { query as queryOf } from '../lib/api.js';
import { ago, count, octets, plural, time } from '../lib/format.js';
import { go, refine, route, to } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { useMarked } from '../parts/marked.js';
import { useValue } from '../lib/observable.js';
import { breaks } from '../lib/words.js';
import { FirstMail } from '../parts/first-mail.js';
import { Empty, Loaded } from '../parts/ui.js';

const sorts = [['last_seen', 'last seen'], ['messages', 'messages'], ['sessions', 'sessions'], ['refused', 'refused'], ['octets', 'octets']];
const groups = [['', 'each address'], ['network', 'by network']];

/** "If TLS 1.0 were switched off: 2 of 20." */
const Break = ({ name, counts, on }) => html`<button type="button" class=${`tile ${counts.clients > 0 ? 'has-refusals' : ''}`} aria-pressed=${on} onClick=${() => refine({ breaks: on ? null : name, cursor: null })}>
  <span class="label">${breaks[name] ?? name} off?</span><b class="value">${count(counts.clients)}</b><span class="sub">of ${plural(counts.of, 'client')} would break</span>
</button>`;

const Row = ({ client, marked }) => html`<tr data-row=${client.client} class=${marked ? 'marked' : ''}>
  <td><a href=${to('sessions', null, { client: client.client })}><code>${client.client}</code></a>${client.name && html`<br /><span class="quiet" title="by reverse lookup: whoever has the address chose it">${client.name}</span>`}</td>
  <td>${client.helo ?? '–'}</td>
  <td class="n">${count(client.messages)}</td><td class="n">${client.refused > 0 ? html`<span class="bad">${count(client.refused)}</span>` : '0'}</td><td class="n">${count(client.sessions)}</td><td class="n">${octets(client.octets)}</td>
  <td>${client.tls.used ? client.tls.versions.map((version) => html`<span key=${version} class=${`pill ${/^(TLSv)?1(\.[01])?$/.test(version) ? 'is-bad' : 'is-good'}`}>TLS ${version.replace('TLSv', '')}</span>`) : html`<span class="pill">${client.tls.offered ? 'TLS offered, not used' : 'TLS not offered'}</span>`}${client.tls.used && client.tls.clear_sessions > 0 ? html` <span class="quiet">${count(client.tls.clear_sessions)} without</span>` : ''}</td>
  <td>${client.auth.mechanisms.join(', ') || '–'}${client.auth.in_clear > 0 ? html` <span class="pill is-bad">in the clear</span>` : ''}</td>
  <td>${client.listeners.join(', ')}</td>
  <td>${client.breaks.map((name) => html`<span key=${name} class="pill is-later">${breaks[name] ?? name}</span>`)}</td>
  <td title=${time(client.last_seen)}>${ago(client.last_seen)}</td>
</tr>`;

/** The view. */
export function Clients() {
  const { query } = useValue(route);
  const asked = { by: query.get('by'), client: query.get('client'), sort: query.get('sort') ?? 'last_seen', breaks: query.get('breaks'), cursor: query.get('cursor'), limit: 100 };
  const load = useLoad(`/api/v1/clients${queryOf(asked)}`, 5000);
  const { mark } = useMarked(load.data?.clients ?? [], (client) => client.client, (client) => go('sessions', null, { client: client.client }));
  const choose = (name) => (event) => refine({ [name]: event.target.value, cursor: null });
  return html`
    <header class="title"><h1>Clients</h1><div class="actions">
      <label><span class="sr">Group by</span><select value=${asked.by ?? ''} onChange=${choose('by')}>${groups.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></label>
      <label><span class="sr">Sort by</span><select value=${asked.sort} onChange=${choose('sort')}>${sorts.map(([value, label]) => html`<option key=${value} value=${value}>by ${label}</option>`)}</select></label>
      <a class="button" href=${`/api/v1/clients${queryOf({ ...asked, limit: null, cursor: null, format: 'csv' })}`} download="clients.csv">CSV</a>
      <a class="button" href=${`/api/v1/clients${queryOf({ ...asked, limit: null, cursor: null, format: 'json' })}`} download="clients.json">JSON</a>
    </div></header>
    <${Loaded} load=${load}>${(data) => html`
      <p class="lead">What would break if it were switched off tomorrow? Choose one to see whom.</p>
      <div class="tiles">${Object.entries(data.would_break ?? {}).map(([name, counts]) => html`<${Break} key=${name} name=${name} counts=${counts} on=${asked.breaks === name} />`)}</div>
      ${data.clients.length === 0
    ? html`<${Empty} title=${asked.breaks ? `No client needs ${breaks[asked.breaks] ?? asked.breaks}.` : 'No client yet.'}>${!asked.breaks && html`<p>Each client appears with its first session:</p><${FirstMail} />`}</${Empty}>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Clients"><table class="clients">
        <thead><tr><th>client</th><th>HELO</th><th class="n">messages</th><th class="n">refused</th><th class="n">sessions</th><th class="n">octets</th><th>TLS</th><th>AUTH</th><th>listener</th><th>needs</th><th>last seen</th></tr></thead>
        <tbody>${data.clients.map((client) => html`<${Row} key=${client.client} client=${client} marked=${client.client === mark} />`)}</tbody>
      </table></div>`}
      <footer class="foot">
        ${asked.cursor && html`<button type="button" onClick=${() => refine({ cursor: null })}>First page</button>`}
        ${data.next && html`<button type="button" onClick=${() => refine({ cursor: data.next })}>More</button>`}
        <span class="quiet">${plural(data.total, 'client')}${data.forgotten > 0 ? `; ${count(data.forgotten)} were forgotten, because at most ${count(data.max)} are kept` : ''}</span>
      </footer>`}
    </${Loaded}>`;
}
