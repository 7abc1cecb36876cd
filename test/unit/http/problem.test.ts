import { describe, expect, it } from 'vitest';
import { HttpError, rawProblem, toProblem } from '../../../src/http/problem.ts';
import { KernelError } from '../../../src/kernel/error.ts';
import { ERRORS } from '../../../src/kernel/error-catalogue.ts';
import { ERRNO, type ErrnoName } from '../../../src/uapi/errno.ts';

describe('a kernel error', () => {
  it('keeps its errno, code and extack', () => {
    const extack = { msg: 'tcp-data-split is disabled', 'bad-attr': '.queues' };
    expect(toProblem(new KernelError('EINVAL', extack), 'r1').body).toEqual({
      type: 'urn:netmemd:errno:EINVAL',
      title: 'Invalid argument',
      status: 400,
      detail: 'tcp-data-split is disabled',
      errno: 'EINVAL',
      code: -22,
      extack,
      'request-id': 'r1',
    });
  });

  it.each(Object.keys(ERRNO) as ErrnoName[])(
    '%s has a status that is an error, and 5xx only for the daemon itself',
    (errno) => {
      const { status, code } = toProblem(new KernelError(errno)).body;
      expect(code).toBe(-ERRNO[errno]);
      expect(status).toBeGreaterThanOrEqual(400);
      const ours = ['ENOMEM', 'ENOSPC', 'ENOBUFS', 'ENFILE', 'EOPNOTSUPP', 'ETIMEDOUT'];
      expect(status >= 500).toBe(ours.includes(errno));
    },
  );

  it.each([
    ['EPERM', 403],
    ['ENODEV', 404],
    ['ESRCH', 404],
    ['EBADF', 404],
    ['EBUSY', 409],
    // Of an exporter that refuses, say; that of a bug is below.
    ['EIO', 409],
    ['ERANGE', 400],
    ['EOPNOTSUPP', 501],
    ['ENOSPC', 507],
  ] as const)('%s is %d', (errno, status) => {
    expect(toProblem(new KernelError(errno)).body.status).toBe(status);
  });
});

describe('other errors', () => {
  it('of the HTTP layer have a status and headers of their own', () => {
    const { body, headers } = toProblem(new HttpError(405, ERRORS.wrongMethod, { allow: 'GET' }, '/v1', 'GET'));
    expect(body).toMatchObject({ status: 405, errno: 'EOPNOTSUPP', code: -95, detail: '/v1 takes GET' });
    expect(headers).toEqual({ allow: 'GET' });
  });

  it('that are bugs tell the client nothing', () => {
    const problem = toProblem(new TypeError('secret of /home/me'));
    expect(problem.internal).toBe(true);
    expect(problem.body).toMatchObject({ status: 500, errno: 'EIO' });
    expect(JSON.stringify(problem.body)).not.toContain('secret');
    expect(toProblem('a string').internal).toBe(true);
    expect(toProblem(Object.assign(new Error('x'), { code: 'constructor' })).internal).toBe(true);
  });

  it('of the HTTP parser become a whole response', () => {
    const text = rawProblem(Object.assign(new Error(), { code: 'HPE_HEADER_OVERFLOW' }));
    const [head, body] = text.split('\r\n\r\n');
    expect(head).toContain('HTTP/1.1 431 ');
    expect(head).toContain('application/problem+json');
    expect(head).toContain(`Content-Length: ${body.length}`);
    expect(JSON.parse(body)).toMatchObject({ status: 431, errno: 'EMSGSIZE' });
    expect(rawProblem(Object.assign(new Error(), { code: 'HPE_INVALID_METHOD' }))).toContain('400 Bad Request');
  });
});
