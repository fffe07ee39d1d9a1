/** @file One session: what was said, who used the time, what went wrong and what to do. A live one is followed. */
import { html, useEffect, useState } from '../lib/html.js';
import { get, Problem, query, text } from '../lib/api.js';
import { ms, octets, plural, reply, time, words } from '../lib/format.js';
import { route, to } from '../lib/route.js';
import { useValue } from '../lib/observable.js';
import { rest, tune } from '../lib/stream.js';
import { useLoad } from '../lib/load.js';
import { chosen } from '../lib/fleet.js';
import { outcome, secured, wait } from '../lib/words.js';
import { Card, Copy, Owners, Result, Trouble } from '../parts/ui.js';
import { Diagnosis, Faults, Refusals, Tls, Transactions } from '../parts/session-cards.js';
import { Waterfall } from '../parts/waterfall.js';

/** A session of another proxy is asked for, and again while it goes on. */
function follow(path, take, fail, leave) {
  let timer = 0;
  const read = () => get(path).then(({ session }) => {
    take(session);
    timer = session.live ? setTimeout(read, 2000) : 0;
  }).catch((error) => fail(Problem.of(error)));
  read();
  return () => {
    leave();
    clearTimeout(timer);
  };
}

/** The session, kept up to date while it goes on. */
function useSession(id, node) {
  const [state, set] = useState({ session: null, problem: null });
  useEffect(() => {
    let gone = false;
    set({ session: null, problem: null });
    const take = (session) => !gone && set({ session, problem: null });
    if (node) {
      return follow(`/api/v1/fleet/sessions/${encodeURIComponent(id)}${query({ node })}`, take, (problem) => !gone && set((old) => ({ ...old, problem })), () => { gone = true; });
    }

    const path = `/api/v1/sessions/${encodeURIComponent(id)}`;
    const end = (session) => {
      take(session);
      rest();
    };
    get(path).then((session) => {
      take(session);
      if (session.live && !gone) {
        tune({ path: `${path}/stream`, handlers: { session: take, end } });
      }
    }).catch((error) => !gone && set((old) => ({ ...old, problem: Problem.of(error) })));
    return () => {
      gone = true;
      rest();
    };
  }, [id, node]);
  return state;
}

/** The trace, as a link where its pattern is configured. */
function Trace({ id, pattern }) {
  const safe = pattern && /^https?:\/\//.test(pattern);
  return safe ? html`<a href=${pattern.replace('{trace_id}', encodeURIComponent(id))} target="_blank" rel="noreferrer noopener"><code>${id}</code></a>` : html`<code>${id}</code>`;
}

const Fact = ({ name, children }) => html`<div><dt>${name}</dt><dd>${children}</dd></div>`;

/** The dialogue as plain lines, for a mail to a colleague. */
const asText = (session) => [
  `${session.session} ${session.client} -> ${session.destination ?? '-'} (${session.listener})`,
  ...(session.greeting ? [`<- ${reply(session.greeting.code, session.greeting.enhanced)}  ${ms(session.greeting.ms)}`] : []),
  ...(session.exchanges ?? []).flatMap((one) => [`-> ${one.verb || '(empty line)'}`, `<- ${reply(one.code, one.enhanced)}  ${ms(one.ms)}`]),
  `${outcome(session.outcome)}; ${ms(session.duration_ms)}: client ${ms(session.client_ms)}, relay ${ms(session.relay_ms)}, proxy ${ms(session.proxy_ms)}`,
  ...(session.diagnosis ? [`${session.diagnosis.code}: ${session.diagnosis.text}`, session.diagnosis.remedy] : []),
].join('\n');

