import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/kernel/error.ts';
import { allocateFile, writeZeros } from '../../../src/shm/allocate-file.ts';
import { attachSharedMemory } from '../../../src/shm/attach.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, libc } from '../../../src/shm/libc.ts';
import { MAX_MAP_SIZE } from '../../../src/shm/memory-map.ts';
import { RunDirectory } from '../../../src/shm/run-directory.ts';
import { RunSharedMemory } from '../../../src/shm/shared-memory.ts';

const MIB = 1024 * 1024;

let base: string;
let directory: RunDirectory;
const opened: RunSharedMemory[] = [];

beforeEach(() => {
  base = mkdtempSync('/dev/shm/netmemd-test-');
  directory = RunDirectory.open({ path: join(base, 'run') });
});

afterEach(() => {
  for (const memory of opened.splice(0)) memory.close();
  directory.close();
  rmSync(base, { recursive: true, force: true });
});

function factory(o: ConstructorParameters<typeof RunSharedMemory>[1] = {}): RunSharedMemory {
  const memory = new RunSharedMemory(directory, o);
  opened.push(memory);
  return memory;
}

async function refusal(fn: () => unknown): Promise<KernelError> {
  try {
    await fn();
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Runs a program that maps `path` as a foreign client does: link, koffi, mmap. */
function inAnotherProcess(path: string, size: number, script: string): string {
  const program = `
    import fs from 'node:fs'; import koffi from 'koffi';
    const library = koffi.load(null);
    const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)');
    const fallocate = library.func('int fallocate(int, int, int64_t, int64_t)');
    const punch = (at, length) => fallocate(fd, 3, at, length) === 0 ? 'punched' : 'refused';
    const fd = fs.openSync(${JSON.stringify(path)}, 'r+');
    const map = (prot) => {
      const at = BigInt.asUintN(64, BigInt(mmap(null, ${size}, prot, 1, fd, 0)));
      return at === 0xffffffffffffffffn ? null : new Uint8Array(koffi.view(at, ${size}));
    };
    ${script}`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).trim();
}

describe('backing memfd', () => {
  it('is sealed, published as a link, zeroed and allocated', async () => {
    const memory = await factory().create(2 * MIB, { name: 'rx buffers' });
    expect(memory.size).toBe(2 * MIB);
    expect(memory.bytes.length).toBe(2 * MIB);
    expect(memory.bytes.every((b) => b === 0)).toBe(true);
    expect(memory.path).toBe(join(directory.path, 'mem-1-rx_buffers'));
    expect(readlinkSync(memory.path)).toMatch(new RegExp(`^/proc/${process.pid}/fd/[0-9]+$`));
    const fd = openSync(memory.path, constants.O_RDWR);
    try {
      const seals = libc().getSeals(fd);
      expect(seals & (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | F_SEAL_FUTURE_WRITE)).toBe(
        F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
      );
      expect(() => ftruncateSync(fd, 0)).toThrow('EPERM');
      expect(() => ftruncateSync(fd, 4 * MIB)).toThrow('EPERM');
      expect(statSync(memory.path).blocks * 512).toBe(2 * MIB);
      expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/memfd:netmemd:rx_buffers (deleted)');
    } finally {
      closeSync(fd);
    }
  });

  it('is one memory for two processes', async () => {
    const memory = await factory().create(MIB);
    memory.bytes[MIB - 1] = 42;
    const seen = inAnotherProcess(
      memory.path,
      MIB,
      `const bytes = map(3); console.log(bytes[${MIB - 1}]); bytes[7] = 99;
       try { fs.ftruncateSync(fd, 0); console.log('shrunk'); } catch (e) { console.log(e.code); }`,
    );
    expect(seen).toBe('42\nEPERM');
    expect(memory.bytes[7]).toBe(99);
  });

  it('can be closed to the writes of clients', async () => {
    const memory = await factory().create(MIB, { clientWritable: false });
    const seen = inAnotherProcess(
      memory.path,
      MIB,
      `console.log(map(3) === null); console.log(map(1)[5]);
       try { fs.writeSync(fd, 'x', 0); console.log('written'); } catch (e) { console.log(e.code); }`,
    );
    expect(seen).toBe('true\n0\nEPERM');
    memory.bytes[5] = 1;
    const map = attachSharedMemory(memory.path);
    expect(map.writable).toBe(false);
    expect(map.bytes[5]).toBe(1);
    map.unmap();
  });

  it('lets a client that may write punch holes, which read as zeros, and no other', async () => {
    const memory = await factory().create(MIB);
    memory.bytes.fill(7, 0, 8192);
    expect(inAnotherProcess(memory.path, MIB, 'console.log(punch(0, 4096))')).toBe('punched');
    expect([memory.bytes[0], memory.bytes[4095], memory.bytes[4096]]).toEqual([0, 0, 7]);
    memory.bytes[0] = 8;
    expect(memory.bytes[0]).toBe(8);
    const closed = await factory().create(MIB, { clientWritable: false });
    closed.bytes[0] = 7;
    expect(inAnotherProcess(closed.path, MIB, 'console.log(punch(0, 4096))')).toBe('refused');
    expect(closed.bytes[0]).toBe(7);
  });

  it('leaves nothing when released, twice or not', async () => {
    const shared = factory();
    const memory = await shared.create(MIB);
    const before = memory.bytes;
    expect([shared.count, shared.bytesInUse]).toEqual([1, MIB]);
    memory.release();
    memory.release();
    expect([shared.count, shared.bytesInUse]).toEqual([0, 0]);
    expect(() => lstatSync(memory.path)).toThrow('ENOENT');
    expect(() => memory.bytes).toThrow('no longer mapped');
    expect(before[0]).toBe(0);
    expect(readFileSync('/proc/self/maps', 'latin1')).not.toContain('/memfd:netmemd:dmabuf');
  });

  it('counts against the budget although it takes no space of the file system', async () => {
    const shared = factory({ availableMemory: () => Number.POSITIVE_INFINITY });
    await shared.create(MIB);
    const free = directory.freeSpace();
    expect((await refusal(() => directory.requireSpace(free, MIB))).errno).toBe('ENOSPC');
    expect(directory.requireSpace(free - 2 * MIB, MIB)).toBeUndefined();
  });
});

describe('backing file', () => {
  it('gives clients a mode, whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      const mode = async (
        o: ConstructorParameters<typeof RunSharedMemory>[1],
        c?: { clientWritable?: boolean },
      ): Promise<number> => statSync((await factory({ backing: 'file', ...o }).create(4096, c)).path).mode & 0o777;
      expect(await mode({})).toBe(0o640);
      expect(await mode({ fileMode: 0o644 })).toBe(0o644);
      expect(await mode({ fileMode: 0o666 })).toBe(0o644);
      expect(await mode({ fileClientWrite: true })).toBe(0o660);
      expect(await mode({ fileMode: 0o644, fileClientWrite: true })).toBe(0o666);
      expect(await mode({ fileMode: 0o644, fileClientWrite: true }, { clientWritable: false })).toBe(0o644);
    } finally {
      process.umask(umask);
    }
  });

  it('refuses write access the operator did not permit', async () => {
    const shared = factory({ backing: 'file' });
    expect((await refusal(() => shared.create(4096, { clientWritable: true }))).errno).toBe('EPERM');
    expect(readdirSync(directory.path)).toEqual(['netmemd.lock']);
  });

  it('is one memory for two processes, and gone when released', async () => {
    const memory = await factory({ backing: 'file', fileClientWrite: true }).create(MIB);
    memory.bytes[1] = 5;
    expect(inAnotherProcess(memory.path, MIB, 'const b = map(3); console.log(b[1]); b[2] = 6;')).toBe('5');
    const map = attachSharedMemory(memory.path);
    expect([map.bytes[1], map.bytes[2]]).toEqual([5, 6]);
    map.unmap();
    memory.release();
    expect(existsSync(memory.path)).toBe(false);
  });
});

