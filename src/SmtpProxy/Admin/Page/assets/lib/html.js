/** @file The one place that knows where the rendering library is: every other file imports from here. */
export { html, render, h, Component, useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useErrorBoundary } from '../vendor/htm-preact-standalone.js';
