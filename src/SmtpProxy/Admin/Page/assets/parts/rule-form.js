/** @file A form for a fault rule, made from the schema that the proxy gives: what a point or an action is called is written nowhere here. */
import { html, useState } from '../lib/html.js';
import { Problem, send } from '../lib/api.js';
import { useLoad } from '../lib/load.js';
import { Loaded, Trouble } from './ui.js';

/** Follows a reference inside the schema. */
function resolve(schema, node) {
  return node?.$ref ? node.$ref.replace(/^#\//, '').split('/').reduce((at, part) => at?.[part], schema) : node;
}

/** The actions of the schema: each a set of members, one of which is the type. */
function actions(schema) {
  const node = resolve(schema, schema.properties?.action);
  return (node?.oneOf ?? node?.anyOf ?? [node]).map((one) => resolve(schema, one)).filter((one) => one?.properties?.type).flatMap((one) => {
    const type = one.properties.type;
    return (type.const ? [type.const] : type.enum ?? []).map((name) => ({ name, description: one.description ?? type.description, required: one.required ?? [], members: Object.entries(one.properties).filter(([member]) => member !== 'type') }));
  });
}

const typeOf = (node) => (node.enum ? 'enum' : Array.isArray(node.type) ? node.type[0] : node.type ?? resolveUnion(node));
const resolveUnion = (node) => { const first = (node.anyOf ?? node.oneOf ?? [])[0]; return first?.enum ? 'enum' : first?.type ?? 'string'; };

/** The value as the rule wants it; undefined where the field is empty. */
function value(node, text) {
  if (text === undefined || text === '') {
    return undefined;
  }

  const type = typeOf(node);
  return type === 'integer' || type === 'number' ? Number(text) : type === 'boolean' ? text === 'true' : text;
}

function Field({ name, node, required, text, set }) {
  const type = typeOf(node);
  const values = node.enum ?? (node.anyOf ?? node.oneOf ?? []).find((one) => one.enum)?.enum ?? (type === 'boolean' ? ['true', 'false'] : null);
  const id = `rule-${name}`;
  const change = (event) => set(name, event.target.value);
  const common = { id, required, title: node.description ?? '' };
  return html`<label for=${id}><span>${name.replace(/([A-Z])/g, ' $1').toLowerCase()}${required ? ' *' : ''}</span>${values
    ? html`<select ...${common} value=${text ?? ''} onChange=${change}><option value=""></option>${values.map((one) => html`<option key=${one} value=${one}>${String(one)}</option>`)}</select>`
    : html`<input ...${common} value=${text ?? ''} onInput=${change} inputmode=${type === 'integer' || type === 'number' ? 'decimal' : 'text'} placeholder=${node.pattern?.includes(':') ? '00:00:05' : ''} autocomplete="off" />`}</label>`;
}

const simple = (node) => !['object', 'array'].includes(typeOf(node));

/** The form. */
export function RuleForm({ done }) {
  const schema = useLoad('/api/v1/faults/schema');
  const [fields, setFields] = useState({ name: 'my-rule', ttl: '00:10:00', at: 'rcpt', type: 'delay' });
  const [problem, setProblem] = useState(null);
  const set = (name, text) => setFields((old) => ({ ...old, [name]: text }));
  return html`<${Loaded} load=${schema}>${(root) => {
    const kinds = actions(root);
    const kind = kinds.find((one) => one.name === fields.type);
    const members = (kind?.members ?? []).map(([name, node]) => [name, resolve(root, node)]).filter(([, node]) => simple(node));
    const submit = async (event) => {
      event.preventDefault();
      const action = { type: fields.type };
      for (const [name, node] of members) {
        const given = value(node, fields[`action.${name}`]);
        if (given !== undefined) {
          action[name] = given;
        }
      }

      const rule = { at: fields.at, action, ttl: fields.ttl };
      const match = Object.fromEntries([['listener', fields.listener], ['clientCidr', fields.clientCidr]].filter(([, text]) => text));
      if (Object.keys(match).length) {
        rule.match = match;
      }

      if (fields.probability) {
        rule.probability = Number(fields.probability);
      }

      try {
        await send('PUT', `/api/v1/faults/rules/${encodeURIComponent(fields.name)}`, rule);
        setProblem(null);
      } catch (error) {
        setProblem(Problem.of(error));
      }

      done();
    };
    const own = { type: 'string' };
    return html`<form class="form" onSubmit=${submit}>
      <${Field} name="name" node=${own} required text=${fields.name} set=${set} />
      <${Field} name="at" node=${root.properties.at} required text=${fields.at} set=${set} />
      <${Field} name="type" node=${{ enum: kinds.map((one) => one.name), description: 'The action' }} required text=${fields.type} set=${set} />
      ${members.map(([name, node]) => html`<${Field} key=${fields.type + name} name=${`action.${name}`} node=${node} required=${kind.required.includes(name)} text=${fields[`action.${name}`]} set=${set} />`)}
      <${Field} name="listener" node=${own} text=${fields.listener} set=${set} />
      <${Field} name="clientCidr" node=${own} text=${fields.clientCidr} set=${set} />
      <${Field} name="probability" node=${{ type: 'number', description: '0 to 1; empty: always' }} text=${fields.probability} set=${set} />
      <${Field} name="ttl" node=${{ type: 'string', description: 'how long it lives, as 00:10:00' }} required text=${fields.ttl} set=${set} />
      <div class="submit"><button type="submit" class="primary">Arm it</button>${kind?.description && html`<span class="quiet">${kind.description}</span>`}</div>
      ${problem && html`<${Trouble} problem=${problem} />`}
    </form>`;
  }}</${Loaded}>`;
}
