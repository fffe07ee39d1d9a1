/** @file How to send a first message: to the address and port where this proxy really listens. */
import { html } from '../lib/html.js';
import { useLoad } from '../lib/load.js';

/** Where somebody who sees this page reaches a listener: one of every address is reached where the page is. */
function reach(address) {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), address.slice(colon + 1)];
  return ['0.0.0.0', '[::]', '*'].includes(host) ? `${location.hostname}:${port}` : address;
}

/** The command. */
export function FirstMail() {
  const setup = useLoad('/api/v1/setup');
  const listeners = (setup.data?.page.listeners ?? []).filter((one) => !one.address.startsWith('unix:'));
  return listeners.length === 0 ? null : html`<pre><code>${`swaks --server ${reach(listeners[0].address)} --to you@example.org`}</code></pre>
    ${listeners.length > 1 && html`<p class="quiet">Also: ${listeners.slice(1, 8).map((one) => `${one.name} ${one.address}`).join(', ')}.</p>`}`;
}
