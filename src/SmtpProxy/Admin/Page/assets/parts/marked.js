/** @file A list that is walked with j and k and opened with Enter. */
import { useEffect, useRef, useState } from '../lib/html.js';
import { keys } from '../lib/keys.js';

/**
 * @param {any[]} list The rows.
 * @param {(row: any) => string} id What a row is known by: the mark stays on it while others come and go.
 * @param {(row: any) => void} open What Enter does.
 * @returns {{ mark: string|null, set: (id: string|null) => void }}
 */
export function useMarked(list, id, open) {
  const [mark, set] = useState(null);
  const now = useRef({});
  now.current = { list, mark, open };
  useEffect(() => {
    const move = (step) => {
      const { list: rows, mark: old } = now.current;
      if (rows.length > 0) {
        const at = rows.findIndex((row) => id(row) === old);
        const next = id(rows[Math.min(rows.length - 1, Math.max(0, at + step))]);
        set(next);
        const row = document.querySelector(`[data-row="${CSS.escape(next)}"]`);
        row?.scrollIntoView({ block: 'nearest' });
        // Whoever cannot see the mark hears where it is.
        row?.querySelector('a')?.focus({ preventScroll: true });
      }
    };
    const enter = () => {
      const row = now.current.list.find((one) => id(one) === now.current.mark);
      if (row) {
        now.current.open(row);
      }
    };
    return keys({ j: () => move(1), k: () => move(-1), Enter: enter });
  }, []);
  return { mark, set };
}
