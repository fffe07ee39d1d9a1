/** @file The filters of sessions. They are in the address: whoever gets the link sees the same. */
import { html, useEffect, useState } from '../lib/html.js';
import { catalogue, needCodes } from '../lib/codes.js';
import { refine } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { useValue } from '../lib/observable.js';
import { Typed } from './ui.js';
import { words } from '../lib/format.js';

/** Every filter that the API has, in the order in which it is offered. */
export const fields = [
  { name: 'verdict', label: 'Message', values: ['accepted', 'tempfail', 'permfail', 'partial', 'reset', 'aborted'] },
  { name: 'code', label: 'Code', hint: '550 or 4xx' },
  { name: 'enhanced', label: 'Enhanced', hint: '5.1.1' },
  { name: 'relay', label: 'Relay', from: 'relays' },
  { name: 'listener', label: 'Listener', from: 'listeners' },
  { name: 'client', label: 'Client', hint: '192.0.2.0/24' },
  { name: 'slower_than', label: 'Slower than, ms', hint: '500' },
  { name: 'tls', label: 'TLS', values: ['none', 'starttls', 'refused', 'implicit', '1.2', '1.3'] },
  { name: 'outcome', label: 'Outcome', values: ['quit', 'client_gone', 'relay_gone', 'timeout', 'refused', 'connect_failed', 'shutdown', 'fault'] },
  { name: 'diagnosis', label: 'Diagnosis', from: 'diagnoses' },
  { name: 'anomaly', label: 'Anomaly', hint: 'bare-lf-data' },
  { name: 'faulted', label: 'Fault injected', values: ['true', 'false'] },
  { name: 'live', label: 'Open now', values: ['true', 'false'] },
];

/** The names of the filters, and of hiding noise. */
export const names = [...fields.map((field) => field.name), 'noise'];

/** The filters of an address, for the API. */
export const filtersOf = (query) => Object.fromEntries(names.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));

function Field({ field, value, known }) {
  const set = (event) => refine({ [field.name]: event.target.value.trim() });
  const id = `filter-${field.name}`;
  const values = field.values ?? known[field.from];
  return html`<label for=${id}><span>${field.label}</span>${values
    ? html`<select id=${id} value=${value} onChange=${set}><option value="">any</option>${[...new Set([...values, ...(value ? [value] : [])])].map((one) => html`<option key=${one} value=${one}>${/^\d\.\d$/.test(one) ? `TLS ${one}` : words(one)}</option>`)}</select>`
    : html`<${Typed} id=${id} value=${value} placeholder=${field.hint} onChange=${set} />`}</label>`;
}

/** The filters that are set, as chips, and the form for more. */
export function Filters({ query, listeners }) {
  const [open, set] = useState(false);
  const relays = useLoad(open ? '/api/v1/upstreams' : null);
  const all = useValue(catalogue);
  useEffect(() => open && needCodes(), [open]);
  const known = { relays: (relays.data ?? []).map((relay) => relay.destination), listeners, diagnoses: (all?.diagnoses ?? []).map((one) => one.code).sort() };
  const active = fields.filter((field) => query.get(field.name));
  return html`<div class="filters">
    <div class="chips">
      <button type="button" aria-expanded=${open} aria-controls="filter-form" onClick=${() => set(!open)}>Filter${active.length ? ` (${active.length})` : ''}</button>
      ${[['permfail,tempfail', 'Refused'], ['aborted,partial', 'Aborted']].map(([value, label]) => html`<button key=${value} type="button" aria-pressed=${query.get('verdict') === value} onClick=${() => refine({ verdict: query.get('verdict') === value ? null : value })}>${label}</button>`)}
      <button type="button" aria-pressed=${query.get('noise') === 'hide'} title="health checks and scans (h)" onClick=${() => refine({ noise: query.get('noise') === 'hide' ? null : 'hide' })}>Hide noise</button>
      ${active.map((field) => html`<button key=${field.name} type="button" class="chip" title="take this filter away" onClick=${() => refine({ [field.name]: null })}>${field.label}: <b>${query.get(field.name)}</b> <span aria-hidden="true">×</span><span class="sr">remove</span></button>`)}
    </div>
    ${open && html`<form id="filter-form" class="form" onSubmit=${(event) => event.preventDefault()}>${fields.map((field) => html`<${Field} key=${field.name} field=${field} value=${query.get(field.name) ?? ''} known=${known} />`)}</form>`}
  </div>`;
}
