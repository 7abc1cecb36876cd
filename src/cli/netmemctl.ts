#!/usr/bin/env node
/**
 * netmemctl: the daemon's control plane from the command line, with the options and the output of the kernel's
 * tools/net/ynl/pyynl/cli.py. Exit status: 0 done, 1 the daemon refused or cannot be reached, 2 a wrong command line.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { families, findFamily } from '../ynl/generated/index.ts';
import { type FamilySpec, findOperation, type OperationSpec } from '../ynl/spec.ts';
import { DaemonLink, type Problem, Refused } from './daemon-link.ts';
import { listAttributes, listOperations } from './listing.ts';
import { HELP, type Options, readOptions, UsageError } from './options.ts';

/** Where the output goes, and what ends a subscription early. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly interrupt?: AbortSignal;
}

/** Runs one command line and tells its exit status. */
export async function netmemctl(args: readonly string[], terminal: Terminal): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
    if (options.help) {
      terminal.out(HELP);
      return 0;
    }
    if (options.listFamilies) {
      terminal.out(families.map(({ name }) => `${name}\n`).join(''));
      return 0;
    }
    const family = familyOf(options);
    const listing = list(family, options);
    if (listing !== undefined && options.subscribe === undefined) {
      terminal.out(listing);
      return 0;
    }
    return await act(family, options, listing, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`netmemctl: ${error.message}\n`);
    return 2;
  }
}

function familyOf(options: Options): FamilySpec {
  const family = findFamily(options.family as string);
  if (family === undefined) {
    throw new UsageError(`no family ${options.family}; there are ${families.map(({ name }) => name).join(', ')}`);
  }
  return family;
}

function operationOf(family: FamilySpec, name: string): OperationSpec {
  const op = findOperation(family, name);
  if (op === undefined || (op.do === undefined && op.dump === undefined)) {
    const names = family.operations
      .filter((one) => one.do !== undefined || one.dump !== undefined)
      .map((one) => one.name);
    throw new UsageError(`family ${family.name} has no operation ${name}; there are ${names.join(', ')}`);
  }
  return op;
}

function list(family: FamilySpec, options: Options): string | undefined {
  if (options.listOps || options.listMsgs) return listOperations(family, options.listMsgs);
  if (options.listAttrs === undefined) return undefined;
  if (options.listAttrs === '') return family.operations.map((op) => listAttributes(family, op)).join('\n');
  const op = findOperation(family, options.listAttrs);
  return listAttributes(family, op ?? operationOf(family, options.listAttrs));
}

/** The subscription comes first, then the operation, then the notifications, those of the meantime included. */
async function act(
  family: FamilySpec,
  options: Options,
  listing: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const name = options.do ?? options.dump;
  if (name !== undefined) operationOf(family, name);
  if (options.subscribe !== undefined && !family.mcastGroups.includes(options.subscribe)) {
    const groups = family.mcastGroups.length === 0 ? 'it has none' : `there are ${family.mcastGroups.join(', ')}`;
    throw new UsageError(`family ${family.name} has no multicast group ${options.subscribe}; ${groups}`);
  }
  const attrs = attributesOf(options.json);
  const print = (value: unknown): void => terminal.out(`${JSON.stringify(value, null, options.outputJson ? 0 : 2)}\n`);
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  terminal.interrupt?.addEventListener('abort', interrupted);
  let timer: NodeJS.Timeout | undefined;
  let link: DaemonLink | undefined;
  try {
    link = openLink(options);
    const events =
      options.subscribe === undefined ? undefined : await link.subscribe(family.name, options.subscribe, stop.signal);
    if (listing !== undefined) terminal.out(listing);
    if (options.do !== undefined) print(await link.do(family.name, options.do, options.json));
    if (options.dump !== undefined) print(await link.dump(family.name, options.dump, attrs));
    if (events !== undefined) {
      if (options.duration !== undefined) timer = setTimeout(interrupted, options.duration * 1000);
      for await (const event of events) print(event);
    }
    return 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (stop.signal.aborted) return 0;
    if (error instanceof Refused) terminal.out(errorText(error.problem));
    else terminal.err(`netmemctl: ${options.url}: ${reason(error)}\n`);
    return 1;
  } finally {
    clearTimeout(timer);
    terminal.interrupt?.removeEventListener('abort', interrupted);
    await link?.close();
  }
}

function openLink(options: Options): DaemonLink {
  if (
    !options.url.startsWith('unix:') &&
    !/^https?:$/.test(URL.canParse(options.url) ? new URL(options.url).protocol : '')
  ) {
    throw new UsageError(`--url takes http://host:port or unix:/path, not ${options.url}`);
  }
  return new DaemonLink(options);
}

function attributesOf(json: string): object {
  let attrs: unknown;
  try {
    attrs = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`);
  }
  if (typeof attrs !== 'object' || attrs === null || Array.isArray(attrs))
    throw new UsageError('--json takes an object');
  return attrs;
}

/** The error as pyynl prints it; a netlink header, which it prints too, has no counterpart here. */
function errorText(problem: Problem): string {
  const lines = [`Netlink error: ${problem.title}`, `\terror: ${problem.code ?? problem.status}`];
  if (problem.extack !== undefined && Object.keys(problem.extack).length > 0)
    lines.push(`\textack: ${pythonText(problem.extack)}`);
  return `${lines.join('\n')}\n`;
}

/** A value as Python's repr shows it. */
function pythonText(value: unknown): string {
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    return quote + value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n') + quote;
  }
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonText(key)}: ${pythonText(item)}`)
    .join(', ')}}`;
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  return message === '' ? (code ?? 'no connection') : message;
}

// npm starts bins through a link.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  // The reader of a pipe may have seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.exitCode = await netmemctl(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interrupt: interrupt.signal,
  });
}
