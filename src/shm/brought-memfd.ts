import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { refuse, refuseAs } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { ERRNO, type ErrnoName } from '../uapi/errno.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_SHRINK, F_SEAL_WRITE } from '../uapi/memfd.ts';
import { allocateFile } from './allocate-file.ts';
import { libc } from './libc.ts';
import { MemoryMap } from './memory-map.ts';

/**
 * What a client has to call a memfd that it wants to bring, or begin its name with. Whoever asks over HTTP may be another user
 * than the daemon: the name is how the memory's owner says that it is meant for a netmemd.
 */
export const BROUGHT_PREFIX = 'netmemd-client';

/** include/uapi/linux/fcntl.h: names a file without opening it, which is free of side effects whatever the file is. */
const O_PATH = 0o10000000;
/** include/uapi/linux/magic.h. */
const TMPFS_MAGIC = 0x0102_1994;
const HUGETLBFS_MAGIC = 0x9584_58f6;

/**
 * A memfd of a client, opened at `/proc/PID/fd/N`. Nothing is mapped until a part is asked for, and only while the file is
 * sealed against shrinking: nobody can take the memory from under the daemon then. The client may still write and punch
 * holes, which spoils its own payload.
 *
 * ```
 *  path --O_PATH--> a file, whatever it is --its name--> /memfd:netmemd-client...
 *                       | the same file from here on: the client cannot put another in its place
 *                       +--> tmpfs? owner? --> opened read-write --> seals, size --> mapped
 * ```
 */
export class BroughtMemfd {
  readonly path: string;
  #fd: number;
  /** The session's fd, and parts that are being mapped. */
  #refs = 1;
  #open = true;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /** @throws KernelError EINVAL: not such a path; EACCES, EOPNOTSUPP: not such a file; what the host's open gives */
  static open(path: string): BroughtMemfd {
    const named = /^\/proc\/([1-9][0-9]{0,9})\/fd\/(?:0|[1-9][0-9]{0,9})$/.exec(path);
    if (named === null || isOwnThread(named[1])) refuse(ERRORS.notMemfdPath, { 'bad-attr': '.path' });
    const handle = openOrRefuse(path, O_PATH);
    try {
      const own = `/proc/self/fd/${handle}`;
      if (!readlinkSync(own).startsWith(`/memfd:${BROUGHT_PREFIX}`)) notOurs();
      const { type } = statfsSync(own);
      if (type === HUGETLBFS_MAGIC) refuse(ERRORS.hugeMemfd, { 'bad-attr': '.path' });
      const stat = fstatSync(handle);
      if (type !== TMPFS_MAGIC || !stat.isFile() || stat.uid !== process.geteuid?.()) notOurs();
      return new BroughtMemfd(path, openOrRefuse(own, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY));
    } finally {
      closeSync(handle);
    }
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  seals(): number {
    return libc().getSeals(this.#fd);
  }

  /**
   * A mapping of a part, with memory behind all of it.
   *
   * @param offset bytes, as `size` a multiple of the page size
   * @param admit told how many bytes the host may have to find; what it throws ends the call
   * @throws KernelError EINVAL: it can shrink, is not writable or too short; SystemCallError
   */
  async map(offset: number, size: number, admit: (unallocated: number) => void): Promise<MemoryMap> {
    const seals = this.seals();
    if ((seals & F_SEAL_SHRINK) === 0) refuse(ERRORS.memfdCanShrink);
    if ((seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) refuse(ERRORS.memfdNotWritable);
    const { size: length, blocks } = fstatSync(this.#fd);
    if (offset + size > length) refuse(ERRORS.memfdTooShort, undefined, length);
    // What is allocated may lie outside of the part; no more than all that is missing can be missing in it.
    admit(Math.max(0, Math.min(size, length - blocks * 512)));
    this.#refs++;
    try {
      await allocateFile(this.#fd, offset + size, undefined, offset);
      return new MemoryMap(this.#fd, size, true, offset);
    } finally {
      this.#put();
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#put();
  }

  #put(): void {
    if (--this.#refs > 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** Threads have a directory in /proc as processes do: the daemon's own fds are not for the asking by the id of one either. */
function isOwnThread(id: string): boolean {
  let status: string;
  try {
    status = readFileSync(`/proc/${id}/status`, 'latin1');
  } catch {
    return false;
  }
  return new RegExp(`^Tgid:\\s+${process.pid}$`, 'm').test(status);
}

function notOurs(): never {
  return refuse(ERRORS.foreignMemfd, { 'bad-attr': '.path' }, BROUGHT_PREFIX);
}

function openOrRefuse(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EMFILE') refuse(ERRORS.noProcessFdLeft);
    if (code === 'ENFILE') refuse(ERRORS.noHostFdLeft);
    if (code === undefined || !Object.hasOwn(ERRNO, code)) throw error;
    return refuseAs(code as ErrnoName, ERRORS.memfdOpen, { 'bad-attr': '.path' });
  }
}
