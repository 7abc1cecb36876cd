import { KindGuard, type TObject, type TSchema } from '@sinclair/typebox';
import { settings } from '../../../src/config.ts';
import { netdevSchema } from '../../../src/config-schema.ts';
import { ERRORS } from '../../../src/kernel/error-catalogue.ts';
import type { Exchange, FamilySpec, OperationSpec } from '../../../src/ynl/spec.ts';

/** The tables of docs/ that follow from specs and schemas. */

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function names(attributes: readonly string[] | undefined): string {
  return attributes === undefined || attributes.length === 0 ? '' : attributes.map((a) => `\`${a}\``).join(' ');
}

function how(op: OperationSpec): string {
  const kinds: string[] = [];
  if (op.do !== undefined && op.stream !== 'hold') kinds.push('do');
  if (op.dump !== undefined) kinds.push('dump');
  if (op.stream !== undefined) kinds.push('stream');
  if (op.flags?.includes('admin-perm')) kinds.push('admin');
  if (op.blocking) kinds.push('waits');
  if (op.extension) kinds.push('extension');
  return kinds.join(', ');
}

function request(op: OperationSpec): string {
  const dump = op.dump?.request.attributes ?? [];
  const parts = [names(op.do?.request.attributes)];
  if (dump.length > 0) parts.push(op.do === undefined ? names(dump) : `(dump: ${names(dump)})`);
  return parts.filter((p) => p !== '').join(' ');
}

/** Operations and notifications of every family. */
export function familyTables(families: readonly FamilySpec[]): string {
  return families
    .map((family) => {
      const ops = family.operations.filter((op) => op.do !== undefined || op.dump !== undefined);
      const rows = ops.map((op) => {
        const reply: Exchange | undefined = op.do ?? op.dump;
        return [`\`${op.name}\``, how(op), op.doc, request(op), names(reply?.reply?.attributes)];
      });
      const notes = family.operations.filter((op) => op.notify !== undefined || op.event !== undefined);
      const groups = notes.map((op) => `- \`${op.name}\` (group \`${op.mcgrp}\`): ${op.doc}`);
      const head = `### ${family.name}\n\n${family.doc}\n\n`;
      const body = table(['operation', 'how', 'meaning', 'request', 'reply'], rows);
      return head + body + (groups.length === 0 ? '' : `\n\nNotifications:\n\n${groups.join('\n')}`);
    })
    .join('\n\n');
}

/** Every error that has a text. */
export function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([name, e]) => [`\`${name}\``, e.errno, `\`${e.msg}\``, e.origin]);
  return table(['name', 'errno', 'text', 'origin'], rows);
}

function values(schema: TSchema): string {
  if (KindGuard.IsUnion(schema)) return schema.anyOf.map(values).join(', ');
  if (KindGuard.IsLiteral(schema)) return `\`${schema.const}\``;
  if (KindGuard.IsNull(schema)) return 'null';
  if (KindGuard.IsBoolean(schema)) return 'true, false';
  if (KindGuard.IsInteger(schema)) return `${schema.minimum} to ${schema.maximum}`;
  if (KindGuard.IsArray(schema)) return `list of up to ${schema.maxItems}`;
  if (KindGuard.IsObject(schema)) return 'section';
  if (KindGuard.IsString(schema) && schema.pattern !== undefined) return `matches \`${schema.pattern}\``;
  if (KindGuard.IsString(schema))
    return schema.maxLength === undefined ? 'text' : `up to ${schema.maxLength} characters`;
  throw new Error('a kind of setting that the table cannot show');
}

function initial(schema: TSchema): string {
  if (schema.default === undefined) return '';
  const text = JSON.stringify(schema.default);
  return text.length > 60 ? 'see below' : `\`${text}\``;
}

/** Every setting. */
export function settingsTable(): string {
  const rows = settings.map((s) => [`\`${s.path}\``, s.schema.description ?? '', values(s.schema), initial(s.schema)]);
  return table(['setting', 'meaning', 'values', 'default'], rows);
}

/** The fields of one entry of topology.netdevs. */
export function netdevTable(): string {
  const rows: string[][] = [];
  const walk = (object: TObject, prefix: string): void => {
    for (const [key, schema] of Object.entries(object.properties)) {
      if (KindGuard.IsObject(schema)) walk(schema, `${prefix}${key}.`);
      else rows.push([`\`${prefix}${key}\``, schema.description ?? '', values(schema), initial(schema)]);
    }
  };
  walk(netdevSchema, '');
  return table(['field', 'meaning', 'values', 'default'], rows);
}
