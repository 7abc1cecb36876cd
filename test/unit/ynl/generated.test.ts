import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generate, readSpecs, stale } from '../../../scripts/generate.ts';
import { readSpec } from '../../../scripts/ynl-schema.ts';
import * as uapi from '../../../src/uapi/socket.ts';
import { families, findFamily } from '../../../src/ynl/generated/index.ts';
import {
  SOCKET_CMSG_TYPE,
  SOCKET_HOW,
  SOCKET_LEVEL,
  SOCKET_MSG_FLAGS,
  SOCKET_OPTNAME,
} from '../../../src/ynl/generated/socket.ts';
import { findAttribute, findInherited, findOperation } from '../../../src/ynl/spec.ts';

const schemas = fileURLToPath(new URL('../../../schemas', import.meta.url));
const generated = fileURLToPath(new URL('../../../src/ynl/generated', import.meta.url));

describe('generated files', () => {
  it('are up to date: npm run generate', () => {
    expect(stale(generate(schemas), generated)).toEqual([]);
  });

  it('are the same every time', () => {
    expect([...generate(schemas)]).toEqual([...generate(schemas)]);
  });

  it('hold what the specs say', () => {
    expect(JSON.parse(JSON.stringify(families))).toEqual(JSON.parse(JSON.stringify(readSpecs(schemas))));
  });

  it('cover every spec', () => {
    const files = readdirSync(schemas).filter((file) => file.endsWith('.yaml') && !file.endsWith('.schema.yaml'));
    expect(families.map(({ name }) => `${name}.yaml`).sort()).toEqual(files.sort());
  });

  it('are stale when one is missing, different or left over', () => {
    const dir = mkdtempSync(join(tmpdir(), 'netmemd-generate-'));
    try {
      const files = new Map([
        ['a.ts', 'a'],
        ['b.ts', 'b'],
        ['c.ts', 'c'],
      ]);
      writeFileSync(join(dir, 'a.ts'), 'a');
      writeFileSync(join(dir, 'b.ts'), 'old');
      writeFileSync(join(dir, 'd.ts'), 'd');
      expect(stale(files, dir)).toEqual(['b.ts', 'c.ts', 'd.ts']);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('numbers of Linux', () => {
  const netdev = findFamily('netdev')!;
  const ethtool = findFamily('ethtool')!;
  const rtLink = findFamily('rt-link')!;

  it.each([
    ['dev-get', 1],
    ['dev-change-ntf', 4],
    ['page-pool-get', 5],
    ['page-pool-change-ntf', 8],
    ['page-pool-stats-get', 9],
    ['queue-get', 10],
    ['napi-get', 11],
    ['qstats-get', 12],
    ['bind-rx', 13],
  ])('netdev %s is %i', (name, value) => {
    expect(findOperation(netdev, name)?.value).toBe(value);
  });

  it.each([
    ['features-get', 11],
    ['features-set', 12],
    ['features-ntf', 13],
    ['rings-get', 15],
    ['rings-set', 16],
    ['rings-ntf', 17],
    ['channels-get', 17],
    ['channels-set', 18],
    ['channels-ntf', 19],
  ])('ethtool %s is %i', (name, value) => {
    expect(findOperation(ethtool, name)?.value).toBe(value);
  });

  it.each([
    ['newlink', 16],
    ['newlink-ntf', 16],
    ['dellink', 17],
    ['dellink-ntf', 17],
    ['getlink', 18],
    ['setlink', 19],
  ])('rt-link %s is %i', (name, value) => {
    expect(findOperation(rtLink, name)?.value).toBe(value);
  });

  it.each([
    [rtLink, 'link-attrs', 'ifi-index', 0],
    [rtLink, 'link-attrs', 'address', 1],
    [rtLink, 'link-attrs', 'mtu', 4],
    [rtLink, 'link-attrs', 'num-rx-queues', 32],
    [rtLink, 'link-attrs', 'carrier', 33],
    [rtLink, 'link-attrs', 'xdp', 43],
    [rtLink, 'link-attrs', 'max-mtu', 51],
    [rtLink, 'link-attrs', 'allmulti', 61],
    [rtLink, 'linkinfo-attrs', 'kind', 1],
    [rtLink, 'xdp-attrs', 'prog-id', 4],
    [rtLink, 'xdp-attrs', 'expected-fd', 8],
    [netdev, 'qstats', 'scope', 4],
    [netdev, 'qstats', 'rx-packets', 8],
    [netdev, 'qstats', 'rx-hw-gro-packets', 19],
    [netdev, 'qstats', 'tx-hw-drops', 24],
    [netdev, 'qstats', 'tx-wake', 34],
    [netdev, 'page-pool-stats', 'alloc-fast', 8],
    [netdev, 'page-pool-stats', 'recycle-released-refcnt', 18],
    [netdev, 'napi', 'threaded', 8],
    [netdev, 'dmabuf', 'rx-page-size', 5],
    [netdev, 'queue', 'xsk', 7],
    [ethtool, 'rings', 'tcp-data-split', 11],
    [ethtool, 'rings', 'hds-thresh', 17],
    [ethtool, 'channels', 'combined-count', 9],
    [ethtool, 'features', 'nochange', 5],
  ])('%o %s %s is %i', (family, set, attribute, value) => {
    expect(family.attributeSets[set].attributes[attribute].value).toBe(value);
  });

  it('of flags are masks', () => {
    expect(SOCKET_MSG_FLAGS.MSG_SOCK_DEVMEM).toBe(0x2000000);
    expect(SOCKET_MSG_FLAGS.MSG_CTRUNC).toBe(8);
  });
});

describe('numbers of the socket family', () => {
  const known: Record<string, unknown> = { ...uapi };

  it.each([
    ['flags', SOCKET_MSG_FLAGS],
    ['levels', SOCKET_LEVEL],
    ['options', SOCKET_OPTNAME],
    ['control messages', SOCKET_CMSG_TYPE],
    ['directions', SOCKET_HOW],
  ])('agree with the constants of the kernel: %s', (_, entries) => {
    const both = Object.entries(entries).filter(([name]) => name in known);
    expect(both.length).toBeGreaterThan(0);
    for (const [name, value] of both) expect(value, name).toBe(known[name]);
  });

  it('name every flag the kernel model knows', () => {
    expect(SOCKET_MSG_FLAGS).toMatchObject(uapi.MSG_FLAGS);
  });
});

describe('subsets', () => {
  const netdev = findFamily('netdev')!;
  const queueId = netdev.attributeSets['queue-id'];

  it('take numbers and definitions from their set', () => {
    expect(queueId.attributes.type).toEqual(netdev.attributeSets.queue.attributes.type);
    expect(queueId.attributes.type.value).toBe(3);
    expect(netdev.attributeSets['page-pool-info'].attributes.id.checks).toEqual({ min: 1, max: 4294967295 });
  });

  it('know the other attributes of their set only by inheritance', () => {
    expect(findAttribute(queueId, 'ifindex')).toBeUndefined();
    expect(findInherited(netdev, queueId, 'ifindex')?.value).toBe(2);
    expect(findInherited(netdev, queueId, 'nonsense')).toBeUndefined();
    expect(findInherited(netdev, queueId, 'constructor')).toBeUndefined();
  });

  it('may override keys', () => {
    const document = spec();
    document['attribute-sets'].push({
      name: 'sub',
      'subset-of': 'thing',
      attributes: [{ name: 'id', checks: { min: 5 } }],
    });
    const { id } = readSpec('x.yaml', document).attributeSets.sub.attributes;
    expect(id).toEqual({ value: 1, type: 'u32', doc: 'Id.', checks: { min: 5 } });
  });
});

/** A small spec to break. */
function spec() {
  return parse(`
name: x
version: 1
doc: Test.
attribute-sets:
  - name: thing
    attributes:
      - {name: id, type: u32, doc: Id.}
      - {name: other, type: u32, doc: Other.}
operations:
  list:
    - {name: get, doc: Get., attribute-set: thing, do: {request: {attributes: [id]}, reply: {attributes: [id, other]}}}
`);
}

it('members of a fixed header take no numbers from the attributes', () => {
  const document = spec();
  document['attribute-sets'][0].attributes.splice(1, 0, { name: 'index', type: 's32', header: true, doc: 'Index.' });
  const { id, index, other } = readSpec('x.yaml', document).attributeSets.thing.attributes;
  expect([id.value, index.value, other.value]).toEqual([1, 0, 2]);
  expect(index.header).toBe(true);
});

describe('a wrong spec is refused', () => {
  it('but this one is right', () => {
    expect(readSpec('x.yaml', spec()).operations[0].value).toBe(1);
  });

  // biome-ignore lint/suspicious/noExplicitAny: breaks a parsed YAML document in every place
  it.each<[string, (document: any) => void, RegExp]>([
    ['an unknown key', (d) => (d.nonsense = 1), /unknown key nonsense/],
    ['an unknown type', (d) => (d['attribute-sets'][0].attributes[0].type = 'u7'), /u7 is none of/],
    ['an unknown enum', (d) => (d['attribute-sets'][0].attributes[0].enum = 'e'), /no definition e/],
    ['a nest of nothing', (d) => (d['attribute-sets'][0].attributes[0].type = 'nest'), /go together/],
    ['an upper-case name', (d) => (d['attribute-sets'][0].attributes[0].name = 'Id'), /no valid name/],
    ['a name twice', (d) => (d['attribute-sets'][0].attributes[1].name = 'id'), /twice/],
    ['a number twice', (d) => (d['attribute-sets'][0].attributes[1].value = 1), /is taken/],
    ['no doc', (d) => delete d['attribute-sets'][0].attributes[0].doc, /has no doc/],
    ['an unknown attribute', (d) => d.operations.list[0].do.request.attributes.push('no'), /no attribute no/],
    ['an unknown set', (d) => (d.operations.list[0]['attribute-set'] = 'no'), /no attribute set no/],
    [
      'an always that is not replied',
      (d) =>
        (d.operations.list[0].do = { request: { attributes: [] }, reply: { attributes: ['id'], always: ['other'] } }),
      /not in the reply/,
    ],
    [
      'a notification of nothing',
      (d) => d.operations.list.push({ name: 'ntf', doc: 'N.', notify: 'no', mcgrp: 'g' }),
      /no operation no/,
    ],
    [
      'an unknown group',
      (d) => d.operations.list.push({ name: 'ntf', doc: 'N.', notify: 'get', mcgrp: 'g' }),
      /no group g/,
    ],
    [
      'an unknown release of an entry',
      (d) =>
        (d.definitions = [{ name: 'e', type: 'enum', doc: 'E.', entries: ['one', { name: 'two', since: '5.0' }] }]),
      /5.0 is none of/,
    ],
    ['an unknown build option', (d) => (d.operations.list[0]['config-cond'] = 'no'), /no is none of/],
    [
      'a header member with a number',
      (d) => Object.assign(d['attribute-sets'][0].attributes[0], { header: true, value: 1 }),
      /has no number/,
    ],
    ['an unknown release', (d) => (d['attribute-sets'][0].attributes[0].since = '5.0'), /5.0 is none of/],
  ])('%s', (_, breakIt, message) => {
    const document = spec();
    breakIt(document);
    expect(() => readSpec('x.yaml', document)).toThrow(message);
  });

  it('names carry the licence in their first line', () => {
    for (const file of readdirSync(schemas)) {
      if (file.endsWith('.yaml'))
        expect(readFileSync(join(schemas, file), 'utf8')).toMatch(/^# SPDX-License-Identifier: Apache-2.0\n/);
    }
  });
});
