/** @file What a session's view is made of, apart from the dialogue. */
import { html } from '../lib/html.js';
import { count, ms, octets, words } from '../lib/format.js';
import { to } from '../lib/route.js';
import { refused, verdicts } from '../lib/words.js';
import { Card, Code, Owners } from './ui.js';

/** Text of a diagnosis: what stands in backquotes is code. */
const prose = (text) => String(text ?? '').split('`').map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));

/** Why it failed and what to do. */
export function Diagnosis({ diagnosis, isElsewhere = false }) {
  if (!diagnosis) {
    return null;
  }

  const evidence = Object.entries(diagnosis.evidence ?? {}).filter(([, value]) => value !== null);
  return html`<div class="notice is-bad diagnosis">
    <strong>${prose(diagnosis.text)}</strong>
    ${diagnosis.said && html`<p class="quiet">The relay said: ${diagnosis.said}</p>`}
    <p><b>What to do:</b> ${prose(diagnosis.remedy)}</p>
    <p class="chips">
      ${isElsewhere ? html`<span class="pill">${words(diagnosis.code)}</span>` : html`<a class="pill" href=${to('sessions', null, { diagnosis: diagnosis.code })} title="sessions with the same diagnosis">${words(diagnosis.code)}</a>`}
      ${evidence.map(([name, value]) => html`<span key=${name} class="pill">${words(name)}: <b>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</b></span>`)}
      ${(diagnosis.candidates ?? []).map((name) => html`<span key=${name} class="pill is-later">perhaps ${words(name)}</span>`)}
    </p>
  </div>`;
}

/** Who refused what, in a sentence each. */
export function Refusals({ session }) {
  return session.refusals?.length > 0 && html`<ul class="verdicts">${session.refusals.map((one) => html`<li key=${one.verb + one.code + one.enhanced}>
    <${Code} code=${one.code} enhanced=${one.enhanced} /> was the answer of ${one.origin === 'relay' ? html`relay <b>${session.destination}</b>` : html`the <b>${one.origin}</b>`} to ${refused(one)}${one.count > 1 ? `, ${count(one.count)} times` : ''}.
  </li>`)}</ul>`;
}

/** The messages of a session. */
export function Transactions({ transactions, dropped }) {
  return transactions?.length > 0 && html`<${Card} title=${transactions.length === 1 ? 'Message' : `${transactions.length} messages`} wide>
    <div class="scroll" tabindex="0" role="region" aria-label="Messages"><table>
      <thead><tr><th>result</th><th>queue id</th><th>from</th><th>recipients</th><th>final reply</th><th class="n">size</th><th class="n">220 → 354</th><th class="n">body</th><th class="n">accept</th><th>who used the time</th></tr></thead>
      <tbody>${transactions.map((one, index) => html`<tr key=${index}>
        <td><span class=${`pill is-${{ accepted: 'good', permfail: 'bad', aborted: 'bad', tempfail: 'later', partial: 'later' }[one.verdict] ?? 'none'}`}>${verdicts.find(([name]) => name === one.verdict)?.[1] ?? words(one.verdict)}</span></td>
        <td>${one.queue_id ? html`<code>${one.queue_id}</code>` : '–'}${one.message_id && html`<br /><code class="quiet">${one.message_id}</code>`}</td>
        <td>${one.from ?? html`<span class="quiet" title="SmtpProxy:Privacy:Addresses">not kept</span>`}</td>
        <td>${(one.recipients ?? []).slice(0, 20).map((to_, at) => html`<div key=${at}>${to_.to ?? html`<span class="quiet">not kept</span>`} <${Code} code=${to_.code} /></div>`)}${one.recipients?.length > 20 && html`<div class="quiet">and ${one.recipients.length - 20} more</div>`}</td>
        <td>${one.final_codes?.length ? one.final_codes.map((code, at) => html`<${Code} key=${at} code=${code} /> `) : '–'} <span class="quiet">${one.via ?? ''}</span></td>
        <td class="n">${octets(one.message_octets)}</td><td class="n">${ms(one.data_ready_ms)}</td><td class="n">${ms(one.body_ms)}</td><td class="n">${ms(one.accept_ms)}</td>
        <td class="share"><${Owners} client=${one.client_ms ?? 0} relay=${one.relay_ms ?? 0} proxy=${one.proxy_ms ?? 0} /></td>
      </tr>`)}</tbody>
    </table></div>
    ${dropped > 0 && html`<p class="quiet">${dropped} more were not kept.</p>`}
  </${Card}>`;
}

/** What was broken on purpose: both truths. */
export function Faults({ faults }) {
  return faults?.length > 0 && html`<${Card} title="Broken on purpose" class="faulted"><table>
    <thead><tr><th>rule</th><th>what</th><th>the client saw</th><th>the relay said</th><th class="n">added</th><th>effect</th></tr></thead>
    <tbody>${faults.map((one, index) => html`<tr key=${index}><td>${one.rule}</td><td>${one.action} at ${words(one.point)}</td>
      <td><${Code} code=${one.client_code} /></td><td><${Code} code=${one.relay_code} />${one.relay_queue_id && html` <code>${one.relay_queue_id}</code>`}</td><td class="n">${ms(one.added_ms)}</td><td>${words(one.effect)}</td></tr>`)}</tbody>
  </table></${Card}>`;
}

const Leg = ({ name, tls }) => html`<div><dt><i class=${`dot of-${name}`} />${name} leg</dt><dd>${tls
  ? html`${tls.version ?? 'no TLS'} ${tls.cipher && html`<code>${tls.cipher}</code>`}${tls.ms !== null && tls.ms !== undefined ? `, handshake ${ms(tls.ms)}` : ''}${tls.server_name ? html`, for <code>${tls.server_name}</code>` : ''}${tls.error ? html` <span class="pill is-bad">${tls.error}</span>` : ''}${tls.why ? html` <span class="quiet">${tls.why}</span>` : ''}`
  : html`<span class="quiet">nothing that the proxy ended</span>`}</dd></div>`;

/** TLS of both legs, and the ClientHello that passed. */
export function Tls({ session }) {
  const hello = session.client_hello;
  return html`<dl class="facts"><${Leg} name="client" tls=${session.tls_client} /><${Leg} name="relay" tls=${session.tls_relay} />
    ${hello && html`<div><dt>ClientHello</dt><dd><code>${JSON.stringify(hello)}</code></dd></div>`}</dl>`;
}
