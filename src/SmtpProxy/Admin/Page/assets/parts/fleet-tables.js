/** @file The tables of the fleet. On a phone each row is a card, so that nothing has to be moved sideways to be read. */
import { html } from '../lib/html.js';
import { ago, count, ms, plural, rate, time, words } from '../lib/format.js';
import { to } from '../lib/route.js';

const flows = { flowing: 'good', quiet: 'none', failing: 'bad', not_ready: 'bad' };
const states = { up: 'good', down: 'bad', trying: 'later', draining: 'later' };
const reasons = { timeout: 'timed out', unreachable: 'unreachable', refused: 'refuses', not_published: 'says no address', too_large: 'answer too large', unreadable: 'unreadable', busy: 'not asked', gone: 'gone' };
const mostNames = 3;

/** Milliseconds as whole seconds, or minutes. */
const whole = (value) => ms(Math.max(1000, Math.round(value / 1000) * 1000)).replace('.0 s', ' s');

/** Why a proxy does not answer, in few words. */
export const reason = (name) => reasons[name] ?? words(name);

/** A proxy's name: not broken where it has hyphens, unless it is wider than the screen. */
export const Name = ({ node }) => html`<span class="node">${node}</span>`;

/** Who is not shown, and why: each reason once. */
export function Unanswered({ of, title = 'Not shown:' }) {
  const why = new Map();
  (of ?? []).forEach(({ node, reason: name, detail }) => why.set(detail, [...(why.get(detail) ?? []), `${node || 'a proxy'} (${reason(name)})`]));
  return html`<div role="status" class="status">${why.size > 0 && html`<div class="notice is-later"><strong>${title}</strong>${[...why].map(([detail, names]) => html`<p key=${detail}><b>${names.join(', ')}</b> ${detail}</p>`)}</div>`}</div>`;
}

/** Who is missing in one part of the view, but for those of whom all of the view says so. */
export function Without({ of, known }) {
  const ids = new Set((known ?? []).map((one) => one.id ?? one.node));
  const names = (of ?? []).filter((one) => !ids.has(one.id ?? one.node)).map((one) => `${one.node || 'a proxy'} (${reason(one.reason)})`);
  return names.length > 0 && html`<p class="quiet">Without ${names.join(', ')}.</p>`;
}

/**
 * A table whose columns are `[name, cell, kind]`: the cell is made from a row; the kind is `n` for a number, `h` for what the row is called. On a phone `w`
 * takes a line of its own, `s` too and says what it is by itself, and `m` takes two thirds of one.
 */
