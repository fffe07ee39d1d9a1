/** @file A form for a fault rule, made from the schema that the proxy gives: what a point, an action or a condition is called is written nowhere here. */
import { html, useState } from '../lib/html.js';
import { Problem, send } from '../lib/api.js';
import { useLoad } from '../lib/load.js';
import { kindOf, objectOf, resolve } from '../lib/schema.js';
import { Loaded, Trouble } from './ui.js';

/** What is asked first; everything else is in groups that open. */
const first = ['at', 'ttl'];

const words = (name) => name.replace(/([A-Z])/g, ' $1').toLowerCase();
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The actions of the schema: each a set of members, one of which is the type. */
function actions(schema) {
  const node = resolve(schema, schema.properties?.action);
  return (node?.oneOf ?? node?.anyOf ?? [node]).map((one) => resolve(schema, one)).filter((one) => one?.properties?.type?.const).map((one) => {
    const { type, ...members } = one.properties;
    return { name: type.const, description: one.description, node: { ...one, properties: members } };
  });
}

function Input({ id, node, text, set, label, required }) {
  const { kind, item, values } = kindOf(node);
  const options = values ?? (kind === 'flag' ? ['true', 'false'] : null);
  const common = { id, required, title: node.description ?? '', value: text ?? '', 'aria-label': label };
  if (options) {
    return html`<select ...${common} onChange=${(event) => set(event.target.value)}><option value=""></option>${options.map((one) => html`<option key=${one} value=${one}>${String(one)}</option>`)}</select>`;
  }

  const one = item ?? node;
  const hint = one.pattern?.includes(':') ? '00:00:05' : one.format === 'date-time' ? '2026-12-01T00:00:00Z' : kind === 'list' ? 'several with commas' : '';
  return html`<input ...${common} onInput=${(event) => set(event.target.value)} inputmode=${kindOf(one).kind === 'number' ? 'decimal' : 'text'} placeholder=${hint} autocomplete="off" spellcheck=${false} />`;
}

/** One member: a field, two for a range, or a group of its own. */
function Member({ name, path, node, texts, set, required }) {
  const { kind, item } = kindOf(node);
  const id = `rule-${path}`;
  if (kind === 'group') {
    return html`<fieldset class="form"><legend>${sentence(words(name))}</legend><${Members} node=${node} path=${path} texts=${texts} set=${set} /></fieldset>`;
  }

  const label = html`<span>${words(name)}${required ? ' *' : ''}</span>`;
  return kind === 'range'
    ? html`<div class="range" role="group" aria-label=${words(name)}>${label}<div>${['min', 'max'].map((end) => html`<${Input} key=${end} id=${`${id}.${end}`} node=${{ ...item, description: node.description }} text=${texts[`${path}.${end}`]}
      set=${(text) => set(`${path}.${end}`, text)} label=${`${words(name)}, ${end === 'min' ? 'at least' : 'at most'}`} />`)}</div></div>`
    : html`<label for=${id}>${label}<${Input} id=${id} node=${node} text=${texts[path]} set=${(text) => set(path, text)} required=${required} /></label>`;
}

/** The members of an object. What is required of an object that need not be there is the proxy's to ask for: a browser would ask for all of it. */
const Members = ({ node, path, texts, set, strict }) => Object.entries(node.properties ?? {}).map(([name, member]) => html`<${Member}
  key=${path + name} name=${name} path=${path ? `${path}.${name}` : name} node=${member} texts=${texts} set=${set}
  required=${strict && node.required?.includes(name)} />`);

/** Members that are rarely wanted; how many are set is said where they are folded away. */
function Group({ title, description, node, path, texts, set }) {
  const count = Object.keys(objectOf(node, path, texts) ?? {}).length;
  return html`<details class="group"><summary>${title}${count ? html` <span class="pill is-fault">${count}</span>` : ''} <span class="quiet">${description}</span></summary>
    <div class="form"><${Members} node=${node} path=${path} texts=${texts} set=${set} /></div></details>`;
}

/** The form. */
export function RuleForm({ done }) {
  const schema = useLoad('/api/v1/faults/schema');
  const [texts, setTexts] = useState({ name: 'my-rule', type: 'delay', at: 'rcpt', ttl: '00:10:00' });
  const [problem, setProblem] = useState(null);
  const set = (path, text) => setTexts((old) => ({ ...old, [path]: text }));
  return html`<${Loaded} load=${schema}>${(root) => {
    const kinds = actions(root);
    const kind = kinds.find((one) => one.name === texts.type) ?? kinds[0];
    // What one action was told is not told to the next.
    const at = `action.${kind.name}`;
    const { action, ...members } = root.properties;
    const groups = Object.entries(members).filter(([, node]) => kindOf(node).kind === 'group');
    const rest = Object.entries(members).filter(([name, node]) => !first.includes(name) && kindOf(node).kind !== 'group');
    const submit = async (event) => {
      event.preventDefault();
      const { name, type, ...said } = texts;
      try {
        await send('PUT', `/api/v1/faults/rules/${encodeURIComponent(name)}`, { ...objectOf({ properties: members }, '', said), action: { type: kind.name, ...objectOf(kind.node, at, said) } });
        setProblem(null);
      } catch (error) {
        setProblem(Problem.of(error));
      }

      done();
    };
    return html`<form class="rule" onSubmit=${submit}>
      <div class="form">
        <${Member} name="name" path="name" node=${{ type: 'string', description: 'What it is called' }} texts=${texts} set=${set} required />
        <${Member} name="type" path="type" node=${{ enum: kinds.map((one) => one.name), description: action.description }} texts=${texts} set=${set} required />
        ${first.map((name) => html`<${Member} key=${name} name=${name} path=${name} node=${members[name]} texts=${texts} set=${set} required />`)}
        <${Members} node=${kind.node} path=${at} texts=${texts} set=${set} strict />
      </div>
      ${kind.description && html`<p class="quiet">${kind.description}</p>`}
      ${groups.map(([name, node]) => html`<${Group} key=${name} title=${sentence(words(name))} description=${node.description} node=${node} path=${name} texts=${texts} set=${set} />`)}
      <${Group} title="More" description="Order, chance, times." node=${{ properties: Object.fromEntries(rest) }} path="" texts=${texts} set=${set} />
      <div class="submit"><button type="submit" class="primary">Arm it</button></div>
      ${problem && html`<${Trouble} problem=${problem} />`}
    </form>`;
  }}</${Loaded}>`;
}