describe('several at a time', () => {
  it('are counted before they are there, so that they cannot overshoot', async () => {
    const shared = factory({ availableMemory: () => 100 * MIB });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => shared.create(40 * MIB)));
    const refused = outcomes.filter((o) => o.status === 'rejected');
    expect(refused.map((o) => o.reason.errno)).toEqual(['ENOMEM', 'ENOMEM', 'ENOMEM']);
    expect([shared.count, shared.bytesInUse]).toEqual([2, 80 * MIB]);
    expect(readdirSync(directory.path).filter((name) => name.startsWith('mem-'))).toHaveLength(2);
  });

  it('let the process go on while they are being allocated', async () => {
    const shared = factory();
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const memory = await shared.create(256 * MIB);
    clearInterval(count);
    expect(turns).toBeGreaterThan(5);
    memory.release();
    expect(shared.bytesInUse).toBe(0);
  });

  it.each(['memfd', 'file'] as const)('%s: end when the factory closes, and leave nothing', async (backing) => {
    const shared = factory({ backing });
    const pending = refusal(() => shared.create(64 * MIB));
    shared.close();
    expect((await pending).errno).toBe('EINTR');
    expect([shared.count, shared.bytesInUse]).toEqual([0, 0]);
    expect(readdirSync(directory.path)).toEqual(['netmemd.lock']);
    expect((await refusal(() => shared.create(4096))).errno).toBe('EINTR');
  });

  it('find the room of what was released just before', async () => {
    const free = (): number => Number(/^Shmem:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1]);
    const shared = factory();
    const large = await shared.create(256 * MIB);
    const before = free();
    large.release();
    expect(shared.bytesInUse).toBe(0);
    (await shared.create(4096)).release();
    expect(before - free()).toBeGreaterThan(128 * 1024);
  });
});

