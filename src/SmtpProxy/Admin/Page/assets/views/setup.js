/** @file Setup: what is in force and where it came from, what is exposed, and how to look at it elsewhere. */
import { html, useState } from '../lib/html.js';
import { login } from '../lib/api.js';
import { useLoad } from '../lib/load.js';
import { Card, Copy, Empty, Loaded } from '../parts/ui.js';

const prometheus = () => `scrape_configs:
  - job_name: smtpproxy
    static_configs:
      - targets: ["${location.host}"]
    metrics_path: /metrics${location.protocol === 'https:' ? '\n    scheme: https' : ''}${login.get().required ? '\n    authorization:\n      credentials_file: /etc/prometheus/smtpproxy.token # holds the value of SmtpProxy:Admin:BearerToken' : ''}`;

function Settings({ settings }) {
  const [text, set] = useState('');
  const shown = settings.filter((one) => `${one.key} ${one.value ?? ''} ${one.source ?? ''}`.toLowerCase().includes(text.toLowerCase()));
  return html`<label class="narrow"><span class="sr">Look for a key</span><input value=${text} onInput=${(event) => set(event.target.value)} placeholder="look for a key" autocomplete="off" spellcheck=${false} /></label>
    ${shown.length === 0 ? html`<${Empty} title="No such setting." />` : html`<div class="scroll" tabindex="0" role="region" aria-label="Settings"><table>
      <thead><tr><th>key</th><th>value</th><th>from</th></tr></thead>
      <tbody>${shown.map((one) => html`<tr key=${one.key}><td><code>${one.key}</code></td><td>${one.secret ? html`<span class="quiet">secret, not shown</span>` : html`<code>${one.value ?? '–'}</code>`}</td><td class="quiet">${one.source}</td></tr>`)}</tbody>
    </table></div>`}`;
}

/** The view. */
export function Setup() {
  const load = useLoad('/api/v1/setup');
  return html`<header class="title"><h1>Setup</h1></header>
    <${Loaded} load=${load}>${(setup) => html`
      ${setup.warnings.map((one) => html`<p key=${one.text} class=${`notice is-${one.level === 'red' ? 'bad' : 'later'}`}><strong>${one.text}</strong></p>`)}
      <p class="lead">SmtpProxy ${setup.version}, environment ${setup.environment}.</p>
      <${Card} title="Effective configuration" aside=${`${setup.settings.length} settings`}><${Settings} settings=${setup.settings} /></${Card}>`}
    </${Loaded}>
    <div class="grid">
      <${Card} title="Prometheus and Grafana" aside=${html`<${Copy} label="Copy" read=${prometheus} />`}>
        <p>Let Prometheus scrape <a href="/metrics">/metrics</a>; dashboards, alerts and recording rules are in the folder <code>dashboards/</code> of the product.</p>
        <pre tabindex="0"><code>${prometheus()}</code></pre>
      </${Card}>
      <${Card} title="For programs">
        <ul class="links">
          <li><a href="/openapi/v1.json">/openapi/v1.json</a> describes this API</li><li><a href="/metrics">/metrics</a> for Prometheus</li>
          <li><a href="/healthz">/healthz</a> and <a href="/readyz">/readyz</a> for orchestrators</li><li><a href="/api/v1/sessions">/api/v1/sessions</a> is what this page reads</li>
        </ul>
      </${Card}>
    </div>`;
}
