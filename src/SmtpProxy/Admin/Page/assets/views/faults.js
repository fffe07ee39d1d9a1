/** @file Faults: what is armed, what strikes, presets to start, rules to make, and one red Halt. */
import { html, useEffect, useState } from '../lib/html.js';
import { Problem, send } from '../lib/api.js';
import { count, ms, plural, time, words } from '../lib/format.js';
import { to } from '../lib/route.js';
import { useLoad } from '../lib/load.js';
import { Card, Code, Empty, Loaded, Trouble } from '../parts/ui.js';
import { RuleForm } from '../parts/rule-form.js';

const root = '/api/v1/faults';

/** How long it is until then, every second anew. */
function Left({ until }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = new Date(until).getTime() - Date.now();
  return left > 0 ? ms(Math.round(left / 1000) * 1000) : 'over';
}

function Rules({ rules, act }) {
  if (rules.length === 0) {
    return html`<${Empty} title="No rule."><p>Start a preset, or make a rule below.</p></${Empty}>`;
  }

  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rules"><table>
    <thead><tr><th>rule</th><th>what it does</th><th>effect on delivery</th><th class="n">injected</th><th class="n">budget left</th><th>ends in</th><th><span class="sr">remove</span></th></tr></thead>
    <tbody>${rules.map((rule) => html`<tr key=${rule.id}>
      <td><b>${rule.id}</b> ${rule.armed ? html`<span class="pill is-fault">armed</span>` : html`<span class="pill">not armed</span>`}</td>
      <td>${words(rule.action)} at ${words(rule.point)}</td><td>${rule.effect === 'none' ? 'none' : html`<span class="bad">${words(rule.effect)}</span>`}</td>
      <td class="n">${count(rule.injected)}</td><td class="n">${rule.budgetLeft === null ? 'no limit' : count(rule.budgetLeft)}</td>
      <td>${rule.expiresAt ? html`<${Left} until=${rule.expiresAt} />` : html`<span class="quiet">never</span>`}</td>
      <td>${rule.source === 'file' ? html`<span class="quiet">of the configuration</span>` : html`<button type="button" onClick=${() => act('DELETE', `/rules/${encodeURIComponent(rule.id)}`)}>Remove<span class="sr"> ${rule.id}</span></button>`}</td>
    </tr>`)}</tbody>
  </table></div>`;
}

function Preset({ preset, act, enabled }) {
  const [ttl, set] = useState('00:10:00');
  return html`<article class="preset">
    <header><h3>${preset.name}</h3>
      <div class="actions"><label><span class="sr">For how long</span><select value=${ttl} onChange=${(event) => set(event.target.value)}>${[['00:01:00', '1 min'], ['00:10:00', '10 min'], ['01:00:00', '1 h']].map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></label>
      <button type="button" disabled=${!enabled} onClick=${() => act('POST', `/scenarios/${encodeURIComponent(preset.name)}/start`, { ttl })}>Start<span class="sr"> ${preset.name}</span></button></div></header>
    <p>${preset.does}</p>
    <details><summary>What it proves</summary><p>${preset.proves}</p><p class="quiet">${preset.catches}</p><p>Effect: ${preset.effect}</p></details>
  </article>`;
}

function Injections() {
  const load = useLoad(`${root}/injections?limit=1000`, 2000);
  const list = [...(load.data ?? [])].reverse().slice(0, 50);
  return html`<${Card} title="Injections as they happen" wide>${list.length === 0
    ? html`<${Empty} title="Nothing has been injected." />`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Injections"><table>
      <thead><tr><th>time</th><th>rule</th><th>what</th><th>the client saw</th><th>the relay said</th><th class="n">added</th><th>session</th></tr></thead>
      <tbody>${list.map((one) => html`<tr key=${one.id}><td>${time(one.time)}</td><td>${one.rule}</td><td>${words(one.action)} at ${words(one.point)}${one.released ? ' (released)' : ''}</td>
        <td><${Code} code=${one.clientCode} /></td><td><${Code} code=${one.upstreamCode} /></td><td class="n">${ms(one.addedMs)}</td><td><a href=${to('session', one.session)}>open<span class="sr"> ${one.session}</span></a></td></tr>`)}</tbody>
    </table></div>`}</${Card}>`;
}

/** The view. */
export function Faults() {
  const status = useLoad(`${root}/status`, 2000);
  const presets = useLoad(`${root}/scenarios`);
  const [problem, set] = useState(null);
  const act = async (method, path, body) => {
    try {
      await send(method, root + path, body);
      set(null);
    } catch (error) {
      set(Problem.of(error));
    }

    status.reload();
  };
  return html`<header class="title"><h1>Faults</h1></header>
    ${problem && html`<${Trouble} problem=${problem} />`}
    <${Loaded} load=${status}>${(state) => html`
      <div class=${`hero ${state.halted ? 'is-none' : state.armed ? 'is-fault' : 'is-none'}`}>
        <div><h2>${state.halted ? 'Halted' : !state.enabled ? 'Faults are off' : state.armed ? `${plural(state.rules.filter((rule) => rule.armed).length, 'rule')} armed` : 'Nothing is armed'}</h2>
          <p>${state.halted ? `All faults are stopped (${state.halted.reason ?? 'no reason given'}). Nothing strikes until somebody resumes.` : !state.enabled ? 'Mail passes untouched. To break things on purpose start the proxy with --faults, where mail does not matter.'
    : `${plural(state.activeFaults, 'session')} held or delayed at this moment; seed ${state.seed}.`}</p></div>
        <div class="actions">${state.halted ? html`<button type="button" class="primary" onClick=${() => act('POST', '/resume')}>Resume</button>`
    : html`<button type="button" class="halt" disabled=${!state.enabled} onClick=${() => act('POST', '/halt', { reason: 'from the page' })}>Halt everything</button>`}
          ${state.enabled && html`<button type="button" title="remove the rules made over HTTP, forget what was counted" onClick=${() => act('POST', '/reset')}>Reset</button>`}</div>
      </div>
      <${Card} title="Rules"><${Rules} rules=${state.rules} act=${act} /></${Card}>
      <${Card} title="Presets" aside=${presets.data ? `${presets.data.length} to start` : ''}><${Loaded} load=${presets}>${(all) => html`<div class="presets">${all.map((preset) => html`<${Preset} key=${preset.name} preset=${preset} act=${act} enabled=${state.enabled} />`)}</div>`}</${Loaded}></${Card}>
      ${state.enabled && html`<${Card} title="A rule of your own"><${RuleForm} done=${status.reload} /></${Card}>`}`}
    </${Loaded}>
    <${Injections} />`;
}
