import { Agent, request } from 'undici';
import type { Options } from './options.ts';

/** Why the daemon refused a request, as problem+json says it. */
export interface Problem {
  title: string;
  detail?: string;
  status: number;
  errno?: string;
  code?: number;
  extack?: Record<string, unknown>;
}

/** The daemon answered with an error. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Connection to the daemon, over TCP or its Unix socket (`unix:/path`). */
export class DaemonLink {
  private readonly agent: Agent;
  private readonly base: string;
  private readonly headers: Record<string, string> = {};

  constructor({ url, session, netlink, token }: Pick<Options, 'url' | 'session' | 'netlink' | 'token'>) {
    const socketPath = url.startsWith('unix:') ? url.slice('unix:'.length) : undefined;
    // A blocking operation or a quiet event stream may take for ever.
    this.agent = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(socketPath === undefined ? {} : { connect: { socketPath } }),
    });
    this.base = socketPath === undefined ? url.replace(/\/+$/, '').replace(/\/v1$/, '') : 'http://localhost';
    if (session !== undefined) this.headers['netmemd-session'] = session;
    if (netlink !== undefined) this.headers['netmemd-netlink'] = netlink;
    if (token !== undefined) this.headers.authorization = `Bearer ${token}`;
  }

  /** The reply of a do. @throws Refused */
  async do(family: string, op: string, json: string): Promise<unknown> {
    const answer = await request(`${this.base}/v1/${family}/${op}`, {
      method: 'POST',
      headers: { ...this.headers, 'content-type': 'application/json' },
      body: json,
      dispatcher: this.agent,
    });
    return this.read(answer);
  }

  /** All entries of a dump. @throws Refused */
  async dump(family: string, op: string, filter: object): Promise<unknown> {
    const query = new URLSearchParams(flatten(filter)).toString();
    const answer = await request(`${this.base}/v1/${family}/${op}${query === '' ? '' : `?${query}`}`, {
      headers: this.headers,
      dispatcher: this.agent,
    });
    return this.read(answer);
  }

  /** Joins a multicast group; the promise resolves when the daemon has joined it. @throws Refused */
  async subscribe(family: string, group: string, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    const answer = await request(`${this.base}/v1/${family}/events?group=${encodeURIComponent(group)}`, {
      headers: { ...this.headers, accept: 'application/x-ndjson' },
      dispatcher: this.agent,
      signal,
    });
    if (answer.statusCode !== 200) await this.read(answer);
    return lines(answer.body, signal);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async read(answer: Awaited<ReturnType<typeof request>>): Promise<unknown> {
    const text = await answer.body.text();
    if (answer.statusCode < 400) return text === '' ? null : JSON.parse(text);
    const type = String(answer.headers['content-type'] ?? '');
    if (!type.startsWith('application/problem+json'))
      throw new Error(`HTTP status ${answer.statusCode} from ${this.base}`);
    throw new Refused(JSON.parse(text) as Problem);
  }
}

/** JSON lines of a body until it ends or the signal says stop. */
async function* lines(body: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line !== '') yield JSON.parse(line);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Query parameters of a filter: dots reach into nests, lists repeat their key. */
export function flatten(filter: object, path = ''): [string, string][] {
  return Object.entries(filter).flatMap(([name, value]): [string, string][] => {
    const key = path === '' ? name : `${path}.${name}`;
    const items: unknown[] = Array.isArray(value) ? value : [value];
    return items.flatMap((item): [string, string][] =>
      typeof item === 'object' && item !== null ? flatten(item, key) : [[key, String(item)]],
    );
  });
}
