/** @file One session in a list. */
import { Component, html } from '../lib/html.js';
import { ms, time } from '../lib/format.js';
import { to } from '../lib/route.js';
import { refused, secured, wait } from '../lib/words.js';
import { Code, Owners, Result } from './ui.js';

/** What was refused, or what is waited for, or who took the message: the one fact that a reader looks for. */
function Fact({ session }) {
  if (session.live) {
    return html`<span class="quiet">${session.waiting_for ? `waits ${wait(session.waiting_for)[1]}` : 'goes on'}${session.waiting_ms > 1000 ? `, since ${ms(session.waiting_ms)}` : ''}</span>`;
  }

  const refusal = session.refusals?.[0];
  if (refusal) {
    return html`<${Code} code=${refusal.code} enhanced=${refusal.enhanced} /> <span class="quiet">to ${refused(refusal)}${refusal.origin && refusal.origin !== 'relay' ? ` by ${refusal.origin}` : ''}</span>`;
  }

  return session.queue_ids?.length ? html`<code class="quiet">${session.queue_ids[0]}</code>` : html`<span class="quiet">${session.noise ? session.noise.replace('_', ' ') : ''}</span>`;
}

/** A row of the table; rendered again only when the session is another object. */
export class SessionRow extends Component {
  shouldComponentUpdate(next) {
    return next.session !== this.props.session || next.marked !== this.props.marked;
  }

  render({ session, marked, hasNodes }) {
    const { session: id } = session;
    return html`<tr data-row=${id} class=${`${marked ? 'marked' : ''} ${session.live ? 'live' : ''}`}>
      <td class="when"><a href=${to('session', id, { node: session.node })} title=${id}>${time(session.time ?? session.started_unix)}</a></td>${hasNodes && html`<td class="proxy"><span class="node" title=${session.node}><bdi>${session.node}</bdi></span></td>`}
      <td class="who"><code>${session.client}</code></td>
      <td class="arrow" aria-hidden="true">→</td>
      <td class="where"><b>${session.destination ?? '–'}</b> <span class="quiet">${session.listener}</span></td>
      <td class="what"><${Result} session=${session} /></td>
      <td class="fact"><${Fact} session=${session} />${session.faults?.length > 0 && html` <span class="pill is-fault" title=${session.faults.map((f) => f.rule).join(', ')}>fault</span>`}${session.anomalies?.length > 0 && html` <span class="pill is-later" title="on the wire, and not allowed there">${session.anomalies[0]}</span>`}</td>
      <td class="tls">${secured(session)}</td>
      <td class="n slowest" title="the relay’s slowest answer">${ms(session.slowest_ms)}</td>
      <td class="n total" title="the whole session">${ms(session.duration_ms)}</td>
      <td class="share"><${Owners} client=${session.client_ms ?? 0} relay=${session.relay_ms ?? 0} proxy=${session.proxy_ms ?? 0} /></td>
    </tr>`;
  }
}

/** The table around rows. */
export const SessionTable = ({ sessions, mark = null, label = 'Sessions', hasNodes = false }) => html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
  <table class="sessions">
    <thead><tr><th>time</th>${hasNodes && html`<th>proxy</th>`}<th>client</th><th><span class="sr">to</span></th><th>relay</th><th>message</th><th>what happened</th><th>TLS</th><th class="n">slowest</th><th class="n">total</th><th>whose time</th></tr></thead>
    <tbody>${sessions.map((session) => html`<${SessionRow} key=${session.session + (session.part ?? '') + (session.node ?? '')} hasNodes=${hasNodes} session=${session} marked=${session.session === mark} />`)}</tbody>
  </table>
</div>`;
