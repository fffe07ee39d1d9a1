/** @file Requests to the proxy. Whatever goes wrong becomes a {@link Problem} that says so in a sentence a person can act on. */
import { observable } from './observable.js';
import { parse } from './visible.js';

/** Whether a token is asked for, and whether this browser has signed in. */
export const login = observable({ required: false, signed_in: false, needed: false });

/** An answer that is no success: `status` is HTTP's, 0 where there was no answer at all. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.detail = detail;
  }

  /** Makes one of whatever was thrown. */
  static of(error) {
    return error instanceof Problem ? error : new Problem(0, 'Something went wrong on this page', String(error?.message ?? error));
  }
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...options });
  } catch (error) {
    if (error?.name === 'AbortError') {
      throw error;
    }

    throw new Problem(0, 'The proxy does not answer', 'It may have been stopped or be restarting. This page tries again by itself.');
  }

  if (response.ok) {
    return response;
  }

  let body = {};
  try {
    body = parse(await response.text());
  } catch {
    // An answer of something in between, perhaps; the status has to do.
  }

  if (response.status === 401 && !path.endsWith('/login')) {
    login.set({ ...login.get(), required: true, signed_in: false, needed: true });
  }

  throw new Problem(response.status, body.title || `The proxy answered ${response.status}`, body.detail || '');
}

/** Reads JSON. */
export const get = async (path, options) => parse(await (await ask(path, options)).text());

/** Reads text. */
export const text = async (path) => (await ask(path)).text();

/** Changes something: the answer's JSON, or null where it has none. */
export async function send(method, path, body) {
  const response = await ask(path, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.text();
  return answer ? parse(answer) : null;
}

/** Asks whether a token is needed; an API without login needs none. */
export async function askLogin() {
  try {
    const answer = await get('/api/v1/login');
    login.set({ ...answer, needed: answer.required && !answer.signed_in });
  } catch (error) {
    if (Problem.of(error).status === 404) {
      login.set({ required: false, signed_in: false, needed: false });
    }
  }
}

/** A query string of the members that have a value; lists become repeated names. */
export function query(members) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') {
        parameters.append(name, one);
      }
    }
  }

  const text = parameters.toString();
  return text ? `?${text}` : '';
}
