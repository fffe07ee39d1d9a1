/** @file Where the page is: `#/view/id?name=value`. The whole state that is worth sharing is in it, so that a link shows a colleague the same. */
import { observable } from './observable.js';
import { visible } from './visible.js';

/** What is encoded badly, in a link that was cut, is taken as it stands. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @returns {{ view: string, id: string|null, query: URLSearchParams }} */
function read() {
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const [view, ...rest] = path.split('/');
  return {
    view: view || 'now', id: rest.length ? visible(decoded(rest.join('/'))) : null, query: new URLSearchParams([...new URLSearchParams(search || '')].map(([name, value]) => [name, visible(value)])),
  };
}

/** The current place. */
export const route = observable(read());
addEventListener('hashchange', () => route.set(read()));

/** The address of a place: members without a value are left out. */
export function to(view, id = null, members = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value !== null && value !== undefined && value !== '') {
      parameters.set(name, value);
    }
  }

  const search = parameters.toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ''}${search ? `?${search}` : ''}`;
}

/** Goes there. */
export function go(view, id, members) {
  location.hash = to(view, id, members);
}

/** Changes members of the query and stays where it is; null takes one out. It replaces the entry of the history: a filter is no page. */
export function refine(members) {
  const { view, id, query } = route.get();
  const all = { ...Object.fromEntries(query), ...members };
  history.replaceState(null, '', to(view, id, all));
  route.set(read());
}
