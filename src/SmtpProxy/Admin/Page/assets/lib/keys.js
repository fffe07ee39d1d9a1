/** @file Keys: single ones, and two after each other ("g s"). Nothing happens while somebody types, but for Escape. */

const maps = [];
let first = null;
let timer = 0;

const typing = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

/** Adds keys; the newest map is asked first. The answer takes them away again. */
export function keys(map) {
  maps.unshift(map);
  return () => maps.splice(maps.indexOf(map), 1);
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (typing(event.target) && event.key !== 'Escape')) {
    return;
  }

  // A dialog has keys of its own.
  if (document.querySelector('dialog[open]')) {
    return;
  }

  const name = first ? `${first} ${event.key}` : event.key;
  first = null;
  clearTimeout(timer);
  const found = maps.find((map) => map[name]);
  if (found) {
    // Enter on a link or a button is that link's or button's.
    if (event.key === 'Enter' && /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName)) {
      return;
    }

    event.preventDefault();
    found[name](event);
  } else if (event.key === 'g') {
    first = 'g';
    timer = setTimeout(() => (first = null), 1500);
  }
});

/** What the help shows. */
export const help = [
  ['/', 'search'], ['g n', 'Now'], ['g s', 'Sessions'], ['g m', 'Find a message'], ['g c', 'Clients'], ['g r', 'Relays'], ['g f', 'Faults'], ['g p', 'Fleet'], ['g o', 'Codes'], ['g e', 'Setup'],
  ['j  k', 'down, up in a list'], ['Enter', 'open what is marked'], ['Esc', 'back'], ['p', 'pause or go on'], ['h', 'hide or show noise'], ['t', 'dark or light'], ['?', 'these keys'],
];
