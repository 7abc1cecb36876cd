import { write } from 'node:fs';
import { promisify } from 'node:util';
import { libc, SystemCallError } from './libc.ts';

/** Bytes of one step: 5 ms or so on a thread of libuv's pool. */
const SLICE = 16 * 1024 * 1024;

/** Up to this many bytes the work is shorter than the way to the other thread and back. */
const SMALL = 256 * 1024;

const ZEROS_SIZE = 1024 * 1024;

const writeAt = promisify(write);

/**
 * Gives the first `size` bytes of a file allocated space, so that no later access through a mapping can meet a full file
 * system (SIGBUS). fallocate(2) does this on tmpfs, memfds and the local file systems; where it is not supported zeros are
 * written instead. glibc's posix_fallocate is not used: its emulation leaves the choice to the C library.
 *
 * The work is done in slices on other threads, so that whatever else the process does goes on. Nothing else may use or close
 * the file until the promise is settled.
 *
 * @param progress told the bytes of each slice when they are there; what it throws ends the allocation
 * @param from where to begin; what stands there already stays as it is where fallocate(2) is supported
 * @throws SystemCallError or an error of node:fs, `code` ENOSPC among others; the file is then of undefined length
 */
export async function allocateFile(
  fd: number,
  size: number,
  progress?: (bytes: number) => void,
  from = 0,
): Promise<void> {
  const c = libc();
  for (let at = from; at < size; at += SLICE) {
    const length = Math.min(SLICE, size - at);
    if (length <= SMALL || !(await c.fallocateAsync(fd, at, length))) {
      try {
        // The other thread keeps its errno; here the call fails again, and says why.
        c.fallocate(fd, at, length);
      } catch (error) {
        if (!(error instanceof SystemCallError) || (error.code !== 'EOPNOTSUPP' && error.code !== 'ENOTSUP'))
          throw error;
        await writeZeros(fd, size, progress, at);
        return;
      }
    }
    progress?.(length);
  }
}

/** The slow way, 1 ms per MiB or so. @param from where to begin */
export async function writeZeros(
  fd: number,
  size: number,
  progress?: (bytes: number) => void,
  from = 0,
): Promise<void> {
  const zeros = new Uint8Array(Math.min(size, ZEROS_SIZE));
  for (let at = from; at < size; ) {
    const { bytesWritten } = await writeAt(fd, zeros, 0, Math.min(zeros.length, size - at), at);
    at += bytesWritten;
    progress?.(bytesWritten);
  }
}
