import { expect, it } from 'vitest';
import { negotiate } from '../../../src/http/accept.ts';

const offered = ['application/x-ndjson', 'text/event-stream'] as const;

it.each([
  [undefined, 'application/x-ndjson'],
  ['', 'application/x-ndjson'],
  ['*/*', 'application/x-ndjson'],
  ['text/event-stream', 'text/event-stream'],
  ['Text/Event-Stream; charset=utf-8', 'text/event-stream'],
  ['text/*', 'text/event-stream'],
  ['text/event-stream, */*;q=0.1', 'text/event-stream'],
  ['text/event-stream;q=0.2, application/x-ndjson;q=0.3', 'application/x-ndjson'],
  ['application/x-ndjson;q=0, */*', 'text/event-stream'],
])('%j gets %s', (accept, type) => {
  expect(negotiate(accept, offered)).toBe(type);
});

it.each(['image/png', 'application/x-ndjson;q=0', '*/*;q=0', ';;,'])('%j gets 406', (accept) => {
  expect(() => negotiate(accept, offered)).toThrow(expect.objectContaining({ status: 406 }));
});