describe('limits', () => {
  it.each([0, -4096, 1.5, Number.NaN, MAX_MAP_SIZE + 1, Number.MAX_SAFE_INTEGER])('refuses %d bytes', async (size) => {
    expect((await refusal(() => factory().create(size))).errno).toBe('EINVAL');
  });

  it('refuses what the host has not got', async () => {
    const error = await refusal(() => factory({ availableMemory: () => MIB }).create(2 * MIB));
    expect(error.errno).toBe('ENOMEM');
    expect(error.message).toContain(String(MIB));
  });

  it.each([
    ['EMFILE', 'raise its limit'],
    ['ENFILE', 'no file descriptor left'],
  ] as const)('says %s when no fd is left to read how much memory there is', async (errno, text) => {
    const availableMemory = () => {
      throw Object.assign(new Error(`${errno}: open '/proc/meminfo'`), { code: errno });
    };
    const shared = factory({ availableMemory });
    const error = await refusal(() => shared.create(MIB));
    expect(error.errno).toBe(errno);
    expect(error.extack?.msg).toContain(text);
    expect(shared.bytesInUse).toBe(0);
  });
});

describe('a file system of 4 MiB', () => {
  const probe = mkdtempSync('/dev/shm/netmemd-mount-');
  const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', probe]).status === 0;
  if (canMount) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true, force: true });
  let small: RunDirectory;
  let mount: string;

  beforeEach(() => {
    if (!canMount) return;
    mount = join(base, 'small');
    execFileSync('mkdir', [mount]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount]);
    small = RunDirectory.open({ path: join(mount, 'run') });
  });

  afterEach(() => {
    if (!canMount) return;
    small.close();
    execFileSync('umount', [mount]);
  });

  // Needs the right to mount; the refusal itself is also tested in run-directory.test.ts without it.
  it.skipIf(!canMount).each(['memfd', 'file'] as const)(
    '%s: refuses what does not fit, and fits it after a release',
    async (backing) => {
      const shared = new RunSharedMemory(small, { backing });
      const first = await shared.create(3 * MIB);
      const error = await refusal(() => shared.create(2 * MIB));
      expect(error.errno).toBe('ENOSPC');
      expect(error.message).toContain(`${2 * MIB} bytes wanted`);
      expect(error.message).toMatch(/ [0-9]+ free /);
      expect(error.message).toContain(join(mount, 'run'));
      expect(error.message).toContain(`mounted on ${mount})`);
      expect(error.message).toContain('--run-dir');
      expect(readdirSync(small.path).filter((name) => name.startsWith('mem-'))).toHaveLength(1);
      first.release();
      (await shared.create(3 * MIB)).release();
    },
  );

  it.skipIf(!canMount)('never leaves a file with holes behind', async () => {
    for (const allocate of [allocateFile, writeZeros]) {
      const path = join(mount, `plain-${allocate.name}`);
      const fd = openSync(path, 'w+');
      try {
        await expect(allocate(fd, 8 * MIB)).rejects.toThrow('ENOSPC');
        fchmodSync(fd, 0o600);
        ftruncateSync(fd, 0);
        await allocate(fd, MIB);
        expect(statSync(path).size).toBe(MIB);
        expect(statSync(path).blocks * 512).toBe(MIB);
      } finally {
        closeSync(fd);
        rmSync(path);
      }
    }
  });

  it.skipIf(!canMount)('refuses to start below the minimum', async () => {
    small.close();
    const path = join(mount, 'run');
    expect((await refusal(() => RunDirectory.open({ path, minimumFree: 16 * MIB }))).message).toContain(
      `${16 * MIB} bytes wanted`,
    );
    expect(existsSync(path)).toBe(false);
  });
});