/** The view. */
export function Session({ id }) {
  const node = useValue(route).query.get('node');
  const { session, problem } = useSession(id, node);
  const setup = useLoad(session?.trace_id ? '/api/v1/setup' : null);
  if (!session) {
    return problem
      ? html`<h1>Session</h1><${Trouble} problem=${problem} /><p>${problem.status === 404 ? 'Only the most recent sessions are held; older ones are in the journal, where there is one.' : ''} ${node ? html`<a href=${to('fleet', null, { node: chosen.get() })}>The fleet</a>` : html`<a href="#/sessions">All sessions</a>`}</p>`
      : html`<p class="quiet loading" role="status">Loading…</p>`;
  }

  const ticket = async () => (node ? asText(session) : text(`/api/v1/sessions/${encodeURIComponent(id)}?format=text`));
  return html`
    <header class="title">
      <div><h1><code>${session.client}</code> <span class="quiet">→</span> ${session.destination ?? 'no relay'} <${Result} session=${session} /></h1>
        <p class="quiet">${session.live ? `since ${time(session.started_unix)}; ${session.waiting_for ? `waits ${wait(session.waiting_for)[1]} for ${ms(session.waiting_ms)}` : 'goes on'}` : `${time(session.started_unix)}, ${outcome(session.outcome)} after ${ms(session.duration_ms)}`}</p></div>
      <div class="actions">
        <${Copy} label="Copy text" read=${() => asText(session)} />
        <${Copy} label="Copy JSON" read=${() => JSON.stringify(session, null, 2)} />
        <${Copy} label="Copy for a ticket" read=${ticket} />
      </div>
    </header>
    <${Diagnosis} diagnosis=${session.diagnosis} isElsewhere=${!!node} />
    <${Refusals} session=${session} />
    <div class="grid">
      <${Card} title="Dialogue" wide aside=${session.live ? html`<span class="pill is-live">live</span>` : null}>
        <${Owners} client=${session.client_ms ?? 0} relay=${session.relay_ms ?? 0} proxy=${session.proxy_ms ?? 0} legend />
        <${Waterfall} session=${session} />
      </${Card}>
      <${Transactions} transactions=${session.transactions} dropped=${session.transactions_dropped} />
      <${Faults} faults=${session.faults} />
      <${Card} title="Facts">
        <dl class="facts">
          ${node && html`<${Fact} name="proxy"><a href=${to('fleet', null, { node })}>${node}</a></${Fact}>`}
          <${Fact} name="session"><code>${session.session}</code></${Fact}>
          <${Fact} name="listener">${session.listener} → ${session.cluster}</${Fact}>
          <${Fact} name="relay"><code>${session.relay ?? '–'}</code></${Fact}>
          <${Fact} name="protocol">${session.protocol}, ${session.mode}</${Fact}>
          <${Fact} name="octets">client ${octets(session.client_octets)}, relay ${octets(session.server_octets)}</${Fact}>
          ${session.final_state && html`<${Fact} name="ended in state">${words(session.final_state)}</${Fact}>`}
          ${session.trace_id && html`<${Fact} name="trace"><${Trace} id=${session.trace_id} pattern=${setup.data?.page?.trace_link} /></${Fact}>`}
          ${session.noise && html`<${Fact} name="noise">${words(session.noise)}</${Fact}>`}
        </dl>
        ${session.anomalies?.length > 0 && html`<h3>${plural(session.anomalies.length, 'anomaly', 'anomalies')}</h3><p class="chips">${session.anomalies.map((name) => (node ? html`<span key=${name} class="pill is-later">${name}</span>` : html`<a key=${name} class="pill is-later" href=${to('sessions', null, { anomaly: name })}>${name}</a>`))}</p>`}
        ${session.capabilities?.length > 0 && html`<h3>Relay offers</h3><p class="chips">${session.capabilities.map((name) => html`<code key=${name} class="pill">${name}</code>`)}</p>`}
      </${Card}>
      <${Card} title="TLS" aside=${secured(session)}><${Tls} session=${session} /></${Card}>
      <${Card} title="Record" wide class="record"><details><summary>As JSON, as in the journal</summary><pre tabindex="0">${JSON.stringify(session, null, 2)}</pre></details></${Card}>
    </div>`;
}
