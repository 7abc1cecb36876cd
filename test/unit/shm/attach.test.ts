import { execFileSync } from 'node:child_process';
import { closeSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allocateFile } from '../../../src/shm/allocate-file.ts';
import { attachSharedMemory, NotNetmemdMemoryError } from '../../../src/shm/attach.ts';
import { F_SEAL_GROW, F_SEAL_SHRINK, libc } from '../../../src/shm/libc.ts';
import { RunDirectory } from '../../../src/shm/run-directory.ts';
import { RunSharedMemory } from '../../../src/shm/shared-memory.ts';

let base: string;
let directory: RunDirectory;
let memory: RunSharedMemory;
const fds: number[] = [];

beforeEach(() => {
  base = mkdtempSync('/dev/shm/netmemd-test-');
  directory = RunDirectory.open({ path: join(base, 'run') });
  memory = new RunSharedMemory(directory);
});

afterEach(() => {
  memory.close();
  directory.close();
  for (const fd of fds.splice(0)) closeSync(fd);
  rmSync(base, { recursive: true, force: true });
});

/** A link in the run directory to a memfd made here. */
async function linkTo(name: string, seals: number): Promise<string> {
  const fd = libc().memfdCreate(name);
  fds.push(fd);
  await allocateFile(fd, 4096);
  if (seals !== 0) libc().addSeals(fd, seals);
  const path = join(directory.path, `mem-9${fds.length}`);
  symlinkSync(`/proc/${process.pid}/fd/${fd}`, path);
  return path;
}

function why(path: string): string {
  try {
    attachSharedMemory(path).unmap();
  } catch (error) {
    if (error instanceof NotNetmemdMemoryError) return error.message;
    throw error;
  }
  return 'mapped';
}

it('says of device memory, which has no path, what it is', () => {
  expect(why('')).toBe('"": is no path: the memory is that of a device');
});

it('maps a part of it, and refuses one beyond the end', async () => {
  const published = await memory.create(12_288);
  published.bytes[4096] = 5;
  const part = attachSharedMemory(published.path, { offset: 4096, size: 4096 });
  expect([part.size, part.bytes[0]]).toEqual([4096, 5]);
  part.unmap();
  const rest = attachSharedMemory(published.path, { offset: 4096 });
  expect([rest.size, rest.bytes[0]]).toEqual([8192, 5]);
  rest.unmap();
  expect(() => attachSharedMemory(published.path, { offset: 8192, size: 8192 })).toThrow('has 12288 bytes, not 16384');
});

it('maps what the daemon published, read-write or read-only', async () => {
  const published = await memory.create(8192);
  const map = attachSharedMemory(published.path, { size: 8192 });
  expect([map.size, map.writable]).toEqual([8192, true]);
  map.bytes[3] = 4;
  expect(published.bytes[3]).toBe(4);
  map.unmap();
  const reader = attachSharedMemory(published.path, { readOnly: true });
  expect([reader.writable, reader.bytes[3]]).toEqual([false, 4]);
  reader.unmap();
});

it('outlives the daemon that published it', async () => {
  const published = await memory.create(4096);
  published.bytes[0] = 1;
  const map = attachSharedMemory(published.path);
  published.release();
  expect(map.bytes[0]).toBe(1);
  map.unmap();
});

it('refuses memory that is shorter than it should be', async () => {
  const published = await memory.create(4096);
  expect(() => attachSharedMemory(published.path, { size: 8192 })).toThrow('has 4096 bytes, not 8192');
});

it('refuses links that lead elsewhere', () => {
  const path = join(directory.path, 'mem-90');
  writeFileSync(join(base, 'secret'), 'secret');
  symlinkSync(join(base, 'secret'), path);
  expect(why(path)).toContain('not to the descriptor of a process');
});

it('refuses foreign memfds and unsealed ones', async () => {
  const fixed = F_SEAL_SHRINK | F_SEAL_GROW;
  expect(why(await linkTo('other', fixed))).toContain('leads to /memfd:other');
  expect(why(await linkTo('netmemd:x', 0))).toContain('not sealed');
  expect(why(await linkTo('netmemd:x', F_SEAL_GROW))).toContain('not sealed');
  expect(why(await linkTo('netmemd:x', fixed))).toBe('mapped');
});

it('does not hang on a pipe', () => {
  const path = join(directory.path, 'mem-91');
  execFileSync('mkfifo', [path]);
  expect(why(path)).toContain('neither a memfd nor a regular file');
});

it('takes regular files from a run directory only', async () => {
  const files = new RunSharedMemory(directory, { backing: 'file' });
  const published = await files.create(4096);
  const outside = join(base, 'mem-1');
  linkSync(published.path, outside);
  expect(why(outside)).toContain('not in a run directory');
  const misnamed = join(directory.path, 'else');
  linkSync(published.path, misnamed);
  expect(why(misnamed)).toContain('not named like memory');
  expect(why(published.path)).toBe('mapped');
  files.close();
});

it('says what may be wrong when the daemon is gone', async () => {
  const published = await memory.create(4096);
  const { path } = published;
  published.release();
  expect(why(path)).toMatch(/ENOENT.*PID namespace/);
});
