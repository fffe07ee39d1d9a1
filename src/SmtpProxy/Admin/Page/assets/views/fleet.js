/** @file Fleet: all proxies as one, or some of them: how each does, and their sessions, clients, relays and faults. */
import { html } from '../lib/html.js';
import { query as queryOf } from '../lib/api.js';
import { ago, count, ms, plural, rate, words } from '../lib/format.js';
import { go, refine, route, to } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { useMarked } from '../parts/marked.js';
import { useValue } from '../lib/observable.js';
import { Card, Empty, Loaded } from '../parts/ui.js';
import { SessionTable } from '../parts/session-row.js';

const most = 50;
const flows = { flowing: 'good', quiet: 'none', failing: 'bad', not_ready: 'bad' };
const states = { up: 'good', down: 'bad', trying: 'later', draining: 'later' };

/** A table that may be wider than a phone. */
const Table = ({ label, columns, children }) => html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table>
  <thead><tr>${columns.map(([name, isNumber]) => html`<th key=${name} class=${isNumber ? 'n' : ''}>${name}</th>`)}</tr></thead><tbody>${children}</tbody></table></div>`;

/** The configuration that most members have; the others have drifted. */
function usual(members) {
  const times = new Map();
  members.forEach(({ configuration }) => times.set(configuration, (times.get(configuration) ?? 0) + 1));
  return [...times].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** How each proxy does, and which does not answer. */
function Nodes({ fleet, now }) {
  const common = usual(fleet.members);
  // By the process: two proxies may have one name.
  const all = new Map((now?.nodes ?? []).map((one) => [one.id, one.now]));
  const lost = new Map((now?.unanswered ?? []).map((one) => [one.id, one]));
  return html`<${Table} label="Proxies" columns=${[['proxy'], ['state'], ['version'], ['sessions', true], ['accepted /s', true], ['end of data p95', true], ['relays'], ['faults'], ['started']]}>
    ${fleet.members.map((member) => {
    const its = all.get(member.id);
    const silent = lost.get(member.id);
    return html`<tr key=${member.id}>
      <th scope="row"><a href=${to('fleet', null, { node: member.node })}>${member.node}</a>${member.self && html` <span class="quiet">this one</span>`}</th>
      <td>${silent ? html`<span class="pill is-bad" title=${silent.detail}>unanswered: ${words(silent.reason)}</span>` : its ? html`<span class=${`pill is-${flows[its.flow.state] ?? 'none'}`} title=${its.flow.text}>${words(its.flow.state)}</span>` : '–'}
        ${member.configuration !== common && html` <span class="pill is-later" title="it runs with another configuration than most">drift</span>`}</td>
      <td>${member.version}</td><td class="n">${count(member.sessions)}</td><td class="n">${rate(its?.messages?.per_second)}</td>
      <td class="n">${ms(its?.phases?.find((phase) => phase.phase === 'end_of_data')?.p95_ms)}</td>
      <td>${its ? html`<span class=${its.relays.down.length ? 'bad' : ''} title=${its.relays.down.join(', ')}>${its.relays.up} of ${its.relays.of}</span>` : '–'}</td>
      <td>${member.faultsHalted ? 'halted' : !member.faultsEnabled ? 'off' : its ? `${its.faults.armed} armed` : 'enabled'}</td>
      <td>${ago(member.started)}</td></tr>`;
  })}</${Table}>`;
}

/** Who is not shown, in words; each once. */
const Unanswered = ({ of }) => of?.length > 0 && html`<p class="notice is-later" role="status"><strong>Not shown:</strong> ${of.map((one) => `${one.node || 'a proxy'} (${words(one.reason)})`).join(', ')}. ${of[0].detail}</p>`;

const Clients = ({ data }) => html`<${Table} label="Clients" columns=${[['client'], ['proxies'], ['HELO'], ['messages', true], ['refused', true], ['sessions', true], ['last seen']]}>
  ${data.clients.map(({ nodes, client }) => html`<tr key=${client.client}><td><code>${client.client}</code></td><td>${nodes.join(', ')}</td><td>${client.helo ?? '–'}</td>
    <td class="n">${count(client.messages)}</td><td class="n">${client.refused > 0 ? html`<span class="bad">${count(client.refused)}</span>` : '0'}</td><td class="n">${count(client.sessions)}</td><td>${ago(client.last_seen)}</td></tr>`)}</${Table}>`;

const Relays = ({ data }) => html`<${Table} label="Relays" columns=${[['relay'], ['proxy'], ['state'], ['sessions', true], ['end of data p95', true], ['why']]}>
  ${[...data.relays].sort((a, b) => Number(a.relay.up) - Number(b.relay.up)).map(({ node, id, relay }) => html`<tr key=${`${id}/${relay.cluster}/${relay.destination}`}><th scope="row">${relay.destination} <span class="quiet">in ${relay.cluster}</span></th><td>${node}</td>
    <td><span class=${`pill is-${states[relay.state] ?? 'none'}`}>${relay.state}</span></td><td class="n">${count(relay.sessions)}</td><td class="n">${ms(relay.phases?.find((phase) => phase.phase === 'end_of_data')?.p95_ms)}</td><td>${relay.why ?? ''}</td></tr>`)}</${Table}>`;

const Faults = ({ data }) => html`<${Table} label="Faults" columns=${[['proxy'], ['faults'], ['armed rules'], ['held now', true], ['revision', true]]}>
  ${data.faults.map(({ node, id, faults }) => html`<tr key=${id}><th scope="row">${node}</th><td><span class=${`pill is-${faults.halted ? 'later' : faults.armed ? 'fault' : 'none'}`}>${faults.halted ? 'halted' : !faults.enabled ? 'off' : faults.armed ? 'armed' : 'nothing armed'}</span></td>
    <td>${faults.rules.filter((rule) => rule.armed).map((rule) => rule.id).join(', ') || '–'}</td><td class="n">${count(faults.activeFaults)}</td><td class="n">${count(faults.revision)}</td></tr>`)}</${Table}>`;

/** The view. */
export function Fleet() {
  const { query } = useValue(route);
  const node = query.get('node') ?? '';
  const cursor = query.get('cursor');
  const path = (what, more = {}) => `/api/v1/fleet/${what}${queryOf({ node, ...more })}`;
  const fleet = useLoad('/api/v1/fleet', 2000);
  const now = useLoad(path('now'), 2000);
  const sessions = useLoad(path('sessions', { limit: most, cursor, noise: 'hide' }), cursor ? 0 : 2000);
  const clients = useLoad(path('clients', { limit: most, sort: 'messages' }), 5000);
  const relays = useLoad(path('upstreams'), 5000);
  const faults = useLoad(path('faults'), 5000);
  const rows = (sessions.data?.sessions ?? []).map((one) => ({ ...one.session, node: one.node }));
  const { mark } = useMarked(rows, (row) => row.session, (row) => go('session', row.session, { node: row.node }));
  const names = [...new Set([...(fleet.data?.members ?? []).map((member) => member.node), ...(node ? [node] : [])])].sort();
  const shown = fleet.data && { ...fleet.data, members: fleet.data.members.filter((member) => !node || member.node === node) };
  return html`
    <header class="title"><h1>Fleet</h1><div class="actions">
      <label><span class="sr">Which proxies</span><select value=${node} onChange=${(event) => refine({ node: event.target.value, cursor: null })}><option value="">All proxies</option>${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
    </div></header>
    ${fleet.data?.state === 'degraded' && html`<p class="notice is-bad"><strong>Without the fleet:</strong> ${fleet.data.reason}. What is shown of the others is the last that was heard.</p>`}
    <${Unanswered} of=${now.data?.unanswered} />
    <${Card} title="Proxies" aside=${fleet.data ? `${plural(fleet.data.members.length, 'proxy').replace('proxys', 'proxies')}${fleet.data.configurations > 1 ? `, ${fleet.data.configurations} configurations` : ''}` : ''}><${Loaded} load=${fleet}>${() => html`<${Nodes} fleet=${shown} now=${now.data} />`}</${Loaded}></${Card}>
    <${Card} title="Sessions" aside="without noise"><${Loaded} load=${sessions}>${(data) => html`${rows.length > 0 ? html`<${SessionTable} sessions=${rows} mark=${mark} label="Sessions of the fleet" hasNodes />` : html`<${Empty} title="No session yet." />`}
      <footer class="foot">${cursor && html`<button type="button" onClick=${() => refine({ cursor: null })}>Newest</button>`}${data.next && html`<button type="button" onClick=${() => refine({ cursor: data.next })}>Older</button>`}</footer>`}</${Loaded}></${Card}>
    <${Card} title="Clients" aside="with the most messages"><${Loaded} load=${clients}>${(data) => html`<${Clients} data=${data} />`}</${Loaded}></${Card}>
    <${Card} title="Relays" aside="as each proxy sees them"><${Loaded} load=${relays}>${(data) => html`<${Relays} data=${data} />`}</${Loaded}></${Card}>
    <${Card} title="Faults" aside=${html`<a href="#/faults">change</a>`}><${Loaded} load=${faults}>${(data) => html`<${Faults} data=${data} />`}</${Loaded}></${Card}>`;
}
