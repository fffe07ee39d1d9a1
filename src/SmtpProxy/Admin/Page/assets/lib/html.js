/** @file The one place that knows where the rendering library is: every other file imports from here. */
import htm from '../vendor/htm.module.js';
import { h } from '../vendor/htm-preact-standalone.js';

export { render, h, Component, useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useErrorBoundary } from '../vendor/htm-preact-standalone.js';

/**
 * Markup as a tree for Preact. Nothing of it is kept between two calls: Preact writes into a tree who its parent is and never takes it back, so that one
 * part of a list that htm keeps would keep every row of the list there ever was. 3 says so to htm.
 */
export const html = htm.bind(function element(...parts) {
  this[0] = 3;
  return h(...parts);
});
