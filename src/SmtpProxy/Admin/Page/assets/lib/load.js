/** @file Reading something for a view: once, and again every so often while the view and the tab are looked at. */
import { useCallback, useEffect, useRef, useState } from './html.js';
import { get, Problem } from './api.js';

/**
 * @param {string|null} path What to read; null: nothing.
 * @param {number} [every] Milliseconds between two readings; without it, once.
 * @returns {{ data: any, problem: Problem|null, reload: () => void }} What was read last stays while a later reading fails.
 */
export function useLoad(path, every = 0) {
  const [state, set] = useState({ path: null, data: null, problem: null });
  const again = useRef(() => {});
  useEffect(() => {
    if (!path) {
      return undefined;
    }

    const abort = new AbortController();
    let timer = 0;
    const read = async () => {
      clearTimeout(timer);
      try {
        const data = await get(path, { signal: abort.signal });
        set({ path, data, problem: null });
      } catch (error) {
        if (error?.name === 'AbortError') {
          return;
        }

        set((old) => ({ path, data: old.path === path ? old.data : null, problem: Problem.of(error) }));
      }

      if (every && !abort.signal.aborted && !document.hidden) {
        timer = setTimeout(read, every);
      }
    };
    const seen = () => !document.hidden && read();
    again.current = read;
    document.addEventListener('visibilitychange', seen);
    read();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [path, every]);
  const reload = useCallback(() => again.current(), []);
  // What belongs to another path is nothing yet.
  return state.path === path ? { ...state, reload } : { data: null, problem: null, reload };
}
