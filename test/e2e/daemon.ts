import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** Ten times what a loaded machine needs. */
const START_DEADLINE_MS = 20_000;

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every operation
  json: any;
}

export interface StartOptions {
  /** Where its run directory is made; default: a new directory under /dev/shm, removed by {@link DaemonProcess.stop}. */
  parent?: string;
  env?: Record<string, string>;
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  socketPath?: string;
}

/** The daemon as a process of its own, as users run it. */
export class DaemonProcess {
  readonly url: string;
  readonly runDirectory: string;
  readonly socketPath: string;
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Removed at the end: it was made for this daemon. */
  readonly #own: string | null;
  readonly #output: string[];

  private constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    url: string,
    parent: string,
    own: boolean,
    output: string[],
  ) {
    this.child = child;
    this.url = url;
    this.#own = own ? parent : null;
    this.#output = output;
    this.runDirectory = join(parent, 'run');
    this.socketPath = join(this.runDirectory, 'netmemd.sock');
  }

  /** Starts it on a free port and a run directory of its own, and waits until it is ready. */
  static start(...flags: string[]): Promise<DaemonProcess> {
    return DaemonProcess.startWith({}, ...flags);
  }

  static async startWith(o: StartOptions, ...flags: string[]): Promise<DaemonProcess> {
    const parent = o.parent ?? mkdtempSync('/dev/shm/netmemd-e2e-');
    const output: string[] = [];
    const child = spawn(
      process.execPath,
      [MAIN, '--http.port=0', `--run-dir=${join(parent, 'run')}`, '--log.level=warn', ...flags],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '', ...o.env } },
    );
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      const give = (error: Error): void => {
        child.kill('SIGKILL');
        if (o.parent === undefined) rmSync(parent, { recursive: true, force: true });
        reject(error);
      };
      const timer = setTimeout(() => give(new Error(`not ready in time: ${output.join('')}`)), START_DEADLINE_MS);
      child.once('exit', (code) => {
        clearTimeout(timer);
        give(new Error(`exit code ${code}: ${output.join('')}`));
      });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output.push(chunk.toString());
        text += chunk.toString();
        const found = /^netmemd ready: (\S+)/m.exec(text);
        if (found === null) return;
        clearTimeout(timer);
        child.removeAllListeners('exit');
        resolve(found[1]);
      });
    });
    const daemon = new DaemonProcess(child, url, parent, o.parent === undefined, output);
    const ready = await daemon.request('/readyz');
    if (ready.status !== 200) throw new Error(`/readyz: ${ready.status}`);
    return daemon;
  }

  /** All it has printed. */
  get output(): string {
    return this.#output.join('');
  }

  /** One request on a connection of its own, with any header and any method. */
  request(path: string, o: RequestOptions = {}): Promise<Reply> {
    const { port } = new URL(this.url);
    const where = o.socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath: o.socketPath };
    return new Promise((resolve, reject) => {
      const req = httpRequest(
        { ...where, path, method: o.method ?? 'GET', headers: o.headers, agent: false },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('error', reject);
          res.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const json = /json/.test(res.headers['content-type'] ?? '') ? JSON.parse(text) : undefined;
            resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json });
          });
        },
      );
      req.on('error', reject);
      req.end(o.body);
    });
  }

  /** `do` of an operation. */
  do(family: string, op: string, attrs: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.request(`/v1/${family}/${op}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(attrs),
    });
  }

  /** The reply of an operation that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: replies of every operation
  async ok(family: string, op: string, attrs: unknown = {}, headers: Record<string, string> = {}): Promise<any> {
    const reply = await this.do(family, op, attrs, headers);
    if (reply.status !== 200) throw new Error(`${family}/${op}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** The entries of a dump that must succeed; `query` starts with `?`. */
  // biome-ignore lint/suspicious/noExplicitAny: replies of every operation
  async dump(family: string, op: string, query = '', headers: Record<string, string> = {}): Promise<any[]> {
    const reply = await this.request(`/v1/${family}/${op}${query}`, { headers });
    if (reply.status !== 200) throw new Error(`${family}/${op}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** Samples of a metric by their labels (`{a="1"}`, or the empty string). */
  async metric(name: string): Promise<Map<string, number>> {
    const { text } = await this.request('/metrics');
    const samples = new Map<string, number>();
    for (const line of text.split('\n')) {
      const m = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line);
      if (m?.[1] === name) samples.set(m[2] ?? '', Number(m[3]));
    }
    return samples;
  }

  /** What it has logged as an error: violations of conservation, faults of its own. */
  get errors(): string[] {
    return this.output.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  }

  /** Asks it to stop; gives back its exit code. */
  async signal(name: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill(name);
      await exited;
    }
    return this.child.exitCode;
  }

  /** What is left in the run directory. */
  leftovers(): string[] {
    return existsSync(this.runDirectory) ? readdirSync(this.runDirectory) : [];
  }

  /** Stops it and removes its directory, if that was made for it. */
  async stop(): Promise<void> {
    await this.signal();
    if (this.#own !== null) rmSync(this.#own, { recursive: true, force: true });
  }
}
