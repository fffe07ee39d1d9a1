/** @file A value that components watch. State that more than one view needs lives in these; everything else is local to its view. */
import { useEffect, useState } from './html.js';

/**
 * @template T
 * @param {T} value The first value.
 * @returns {{ get: () => T, set: (next: T) => void, watch: (listener: (value: T) => void) => () => void }}
 */
export function observable(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (next !== value) {
        value = next;
        listeners.forEach((listener) => listener(value));
      }
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of an observable in a component, which renders again whenever it changes. */
export function useValue(source) {
  const [value, set] = useState(source.get());
  useEffect(() => {
    set(source.get());
    return source.watch(set);
  }, [source]);
  return value;
}
