/**
 * @file A session's dialogue on one time axis: the client's commands on the left, the relay's replies on the right, between them a bar for each exchange,
 * coloured by who used the time. What is between two bars is the client's.
 */
import { html } from '../lib/html.js';
import { ms } from '../lib/format.js';
import { Code } from './ui.js';

/** @typedef {{ kind: string, left: string, note?: string, code: number|null, enhanced?: string|null, spans: { of: string, from: number, to: number, label: string }[], open?: boolean, origin?: string, fault?: object }} Line */

const names = { '.': 'end of data', '': 'empty line', '?': 'no command' };
const points = { rcpt: 'RCPT', mail: 'MAIL', data: 'DATA', endOfData: '.', greeting: '220', ehlo: 'EHLO', helo: 'HELO', bdat: 'BDAT', quit: 'QUIT', auth: 'AUTH', starttls: 'STARTTLS', rset: 'RSET', dataBody: '.' };

/** Turns a session of the API into lines, in the order of time. */
function lines(session) {
  const all = [];
  for (const dial of session.dials ?? []) {
    all.push({ at: dial.at_ms, left: `connect to ${dial.destination}`, note: dial.relay, code: null, end: dial.error ? 'failed' : 'connected', bad: !!dial.error, title: dial.error, of: 'relay', from: dial.at_ms, ms: dial.ms });
  }

  for (const shake of session.handshakes ?? []) {
    all.push({ at: shake.at_ms, left: `TLS handshake, ${shake.leg} leg`, code: null, end: shake.error ? 'failed' : (shake.version ? `TLS ${shake.version.replace('TLSv', '')}` : 'done'), bad: !!shake.error, title: shake.error, of: shake.leg === 'client' ? 'client' : 'relay', from: shake.at_ms, ms: shake.ms });
  }

  if (session.greeting) {
    const { greeting } = session;
    all.push({ at: greeting.at_ms, left: 'greeting', code: greeting.code, enhanced: greeting.enhanced, of: 'relay', from: greeting.at_ms, ms: greeting.ms, open: greeting.code === null });
  }

  for (const one of session.exchanges ?? []) {
    const faults = (session.faults ?? []).filter((fault) => points[fault.point] === one.verb);
    const extra = [one.mechanism, one.size !== undefined && one.size !== null ? `${one.size} octets${one.last ? ', last' : ''}` : null, one.challenges ? `${one.challenges} challenges` : null, one.lines > 1 ? `${one.lines} lines` : null,
      one.pipelined ? 'pipelined' : null, one.origin && one.origin !== 'relay' ? `answered by ${one.origin}` : null].filter(Boolean).join(' · ');
    all.push({
      at: one.at_ms, left: names[one.verb] ?? one.verb, note: extra, code: one.code, enhanced: one.enhanced, of: one.origin && one.origin !== 'relay' ? (one.origin === 'fault' ? 'fault' : 'proxy') : 'relay',
      from: one.at_ms, ms: one.ms ?? (one.end_ms !== null && one.at_ms !== null ? one.end_ms - one.at_ms : null), open: one.code === null && session.live, faults,
    });
  }

  return all.map((line, index) => [line, index]).sort(([a, i], [b, j]) => (a.at ?? Infinity) - (b.at ?? Infinity) || i - j).map(([line]) => line);
}

/** Four or five round moments for the axis. */
function ticks(total) {
  const rough = total / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough);
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
}

/** The drawing. */
export function Waterfall({ session }) {
  const all = lines(session);
  const end = Math.max(session.duration_ms ?? 0, ...all.map((line) => (line.from ?? 0) + (line.ms ?? 0)), 0.001);
  const place = (from, length) => ({ left: `${(from / end) * 100}%`, width: `max(3px, ${(length / end) * 100}%)` });
  let before = 0;
  return html`<div class="waterfall" role="table" aria-label="Dialogue">
    <div class="w-row w-head" role="row">
      <span role="columnheader"><i class="dot of-client" />client says</span>
      <span class="w-axis" role="columnheader"><span class="sr">time</span>${ticks(end).filter((tick) => tick < end * 0.93).map((tick) => html`<span key=${tick} aria-hidden="true" style=${{ left: `${(tick / end) * 100}%` }}>${ms(tick)}</span>`)}</span>
      <span role="columnheader"><i class="dot of-relay" />relay answers</span>
      <span class="n" role="columnheader">took</span>
    </div>
    ${all.map((line, index) => {
      const gap = line.from !== null && line.from > before ? { from: before, length: line.from - before } : null;
      const took = line.ms ?? (line.open && line.from !== null ? end - line.from : null);
      before = Math.max(before, line.from !== null ? line.from + (took ?? 0) : before);
      return html`<div key=${index} class="w-row" role="row">
        <span class="w-left" role="cell"><b>${line.left}</b>${line.note && html` <span class="quiet">${line.note}</span>`}</span>
        <span class="w-bar" role="cell">
          ${gap && gap.length > end / 400 && html`<i class="of-client gap" style=${place(gap.from, gap.length)} title=${`client: ${ms(gap.length)}`} />`}
          ${line.from !== null && line.from !== undefined && html`<i class=${`of-${line.of} ${line.open ? 'open' : ''}`} style=${place(line.from, took ?? 0)} title=${`${line.of}: ${ms(took)}, from ${ms(line.from)}`} />`}
        </span>
        <span class="w-right" role="cell">${line.end ? html`<span class=${line.bad ? 'pill is-bad' : 'quiet'} title=${line.title ?? ''}>${line.end}</span>` : line.open ? html`<span class="pill is-live">waits</span>` : html`<${Code} code=${line.code} enhanced=${line.enhanced} />`}
          ${line.faults?.map((fault) => html`<span key=${fault.rule} class="pill is-fault" title=${`rule ${fault.rule}: the client saw ${fault.client_code ?? 'nothing'}, the relay said ${fault.relay_code ?? 'nothing'}`}>${fault.action}</span>`)}</span>
        <span class="n w-took" role="cell">${ms(took)}</span>
      </div>`;
    })}
    ${all.length === 0 && html`<p class="quiet">${session.mode === 'opaque' ? 'Nothing of the dialogue was seen: the traffic was encrypted end to end or is no SMTP.' : 'No command has been seen yet.'}</p>`}
    ${session.exchanges_dropped > 0 && html`<p class="quiet">${session.exchanges_dropped} more exchanges were not kept.</p>`}
  </div>`;
}
