import type { Attribute, Exchange, FamilySpec } from '../src/ynl/spec.ts';

const HEAD = '// Made by scripts/generate.ts from schemas. Do not edit: npm run generate\n';
const INTS = new Set(['u8', 'u16', 'u32', 's8', 's16', 's32']);
const WIDE_INTS = new Set(['u64', 's64', 'uint', 'sint']);

/** TypeScript of one family: the spec as data, its numbers, and interfaces of all messages. */
export function renderFamily(spec: FamilySpec): string {
  const out = [HEAD, "import type { FamilySpec } from '../spec.ts';\n\n"];
  out.push(`export const ${camel(spec.name)}Spec = ${literal(spec, 0)} as const satisfies FamilySpec;\n`);
  for (const [name, def] of Object.entries(spec.definitions)) {
    const values = Object.entries(def.entries).map(([entry, value]) => [
      entry,
      def.type === 'flags' ? 2 ** value : value,
    ]);
    out.push(`\n/** ${def.doc ?? name}${def.type === 'flags' ? ' Bit masks.' : ''} */\n`);
    out.push(`export const ${upper(spec.name)}_${upper(name)} = ${literal(Object.fromEntries(values), 0)} as const;\n`);
    const union = Object.keys(def.entries).map(quote).join(' | ');
    out.push(`export type ${pascal(spec.name)}${pascal(name)} = ${union};\n`);
  }
  for (const [name, set] of Object.entries(spec.attributeSets)) {
    const all = Object.keys(set.attributes).filter((key) => !['pad', 'unused'].includes(set.attributes[key].type));
    const type = `${pascal(spec.name)}${pascal(name)}`;
    out.push(`\n/** ${set.doc ?? name} As JSON. */\n`);
    out.push(fields(`${type}Set`, all, [], set.attributes, (attr) => jsonType(spec, attr)));
    out.push(`/** The same, decoded. */\n`);
    out.push(fields(`${type}Attrs`, all, [], set.attributes, (attr) => decodedType(spec, attr)));
  }
  for (const op of spec.operations) {
    for (const mode of ['do', 'dump'] as const) {
      const exchange = op[mode];
      if (exchange !== undefined) out.push(messages(spec, op.name, op.doc, op.attributeSet, mode, exchange));
    }
    if (op.event !== undefined) {
      const { attributes } = spec.attributeSets[op.attributeSet];
      const type = `${pascal(spec.name)}${pascal(op.name)}Event`;
      out.push(`\n/** ${op.doc} */\n`);
      out.push(fields(type, op.event.attributes, [], attributes, (attr) => jsonType(spec, attr)));
    }
  }
  return out.join('');
}

function messages(
  spec: FamilySpec,
  op: string,
  doc: string,
  set: string,
  mode: 'do' | 'dump',
  exchange: Exchange,
): string {
  const { attributes } = spec.attributeSets[set];
  const type = `${pascal(spec.name)}${pascal(op)}${pascal(mode)}`;
  const { request, reply } = exchange;
  const always = reply?.always ?? [];
  let out = `\n/** Request of ${op} (${mode}) as JSON. ${doc} */\n`;
  out += fields(`${type}Request`, request.attributes, [], attributes, (attr) => jsonType(spec, attr));
  out += `/** The same, decoded. */\n`;
  out += fields(`${type}Attrs`, request.attributes, [], attributes, (attr) => decodedType(spec, attr));
  if (reply === undefined) return `${out}export type ${type}Reply = null;\n`;
  out += fields(`${type}Reply`, reply.attributes, always, attributes, (attr) => jsonType(spec, attr));
  out += `/** What the operation hands to the renderer. */\n`;
  return out + fields(`${type}ReplyAttrs`, reply.attributes, always, attributes, (attr) => decodedType(spec, attr));
}

/** TypeScript that lists every family. */
export function renderIndex(specs: readonly FamilySpec[]): string {
  const out = [HEAD, "import type { FamilySpec } from '../spec.ts';\n"];
  for (const { name } of [...specs].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    out.push(`import { ${camel(name)}Spec } from './${name}.ts';\n`);
  }
  out.push('\nexport const families: readonly FamilySpec[] = [\n');
  for (const { name } of specs) out.push(`  ${camel(name)}Spec,\n`);
  out.push('];\n\n');
  out.push('const byName = new Map(families.map((family) => [family.name, family]));\n\n');
  out.push('/** The family of that name. */\n');
  out.push('export function findFamily(name: string): FamilySpec | undefined {\n  return byName.get(name);\n}\n');
  return out.join('');
}

function fields(
  type: string,
  names: readonly string[],
  always: readonly string[],
  attributes: { readonly [name: string]: Attribute },
  typeOf: (attribute: Attribute) => string,
): string {
  // An interface without members would accept any value.
  if (names.length === 0) return `export type ${type} = Record<string, never>;\n`;
  const lines = names.map((name) => {
    const attr = attributes[name];
    const value = typeOf(attr);
    return `  /** ${attr.doc} */\n  ${key(name)}${always.includes(name) ? '' : '?'}: ${value};\n`;
  });
  return `export interface ${type} {\n${lines.join('')}}\n`;
}

function jsonType(spec: FamilySpec, attr: Attribute): string {
  let base = 'never';
  if (attr.enum !== undefined) {
    const name = `${pascal(spec.name)}${pascal(attr.enum)}`;
    const flags = attr.enumAsFlags === true || spec.definitions[attr.enum].type === 'flags';
    base = flags ? `${name} | (${name} | number)[] | number` : `${name} | number`;
  } else if (INTS.has(attr.type)) base = 'number';
  else if (WIDE_INTS.has(attr.type)) base = 'number | string';
  else if (attr.type === 'flag') base = 'boolean';
  else if (attr.type === 'string' || attr.type === 'binary') base = 'string';
  else if (attr.nested !== undefined) base = `${pascal(spec.name)}${pascal(attr.nested)}Set`;
  if (attr.multiAttr) base = base.includes('|') ? `(${base})[]` : `${base}[]`;
  return attr.scalar === undefined ? base : `number | ${base}`;
}

function decodedType(spec: FamilySpec, attr: Attribute): string {
  let base = 'never';
  if (INTS.has(attr.type) || WIDE_INTS.has(attr.type)) base = 'number';
  else if (attr.type === 'flag') base = 'boolean';
  else if (attr.type === 'string') base = 'string';
  else if (attr.type === 'binary') base = 'Uint8Array';
  else if (attr.nested !== undefined) base = `${pascal(spec.name)}${pascal(attr.nested)}Attrs`;
  if (attr.multiAttr) base = `${base}[]`;
  return attr.scalar === undefined ? base : `number | ${base}`;
}

/** Source text of plain data; short objects and lists stay on one line. */
function literal(value: unknown, depth: number): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const items = Array.isArray(value)
    ? value.map((item) => literal(item, depth + 1))
    : Object.entries(value).map(([name, item]) => `${key(name)}: ${literal(item, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return open + close;
  const line = Array.isArray(value) ? `[${items.join(', ')}]` : `{ ${items.join(', ')} }`;
  const indent = '  '.repeat(depth);
  if (line.length + indent.length <= 120 && !line.includes('\n')) return line;
  return `${open}\n${items.map((item) => `${indent}  ${item},\n`).join('')}${indent}${close}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quote(name);
}

function pascal(name: string): string {
  return name
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function camel(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
