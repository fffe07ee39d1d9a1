/** @file Codes: what a reply means, and two of them side by side. */
import { html, useEffect, useRef } from '../lib/html.js';
import { query as queryOf } from '../lib/api.js';
import { catalogue, needCodes } from '../lib/codes.js';
import { kind } from '../lib/format.js';
import { refine, route, to } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { useValue } from '../lib/observable.js';
import { operation } from '../lib/words.js';
import { Card, Empty, Loaded, Typed } from '../parts/ui.js';

const severities = [[2, 'Done'], [3, 'Go on'], [4, 'Not now'], [5, 'No'], [1, 'Not replies of a server']];

const prose = (text) => String(text ?? '').split('`').map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));

/** One entry in full. */
const Entry = ({ entry }) => html`<dl class="entry">
  <div><dt>means</dt><dd>${prose(entry.meaning)}</dd></div>
  ${entry.in?.length > 0 && html`<div><dt>answers</dt><dd>${entry.in.map(operation).join(', ')}</dd></div>`}
  ${entry.next && html`<div><dt>then</dt><dd>${prose(entry.next)}</dd></div>`}
  ${entry.causes?.length > 0 && html`<div><dt>causes</dt><dd>${entry.causes.join('; ')}</dd></div>`}
  <div><dt>what to do</dt><dd>${prose(entry.remedy)}</dd></div>
  ${entry.source && html`<div><dt>source</dt><dd class="quiet">${entry.source}</dd></div>`}
</dl>`;

function Half({ name, code, all }) {
  const entry = all.byCode.get(Number(code));
  return html`<${Card} title=${html`<span class=${`code is-${kind(Number(code))}`}>${code}</span> ${entry?.name ?? ''}`}
    aside=${html`<label><span class="sr">${name === 'a' ? 'First code' : 'Second code'}</span><select value=${code} onChange=${(event) => refine({ [name]: event.target.value })}>${all.replies.map((one) => html`<option key=${one.code} value=${one.code}>${one.code} ${one.name}</option>`)}</select></label>`}>
    ${entry ? html`<${Entry} entry=${entry} />` : html`<${Empty} title="This code is in no standard that is known here." />`}
  </${Card}>`;
}

/** What is known of a line that somebody pasted. */
function Answer({ q }) {
  const load = useLoad(`/api/v1/codes${queryOf({ line: q })}`);
  if (load.problem?.status === 404) {
    return html`<${Empty} title="There is no reply code in this."><p>${load.problem.detail}</p></${Empty}>`;
  }

  return html`<${Loaded} load=${load}>${(answer) => html`<div class="pair answer">
    ${answer.reply || answer.code ? html`<${Card} title=${html`<span class=${`code is-${kind(answer.code)}`}>${answer.code}</span> ${answer.reply?.name ?? ''}`} aside=${answer.severity}>${answer.reply ? html`<${Entry} entry=${answer.reply} />` : html`<p>${answer.category}</p>`}</${Card}>` : ''}
    ${answer.enhanced && html`<${Card} title=${html`<span class="code">${answer.enhancedCode ?? answer.enhanced.code}</span> ${answer.enhanced.name}`}><${Entry} entry=${answer.enhanced} /></${Card}>`}
    ${answer.diagnosis && html`<${Card} title="Diagnosis" wide><p><b>${prose(answer.diagnosis.text)}</b></p><p>${prose(answer.diagnosis.remedy)}</p></${Card}>`}
  </div>`}</${Loaded}>`;
}

/** The view. */
export function Codes() {
  const { query } = useValue(route);
  const all = useValue(catalogue);
  const q = query.get('q') ?? '';
  const field = useRef(null);
  useEffect(needCodes, []);
  const submit = (event) => {
    event.preventDefault();
    refine({ q: field.current.value.trim() });
    field.current.blur();
  };
  return html`
    <header class="title"><h1>Codes</h1></header>
    <form class="search" role="search" onSubmit=${submit}>
      <label class="grow"><span class="sr">A code or a line</span><${Typed} field=${field} value=${q} placeholder="451 4.7.1, or the whole line that a server sent" /></label>
      <button type="submit" class="primary">Explain</button>
      ${q && html`<button type="button" onClick=${() => refine({ q: null })}>Clear</button>`}
    </form>
    ${q && html`<${Answer} q=${q} />`}
    ${!all && !q && html`<p class="quiet loading" role="status">Loading…</p>`}
    ${all && html`
      ${!q && html`<p class="lead">Two codes side by side.</p><div class="pair"><${Half} name="a" code=${query.get('a') ?? '220'} all=${all} /><${Half} name="b" code=${query.get('b') ?? '354'} all=${all} /></div>`}
      ${severities.map(([digit, title]) => html`<${Card} key=${digit} title=${title} aside=${digit === 1 ? '' : `${digit}yz`}>
        <ul class="codes">${all.replies.filter((one) => Math.floor(one.code / 100) === digit).map((one) => html`<li key=${one.code}><a href=${to('codes', null, { q: one.code })}><span class=${`code is-${kind(one.code)}`}>${one.code}</span> <span>${one.name}</span></a></li>`)}</ul>
      </${Card}>`)}
      <${Card} title="Enhanced codes" aside="class . subject . detail"><ul class="codes">${all.enhanced.map((one) => html`<li key=${one.code}><a href=${to('codes', null, { q: one.code.replace('X', '5') })}><span class="code">${one.code}</span> <span>${one.name}</span></a></li>`)}</ul></${Card}>`}`;
}
