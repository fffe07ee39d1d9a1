/**
 * @file While something is pressed, nothing on the page changes. A list that grows would take a link away from under the pointer between the press and the
 * release, and the browser gives such a click to neither of the two.
 */

/** A press of which nobody tells the end; milliseconds. */
const longest = 10000;
let held = [];
let pressed = false;
let timer = 0;

function letGo() {
  clearTimeout(timer);
  pressed = false;
  const changes = held;
  held = [];
  changes.forEach((change) => change());
}

/** The click comes with the release, before any timer. */
function release() {
  if (pressed) {
    clearTimeout(timer);
    timer = setTimeout(letGo);
  }
}

addEventListener('pointerdown', () => {
  clearTimeout(timer);
  pressed = true;
  timer = setTimeout(letGo, longest);
}, true);
addEventListener('pointerup', release, true);
addEventListener('pointercancel', release, true);
// The window's own: another one, or the list of a select, has the pointer.
addEventListener('blur', release);
addEventListener('pointermove', (event) => event.buttons === 0 && release(), true);

/** Does it now, or when nothing is pressed any more. */
export function whenStill(change) {
  if (pressed) {
    held.push(change);
  } else {
    change();
  }
}
