/** @file Whether this proxy shows its fleet, which proxies are looked at, and who was there before. */
import { get } from './api.js';
import { observable } from './observable.js';

/** Whether there is a fleet whose members this proxy reads from; null: nobody has said yet. */
export const hasFleet = observable(null);

/** The proxies that were chosen last, with commas; empty: all. Whoever comes back from another view finds them again. */
export const chosen = observable('');

/** Asks. A proxy without a fleet says so; where there is no answer, what was said before stands. */
export async function askFleet() {
  try {
    const { state, reads } = await get('/api/v1/fleet');
    hasFleet.set(state !== 'off' && reads === true);
  } catch {
    // The page's stream says what is wrong, and this is asked again once it is back.
    hasFleet.set(hasFleet.get() ?? false);
  }
}

/** So long, and so many, proxies that have gone are shown: a rolling upgrade brings others of other names. */
const keptFor = 10 * 60 * 1000;
const mostKept = 32;
const seen = new Map();

/**
 * Who was there while this page was open and is not any more. A proxy that was restarted is another member of the same name, and has not gone.
 * @param {{ state: string, members: object[] }} fleet The newest answer; one of a proxy that does not hear its fleet tells of nobody who goes.
 * @returns {{ node: string, id: string, at: number }[]} Them, and when they were last there.
 */
export function gone({ state, members }) {
  const now = Date.now();
  const ids = new Set(members.map((member) => member.id));
  const nodes = new Set(members.map((member) => member.node));
  members.forEach(({ id, node }) => seen.set(id, { id, node, at: now }));
  const lost = state === 'joined' ? [...seen.values()].filter((one) => !ids.has(one.id)) : [];
  for (const one of lost) {
    if (nodes.has(one.node) || now - one.at > keptFor || lost.length - lost.indexOf(one) > mostKept) {
      seen.delete(one.id);
    }
  }

  return lost.filter((one) => seen.has(one.id));
}
