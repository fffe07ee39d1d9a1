/** @file Fleet: all proxies as one, or some of them: how each does, and their sessions, clients, relays and faults. */
import { html, useEffect } from '../lib/html.js';
import { query as queryOf } from '../lib/api.js';
import { chosen, gone } from '../lib/fleet.js';
import { count, plural, rate, time } from '../lib/format.js';
import { go, refine, route } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { useMarked } from '../parts/marked.js';
import { useValue } from '../lib/observable.js';
import { Clients, Faults, odd, Proxies, reason, Relays, Unanswered, Without } from '../parts/fleet-tables.js';
import { Card, Empty, Loaded } from '../parts/ui.js';
import { SessionTable } from '../parts/session-row.js';

const most = 50;
const fewClients = 20;
/** Milliseconds between two readings of what moves, and of what costs every member more: its relays, rules, and up to a thousand clients. */
const often = 2000;
const seldom = 10000;

/** "a", "a and b", "a, b and 3 more". */
const some = (names) => (names.length <= 2 ? names.join(' and ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`);

/** How the fleet is, in one word and a sentence. */
function judged(fleet, rows) {
  const away = rows.filter((row) => row.away);
  const silent = rows.filter((row) => row.silent && !row.away);
  const failing = rows.filter((row) => row.its && ['failing', 'not_ready'].includes(row.its.flow.state));
  const drifted = rows.filter((row) => row.drifted || row.isOther);
  const well = rows.length - new Set([...away, ...silent, ...failing]).size;
  const names = (of) => some(of.map((row) => row.member.node));
  if (fleet.state === 'degraded') {
    return ['bad', 'Without the fleet', `${fleet.reason ?? 'Redis does not answer'}, since ${time(fleet.since)}. Mail goes on. Here no fault strikes, and who is there is as it was last heard.`];
  }

  if (fleet.state === 'joining') {
    return ['none', 'Joining the fleet', 'Redis has not answered yet.'];
  }

  const wrongs = [
    away.length > 0 && `${names(away)} ${away.length === 1 ? 'has' : 'have'} gone.`,
    ...[...new Set(silent.map((row) => row.silent.reason))].map((why) => silent.filter((row) => row.silent.reason === why))
      .map((its) => `No answer of ${names(its)}: ${reason(its[0].silent.reason)}.`),
    failing.length > 0 && `Mail fails at ${names(failing)}.`,
    ...[['configuration', rows.filter((row) => row.drifted)], ['version', rows.filter((row) => row.isOther)]]
      .map(([what, its]) => its.length > 0 && (its.length > 1 && its.length === fleet.members.length ? `${names(its)} have different ${what}s.` : `${names(its)} ${its.length === 1 ? 'has' : 'have'} another ${what} than most.`)),
  ].filter(Boolean);
  return well < rows.length
    ? [away.length + failing.length > 0 || silent.some((row) => row.silent.reason !== 'not_published') ? 'bad' : 'later', `${count(well)} of ${plural(rows.length, 'proxy', 'proxies')} well`, wrongs.join(' ')]
    : [drifted.length > 0 ? 'later' : 'good', drifted.length > 0 ? 'The proxies differ' : rows.length === 1 ? 'One proxy, and it is well' : `All ${count(rows.length)} proxies are well`, wrongs.join(' ') || 'Each was heard of, and answers.'];
}

function Hero({ fleet, rows }) {
  const [colour, title, text] = judged(fleet, rows);
  const there = rows.filter((row) => !row.away);
  const known = there.filter((row) => row.its);
  const sum = (of) => known.reduce((all, row) => all + (of(row.its) ?? 0), 0);
  const halted = there.filter((row) => row.member.faultsHalted);
  const down = new Set(known.flatMap((row) => row.its.relays.down));
  return html`<div class=${`hero is-${colour}`}>
    <div role="status"><h2>${title}</h2><p>${text}</p></div>
    <dl>
      <div><dt>sessions open</dt><dd>${count(there.reduce((all, row) => all + (row.its?.sessions.open ?? row.member.sessions), 0))}</dd></div>
      <div><dt>messages a second</dt><dd>${known.length ? rate(sum((its) => its.messages.per_second)) : '–'}</dd></div>
      <div><dt>relays down</dt><dd class=${down.size ? 'bad' : ''} title=${[...down].join(', ')}>${known.length ? count(down.size) : '–'}</dd></div>
      <div><dt>faults</dt><dd class=${halted.length ? 'later' : ''}>${halted.length === 0 ? (there.some((row) => row.its?.faults.armed) ? 'armed' : there.some((row) => row.member.faultsEnabled) ? 'none armed' : 'off') : halted.length === there.length ? 'halted' : `halted at ${count(halted.length)}`}</dd></div>
    </dl>
  </div>`;
}

/** Who there is, with all that is known of each. */
function rowsOf(fleet, now, nodes) {
  // By the process: two proxies may have one name.
  const all = new Map((now?.nodes ?? []).map((one) => [one.id, one.now]));
  const silent = new Map((now?.unanswered ?? []).map((one) => [one.id ?? one.node, one]));
  const drifted = fleet.configurations > 1 ? odd(fleet.members, (member) => member.configuration) : new Set();
  const other = odd(fleet.members, (member) => member.version);
  return [
    ...fleet.members.map((member) => ({
      member, its: silent.has(member.id) ? null : all.get(member.id) ?? null, silent: silent.get(member.id), drifted: drifted.has(member.id), isOther: other.has(member.id), away: null, isHeard: fleet.state === 'joined',
    })),
    ...gone(fleet).map(({ id, node, at }) => ({ member: { id, node }, its: null, silent: null, drifted: false, isOther: false, away: at, isHeard: true })),
  ].filter(({ member }) => nodes.length === 0 || nodes.includes(member.node));
}

/** What is said where there is no fleet to show. */
const Nothing = ({ fleet }) => html`<header class="title"><h1>Fleet</h1></header>${fleet.state === 'off'
  ? html`<${Empty} title="This proxy is in no fleet."><p>Set <code>SmtpProxy:Fleet:Redis</code> and <code>KeyFile</code>: docs/fleet.md.</p></${Empty}>`
  : html`<${Empty} title="This proxy does not read from the others."><p>Set <code>SmtpProxy:Fleet:TokenFile</code> here, and <code>AdminUrl</code> at the others: docs/fleet.md.</p></${Empty}>`}`;

/** The view. */
export function Fleet() {
  const fleet = useLoad('/api/v1/fleet', often);
  const shows = fleet.data && (fleet.data.state === 'off' || !fleet.data.reads) ? html`<${Nothing} fleet=${fleet.data} />` : html`<${Proxied} fleet=${fleet} />`;
  return html`<${Loaded} load=${fleet}>${() => shows}</${Loaded}>`;
}

function Proxied({ fleet: { data: fleet } }) {
  const { query } = useValue(route);
  const node = query.get('node') ?? '';
  const cursor = query.get('cursor');
  const limit = query.get('clients') === 'more' ? 10 * fewClients : fewClients;
  const nodes = node.split(',').map((name) => name.trim()).filter(Boolean);
  const path = (what, more = {}) => `/api/v1/fleet/${what}${queryOf({ node, ...more })}`;
  const now = useLoad(path('now'), often);
  const sessions = useLoad(path('sessions', { limit: most, cursor, noise: 'hide' }), cursor ? 0 : often);
  const clients = useLoad(path('clients', { limit, sort: 'messages' }), seldom);
  const relays = useLoad(path('upstreams'), seldom);
  const faults = useLoad(path('faults'), seldom);
  useEffect(() => chosen.set(node), [node]);
  const list = (sessions.data?.sessions ?? []).map((one) => ({ ...one.session, node: one.node }));
  const { mark } = useMarked(list, (row) => row.session, (row) => go('session', row.session, { node: row.node }));
  const names = [...new Set([...fleet.members.map((member) => member.node), ...(node ? [node] : [])])].sort();
  const silent = now.data?.unanswered;
  const rows = rowsOf(fleet, now.data, nodes);
  const halt = (faults.data?.faults ?? []).map((one) => one.faults.halted).filter(Boolean).sort((a, b) => (a.by === 'fleet') - (b.by === 'fleet'))[0];
  return html`
    <header class="title"><h1>Fleet</h1><div class="actions">
      <label class="which"><span class="sr">Which proxies</span><select value=${node} onChange=${(event) => refine({ node: event.target.value, cursor: null })}><option value="">All proxies</option>${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
      ${node && html`<button type="button" onClick=${() => refine({ node: null, cursor: null })}>Show all</button>`}
    </div></header>
    ${rows.length > 0 && html`<${Hero} fleet=${fleet} rows=${rows} />`}
    ${halt && html`<p class="notice is-later"><strong>Faults are halted</strong>${halt.by === 'fleet' ? '' : ` by ${halt.by}`} since ${time(halt.since)}: ${halt.reason}. <a href="#/faults">Resume</a></p>`}
    <${Unanswered} of=${silent} />
    <${Card} title="Proxies" aside=${`${plural(fleet.members.length, 'proxy', 'proxies')}${fleet.configurations > 1 ? `, ${fleet.configurations} configurations` : ''}`}>
      ${rows.length > 0 ? html`<${Proxies} rows=${rows} />` : html`<${Empty} title=${nodes.length ? `${nodes.join(', ')}: nobody of this name is in the fleet.` : 'Nobody was heard of yet.'} />`}</${Card}>
    <${Card} title="Sessions" aside="without noise"><${Loaded} load=${sessions}>${(data) => html`<${Without} of=${data.unanswered} known=${silent} />${list.length > 0 ? html`<${SessionTable} sessions=${list} mark=${mark} label="Sessions of the fleet" hasNodes />` : html`<${Empty} title="No session yet." />`}
      ${(cursor || data.next) && html`<footer class="foot">${cursor && html`<button type="button" onClick=${() => refine({ cursor: null })}>Newest</button>`}${data.next && html`<button type="button" onClick=${() => refine({ cursor: data.next })}>Older</button>`}</footer>`}`}</${Loaded}></${Card}>
    <${Card} title="Clients" aside="with the most messages"><${Loaded} load=${clients}>${(data) => html`<${Without} of=${data.unanswered} known=${silent} />${data.clients.length > 0 ? html`<${Clients} clients=${data.clients} of=${nodes.length || fleet.members.length} />` : html`<${Empty} title="No client yet." />`}
      ${data.total > data.clients.length && html`<footer class="foot">${limit === fewClients && html`<button type="button" onClick=${() => refine({ clients: 'more' })}>More clients</button>`}<span class="quiet">${count(data.clients.length)} of ${count(data.total)}${data.partial?.length > 0 ? ', and more' : ''}</span></footer>`}`}</${Loaded}></${Card}>
    <${Card} title="Relays" aside="as the proxies see them"><${Loaded} load=${relays}>${(data) => html`<${Without} of=${data.unanswered} known=${silent} /><${Relays} relays=${data.relays} />`}</${Loaded}></${Card}>
    <${Card} title="Faults" aside=${html`<a href="#/faults">change</a>`}><${Loaded} load=${faults}>${(data) => html`<${Without} of=${data.unanswered} known=${silent} /><${Faults} faults=${data.faults} />`}</${Loaded}></${Card}>`;
}
