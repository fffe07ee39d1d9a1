/**
 * @file Answers of the proxy, with all that others chose (names, replies, subjects of certificates) made visible: a character that cannot be seen, or that
 * turns the direction in which its line is read, stands as its number, as in the terminal.
 */

const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Such a character as JSON may have it, as itself or as its number. Hardly any answer has one, and looking into each text takes several times as long. */
const suspect = /\\u[0-9a-f]{4}|[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/i;

const number = (character) => {
  const code = character.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** One text, such as one of a link that somebody has sent. */
export const visible = (text) => text.replace(unseen, number);

/** Reads JSON. */
export const parse = (text) => (suspect.test(text) ? JSON.parse(text, (_, value) => (typeof value === 'string' ? visible(value) : value)) : JSON.parse(text));
