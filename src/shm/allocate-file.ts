import { writeSync } from 'node:fs';
import { libc, SystemCallError } from './libc.ts';

const ZEROS_SIZE = 1024 * 1024;

/**
 * Gives a new, empty file `size` bytes of allocated space, so that no later access through a mapping can meet a full file
 * system (SIGBUS). fallocate(2) does this on tmpfs, memfds and the local file systems; where it is not supported zeros are
 * written instead. glibc's posix_fallocate is not used: its emulation leaves the choice to the C library.
 *
 * @throws SystemCallError or an error of node:fs, `code` ENOSPC among others; the file is then of undefined length
 */
export function allocateFile(fd: number, size: number): void {
  try {
    libc().fallocate(fd, size);
    return;
  } catch (error) {
    if (!(error instanceof SystemCallError) || (error.code !== 'EOPNOTSUPP' && error.code !== 'ENOTSUP')) throw error;
  }
  writeZeros(fd, size);
}

/** The slow way, 1 ms per MiB or so. */
export function writeZeros(fd: number, size: number): void {
  const zeros = new Uint8Array(Math.min(size, ZEROS_SIZE));
  for (let at = 0; at < size; ) at += writeSync(fd, zeros, 0, Math.min(zeros.length, size - at), at);
}
