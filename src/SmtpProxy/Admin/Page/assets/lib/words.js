/** @file The field's terms in plain words, each in one place. */

const operations = {
  connect: 'connect', greeting: '220', ehlo: 'EHLO', starttls: 'STARTTLS', tls_handshake: 'TLS handshake', auth: 'AUTH', mail: 'MAIL', rcpt: 'RCPT', data: 'DATA (354)',
  body: 'message body', end_of_data: 'end of data', bdat: 'BDAT', rset: 'RSET', noop: 'NOOP', vrfy: 'VRFY', quit: 'QUIT', other: 'another command',
  data_ready: '220 → 354',
};

/** An operation or phase. */
export const operation = (name) => operations[name] ?? String(name).replaceAll('_', ' ');

const waits = {
  client_command: ['client', 'for the client’s next command'], client_message: ['client', 'for the client’s message'], client_read: ['client', 'for the client to read'],
  relay_read: ['relay', 'for the relay to read'], opaque: ['nobody', 'unseen traffic passes'], fault: ['fault', 'held by a fault'], connect: ['relay', 'for the relay to accept the connection'],
  greeting: ['relay', 'for the relay’s 220'], data: ['relay', 'for the relay’s 354'], end_of_data: ['relay', 'for the relay’s answer to the message'],
};

/** What a live session waits for: who is asked, and a phrase. */
export const wait = (what) => waits[what] ?? ['relay', `for the relay’s answer to ${operation(what)}`];

const outcomes = {
  quit: 'ended with QUIT', client_gone: 'the client went away', relay_gone: 'the relay went away', timeout: 'timed out', refused: 'refused', connect_failed: 'no connection to a relay',
  shutdown: 'the proxy was stopped', fault: 'ended by a fault',
};

/** How a session ended. */
export const outcome = (name) => (name === null || name === undefined ? 'is going on' : outcomes[name] ?? String(name).replaceAll('_', ' '));

/** Verdicts in the order of how bad they are. */
export const verdicts = [
  ['accepted', 'accepted', 'good'], ['tempfail', 'refused for now', 'later'], ['permfail', 'refused', 'bad'], ['partial', 'accepted in part', 'later'],
  ['reset', 'reset', 'none'], ['aborted', 'aborted', 'bad'],
];

/** What was refused: a command, the message, or the session as a whole. */
export const refused = (refusal) => (refusal.verb === '.' ? 'the message' : refusal.verb === '' ? 'an empty line' : refusal.verb ?? 'the connection');

/** What became of a session's messages, in one word and its colour. */
export function result(session) {
  const found = verdicts.filter(([name]) => session.messages?.[name] > 0);
  if (session.live) {
    return ['open', 'live'];
  }

  if (found.length > 0) {
    const worst = found[found.length - 1];
    const number = session.messages[worst[0]];
    return [number > 1 ? `${number} ${worst[1]}` : worst[1], worst[2]];
  }

  if (session.refusals?.length > 0) {
    return ['refused', session.refusals[0].code >= 500 ? 'bad' : 'later'];
  }

  return session.outcome === 'quit' ? ['no message', 'none'] : [String(session.outcome ?? '').replaceAll('_', ' '), 'bad'];
}

const tls = { none: 'none', starttls: 'STARTTLS', refused: 'refused', implicit: 'implicit' };

/** How TLS was used on a session, with the version where it is known. */
export const secured = (session) => {
  const version = session.tls_client?.version ?? session.tls_relay?.version;
  return session.tls === 'none' || !version ? tls[session.tls] ?? session.tls ?? '–' : `TLS ${version.replace('TLSv', '')}`;
};

/** What would break if it were switched off, as the clients are looked through. */
export const breaks = { tls10: 'TLS 1.0', tls11: 'TLS 1.1', plaintext_auth: 'AUTH in the clear', clear: 'Sessions without TLS', port25: 'Port 25' };
