/** @file Find a message: who refused it, when, and why. */
import { html, useEffect, useRef } from '../lib/html.js';
import { query as queryOf } from '../lib/api.js';
import { time, words } from '../lib/format.js';
import { go, refine, route, to } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { useMarked } from '../parts/marked.js';
import { useValue } from '../lib/observable.js';
import { outcome, refused } from '../lib/words.js';
import { hasFleet } from '../lib/fleet.js';
import { Name, Unanswered } from '../parts/fleet-tables.js';
import { Code, Empty, Loaded, Result, Typed } from '../parts/ui.js';

const places = [['', 'anywhere'], ['queue_id', 'queue id'], ['message_id', 'Message-ID'], ['address', 'address'], ['client', 'client'], ['session', 'session']];

/** The answer in a sentence. */
function Answer({ session }) {
  const refusal = session.refusals?.[0];
  if (refusal) {
    return html`<p>Refused by ${refusal.origin === 'relay' ? html`relay <b>${session.destination}</b>` : html`the <b>${refusal.origin}</b>`} at ${time(session.time)}: <${Code} code=${refusal.code} enhanced=${refusal.enhanced} /> to ${refused(refusal)}.
      ${session.diagnosis && html` <span class="quiet">${session.diagnosis.text}</span>`}</p>`;
  }

  if (session.messages?.accepted > 0) {
    return html`<p>Accepted by relay <b>${session.destination}</b> at ${time(session.time)}${session.queue_ids?.length ? html` as <code>${session.queue_ids.join(', ')}</code>` : ''}.</p>`;
  }

  return html`<p>${session.live ? 'The session is going on.' : `The session ${outcome(session.outcome)}.`} ${session.diagnosis ? session.diagnosis.text : ''}</p>`;
}

/** The view. */
export function Find() {
  const { query } = useValue(route);
  const q = query.get('q') ?? '';
  const place = query.get('in') ?? '';
  const isFleet = useValue(hasFleet);
  const load = useLoad(q && isFleet !== null ? `/api/v1/${isFleet ? 'fleet/' : ''}search${queryOf({ q, in: place, limit: 50 })}` : null);
  const hits = load.data?.hits ?? [];
  const { mark } = useMarked(hits, (hit) => hit.session.session, (hit) => go('session', hit.session.session, { node: hit.node }));
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    refine({ q: field.current.value.trim() });
    field.current.blur();
  };
  return html`
    <header class="title"><h1>Find a message</h1></header>
    <form class="search" role="search" onSubmit=${submit}>
      <label class="grow"><span class="sr">What to look for</span><${Typed} field=${field} name="q" value=${q} placeholder="queue id, Message-ID, address, client, session" /></label>
      <label><span class="sr">Where</span><select value=${place} onChange=${(event) => refine({ in: event.target.value })}>${places.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></label>
      <button type="submit" class="primary">Find</button>
    </form>
    ${!q && html`<${Empty} title="Who refused it, when, and why?"><p>Type what you know of a message: the queue id that a relay gave it, its Message-ID, an address, the client’s address or network.</p></${Empty}>`}
    ${q && html`<${Loaded} load=${load}>${(found) => html`
      ${isFleet && html`<${Unanswered} of=${found.unanswered} title="Not searched:" />`}
      ${found.hits.length === 0 && html`<${Empty} title=${`Nothing is known of ${q}.`}><p>Only recent sessions are held. Older ones are in the journal, where there is one.</p></${Empty}>`}
      <ul class="hits">${found.hits.map((hit) => html`<li key=${hit.session.session + hit.transaction} data-row=${hit.session.session} class=${hit.session.session === mark ? 'marked' : ''}>
        <a class="hit" href=${to('session', hit.session.session, { node: hit.node })}><${Result} session=${hit.session} /> <code>${hit.session.client}</code> → <b>${hit.session.destination ?? '–'}</b> <span class="quiet">${time(hit.session.time ?? hit.session.started_unix)}, by ${words(hit.in)}${hit.node && html`, at <${Name} node=${hit.node} />`}</span></a>
        <${Answer} session=${hit.session} />
      </li>`)}</ul>
      ${found.notes?.length > 0 && html`<ul class="notes">${found.notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}`}
    </${Loaded}>`}`;
}
