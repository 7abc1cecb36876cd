import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, KoffiUnavailableError, libc } from './libc.ts';
import { MEMFD_PREFIX } from './memfd.ts';
import { MemoryMap } from './memory-map.ts';
import { isMemoryFile, LOCK_FILE } from './run-directory.ts';

/** A path that does not lead to memory of a netmemd; nothing was mapped. */
export class NotNetmemdMemoryError extends Error {
  override readonly name = 'NotNetmemdMemoryError';

  constructor(path: string, why: string, cause?: unknown) {
    super(`${path}: ${why}`, { cause });
  }
}

export interface AttachOptions {
  /** Refuse memory shorter than this; default: map all of the file from `offset` on. */
  size?: number;
  /** Where in the file to begin, a multiple of 4096; default 0. */
  offset?: number;
  /** Map read-only even where writing is permitted. */
  readOnly?: boolean;
}

/**
 * Maps memory a daemon published, from any process. A link is followed only to what proves to be a memfd of netmemd that
 * cannot shrink, and a regular file only in a run directory: mapping anything else could fault at somebody's whim.
 * All checks but the first look are made on the opened file, so that replacing the link in between gains nothing.
 *
 * The mapping is read-write when the daemon permits it.
 *
 * @throws NotNetmemdMemoryError, KoffiUnavailableError
 */
export function attachSharedMemory(path: string, options: AttachOptions = {}): MemoryMap {
  if (path === '') throw new NotNetmemdMemoryError('""', 'is no path: the memory is that of a device');
  let fd = -1;
  try {
    const isLink = lstatSync(path).isSymbolicLink();
    if (isLink && !/^\/proc\/[0-9]+\/fd\/[0-9]+$/.test(readlinkSync(path))) {
      throw new NotNetmemdMemoryError(path, 'is a link, but not to the descriptor of a process');
    }
    const flags = constants.O_NONBLOCK | constants.O_NOCTTY | (isLink ? 0 : constants.O_NOFOLLOW);
    let writable = options.readOnly !== true;
    try {
      fd = openSync(path, flags | (writable ? constants.O_RDWR : constants.O_RDONLY));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!writable || (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS')) throw error;
      writable = false;
      fd = openSync(path, flags | constants.O_RDONLY);
    }
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new NotNetmemdMemoryError(path, 'is neither a memfd nor a regular file');
    if (isLink) {
      const seals = checkMemfd(path, fd);
      if ((seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) writable = false;
    } else {
      checkFile(path, stat.uid);
      // The owner's own write bit says nothing: the daemon needs it. Those of clients are set where they may write.
      if ((stat.mode & 0o022) === 0) writable = false;
    }
    const offset = options.offset ?? 0;
    const size = options.size ?? stat.size - offset;
    if (offset + size > stat.size)
      throw new NotNetmemdMemoryError(path, `has ${stat.size} bytes, not ${offset + size}`);
    return new MemoryMap(fd, size, writable, offset);
  } catch (error) {
    if (error instanceof NotNetmemdMemoryError || error instanceof KoffiUnavailableError) throw error;
    const why =
      (error as NodeJS.ErrnoException).code === undefined
        ? String(error)
        : `${(error as Error).message} (memory of backing "memfd" is for processes of the daemon's uid and PID namespace; ` +
          'others need backing "file" and a shared run directory)';
    throw new NotNetmemdMemoryError(path, why, error);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** The seals of a memfd of netmemd. */
function checkMemfd(path: string, fd: number): number {
  const name = readlinkSync(`/proc/self/fd/${fd}`);
  if (!name.startsWith(`/memfd:${MEMFD_PREFIX}`)) throw new NotNetmemdMemoryError(path, `leads to ${name}`);
  const seals = libc().getSeals(fd);
  const fixed = F_SEAL_SHRINK | F_SEAL_GROW;
  if ((seals & fixed) !== fixed) throw new NotNetmemdMemoryError(path, 'is not sealed against a change of its length');
  return seals;
}

function checkFile(path: string, uid: number): void {
  if (!isMemoryFile(basename(path))) throw new NotNetmemdMemoryError(path, 'is not named like memory of netmemd');
  const lock = lstatSync(join(dirname(path), LOCK_FILE), { throwIfNoEntry: false });
  if (lock === undefined || !lock.isFile() || lock.uid !== uid) {
    throw new NotNetmemdMemoryError(path, 'is not in a run directory of netmemd');
  }
}
