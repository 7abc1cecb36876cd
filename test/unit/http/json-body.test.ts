import { describe, expect, it } from 'vitest';
import { parseBody } from '../../../src/http/json-body.ts';
import { HttpError } from '../../../src/http/problem.ts';

const parse = (text: string) => parseBody(Buffer.from(text));

describe('bodies', () => {
  it('are objects; nothing is an empty one', () => {
    expect(parse('{"ifindex":2}')).toEqual({ ifindex: 2 });
    expect(parse('')).toEqual({});
    expect(parse(' \n')).toEqual({});
  });

  it('keep __proto__ as a plain key', () => {
    const body = parse('{"__proto__":{"admin":1},"constructor":{"prototype":{}}}');
    expect(Object.keys(body)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect(body.admin).toBeUndefined();
  });

  it('may hold numbers in any notation that loses nothing', () => {
    expect(parse('{"a":1.0,"b":1e3,"c":1.5e1,"d":0.5,"e":"1.00000000000000000001","f":-0}')).toMatchObject({
      a: 1,
      b: 1000,
      c: 15,
      d: 0.5,
    });
  });

  it.each(['1.00000000000000000001', '4.9999999999999999999', '1.00000000000000000001e1', '1e-400'])(
    '%s would be rounded and is refused',
    (n) => {
      expect(() => parse(`{"ifindex":${n}}`)).toThrow(HttpError);
    },
  );

  it.each(['{', '[]', '"x"', 'null', '3', '{"a":1,}', '{a:1}', '\u0000', '{"a":NaN}', '[{}]'])(
    '%j is refused with EINVAL',
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ errno: 'EINVAL', status: 400 }));
    },
  );

  it('that are not UTF-8 are refused', () => {
    expect(() => parseBody(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(/UTF-8/);
    expect(() => parseBody(Buffer.from('\ufeff{}'))).toThrow(HttpError);
  });

  it('do not quote themselves in the message', () => {
    expect(() => parse('{"token":"hidden" x')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hidden') }),
    );
  });

  it('may be nested deeply without harm', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(Object.keys(parse(deep))).toEqual(['a']);
  });
});
