import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';

type Koffi = typeof import('koffi').default;

/** Protection bits of mmap(2). */
export const PROT_READ = 1;
export const PROT_WRITE = 2;

/** Flags of mmap(2), Linux generic. */
export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;

export {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
} from '../uapi/memfd.ts';

/** madvise(2): fault pages in for writing without changing them (Linux 5.14). */
export const MADV_POPULATE_WRITE = 23;
/** madvise(2): leave the range out of core dumps. */
export const MADV_DONTDUMP = 16;

/** Flags of a mapping that keeps its place and takes no memory until it is written. */
export const BLANK = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const MFD_CLOEXEC = 0x01;
const MFD_ALLOW_SEALING = 0x02;
const MFD_NOEXEC_SEAL = 0x08;
const LOCK_EX = 2;
const LOCK_NB = 4;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** koffi, the library through which files are mapped, cannot be loaded. `message` says what to install. */
export class KoffiUnavailableError extends Error {
  override readonly name = 'KoffiUnavailableError';

  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    super(
      `shared memory needs the npm package koffi and its prebuilt binary for ${process.platform}-${process.arch}, ` +
        `which cannot be loaded: ${why}. Run npm install without --omit=optional on this platform, ` +
        `or see https://koffi.dev for the platforms it supports`,
      { cause },
    );
  }
}

/** A system call that failed; `errno` is positive, `code` its name. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly syscall: string;
  readonly errno: number;
  readonly code: string;

  constructor(syscall: string, errno: number) {
    const code = errno > 0 ? getSystemErrorName(-errno) : 'EIO';
    super(`${syscall}: ${code}`);
    this.syscall = syscall;
    this.errno = errno;
    this.code = code;
  }
}

/** The calls of the C library that Node does not offer. Every one throws {@link SystemCallError} when it fails. */
export interface Libc {
  /** A new empty memfd that can be sealed, close-on-exec and never executable where the kernel knows that flag (6.3). */
  memfdCreate(name: string): number;
  /** Allocates the range, extending the file if it ends before; nothing in it can SIGBUS later. */
  fallocate(fd: number, offset: number, size: number): void;
  /** The same on a thread of libuv's pool; false when it failed, which a call from here then explains. Never rejects. */
  fallocateAsync(fd: number, offset: number, size: number): Promise<boolean>;
  addSeals(fd: number, seals: number): void;
  /** Bits of `F_SEAL_*`; EINVAL when the file is no memfd. */
  getSeals(fd: number): number;
  /** Maps from `offset`, by default 0; `address` is used with MAP_FIXED only. */
  mmap(address: bigint | null, size: number, prot: number, flags: number, fd: number, offset?: number): bigint;
  /**
   * Puts private zero pages that take no memory in the place of whatever is mapped there, on a thread of libuv's pool;
   * false when that failed. Never rejects.
   */
  blankAsync(address: bigint, size: number): Promise<boolean>;
  munmap(address: bigint, size: number): void;
  /** The same on a thread of libuv's pool. Never rejects. */
  munmapAsync(address: bigint, size: number): Promise<void>;
  madvise(address: bigint, size: number, advice: number): void;
  /** The same on a thread of libuv's pool; resolves to 0 or a positive errno, never rejects. */
  madviseAsync(address: bigint, size: number, advice: number): Promise<number>;
  /** False when somebody else holds the lock. */
  tryLock(fd: number): boolean;
  /** An ArrayBuffer over mapped memory; it neither owns nor frees the memory. */
  view(address: bigint, size: number): ArrayBuffer;
}

/**
 * Loads koffi; only here, so that a program without it can still print why.
 *
 * @throws KoffiUnavailableError
 */
export function loadKoffi(load: (id: string) => unknown = createRequire(import.meta.url)): Koffi {
  try {
    return load('koffi') as Koffi;
  } catch (error) {
    throw new KoffiUnavailableError(error);
  }
}

let loaded: Libc | undefined;

/**
 * The process's C library, bound on first use.
 *
 * @throws KoffiUnavailableError
 */
export function libc(): Libc {
  loaded ??= bind(loadKoffi());
  return loaded;
}

function bind(koffi: Koffi): Libc {
  const library = koffi.load(null);
  const memfdCreate = library.func('int memfd_create(const char *name, unsigned int flags)');
  const fallocate = library.func('int fallocate(int fd, int mode, int64_t offset, int64_t len)');
  const fcntl = library.func('int fcntl(int fd, int cmd, ...)');
  const mmap = library.func('void *mmap(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)');
  const munmap = library.func('int munmap(void *addr, size_t length)');
  const madvise = library.func('int madvise(void *addr, size_t length, int advice)');
  const flock = library.func('int flock(int fd, int operation)');
  const EINTR = koffi.os.errno.EINTR;
  const EINVAL = koffi.os.errno.EINVAL;
  const EAGAIN = koffi.os.errno.EAGAIN;

  const failed = (syscall: string): never => {
    throw new SystemCallError(syscall, koffi.errno());
  };

  return {
    memfdCreate(name) {
      const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
      let fd: number = memfdCreate(name, flags | MFD_NOEXEC_SEAL);
      if (fd < 0 && koffi.errno() === EINVAL) fd = memfdCreate(name, flags);
      return fd < 0 ? failed('memfd_create') : fd;
    },
    fallocate(fd, offset, size) {
      while (fallocate(fd, 0, offset, size) < 0) {
        if (koffi.errno() !== EINTR) failed('fallocate');
      }
    },
    fallocateAsync(fd, offset, size) {
      return new Promise((resolve) => {
        fallocate.async(fd, 0, offset, size, (error: unknown, result: number) => {
          resolve(error === null && result === 0);
        });
      });
    },
    addSeals(fd, seals) {
      if (fcntl(fd, F_ADD_SEALS, 'int', seals) < 0) failed('fcntl(F_ADD_SEALS)');
    },
    getSeals(fd) {
      const seals: number = fcntl(fd, F_GET_SEALS);
      return seals < 0 ? failed('fcntl(F_GET_SEALS)') : seals;
    },
    mmap(address, size, prot, flags, fd, offset = 0) {
      const mapped: bigint = mmap(address, size, prot, flags, fd, offset);
      return BigInt.asUintN(64, BigInt(mapped)) === MAP_FAILED ? failed('mmap') : mapped;
    },
    blankAsync(address, size) {
      return new Promise((resolve) => {
        mmap.async(address, size, PROT_READ | PROT_WRITE, BLANK, -1, 0, (error: unknown, mapped: bigint) => {
          resolve(error === null && BigInt.asUintN(64, BigInt(mapped)) === address);
        });
      });
    },
    munmap(address, size) {
      if (munmap(address, size) < 0) failed('munmap');
    },
    munmapAsync(address, size) {
      return new Promise((resolve) => {
        munmap.async(address, size, () => resolve());
      });
    },
    madvise(address, size, advice) {
      if (madvise(address, size, advice) < 0) failed('madvise');
    },
    madviseAsync(address, size, advice) {
      return new Promise((resolve) => {
        madvise.async(address, size, advice, (error: unknown, result: number) => {
          // errno belongs to the pool's thread, so only "it failed" comes back.
          resolve(error === null && result === 0 ? 0 : EINVAL);
        });
      });
    },
    tryLock(fd) {
      while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        const errno = koffi.errno();
        if (errno === EAGAIN) return false;
        if (errno !== EINTR) throw new SystemCallError('flock', errno);
      }
      return true;
    },
    view(address, size) {
      return koffi.view(address, size);
    },
  };
}
