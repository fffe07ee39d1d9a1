/** @file The field for the token. It goes to the proxy once; a cookie that no script can read comes back. */
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { login, Problem, send } from '../lib/api.js';
import { Trouble } from '../parts/ui.js';

/** The view. */
export function Login() {
  const field = useRef(null);
  const [problem, set] = useState(null);
  useEffect(() => field.current.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await send('POST', '/api/v1/login', { token: field.current.value });
      login.set({ required: true, signed_in: true, needed: false });
    } catch (error) {
      const wrong = Problem.of(error);
      set(wrong.status === 401 ? new Problem(401, 'That is not the token', 'It is the value of SmtpProxy:Admin:BearerToken.') : wrong.status === 429 ? new Problem(429, 'Too many wrong tokens', 'Wait a minute and try again.') : wrong);
      field.current.select();
    }
  };
  return html`<main class="login" id="main"><form class="card" onSubmit=${submit}>
    <h1>SmtpProxy</h1>
    <p>This proxy asks for its token.</p>
    <label for="token">Token <span class="quiet">SmtpProxy:Admin:BearerToken</span></label>
    <input id="token" ref=${field} type="password" autocomplete="current-password" required />
    <button type="submit" class="primary">Sign in</button>
    ${problem && html`<${Trouble} problem=${problem} />`}
  </form></main>`;
}