function Table({ label, columns, rows, id }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table class="stacked" role="table" aria-label=${label}>
    <thead role="rowgroup"><tr role="row">${columns.map(([name, , kind]) => html`<th key=${name} role="columnheader" class=${kind === 'n' ? 'n' : ''}>${name}</th>`)}</tr></thead>
    <tbody role="rowgroup">${rows.map((row) => html`<tr key=${id(row)} role="row">${columns.map(([name, cell, kind]) => (kind === 'h'
    ? html`<th key=${name} role="rowheader" scope="row">${cell(row)}</th>`
    : html`<td key=${name} role="cell" class=${kind ?? ''} data-label=${name}>${cell(row)}</td>`))}</tr>`)}</tbody></table></div>`;
}

/** What most members have in common; null where no value is more frequent than every other. */
function usual(members, of) {
  const times = new Map();
  members.forEach((member) => times.set(of(member), (times.get(of(member)) ?? 0) + 1));
  const [first, second] = [...times].sort((a, b) => b[1] - a[1]);
  return first && first[1] !== second?.[1] ? first[0] : null;
}

/** The members in which a value is not the usual one. */
export function odd(members, of) {
  const common = usual(members, of);
  return new Set(members.filter((member) => of(member) !== common).map((member) => member.id));
}

function State({ row: { member, its, silent, drifted, away, isHeard } }) {
  return html`${away ? html`<span class="pill is-bad" title=${`last heard of at ${time(away)}`}>gone for ${whole(Date.now() - away)}</span>`
    : silent ? html`<span class=${`pill is-${silent.reason === 'not_published' ? 'later' : 'bad'}`} title=${silent.detail}>no answer: ${reason(silent.reason)}</span>`
    : its ? html`<span class=${`pill is-${flows[its.flow.state] ?? 'none'}`} title=${its.flow.text}>${words(its.flow.state)}</span>` : '–'}
    ${isHeard && !away && member.silentFor > 2 && html` <span class="pill is-later" title="by Redis: after 5 seconds it is gone">not heard for ${whole(member.silentFor * 1000)}</span>`}
    ${drifted && html` <span class="pill is-later" title="it runs with another configuration than most">drift</span>`}`;
}

function FaultsOf({ row: { member, its, away } }) {
  return away ? '–' : member.faultsHalted ? html`<span class="pill is-later">halted</span>` : !member.faultsEnabled ? 'off'
    : its?.faults.armed ? html`<span class="pill is-fault">${its.faults.armed} armed</span>` : its ? 'none armed' : 'enabled';
}

/** How each proxy does, and which does not answer. */
export const Proxies = ({ rows }) => html`<${Table} label="Proxies" rows=${rows} id=${(row) => row.member.id} columns=${[
  ['proxy', ({ member }) => html`<a href=${to('fleet', null, { node: member.node })}><${Name} node=${member.node} /></a>${member.self && html` <span class="quiet">this one</span>`}`, 'h'],
  ['state', (row) => html`<${State} row=${row} />`, 's'],
  ['version', ({ member, isOther }) => (isOther ? html`<span class="pill is-later" title="most run another version">${member.version}</span>` : member.version ?? '–')],
  ['sessions', ({ member, its, away }) => (away ? '–' : count(its?.sessions.open ?? member.sessions)), 'n'],
  ['accepted /s', ({ its }) => rate(its?.messages?.per_second), 'n'],
  ['refused /min', ({ its }) => (its ? count(its.messages.tempfail + its.messages.permfail + its.messages.partial) : '–'), 'n'],
  ['end of data p95', ({ its }) => ms(its?.phases?.find((phase) => phase.phase === 'end_of_data')?.p95_ms), 'n'],
  ['relays up', ({ its }) => (its ? html`<span class=${its.relays.down.length ? 'bad' : ''} title=${its.relays.down.join(', ')}>${its.relays.up} of ${its.relays.of}</span>` : '–')],
  ['faults', (row) => html`<${FaultsOf} row=${row} />`],
  ['up for', ({ member, away }) => (away ? '–' : html`<span title=${time(member.started)}>${whole(Date.now() - new Date(member.started).getTime())}</span>`), 'n'],
]} />`;

/** Names of proxies: a few as they are, more as how many. */
function Nodes({ nodes, of }) {
  return nodes.length <= mostNames ? nodes.map((node, index) => html`<${Name} key=${node} node=${node} />${index < nodes.length - 1 ? ', ' : ''}`)
    : html`<span title=${nodes.join(', ')}>${nodes.length >= of ? `all ${count(of)}` : `${count(nodes.length)} of ${count(of)}`}<span class="sr">: ${nodes.join(', ')}</span></span>`;
}

/** Clients, each once. */
export const Clients = ({ clients, of }) => html`<${Table} label="Clients" rows=${clients} id=${(row) => row.client.client} columns=${[
  ['client', ({ client }) => html`<code>${client.client}</code>`, 'h'],
  ['HELO', ({ client }) => client.helo ?? '–', 'm'],
  ['proxies', ({ nodes }) => html`<${Nodes} nodes=${nodes} of=${of} />`, 'w'],
  ['messages', ({ client }) => count(client.messages), 'n'],
  ['refused', ({ client }) => (client.refused > 0 ? html`<span class="bad">${count(client.refused)}</span>` : '0'), 'n'],
  ['sessions', ({ client }) => count(client.sessions), 'n'],
  ['last seen', ({ client }) => ago(client.last_seen)],
]} />`;

/** The relays, each once, with the proxies that see it otherwise than up. */
function grouped(relays) {
  const all = new Map();
  for (const { node, relay } of relays) {
    const key = `${relay.cluster}/${relay.destination}`;
    const one = all.get(key) ?? { key, cluster: relay.cluster, destination: relay.destination, seen: [], not: [], sessions: 0, slowest: null };
    const p95 = relay.phases?.find((phase) => phase.phase === 'end_of_data')?.p95_ms ?? null;
    one.seen.push({ node, state: relay.state });
    one.sessions += relay.sessions;
    if (relay.state !== 'up') {
      one.not.push({ node, state: relay.state, why: relay.why });
    }

    if (p95 !== null && p95 > (one.slowest?.p95 ?? -1)) {
      one.slowest = { node, p95 };
    }

    all.set(key, one);
  }

  return [...all.values()].sort((a, b) => b.not.length - a.not.length || a.key.localeCompare(b.key));
}

/** At which proxies a relay is what. */
function At({ seen, not }) {
  if (new Set(seen.map((one) => one.state)).size === 1) {
    return html`<span class=${`pill is-${states[seen[0].state] ?? 'none'}`}>${words(seen[0].state)}</span>${seen.length > 1 ? ` at ${seen.length === 2 ? 'both' : `all ${seen.length}`}` : ''}`;
  }

  return html`${not.slice(0, mostNames).map(({ node, state }) => html`<span key=${node + state} class="at"><span class=${`pill is-${states[state] ?? 'none'}`}>${words(state)}</span> at <${Name} node=${node} /></span> `)}
    ${not.length > mostNames && `and at ${plural(not.length - mostNames, 'other')}`}`;
}

/** Relays, as the proxies together see them. */
export const Relays = ({ relays }) => html`<${Table} label="Relays" rows=${grouped(relays)} id=${(row) => row.key} columns=${[
  ['relay', ({ destination, cluster }) => html`${destination} <span class="quiet">in ${cluster}</span>`, 'h'],
  ['state', (row) => html`<${At} seen=${row.seen} not=${row.not} />`, 's'],
  ['sessions', ({ sessions }) => count(sessions), 'n'],
  ['slowest end of data p95', ({ slowest, seen }) => (slowest ? html`${ms(slowest.p95)}${seen.length > 1 && html` <span class="quiet">at <${Name} node=${slowest.node} /></span>`}` : '–'), 'n'],
  ['why', ({ not }) => [...new Set(not.map((one) => one.why).filter(Boolean))].join('; ') || '–', 'w'],
]} />`;

/** Where faults stand. */
export const Faults = ({ faults }) => html`<${Table} label="Faults" rows=${faults} id=${(row) => row.node} columns=${[
  ['proxy', ({ node }) => html`<${Name} node=${node} />`, 'h'],
  ['faults', ({ faults: its }) => html`<span class=${`pill is-${its.halted ? 'later' : its.armed ? 'fault' : 'none'}`}>${its.halted ? 'halted' : !its.enabled ? 'off' : its.armed ? 'armed' : 'nothing armed'}</span>`],
  ['armed rules', ({ faults: its }) => its.rules.filter((rule) => rule.armed).map((rule) => rule.id).join(', ') || '–', 'w'],
  ['held now', ({ faults: its }) => count(its.activeFaults), 'n'],
  ['revision', ({ faults: its }) => count(its.revision), 'n'],
]} />`;
