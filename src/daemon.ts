import { randomInt } from 'node:crypto';
import { type Config, clientWritable, runDirectory } from './config.ts';
import { handlers } from './family/index.ts';
import { OpenStreams } from './http/open-streams.ts';
import { HttpServer } from './http/server.ts';
import { Kernel, xorshift32 } from './kernel/kernel.ts';
import { Lab } from './lab/lab.ts';
import { type Log, openLog } from './log.ts';
import { HostClock, Loop } from './loop.ts';
import { MemoryBudget } from './memory-budget.ts';
import { RunDirectory } from './shm/run-directory.ts';
import { RunSharedMemory } from './shm/shared-memory.ts';
import { Wires } from './wire/wires.ts';
import { families } from './ynl/generated/index.ts';

/** Free bytes without which a run directory is of no use: one page for the lock, and a few for the smallest dmabufs. */
const MINIMUM_FREE = 64 * 1024;

/** What is made before the daemon listens, in order; taken down in reverse. */
interface Parts {
  log: Log;
  directory: RunDirectory;
  shared: RunSharedMemory;
  loop: Loop;
  kernel: Kernel;
  lab: Lab;
  http: HttpServer;
  stopping: AbortController;
}

/** The daemon: the only place that knows all of its parts. */
export class Daemon {
  readonly log: Log;
  /** `http://127.0.0.1:8420`. */
  readonly url: string;
  readonly socketPath: string;
  readonly runDirectory: string;
  readonly #parts: Parts;
  #stopped: Promise<void> | null = null;

  private constructor(parts: Parts, url: string) {
    this.#parts = parts;
    this.log = parts.log;
    this.url = url;
    this.socketPath = parts.directory.socketPath;
    this.runDirectory = parts.directory.path;
  }

  /**
   * Starts a daemon and waits until it serves.
   * @throws RunDirectoryError (another daemon runs there), KoffiUnavailableError, KernelError, errors of listen()
   */
  static async start(config: Config): Promise<Daemon> {
    const log = openLog(config.log);
    let directory: RunDirectory | null = null;
    try {
      directory = RunDirectory.open({
        path: runDirectory(config),
        mode: Number.parseInt(config['run-dir-mode'], 8),
        minimumFree: MINIMUM_FREE,
      });
      const parts = assemble(config, log, directory);
      const url = await parts.http.listen(directory.socketPath, socketMode(config));
      log.logger.info({ url, 'run-dir': directory.path, pid: process.pid }, 'ready');
      return new Daemon(parts, url);
    } catch (error) {
      directory?.close();
      log.flush();
      throw error;
    }
  }

  /** Sessions end, wires close, the devices are as configured. */
  async reset(): Promise<void> {
    this.#parts.lab.reset();
  }

  /** Streams end, then connections, wires, sessions and memory; nothing is left in the run directory. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { log, directory, shared, loop, kernel, lab, http, stopping } = this.#parts;
    try {
      stopping.abort();
      await http.close();
      lab.close();
      // Processes end before their memory does: nothing may write to it after that.
      for (const session of [...kernel.sessions.values()]) session.close();
    } finally {
      loop.close();
      shared.close();
      directory.close();
      log.logger.info('stopped');
      log.flush();
    }
  }

  /** Leaves nothing in the run directory and no line unwritten, at once and without waiting for anybody. */
  abandon(): void {
    this.#parts.directory.close();
    this.log.flush();
  }
}

/** Who may enter the run directory may use the socket in it. */
function socketMode(config: Config): number {
  const mode = Number.parseInt(config['run-dir-mode'], 8);
  return 0o600 | ((mode & 0o010) !== 0 ? 0o060 : 0) | ((mode & 0o001) !== 0 ? 0o006 : 0);
}

function assemble(config: Config, log: Log, directory: RunDirectory): Parts {
  const { logger } = log;
  const stopping = new AbortController();
  const seed = config.seed ?? randomInt(0, 2 ** 32);
  logger.info({ seed, kernel: config.kernel, backing: config.backing }, 'starting');
  const writable = clientWritable(config);
  const shared = new RunSharedMemory(directory, {
    backing: config.backing,
    fileMode: Number.parseInt(config.shm['file-mode'], 8),
    fileClientWrite: writable,
  });
  const memory = new MemoryBudget(shared, {
    largest: config.limits['dmabuf-bytes'],
    total: config.limits['memory-bytes'],
    clientWritable: writable,
  });
  const clock = new HostClock();
  const loop = new Loop({ readBudget: config.loop['read-budget'] });
  const kernel = new Kernel({
    clock,
    release: config.kernel,
    random: xorshift32(seed),
    fdsPerSession: config.limits.fds,
    memlock: config.limits['memlock-bytes'] ?? undefined,
    pagePoolStats: config['page-pool-stats'],
    udmabufLimit: config.limits['udmabuf-bytes'],
    sessions: config.limits.sessions,
    schedule: loop.schedule,
    log: (level, event, fields) => logger[level](fields, event),
    hostPages: config.limits['host-pages'],
    netdevs: config.limits.netdevs,
    tokens: config.limits.tokens,
  });
  loop.attach(kernel);
  const wires = new Wires({ loop, kernel, clock, limits: config.limits });
  const lab = new Lab({ kernel, wires, topology: config.topology.netdevs });
  const http = new HttpServer({
    config,
    logger,
    kernel,
    lab,
    memory,
    loop,
    families,
    handlers,
    streams: new OpenStreams(config.limits.streams),
    stopping: stopping.signal,
  });
  return { log, directory, shared, loop, kernel, lab, http, stopping };
}
