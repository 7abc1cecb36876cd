import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/client/message.ts';
import { RecvBatch } from '../../../src/client/recv-batch.ts';
import { RecvmsgParser } from '../../../src/client/recvmsg-parser.ts';

interface Entry {
  len: number;
  flags: number;
  control: Uint8Array;
  data: Uint8Array;
}

function encode(entries: Entry[]): Buffer {
  return Buffer.concat(
    entries.map(({ len, flags, control, data }) => {
      const header = Buffer.alloc(16);
      header.writeInt32LE(len, 0);
      header.writeUInt32LE(flags >>> 0, 4);
      header.writeUInt32LE(control.length, 8);
      header.writeUInt32LE(data.length, 12);
      return Buffer.concat([header, control, data]);
    }),
  );
}

function* chop(bytes: Uint8Array, cuts: number[]): Generator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = cuts.length === 0 ? bytes.length : cuts[i % cuts.length];
    // A copy with an odd byteOffset, as sockets give them.
    const chunk = new Uint8Array(size + 3).subarray(3, 3 + Math.min(size, bytes.length - at));
    chunk.set(bytes.subarray(at, at + chunk.length));
    yield chunk;
    at += chunk.length;
  }
}

function read(parser: RecvmsgParser, chunks: Iterable<Uint8Array>): Entry[] {
  const out: Entry[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    while (parser.next()) {
      const { len, flags, bytes, controlOffset, controllen, dataOffset, dataLength } = parser;
      const control = new Uint8Array(bytes.subarray(controlOffset, controlOffset + controllen));
      out.push({ len, flags, control, data: new Uint8Array(bytes.subarray(dataOffset, dataOffset + dataLength)) });
    }
  }
  return out;
}

const entry = fc.record({
  len: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  flags: fc.nat({ max: 0xffff_ffff }),
  control: fc.uint8Array({ maxLength: 200 }),
  data: fc.uint8Array({ maxLength: 200 }),
});

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1000 })), { maxLength: 20 });

describe('RecvmsgParser', () => {
  it('finds the same messages however the stream is chopped', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), cuts, (entries, sizes) => {
        const parser = new RecvmsgParser();
        expect(read(parser, chop(encode(entries), sizes))).toEqual(entries);
        expect(parser.pending).toBe(0);
      }),
    );
  });

  it('knows that a stream was cut off inside a message', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 5 }), cuts, fc.nat(), (entries, sizes, cut) => {
        const bytes = encode(entries);
        const kept = bytes.subarray(0, cut % bytes.length);
        const parser = new RecvmsgParser();
        const found = read(parser, chop(kept, sizes));
        expect(found).toEqual(entries.slice(0, found.length));
        expect(parser.pending).toBe(kept.length - encode(found).length);
      }),
    );
  });

  it('copies only what crosses chunks, also when it is larger than the buffer', () => {
    const big = { len: 5, flags: 0, control: new Uint8Array(80_000).fill(1), data: new Uint8Array(300_000).fill(2) };
    const small = { len: 1, flags: 0, control: new Uint8Array(8), data: new Uint8Array(1) };
    const bytes = encode([small, big, small]);
    const parser = new RecvmsgParser();
    parser.push(bytes.subarray(0, 100));
    expect(parser.next()).toBe(true);
    expect(parser.reused).toBe(false);
    expect(parser.bytes.buffer).toBe(bytes.buffer);
    expect(parser.next()).toBe(false);
    parser.push(bytes.subarray(100));
    expect(parser.next()).toBe(true);
    expect([parser.reused, parser.controllen, parser.dataLength]).toEqual([true, 80_000, 300_000]);
    expect(parser.next()).toBe(true);
    expect(parser.reused).toBe(false);
    expect(parser.next()).toBe(false);
  });

  it('refuses lengths that cannot be', () => {
    const parser = new RecvmsgParser();
    parser.push(Buffer.alloc(16, 0xff));
    expect(() => parser.next()).toThrow('EPROTO');
  });
});

