/** @file Reading a JSON Schema for a form: what kind of field a member is, and how what was typed becomes a value. */

/** Follows a reference inside the schema. */
export function resolve(schema, node) {
  return node?.$ref ? node.$ref.replace(/^#\//, '').split('/').reduce((at, part) => at?.[part], schema) : node;
}

const choices = (node) => node.anyOf ?? node.oneOf ?? [node];
const isRange = (node) => node.type === 'object' && Object.keys(node.properties ?? {}).sort().join() === 'max,min';

/**
 * What a member is asked for as.
 * @returns {{ kind: 'choice'|'flag'|'number'|'text'|'list'|'range'|'group', item?: object, values?: any[] }} `item` is what a list or a range is made of.
 */
export function kindOf(node) {
  const options = choices(node);
  const list = options.find((one) => one.type === 'array');
  const range = options.find(isRange);
  const values = options.find((one) => one.enum)?.enum;
  if (list) {
    return { kind: 'list', item: list.items };
  }

  if (range) {
    return { kind: 'range', item: range.properties.min };
  }

  const type = [options[0].type].flat()[0];
  return values ? { kind: 'choice', values } : type === 'object' ? { kind: 'group' } : { kind: { boolean: 'flag', integer: 'number', number: 'number' }[type] ?? 'text' };
}

const typed = (node, text) => (kindOf(node).kind === 'number' ? Number(text) : text);

/**
 * The value of a member.
 * @param {object} node Its schema.
 * @param {string} path Where it stands, with dots.
 * @param {Record<string, string>} texts What was typed, by path.
 * @returns {any} undefined: nothing was said.
 */
export function valueOf(node, path, texts) {
  const { kind, item } = kindOf(node);
  const text = texts[path]?.trim();
  if (kind === 'group') {
    return objectOf(node, path, texts);
  }

  if (kind === 'range') {
    const limits = ['min', 'max'].map((name) => [name, texts[`${path}.${name}`]?.trim()]).filter(([, said]) => said);
    return limits.length ? Object.fromEntries(limits.map(([name, said]) => [name, typed(item, said)])) : undefined;
  }

  if (!text) {
    return undefined;
  }

  return kind === 'list' ? text.split(',').map((part) => part.trim()).filter(Boolean).map((part) => typed(item, part)) : kind === 'flag' ? text === 'true' : typed(node, text);
}

/** The members of an object that were said; undefined: none was. */
export function objectOf(node, path, texts) {
  const members = Object.entries(node.properties ?? {}).map(([name, member]) => [name, valueOf(member, path ? `${path}.${name}` : name, texts)]).filter(([, value]) => value !== undefined);
  return members.length ? Object.fromEntries(members) : undefined;
}
