/** @file Now: is mail flowing, and if not, who is it? */
import { html, useEffect, useState } from '../lib/html.js';
import { count, ms, percent, plural, rate } from '../lib/format.js';
import { now, rest, tune } from '../lib/stream.js';
import { to } from '../lib/route.js';
import { useValue } from '../lib/observable.js';
import { operation, wait } from '../lib/words.js';
import { Chart } from '../parts/chart.js';
import { FirstMail } from '../parts/first-mail.js';
import { Card, Code, Empty, Owners, Phases } from '../parts/ui.js';
import { SessionTable } from '../parts/session-row.js';

const most = 8;

const states = { flowing: ['Mail is flowing', 'good'], quiet: ['It is quiet', 'none'], failing: ['Mail is failing', 'bad'], not_ready: ['Not ready', 'bad'] };

/** One number with what it means. */
const Tile = ({ label, value, sub, href = null, colour = '' }) => html`<a class=${`tile ${colour}`} href=${href ?? '#/now'}>
  <span class="label">${label}</span><b class="value">${value}</b><span class="sub">${sub}</span>
</a>`;

function Refusals({ refusals }) {
  if (!refusals.length) {
    return html`<${Empty} title="Nothing was refused in the last minute." />`;
  }

  return html`<ul class="refusals">${refusals.map((one) => html`<li key=${`${one.code}${one.operation}${one.origin}`}>
    <b class="times">${count(one.count)}×</b>
    <div><${Code} code=${one.code} /> <a href=${to('sessions', null, { code: one.code })}>to ${operation(one.operation)}</a> <span class="quiet">by ${one.destinations?.length ? one.destinations.join(', ') : one.origin}</span>
      <p>${one.meaning || one.name}</p></div>
  </li>`)}</ul>`;
}

function Waiting({ waiting, groups }) {
  if (!waiting.length) {
    return html`<${Empty} title="No session waits for a relay." />`;
  }

  return html`${groups.filter((group) => group.sessions > 1 && group.oldest_ms > 1000 && wait(group.waiting_for)[0] !== 'client').map((group) => html`<p key=${group.waiting_for + group.destination} class="group"><b>${plural(group.sessions, 'session')}</b> wait ${wait(group.waiting_for)[1]} at <b>${group.destination}</b>, the oldest for ${ms(group.oldest_ms)}</p>`)}
    <ul class="waiting">${waiting.map((one) => html`<li key=${one.session}><a href=${to('session', one.session)}><code>${one.client}</code> → <b>${one.destination ?? one.cluster}</b></a> <span class="pill is-later">${one.text}</span></li>`)}</ul>`;
}

/** The last few sessions that ended. */
function useLatest() {
  const [latest, set] = useState([]);
  useEffect(() => {
    let waiting = [];
    const timer = setInterval(() => {
      if (waiting.length > 0) {
        const fresh = waiting;
        waiting = [];
        set((old) => [...fresh.reverse(), ...old].slice(0, most));
      }
    }, 500);
    tune({ filters: { noise: 'hide' }, handlers: { session: (session) => { waiting = [...waiting.slice(-most), session]; } } });
    return () => {
      clearInterval(timer);
      rest();
    };
  }, []);
  return latest;
}

function FirstRun() {
  return html`<${Card} title="Nothing has come yet" wide>
    <p>Point a client at a listener of this proxy, or send a message by hand:</p>
    <${FirstMail} />
    <p class="quiet">The listeners and their ports are under <a href="#/setup">Setup</a>; lively traffic to look at comes with <code>smtpproxy demo</code>.</p>
  </${Card}>`;
}

