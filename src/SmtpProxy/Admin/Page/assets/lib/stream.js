/**
 * @file The page's one stream of events. A view that wants sessions tunes it; while the tab is hidden there is none. When it breaks, the page says why and
 * tries again; when the proxy has no stream to spare, the page asks every two seconds instead.
 */
import { get, login, Problem, query } from './api.js';
import { observable } from './observable.js';
import { parse } from './visible.js';

/** The newest NOW of the API; null before the first. */
export const now = observable(null);

/** How the stream is: `state` is connecting, live, asking (without a stream), gone or paused; `problem` says why. */
export const connection = observable({ state: 'connecting', problem: null });

/** A filter that no session of a running proxy passes: for views that want none. */
const nothing = { outcome: 'shutdown', live: 'false' };
const firstWait = 1000;
const longestWait = 10000;
let wanted = { path: null, handlers: {} };
let source = null;
let timer = 0;
let wait = firstWait;
let last = null;
let version = null;

/** Sets what the stream brings. `filters`: of sessions, null for none; `path`: another stream, of one session; `handlers`: by the event's name. */
export function tune({ filters = null, path = null, handlers = {} }) {
  last = null;
  wanted = { path: path ?? `/api/v1/sessions/stream${query({ ...(filters ?? nothing), now: 'true' })}`, handlers, own: path !== null };
  // The view that goes and the one that comes both tune: only the last counts.
  stop();
  timer = setTimeout(connect);
}

/** Goes back to nothing but NOW. */
export const rest = () => tune({});

function stop() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

function connect() {
  stop();
  if (!wanted.path || document.hidden || login.get().needed) {
    return;
  }

  const resume = last && !wanted.own ? `&after=${encodeURIComponent(last)}` : '';
  const mine = new EventSource(wanted.path + resume);
  source = mine;
  const on = (name, then) => mine.addEventListener(name, (event) => {
    last = event.lastEventId || last;
    then(event.data ? parse(event.data) : {});
  });
  mine.onopen = () => {
    wait = firstWait;
    connection.set({ state: 'live', problem: null });
  };
  mine.onerror = () => source === mine && failed();
  on('now', took);
  for (const name of ['hello', 'session', 'gap', 'restart', 'slow', 'end']) {
    on(name, (data) => {
      if (name === 'end') {
        stop();
      }

      wanted.handlers[name]?.(data);
    });
  }

  if (wanted.own) {
    askInstead();
  }
}

function took(next) {
  now.set(next);
  // Another version of the proxy brings another page.
  if (version && next.version !== version) {
    location.reload();
  }

  version = next.version;
}

/** The browser does not say what was wrong with a stream; a plain request does. */
async function failed() {
  stop();
  try {
    took(await get('/api/v1/now'));
    connection.set({ state: 'asking', problem: new Problem(503, 'No stream to spare', 'The proxy gives no more streams (SmtpProxy:Live:MaxStreams): this page asks every two seconds instead.') });
    again(2000);
  } catch (error) {
    const problem = Problem.of(error);
    if (problem.status === 401) {
      return;
    }

    connection.set({ state: problem.status === 0 ? 'gone' : 'asking', problem });
    again(wait);
    wait = Math.min(wait * 2, longestWait);
  }
}

function again(after) {
  clearTimeout(timer);
  timer = setTimeout(connect, after);
}

/** Beside a stream of one session, NOW is asked for: there is never more than one stream. */
async function askInstead() {
  try {
    took(await get('/api/v1/now'));
  } catch {
    // The stream's own error says it.
  }

  if (wanted.own && source) {
    timer = setTimeout(askInstead, 5000);
  }
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    stop();
    connection.set({ state: 'paused', problem: null });
  } else {
    // What was missed is read anew by the views; to be told each of thousands would be slower.
    last = null;
    wanted.handlers.visible?.();
    connect();
  }
});
login.watch((state) => (state.needed ? stop() : connect()));
