import {
  type Attribute,
  attributeSet,
  definition,
  type FamilySpec,
  messageOperation,
  type OperationSpec,
} from '../ynl/spec.ts';

/** One line per operation, as pyynl prints them; with `all` the notifications too. */
export function listOperations(family: FamilySpec, all: boolean): string {
  return family.operations
    .filter((op) => all || op.do !== undefined || op.dump !== undefined)
    .map((op) => `${op.name}  [ ${modes(op).join(', ')} ]\n`)
    .join('');
}

function modes(op: OperationSpec): string[] {
  const out = [op.do && 'do', op.dump && 'dump', op.notify && 'notify', op.event && 'event', op.stream && 'stream'];
  return out.filter((mode) => mode !== undefined);
}

/** Attributes of one operation, requests and replies. */
export function listAttributes(family: FamilySpec, op: OperationSpec): string {
  const source = messageOperation(family, op);
  const { attributes } = attributeSet(family, source.attributeSet);
  const out = [`Operation: ${op.name}\n${op.doc}\n`];
  const section = (title: string, names: readonly string[] | undefined): void => {
    if (names === undefined) return;
    out.push(`\n${title} attributes:\n`);
    for (const name of names) out.push(describe(family, name, attributes[name]));
    if (names.length === 0) out.push('  (none)\n');
  };
  section('Do request', op.do?.request.attributes);
  section('Do reply', op.do?.reply?.attributes);
  section('Dump request', op.dump?.request.attributes);
  section('Dump reply', op.dump?.reply?.attributes);
  if (op.notify !== undefined) section('Notification', (source.do ?? source.dump)?.reply?.attributes);
  section('Event', op.event?.attributes);
  return out.join('');
}

function describe(family: FamilySpec, name: string, attribute: Attribute): string {
  const notes = [
    attribute.multiAttr && 'repeated',
    attribute.nested && `of ${Object.keys(attributeSet(family, attribute.nested).attributes).join(', ') || 'nothing'}`,
    attribute.enum &&
      `${definition(family, attribute.enum).type}: ${Object.keys(definition(family, attribute.enum).entries).join(', ')}`,
    attribute.scalar && `or ${attribute.scalar}`,
    attribute.since && `since Linux ${attribute.since}`,
    attribute.until && `up to Linux ${attribute.until}`,
  ].filter((note) => typeof note === 'string');
  const extra = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `  - ${name}: ${attribute.type}${extra}\n    ${attribute.doc ?? ''}\n`;
}
