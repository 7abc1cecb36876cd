import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  family?: string;
  do?: string;
  dump?: string;
  json: string;
  subscribe?: string;
  /** Seconds to watch; absent means until interrupted. */
  duration?: number;
  listOps: boolean;
  listMsgs: boolean;
  /** Operation whose attributes to list; empty means every one. */
  listAttrs?: string;
  listFamilies: boolean;
  outputJson: boolean;
  help: boolean;
  url: string;
  session?: string;
  netlink?: string;
  token?: string;
}

/** A command line that cannot be carried out. */
export class UsageError extends Error {}

export const DEFAULT_URL = 'http://127.0.0.1:8420';

export const HELP = `usage: netmemctl --family F [--do OP | --dump OP] [--json '{}'] [--subscribe GROUP [--duration S]]
       netmemctl --family F --list-ops | --list-msgs | --list-attrs [OP]
       netmemctl --list-families

  --family F        family of the operation
  --do OP           run an operation and print its reply
  --dump OP         list everything an operation knows of
  --json TEXT       request attributes of --do, filter of --dump (default {})
  --subscribe GROUP print the notifications of a multicast group
  --duration S      stop watching after S seconds (alias --sleep)
  --list-ops        operations of the family
  --list-msgs       the same and its notifications
  --list-attrs [OP] attributes of an operation, or of all
  --list-families   all families
  --output-json     one line of JSON instead of pretty-printed JSON
  --url URL         daemon, http://host:port or unix:/path (default ${DEFAULT_URL})
  --session ID      run in this session
  --netlink FD      use this netlink socket of the session
  --token TEXT      bearer token
`;

/**
 * Reads a command line.
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options {
  const given = args.flatMap((arg, at) => {
    const next = args[at + 1];
    return arg === '--list-attrs' && (next === undefined || next.startsWith('--')) ? ['--list-attrs='] : [arg];
  });
  const values = parse(given);
  const modes = [values.do, values.dump, values['list-ops'], values['list-msgs'], values['list-attrs']];
  if (modes.filter((mode) => mode !== undefined).length > 1) {
    throw new UsageError('--do, --dump, --list-ops, --list-msgs and --list-attrs exclude each other');
  }
  const duration = values.duration ?? values.sleep;
  if (duration !== undefined && !/^\d+(\.\d+)?$/.test(duration))
    throw new UsageError('--duration takes a number of seconds');
  if (values.netlink !== undefined && !/^\d+$/.test(values.netlink))
    throw new UsageError('--netlink takes an fd number');
  const help = values.help ?? false;
  const listFamilies = values['list-families'] ?? false;
  if (!help && (values.family !== undefined) === listFamilies) {
    throw new UsageError('exactly one of --family and --list-families is needed');
  }
  if (!help && !listFamilies && modes.every((mode) => mode === undefined) && values.subscribe === undefined) {
    throw new UsageError('nothing to do: give --do, --dump, --subscribe or a --list option');
  }
  return {
    family: values.family,
    do: values.do,
    dump: values.dump,
    json: values.json ?? '{}',
    subscribe: values.subscribe,
    duration: duration === undefined ? undefined : Number(duration),
    listOps: values['list-ops'] ?? false,
    listMsgs: values['list-msgs'] ?? false,
    listAttrs: values['list-attrs'],
    listFamilies,
    outputJson: values['output-json'] ?? false,
    help,
    url: values.url ?? DEFAULT_URL,
    session: values.session,
    netlink: values.netlink,
    token: values.token,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: false,
      options: {
        family: { type: 'string' },
        do: { type: 'string' },
        dump: { type: 'string' },
        json: { type: 'string' },
        subscribe: { type: 'string' },
        duration: { type: 'string' },
        sleep: { type: 'string' },
        'list-ops': { type: 'boolean' },
        'list-msgs': { type: 'boolean' },
        'list-attrs': { type: 'string' },
        'list-families': { type: 'boolean' },
        'output-json': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        url: { type: 'string' },
        session: { type: 'string' },
        netlink: { type: 'string' },
        token: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
