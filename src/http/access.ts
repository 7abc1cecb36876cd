import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from '../config.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { HttpError } from './problem.ts';

/** What a request may do once it is let in. */
export interface Access {
  /** May run operations flagged `admin-perm`. */
  readonly admin: boolean;
}

const ADMIN: Access = { admin: true };
const PLAIN: Access = { admin: false };

/** Probes of supervisors: they know neither names nor tokens, and learn nothing but the state. */
const PROBES = new Set(['/livez', '/readyz']);

/** Every Host header; `headers` keeps the first of several. */
function hostsOf({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_text, i) => i % 2 === 1 && rawHeaders[i - 1].toLowerCase() === 'host');
}

/** Host header or authority without its port, in lower case; IPv6 in brackets. */
function hostName(authority: string): string {
  const m = /^(\[[0-9a-f:.]+\]|[^:[\]@/\\\s]+)(?::\d{1,5})?$/i.exec(authority);
  return m === null ? '' : m[1].toLowerCase().replace(/\.$/, '');
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/**
 * The rules by which a request is let in, in this order: the name in Host (against DNS rebinding; not on the Unix socket,
 * which no browser reaches), the Origin (a web page of another origin is refused), the bearer token.
 */
export class AccessRules {
  readonly #hosts = new Set(['localhost', '127.0.0.1', '[::1]']);
  readonly #tokens: { digest: Buffer; access: Access }[];
  readonly #unix = new WeakSet<Socket>();

  constructor(http: Pick<Config['http'], 'host' | 'hosts'>, tokens: Config['auth']['tokens']) {
    for (const host of [http.host, ...http.hosts]) this.#hosts.add(bracketed(host).toLowerCase());
    this.#tokens = tokens.map((t) => ({ digest: digest(t.token), access: t.admin ? ADMIN : PLAIN }));
  }

  /** Marks a connection that came in by the Unix socket. */
  trustHost(socket: Socket): void {
    this.#unix.add(socket);
  }

  /** @throws HttpError EACCES (no Host or several: 400; another Host, Origin) or EPERM (token). */
  check(request: IncomingMessage): Access {
    const url = request.url ?? '';
    const query = url.indexOf('?');
    if (PROBES.has(query < 0 ? url : url.slice(0, query))) return PLAIN;
    const { host, origin, authorization } = request.headers;
    if (!this.#unix.has(request.socket)) this.#checkHost(url, hostsOf(request));
    if (origin !== undefined && !sameOrigin(origin, host ?? '')) {
      throw new HttpError(403, ERRORS.foreignOrigin);
    }
    return this.#authorize(authorization);
  }

  /** One Host, and the authority of a target in absolute form with it: both name this daemon. */
  #checkHost(target: string, hosts: readonly string[]): void {
    if (hosts.length !== 1) throw new HttpError(400, ERRORS.unexpectedHost);
    const authority = /^[^/*][^:]*:\/\/([^/?#]*)/.exec(target)?.[1] ?? hosts[0];
    if (!this.#hosts.has(hostName(hosts[0])) || !this.#hosts.has(hostName(authority))) {
      throw new HttpError(403, ERRORS.unexpectedHost);
    }
  }

  #authorize(authorization: string | undefined): Access {
    if (this.#tokens.length === 0) return ADMIN;
    const challenge = { 'www-authenticate': 'Bearer realm="netmemd"' };
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new HttpError(401, ERRORS.noToken, challenge);
    const given = digest(token);
    let found: Access | null = null;
    // Every token is compared, so that time tells nothing about which one was near.
    for (const t of this.#tokens) if (timingSafeEqual(t.digest, given)) found = t.access;
    if (found === null) {
      throw new HttpError(401, ERRORS.unknownToken, {
        'www-authenticate': 'Bearer realm="netmemd", error="invalid_token"',
      });
    }
    return found;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function sameOrigin(origin: string, host: string): boolean {
  const m = /^https?:\/\/(.+)$/i.exec(origin);
  return m !== null && host !== '' && m[1].toLowerCase() === host.toLowerCase();
}
