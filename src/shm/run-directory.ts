import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { libc } from './libc.ts';

/** Held with flock(2) by the daemon that owns the directory; contains its pid. */
export const LOCK_FILE = 'netmemd.lock';
/** The daemon's Unix socket. */
export const SOCKET_FILE = 'netmemd.sock';

/** Shared memory: `mem-N` or `mem-N-label`; a symlink to /proc/PID/fd/N or a regular file. */
const MEMORY_FILE = /^mem-[0-9]{1,15}(-[A-Za-z0-9._-]{1,64})?$/;

/** Whether a name in a run directory is one of shared memory. */
export function isMemoryFile(name: string): boolean {
  return MEMORY_FILE.test(name);
}

export interface RunDirectoryOptions {
  /** Absolute or relative path; its parent exists. Default {@link defaultRunDirectory}. */
  path?: string;
  /** Mode of a directory that is created, default 0o700. Backing `file` for other users needs 0o750 or 0o755. */
  mode?: number;
  /** Bytes the file system must have free at start, default 0. */
  minimumFree?: number;
}

/** The run directory cannot be used; `message` names it and says why. */
export class RunDirectoryError extends Error {
  override readonly name = 'RunDirectoryError';
  /** `locked`: another daemon runs there. The others: it is not ours to use. */
  readonly reason: 'locked' | 'missing' | 'symlink' | 'not-a-directory' | 'owner' | 'mode';

  constructor(reason: RunDirectoryError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** `/dev/shm/netmemd-UID`: one per user, on the tmpfs every Linux has. */
export function defaultRunDirectory(): string {
  return `/dev/shm/netmemd-${process.geteuid?.() ?? 0}`;
}

/**
 * The directory in which a daemon shares files with its clients: its lock, its socket, its memory.
 *
 * Opening creates the directory when it is missing, locks it, and removes what a killed predecessor left. Only names this
 * module knows are ever removed, so a directory that holds other things is safe.
 */
export class RunDirectory {
  readonly path: string;
  /** Where the file system that holds the directory is mounted. */
  readonly mountPoint: string;
  readonly socketPath: string;
  readonly #created: boolean;
  #lock: number;
  #sequence = 0;

  private constructor(path: string, created: boolean, lock: number) {
    this.path = path;
    this.mountPoint = mountPointOf(path);
    this.socketPath = join(path, SOCKET_FILE);
    this.#created = created;
    this.#lock = lock;
  }

  /** @throws RunDirectoryError; KoffiUnavailableError; KernelError ENOSPC when less than `minimumFree` is free; errors of node:fs */
  static open(options: RunDirectoryOptions = {}): RunDirectory {
    libc(); // before anything is created: without it the lock cannot be taken
    const path = resolve(options.path ?? defaultRunDirectory());
    const mode = options.mode ?? 0o700;
    for (;;) {
      const created = ensureDirectory(path, mode);
      let lock: number | null;
      try {
        lock = takeLock(path);
      } catch (error) {
        // The previous owner removed the directory between the two calls.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
          const mount = mountPointOf(path);
          if (created) {
            remove(join(path, LOCK_FILE));
            rmdirSync(path);
          }
          noSpace(path, mount, options.minimumFree ?? 0, 0);
        }
        throw error;
      }
      if (lock === null) continue;
      const directory = new RunDirectory(path, created, lock);
      try {
        directory.#removeFiles();
        directory.requireSpace(options.minimumFree ?? 0);
      } catch (error) {
        directory.close();
        throw error;
      }
      return directory;
    }
  }

  /** Bytes that may still be written to the file system by this user. */
  freeSpace(): number {
    const s = statfsSync(this.path);
    return s.bavail * s.bsize;
  }

  /**
   * Refuses what does not fit: a mapped file whose pages cannot be allocated ends in SIGBUS.
   *
   * @param wanted bytes about to be allocated
   * @param reserved bytes promised to memory that does not live on this file system
   * @throws KernelError ENOSPC
   */
  requireSpace(wanted: number, reserved = 0): void {
    const free = Math.max(0, this.freeSpace() - reserved);
    if (wanted > free) noSpace(this.path, this.mountPoint, wanted, free);
  }

  /** A path for new shared memory that nobody used before; `label` is for people and cut to harmless characters. */
  nextPath(label = ''): string {
    const clean = label.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 64);
    return join(this.path, `mem-${++this.#sequence}${clean === '' ? '' : `-${clean}`}`);
  }

