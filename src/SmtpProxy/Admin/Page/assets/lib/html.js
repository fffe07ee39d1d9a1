/** @file The one place that knows where the rendering library is: every other file imports from here. */
import htm from '../vendor/htm.module.js';
import { h, useMemo, useState as useStateAtOnce } from '../vendor/htm-preact-standalone.js';
import { whenStill } from './press.js';

export { render, h, Component, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useErrorBoundary } from '../vendor/htm-preact-standalone.js';

/**
 * Markup as a tree for Preact. Nothing of it is kept between two calls: Preact writes into a tree who its parent is and never takes it back, so that one
 * part of a list that htm keeps would keep every row of the list there ever was. 3 says so to htm.
 */
export const html = htm.bind(function element(...parts) {
  this[0] = 3;
  return h(...parts);
});

/** State of a component, which changes while nothing is pressed. */
export function useState(first) {
  const [value, change] = useStateAtOnce(first);
  return [value, useMemo(() => (next) => whenStill(() => change(next)), [])];
}
