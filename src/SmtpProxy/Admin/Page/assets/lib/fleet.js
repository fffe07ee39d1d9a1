/** @file Whether this proxy shows its fleet, and the paths under which it does. */
import { get } from './api.js';
import { observable } from './observable.js';

/** Whether there is a fleet whose members this proxy reads from. */
export const hasFleet = observable(false);

/** Asks once; a proxy without a fleet says so, and one that asks for a token is asked again after it. */
export async function askFleet() {
  try {
    const { state, reads } = await get('/api/v1/fleet');
    hasFleet.set(state !== 'off' && reads === true);
  } catch {
    hasFleet.set(false);
  }
}