/** cmsghdr + dmabuf_cmsg, written out byte by byte. */
function cmsg(type: number, offset: number, size: number, token: number, dmabufId: number): Buffer {
  const b = Buffer.alloc(40);
  b.writeBigUInt64LE(40n, 0);
  b.writeInt32LE(1, 8);
  b.writeInt32LE(type, 12);
  b.writeBigUInt64LE(BigInt(offset), 16);
  b.writeUInt32LE(size, 24);
  b.writeUInt32LE(token, 28);
  b.writeUInt32LE(dmabufId, 32);
  return b;
}

const LINEAR = 78;
const DMABUF = 79;

describe('frags', () => {
  const bytes = encode([
    {
      len: 4096 + 100 + 3,
      flags: 0x200_0000,
      control: Buffer.concat([
        cmsg(LINEAR, 0, 3, 0, 0),
        cmsg(DMABUF, 2 ** 32 - 4096, 4096, 1, 2),
        cmsg(DMABUF, 8, 100, 0x7fff_ffff, 3),
      ]),
      data: Buffer.from('abc'),
    },
    { len: 5, flags: 0, control: Buffer.alloc(0), data: Buffer.from('hello') },
    // Bytes that no LINEAR cmsg names, and a cmsg of another level.
    {
      len: 7,
      flags: 8,
      control: Buffer.concat([
        cmsg(DMABUF, 0, 7, 4, 2),
        Buffer.from('1400000000000000060000002400000001000000', 'hex'),
      ]),
      data: Buffer.from('again'),
    },
  ]);

  it('become objects', () => {
    const parser = new RecvmsgParser();
    parser.push(bytes);
    const messages = [];
    while (parser.next()) messages.push(readMessage(parser, new Map()));
    const text = (s: string) => expect.objectContaining({ length: s.length, 0: s.charCodeAt(0) });
    expect(messages).toEqual([
      {
        len: 4199,
        flags: 0x200_0000,
        frags: [
          { kind: 'linear', size: 3, bytes: text('abc') },
          { kind: 'dmabuf', offset: 2 ** 32 - 4096, size: 4096, token: 1, dmabufId: 2, bytes: null },
          { kind: 'dmabuf', offset: 8, size: 100, token: 0x7fff_ffff, dmabufId: 3, bytes: null },
        ],
      },
      { len: 5, flags: 0, frags: [{ kind: 'linear', size: 5, bytes: text('hello') }] },
      { len: 7, flags: 8, frags: [{ kind: 'dmabuf', offset: 0, size: 7, token: 4, dmabufId: 2, bytes: null }] },
    ]);
  });

  it('become columns', () => {
    const parser = new RecvmsgParser();
    const batch = new RecvBatch();
    for (const chunk of [bytes, bytes]) {
      parser.push(chunk);
      batch.reset();
      while (parser.next()) batch.append(parser);
      const rows = Array.from({ length: batch.count }, (_, i) => [
        batch.offsets[i],
        batch.sizes[i],
        batch.tokens[i],
        batch.dmabufIds[i],
      ]);
      expect(rows).toEqual([
        [0, 3, 0, 0],
        [2 ** 32 - 4096, 4096, 1, 2],
        [8, 100, 0x7fff_ffff, 3],
        [3, 5, 0, 0],
        [0, 7, 4, 2],
      ]);
      expect(Buffer.from(batch.linear.subarray(0, 8)).toString()).toBe('abchello');
      expect([batch.messages, batch.bytes]).toEqual([3, 4211]);
    }
  });

  it('are as many as come, beyond the first size of the columns', () => {
    const control = Buffer.concat(Array.from({ length: 3000 }, (_, i) => cmsg(DMABUF, i * 4096, 1, i + 1, 2)));
    const parser = new RecvmsgParser();
    const batch = new RecvBatch();
    parser.push(encode([{ len: 3000, flags: 0, control, data: Buffer.alloc(9000, 1) }]));
    while (parser.next()) batch.append(parser);
    expect(batch.count).toBe(3000);
    expect([...batch.tokens.subarray(0, 3000)]).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
    expect(batch.offsets[2999]).toBe(2999 * 4096);
  });
});