  /** Removes every file of ours, the directory too when {@link open} made it, and gives up the lock. Safe to call twice. */
  close(): void {
    if (this.#lock < 0) return;
    const lock = this.#lock;
    this.#lock = -1;
    try {
      this.#removeFiles();
      // While the lock is still held: whoever waits for it sees that the file is gone and starts over.
      remove(join(this.path, LOCK_FILE));
      if (this.#created) rmdirSync(this.path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EBUSY' && code !== 'EACCES') throw error;
    } finally {
      closeSync(lock);
    }
  }

  #removeFiles(): void {
    for (const name of readdirSync(this.path)) {
      if (name === SOCKET_FILE || isMemoryFile(name)) remove(join(this.path, name));
    }
  }
}

function noSpace(path: string, mountPoint: string, wanted: number, free: number): never {
  refuse(ERRORS.runDirectorySpace, undefined, wanted, free, path, mountPoint);
}

/** True when the directory was made by this call. */
function ensureDirectory(path: string, mode: number): boolean {
  let created = false;
  try {
    mkdirSync(path, { mode: 0o700 });
    created = true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw new RunDirectoryError('missing', `run directory ${path}: its parent directory does not exist`);
    }
    if (code !== 'EEXIST') throw error;
  }
  if (created) {
    // mkdir applies the umask; the mode is the configured one.
    chmodSync(path, mode);
    return true;
  }
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return ensureDirectory(path, mode);
  checkDirectory(path, stat, mode);
  return false;
}

function checkDirectory(path: string, stat: Stats, mode: number): void {
  if (stat.isSymbolicLink()) {
    throw new RunDirectoryError('symlink', `run directory ${path} is a symbolic link; name its target instead`);
  }
  if (!stat.isDirectory()) throw new RunDirectoryError('not-a-directory', `run directory ${path} is not a directory`);
  const uid = process.geteuid?.() ?? 0;
  if (stat.uid !== uid) {
    throw new RunDirectoryError('owner', `run directory ${path} belongs to uid ${stat.uid}, the daemon runs as ${uid}`);
  }
  if ((stat.mode & 0o022 & ~mode) !== 0) {
    const is = (stat.mode & 0o7777).toString(8);
    throw new RunDirectoryError(
      'mode',
      `run directory ${path} can be written by others (mode ${is}); change that first`,
    );
  }
}

/** The locked descriptor, or null when the file went away under us and it is to be tried again. */
function takeLock(directory: string): number | null {
  const path = join(directory, LOCK_FILE);
  // Readable by clients that check where they are; written by the owner only.
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  let keep = false;
  try {
    if (!libc().tryLock(fd)) {
      const owner = readFileSync(path, 'latin1').trim();
      const who = /^[0-9]+$/.test(owner) ? `pid ${owner}` : 'another process';
      throw new RunDirectoryError('locked', `run directory ${directory} is in use by ${who}`);
    }
    const now = statSync(path, { throwIfNoEntry: false });
    const mine = fstatSync(fd);
    if (now === undefined || now.ino !== mine.ino || now.dev !== mine.dev) return null;
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n`, 0);
    keep = true;
    return fd;
  } finally {
    if (!keep) closeSync(fd);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The highest ancestor on the same device. */
function mountPointOf(path: string): string {
  const { dev } = statSync(path);
  let mount = path;
  for (;;) {
    const parent = dirname(mount);
    if (parent === mount || statSync(parent).dev !== dev) return mount;
    mount = parent;
  }
}
