import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AccessRules } from '../../../src/http/access.ts';
import { HttpError } from '../../../src/http/problem.ts';

function request(headers: IncomingHttpHeaders, url = '/v1', socket = new Socket()): IncomingMessage {
  const all = { host: 'localhost:8420', ...headers };
  const rawHeaders = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [name, `${value}`]));
  return { headers: all, rawHeaders, url, socket } as unknown as IncomingMessage;
}

function refusal(fn: () => unknown): HttpError {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(HttpError);
    return error as HttpError;
  }
  throw new Error('let in');
}

describe('Host', () => {
  const rules = new AccessRules({ host: '127.0.0.5', hosts: ['daemon', 'Box.Example'] }, []);

  it.each([
    'localhost',
    'LOCALHOST:8420',
    'localhost.:1',
    '127.0.0.1:8420',
    '[::1]:8420',
    '[::1]',
    '127.0.0.5:1',
    'daemon:80',
    'box.example',
  ])('%s is let in', (host) => {
    expect(rules.check(request({ host })).admin).toBe(true);
  });

  it.each([
    'evil.test',
    'localhost.evil.test',
    'evil.test:8420',
    '',
    '127.0.0.2',
    '::1',
    '[::2]',
    'localhost@evil.test',
    'localhost:8420:1',
    'a b',
    'daemon/x',
  ])('%j is refused', (host) => {
    expect(refusal(() => rules.check(request({ host })))).toMatchObject({ status: 403, errno: 'EACCES' });
  });

  it('missing is refused, but not on the Unix socket', () => {
    expect(refusal(() => rules.check(request({ host: undefined })))).toMatchObject({ status: 400, errno: 'EACCES' });
    const socket = new Socket();
    rules.trustHost(socket);
    expect(rules.check(request({ host: undefined }, '/v1', socket)).admin).toBe(true);
    expect(rules.check(request({ host: 'anything' }, '/v1', socket)).admin).toBe(true);
  });

  it('twice is refused', () => {
    const twice = request({ host: 'localhost' });
    twice.rawHeaders.push('HOST', 'localhost');
    expect(refusal(() => rules.check(twice))).toMatchObject({ status: 400, errno: 'EACCES' });
  });

  it.each(['http://localhost:8420/v1', 'HTTP://daemon/v1?a=b', 'http://[::1]?x', '/v1?http://evil.test', '*'])(
    'with the target %s is let in',
    (target) => {
      expect(rules.check(request({}, target)).admin).toBe(true);
    },
  );

  it.each([
    'http://evil.test/v1',
    'http://evil.test:8420/livez',
    'http://localhost@evil.test/v1',
    'http://evil.test@localhost/v1',
    'http:///v1',
    'https://evil.test?http://localhost/',
    'ftp://evil.test/',
  ])('with the target %s is refused', (target) => {
    expect(refusal(() => rules.check(request({}, target)))).toMatchObject({ status: 403, errno: 'EACCES' });
  });

  it('does not matter to probes', () => {
    for (const url of ['/livez', '/readyz', '/readyz?x=1']) {
      expect(rules.check(request({ host: 'evil.test', origin: 'http://evil.test' }, url)).admin).toBe(false);
    }
    expect(refusal(() => rules.check(request({ host: 'evil.test' }, '/livez/../v1'))).status).toBe(403);
    expect(refusal(() => rules.check(request({ host: 'evil.test' }, '/metrics'))).status).toBe(403);
  });
});

describe('Origin', () => {
  const rules = new AccessRules({ host: '127.0.0.1', hosts: [] }, []);

  it('of the daemon itself is let in', () => {
    expect(rules.check(request({ origin: 'http://localhost:8420' })).admin).toBe(true);
  });

  it.each([
    'http://evil.test',
    'null',
    '',
    'http://localhost:8421',
    'http://localhost',
    'file://localhost:8420',
    'http://localhost:8420.evil.test',
  ])('%j is refused', (origin) => {
    expect(refusal(() => rules.check(request({ origin })))).toMatchObject({ status: 403, errno: 'EACCES' });
  });
});

describe('tokens', () => {
  const rules = new AccessRules({ host: '127.0.0.1', hosts: [] }, [
    { token: 'plain-token', admin: false },
    { token: 'admin-token', admin: true },
  ]);

  it('decide who is an administrator', () => {
    expect(rules.check(request({ authorization: 'Bearer plain-token' })).admin).toBe(false);
    expect(rules.check(request({ authorization: 'bearer admin-token' })).admin).toBe(true);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic plain-token',
    'Bearer plain-toke',
    'Bearer plain-token x',
    'Bearer PLAIN-TOKEN',
  ])('%j is refused', (authorization) => {
    const error = refusal(() => rules.check(request({ authorization })));
    expect(error).toMatchObject({ status: 401, errno: 'EPERM' });
    expect(error.headers['www-authenticate']).toContain('Bearer');
  });
});
