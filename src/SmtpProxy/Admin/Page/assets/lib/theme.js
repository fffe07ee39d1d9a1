/** @file Dark or light: as the system says, until somebody chooses. */
import { observable } from './observable.js';

const key = 'smtpproxy-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

const stored = () => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const current = () => stored() ?? (system.matches ? 'dark' : 'light');

/** "dark" or "light". */
export const theme = observable(current());

function apply(value) {
  document.documentElement.dataset.theme = value;
}

theme.watch(apply);
apply(theme.get());
system.addEventListener('change', () => theme.set(current()));

/** Chooses the other one. */
export function switchTheme() {
  const next = theme.get() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(key, next);
  } catch {
    // Then it holds until the page is closed.
  }

  theme.set(next);
}
