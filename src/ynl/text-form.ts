import type { Attribute } from './spec.ts';

/** Text forms of binary attributes: hex as pyynl has it, addresses, and base64 for payload. */
export type DisplayHint = NonNullable<Attribute['displayHint']>;

/** Bytes of a text, or undefined if it is malformed. */
export function fromText(text: string, hint: DisplayHint): Uint8Array | undefined {
  switch (hint) {
    case 'hex':
      return /^([0-9a-fA-F]{2})*$/.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined;
    case 'base64':
      if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
      return new Uint8Array(Buffer.from(text, 'base64'));
    case 'mac':
      return /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text)
        ? new Uint8Array(Buffer.from(text.replaceAll(':', ''), 'hex'))
        : undefined;
    case 'ipv4-or-v6':
      return ipv4(text) ?? ipv6(text);
  }
}

/** Text of bytes; an address of any other length than 4 or 16 shows as hex. */
export function toText(bytes: Uint8Array, hint: DisplayHint): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (hint) {
    case 'hex':
      return buffer.toString('hex');
    case 'base64':
      return buffer.toString('base64');
    case 'mac':
      return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    case 'ipv4-or-v6':
      if (bytes.length === 4) return bytes.join('.');
      return bytes.length === 16 ? ipv6Text(buffer) : buffer.toString('hex');
  }
}

function ipv4(text: string): Uint8Array | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  // Octal-looking parts mean different addresses to different parsers.
  if (parts === undefined || parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0'))))
    return undefined;
  return Uint8Array.from(parts, Number);
}

function ipv6(text: string): Uint8Array | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, at) => groups(half, at === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const used = head.length + (tail?.length ?? 0);
  if (halves.length === 1 ? used !== 8 : used > 7) return undefined;
  const words = [...head, ...new Array<number>(8 - used).fill(0), ...(tail ?? [])];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

/** 16-bit words of one side of "::"; at the end of the address an IPv4 address may stand for two. */
function groups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const words: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    const tail = last && at === parts.length - 1 ? ipv4(part) : undefined;
    if (tail !== undefined) words.push((tail[0] << 8) | tail[1], (tail[2] << 8) | tail[3]);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) words.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return words;
}

/** RFC 5952: the longest run of at least two zero words is left out, the first of equals. */
function ipv6Text(bytes: Buffer): string {
  const words = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2));
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at += 1) {
    let end = at;
    while (end < 8 && words[end] === 0) end += 1;
    if (end - at > length) {
      start = at;
      length = end - at;
    }
    at = Math.max(at, end - 1);
  }
  const hex = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  return start < 0 ? hex(words) : `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
}
