import { pino } from 'pino';
import { makeConfig } from '../../../src/config.ts';
import type { FamilyHandlers } from '../../../src/family/context.ts';
import { OpenStreams } from '../../../src/http/open-streams.ts';
import type { Services } from '../../../src/http/services.ts';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import { fail } from '../../../src/kernel/error.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { NetlinkSocket } from '../../../src/kernel/task/netlink-socket.ts';
import { WaitQueue } from '../../../src/kernel/wait-queue.ts';
import { Loop } from '../../../src/loop.ts';
import type { FamilySpec } from '../../../src/ynl/spec.ts';

/** A small family with one operation of every kind. */
export const toySpec: FamilySpec = {
  name: 'toy',
  version: 1,
  doc: 'A family for tests.',
  definitions: { colour: { type: 'enum', entries: { red: 0, blue: 1 } } },
  attributeSets: {
    thing: {
      attributes: {
        id: { value: 1, type: 'u32', checks: { min: 1 } },
        name: { value: 2, type: 'string', checks: { maxLen: 15 } },
        colour: { value: 3, type: 'u32', enum: 'colour' },
        list: { value: 4, type: 'u32', multiAttr: true },
        'timeout-ms': { value: 5, type: 'u32' },
        nest: { value: 6, type: 'nest', nested: 'thing' },
      },
    },
  },
  operations: [
    {
      name: 'get',
      value: 1,
      doc: 'Tells.',
      attributeSet: 'thing',
      do: { request: { attributes: ['id', 'name', 'list', 'nest'] }, reply: { attributes: ['id', 'colour'] } },
      dump: { request: { attributes: ['colour'] }, reply: { attributes: ['id', 'colour'] } },
    },
    {
      name: 'set',
      value: 2,
      doc: 'Sets.',
      attributeSet: 'thing',
      flags: ['admin-perm'],
      do: { request: { attributes: ['id'] } },
    },
    {
      name: 'wait',
      value: 3,
      doc: 'Waits.',
      attributeSet: 'thing',
      blocking: true,
      do: { request: { attributes: ['timeout-ms'] }, reply: { attributes: ['id'] } },
    },
    { name: 'crash', value: 4, doc: 'Has a bug.', attributeSet: 'thing', do: { request: { attributes: [] } } },
    {
      name: 'later',
      value: 6,
      doc: 'Is in a later release.',
      attributeSet: 'thing',
      flags: ['admin-perm'],
      since: '7.3',
      do: { request: { attributes: ['id'] } },
    },
    { name: 'add-ntf', value: 5, doc: 'Notifies.', attributeSet: 'thing', notify: 'get', mcgrp: 'news' },
  ],
  mcastGroups: ['news'],
};

export interface Toy {
  services: Services;
  kernel: Kernel;
  /** Sessions; `other` has a netlink socket as fd 5, `poor` no privileges. */
  other: string;
  poor: string;
  queue: WaitQueue;
  stop: AbortController;
  /** Names of the operations that ran. */
  ran: string[];
  /** What `wait` gives; null makes it wait. */
  value: number | null;
}

export function makeToy(settings: Record<string, unknown> = {}): Toy {
  const queue = new WaitQueue();
  const stop = new AbortController();
  const ran: string[] = [];
  const kernel = new Kernel({ clock: new VirtualClock() });
  const other = kernel.openSession();
  other.fds.install(new NetlinkSocket(kernel), 5);
  const poor = kernel.openSession({ admin: false });
  const handlers: Record<string, FamilyHandlers> = {
    toy: {
      get: {
        do: (_ctx, attrs) => {
          ran.push('get');
          if (attrs.id === 404) fail('ENODEV');
          return { id: attrs.id ?? 1, colour: 1 };
        },
        *dump() {
          ran.push('dump');
          yield { id: 1, colour: 0 };
          yield { id: 2, colour: 1 };
        },
      },
      set: {
        do: () => {
          ran.push('set');
          return null;
        },
      },
      later: {
        do: () => {
          ran.push('later');
          return null;
        },
      },
      wait: {
        do: () => (toy.value === null ? fail('EAGAIN') : { id: toy.value }),
        waitQueue: () => queue,
        abandon: () => void ran.push('abandon'),
      },
      crash: {
        do: () => {
          throw new TypeError('a secret detail');
        },
      },
    },
  };
  const config = makeConfig([{ name: 'test', values: settings }]);
  const services = {
    config,
    logger: pino({ level: 'silent' }),
    kernel,
    lab: {},
    memory: {},
    loop: new Loop(),
    families: [toySpec],
    handlers,
    streams: new OpenStreams(config.limits.streams),
    stopping: stop.signal,
  } as unknown as Services;
  const toy: Toy = { services, kernel, other: other.id, poor: poor.id, queue, stop, ran, value: null };
  return toy;
}
