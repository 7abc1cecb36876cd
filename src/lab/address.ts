/** An IP address as it stands in a packet: 4 or 16 bytes, network order. */
export interface IpAddress {
  family: 4 | 6;
  bytes: Uint8Array;
}

/** An address of an interface with the length of its network's prefix, as in `ip addr add`. */
export interface InterfaceAddress extends IpAddress {
  prefix: number;
}

/** `host:port` of the host's own network; the host may be a name. */
export interface Endpoint {
  host: string;
  port: number;
}

function parseDecimal(text: string, max: number): number {
  // No leading zeros: inet_aton reads them as octal, inet_pton refuses them.
  if (!/^(0|[1-9][0-9]{0,4})$/.test(text)) return -1;
  const n = Number(text);
  return n <= max ? n : -1;
}

function parseIpv4(text: string, out: Uint8Array, at: number): boolean {
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  for (let i = 0; i < 4; i++) {
    const n = parseDecimal(parts[i], 255);
    if (n < 0) return false;
    out[at + i] = n;
  }
  return true;
}

/** 16-bit groups of one side of `::` into `out`; the number of bytes written, or -1. */
function parseGroups(text: string, out: Uint8Array, last: boolean): number {
  if (text === '') return 0;
  const groups = text.split(':');
  let at = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i];
    if (last && i === groups.length - 1 && group.includes('.')) {
      if (at > 12 || !parseIpv4(group, out, at)) return -1;
      return at + 4;
    }
    if (at > 14 || !/^[0-9a-fA-F]{1,4}$/.test(group)) return -1;
    const n = Number.parseInt(group, 16);
    out[at++] = n >> 8;
    out[at++] = n & 0xff;
  }
  return at;
}

function parseIpv6(text: string): Uint8Array | null {
  if (text.length > 45) return null;
  const bytes = new Uint8Array(16);
  const gap = text.indexOf('::');
  if (gap < 0) return parseGroups(text, bytes, true) === 16 ? bytes : null;
  if (text.indexOf('::', gap + 1) >= 0) return null;
  const head = parseGroups(text.slice(0, gap), bytes, false);
  const tail = new Uint8Array(16);
  const tailLength = parseGroups(text.slice(gap + 2), tail, true);
  if (head < 0 || tailLength < 0 || head + tailLength > 14) return null;
  bytes.set(tail.subarray(0, tailLength), 16 - tailLength);
  return bytes;
}

/** Reads an IPv4 or IPv6 address in the forms inet_pton takes; null if it is none. */
export function parseAddress(text: string): IpAddress | null {
  if (text.includes(':')) {
    const bytes = parseIpv6(text);
    return bytes === null ? null : { family: 6, bytes };
  }
  const bytes = new Uint8Array(4);
  return parseIpv4(text, bytes, 0) ? { family: 4, bytes } : null;
}

/** Reads `address/prefix`; without a prefix the network holds that address only. Null if it is none. */
export function parseInterfaceAddress(text: string): InterfaceAddress | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const width = address.bytes.length * 8;
  const prefix = slash < 0 ? width : parseDecimal(text.slice(slash + 1), width);
  return prefix < 0 ? null : { ...address, prefix };
}

/** The text of an address; IPv6 in the canonical form of RFC 5952. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i] << 8) | bytes[i + 1]);
  // The longest run of zero groups, the first of several, is shortened; a single group is not.
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > length) {
      start = i;
      length = n;
    }
    if (n > 0) i += n;
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((g) => g.toString(16))
      .join(':');
  return start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`;
}

/** Whether an IPv6 address carries an IPv4 one (`::ffff:0:0/96`), as a dual-stack socket reports its IPv4 peers. */
function isMapped(bytes: Uint8Array): boolean {
  if (bytes.length !== 16 || bytes[10] !== 0xff || bytes[11] !== 0xff) return false;
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** The IPv4 address inside an IPv4-mapped IPv6 address; any other address as it is. */
export function unmapAddress(address: IpAddress): IpAddress {
  return isMapped(address.bytes) ? { family: 4, bytes: address.bytes.slice(12) } : address;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: IpAddress): boolean {
  if (address.family === 4) return address.bytes[0] === 127;
  return address.bytes[15] === 1 && address.bytes.every((b, i) => i === 15 || b === 0);
}

export function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/**
 * The `n`-th (from 0) address of an interface's network that a neighbour could have: host numbers from 1 upwards without
 * the interface's own, and without IPv4's broadcast address. In a network of two (/31, RFC 3021; /127, RFC 6164) host
 * number 0 counts as well. Null when the network has no such address.
 */
export function neighbourAddress(own: InterfaceAddress, n: number): IpAddress | null {
  const width = own.bytes.length * 8;
  const hostBits = width - own.prefix;
  if (hostBits === 0) return null;
  // 2^24 neighbours are enough for anybody here.
  const bits = Math.min(hostBits, 24);
  const first = hostBits === 1 ? 0 : 1;
  const last = 2 ** bits - (own.family === 4 && hostBits > 1 ? 2 : 1);
  let left = n;
  for (let host = first; host <= last; host++) {
    const bytes = own.bytes.slice();
    for (let bit = 0; bit < hostBits; bit++) {
      const mask = 1 << (bit & 7);
      const at = bytes.length - 1 - (bit >> 3);
      const set = bit < 24 && ((host >> bit) & 1) === 1;
      bytes[at] = set ? bytes[at] | mask : bytes[at] & ~mask;
    }
    if (sameAddress(bytes, own.bytes)) continue;
    if (left-- === 0) return { family: own.family, bytes };
  }
  return null;
}

/**
 * Reads `host:port`. An IPv6 host stands in brackets; `*` and an empty host (read as `*`) mean every address of the host. Port 0 leaves
 * the choice to the host. Null if it is none.
 */
export function parseEndpoint(text: string): Endpoint | null {
  const m = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]*)):([0-9]{1,5})$/.exec(text);
  if (m === null || m[3].length > 5) return null;
  const port = parseDecimal(m[3], 65535);
  if (port < 0) return null;
  if (m[1] !== undefined) return parseAddress(m[1])?.family === 6 ? { host: m[1], port } : null;
  const name = m[2];
  if (name === '' || name === '*') return { host: '*', port };
  if (/^[0-9.]+$/.test(name)) return parseAddress(name) === null ? null : { host: name, port };
  return name.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name) ? { host: name, port } : null;
}

/** The text of an endpoint, as {@link parseEndpoint} reads it. */
export function formatEndpoint(e: Endpoint): string {
  return e.host.includes(':') ? `[${e.host}]:${e.port}` : `${e.host}:${e.port}`;
}
