/** @file The catalogue of reply codes, read once, for the meanings that stand beside every code. */
import { get } from './api.js';
import { observable } from './observable.js';

/** The catalogue; null until it has been read. */
export const catalogue = observable(null);
let asked = null;

/** Reads it, once. */
export function needCodes() {
  asked ??= get('/api/v1/codes').then((all) => catalogue.set({
    ...all,
    byCode: new Map((all.replies ?? []).map((entry) => [entry.code, entry])),
    byEnhanced: new Map((all.enhanced ?? []).map((entry) => [entry.code, entry])),
  })).catch(() => { asked = null; });
}

/** A code's meaning in one sentence; empty while it is not known. */
export function meaning(all, code, enhanced) {
  const entry = all?.byCode.get(code);
  const second = enhanced ? all?.byEnhanced.get(`X${enhanced.slice(1)}`) : null;
  return [entry && `${code} ${entry.name}: ${entry.meaning}`, second && `${enhanced} ${second.name}: ${second.meaning}`].filter(Boolean).join('\n');
}
