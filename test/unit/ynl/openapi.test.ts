import { describe, expect, it } from 'vitest';
import { families } from '../../../src/ynl/generated/index.ts';
import { openapi } from '../../../src/ynl/openapi.ts';

// biome-ignore lint/suspicious/noExplicitAny: walks a JSON document
type Json = any;

const document: Json = JSON.parse(JSON.stringify(openapi(families)));

function* walk(value: Json, path = '#'): Generator<[string, Json]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* walk(item, `${path}/${key}`);
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 with what that demands', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info.title).toBe('netmemd');
    expect(document.info.version).toBe('1');
    expect(Object.keys(document.paths).every((path) => path.startsWith('/v1'))).toBe(true);
  });

  it('has no reference that leads nowhere', () => {
    let count = 0;
    for (const [path, value] of walk(document)) {
      if (!path.endsWith('/$ref')) continue;
      count += 1;
      expect(value).toMatch(/^#\//);
      let target: Json = document;
      for (const part of value.slice(2).split('/')) target = target?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
      expect(target, `${path}: ${value}`).toBeTypeOf('object');
    }
    expect(count).toBeGreaterThan(100);
  });

  it('has every operation with schemas for request, reply and error', () => {
    for (const family of families) {
      for (const op of family.operations) {
        const path = document.paths[`/v1/${family.name}/${op.name}`];
        if (op.do === undefined && op.dump === undefined) {
          expect(path, op.name).toBeUndefined();
          continue;
        }
        expect(path.post === undefined, op.name).toBe(op.do === undefined || op.stream === 'hold');
        expect(path.get === undefined, op.name).toBe(op.dump === undefined && op.stream === undefined);
        if (path.post !== undefined) {
          const names = Object.keys(path.post.requestBody.content['application/json'].schema.properties);
          expect(names).toEqual(op.do?.request.attributes);
          const reply = path.post.responses[200].content['application/json'].schema;
          expect(reply.type === 'null' ? undefined : Object.keys(reply.properties)).toEqual(op.do?.reply?.attributes);
        }
        for (const method of Object.values<Json>(path)) {
          expect(method.responses.default).toEqual({ $ref: '#/components/responses/problem' });
        }
      }
    }
  });

  it('has unique operation ids', () => {
    const ids = [...walk(document)].filter(([path]) => path.endsWith('/operationId')).map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('documents the streams and the notifications', () => {
    const stream = document.paths['/v1/socket/recvmsg'].get.responses[200].content;
    expect(Object.keys(stream)).toEqual([
      'application/x-ndjson',
      'text/event-stream',
      'application/vnd.netmemd.recvmsg',
    ]);
    const events = document.paths['/v1/netdev/events'].get.responses[200].content['application/x-ndjson'].schema.anyOf;
    expect(events.map((event: Json) => event.properties.name.const)).toEqual([
      'dev-add-ntf',
      'dev-del-ntf',
      'dev-change-ntf',
      'page-pool-add-ntf',
      'page-pool-del-ntf',
      'page-pool-change-ntf',
    ]);
    expect(document.paths['/v1/rxnfc/events']).toBeUndefined();
  });

  it('reaches into nests by dotted query parameters', () => {
    const names = document.paths['/v1/netdev/page-pool-stats-get'].get.parameters.map((one: Json) => one.name);
    expect(names).toContain('info.ifindex');
  });
});