/** The view. */
export function Now() {
  const state = useValue(now);
  const latest = useLatest();
  if (!state) {
    return html`<p class="quiet loading" role="status">Loading…</p>`;
  }

  const { messages, sessions, relays, faults } = state;
  const phase = (name) => state.phases.find((one) => one.phase === name) ?? {};
  const [title, colour] = states[state.flow.state] ?? [state.flow.state, 'none'];
  const refused = messages.tempfail + messages.permfail + messages.partial;
  return html`
    <div class=${`hero is-${colour}`}>
      <div><h1><i class="pulse" aria-hidden="true" />${title}</h1><p>${state.flow.text}${state.reason ? ` ${state.reason}` : ''}</p></div>
      <dl>
        <div><dt>relays up</dt><dd class=${relays.down.length ? 'bad' : ''}><a href="#/relays">${relays.up} of ${relays.of}</a></dd></div>
        <div><dt>not seen</dt><dd title="sessions of the last minute whose dialogue was not seen">${state.unseen ? percent(state.unseen.share) : '–'}</dd></div>
        <div><dt>faults</dt><dd class=${faults.armed ? 'fault' : ''}><a href="#/faults">${faults.halted ? 'halted' : faults.enabled ? `${faults.armed} armed` : 'off'}</a></dd></div>
        <div><dt>since start</dt><dd title="messages accepted since the proxy was started">${count(state.totals.messages.accepted)}</dd></div>
      </dl>
    </div>
    ${state.discards.length > 0 && html`<p class="notice is-bad"><strong>Mail is discarded.</strong> ${state.discards.join(', ')} ${state.discards.length > 1 ? 'lead' : 'leads'} to the embedded sink, which accepts every message and keeps none.</p>`}
    ${relays.down.length > 0 && html`<p class="notice is-bad"><strong>Down:</strong> ${relays.down.join(', ')}. <a href="#/relays">Why?</a></p>`}
    <div class="tiles">
      <${Tile} label="messages a second" value=${rate(messages.per_second)} sub=${`${count(messages.accepted)} accepted in a minute`} href=${to('sessions', null, { verdict: 'accepted' })} />
      <${Tile} label="refused in a minute" value=${count(refused)} sub=${`${count(messages.tempfail)} for now, ${count(messages.permfail)} for good`} href=${to('sessions', null, { verdict: 'tempfail,permfail,partial' })} colour=${refused ? 'has-refusals' : ''} />
      <${Tile} label="sessions open" value=${count(sessions.open)} sub=${`${rate(sessions.per_second)} a second ended`} href=${to('sessions', null, { live: 'true' })} />
      <${Tile} label="220 → 354, p95" value=${ms(phase('data_ready').p95_ms)} sub=${`half within ${ms(phase('data_ready').p50_ms)}`} href="#/relays" />
      <${Tile} label="end of data, p95" value=${ms(phase('end_of_data').p95_ms)} sub=${`half within ${ms(phase('end_of_data').p50_ms)}`} href="#/relays" />
    </div>
    ${state.totals.sessions === 0 && sessions.open === 0 && html`<${FirstRun} />`}
    <div class="grid">
      <${Card} title="Messages"><${Chart} label="Messages and refusals a second, last ten minutes" points=${state.history.points} show=${rate} lines=${[{ key: 'messages_per_s', label: 'accepted /s', colour: 'good', fill: true }, { key: 'refusals_per_s', label: 'refusals /s', colour: 'bad' }]} /></${Card}>
      <${Card} title="How long the relays take"><${Chart} label="95th percentile of 220 to 354 and of the end of data, last ten minutes" points=${state.history.points} show=${ms} lines=${[{ key: 'data_ready_p95_ms', label: '220 → 354 p95', colour: 'relay', fill: true }, { key: 'end_of_data_p95_ms', label: 'end of data p95', colour: 'proxy' }]} /></${Card}>
      <${Card} title="Who used the time" aside="last minute">${state.time_owners ? html`<${Owners} ...${state.time_owners} legend />` : html`<${Empty} title="No session in the last minute." />`}
        <${Phases} phases=${state.phases} name=${operation} /></${Card}>
      <div class="stack">
        <${Card} title="Refusals" aside="last minute"><${Refusals} refusals=${state.refusals} /></${Card}>
        <${Card} title="Waiting right now"><${Waiting} waiting=${state.waiting} groups=${state.waiting_groups} /></${Card}>
      </div>
      ${latest.length > 0 && html`<${Card} title="Just now" aside=${html`<a href="#/sessions">all sessions</a>`} wide><${SessionTable} sessions=${latest} label="The last sessions" /></${Card}>`}
    </div>`;
}
