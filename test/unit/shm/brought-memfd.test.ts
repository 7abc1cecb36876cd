import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KernelError } from '../../../src/kernel/error.ts';
import { MemoryBudget } from '../../../src/memory-budget.ts';
import { BROUGHT_PREFIX } from '../../../src/shm/brought-memfd.ts';
import { libc } from '../../../src/shm/libc.ts';
import { RunDirectory } from '../../../src/shm/run-directory.ts';
import { RunSharedMemory } from '../../../src/shm/shared-memory.ts';

const MIB = 1024 * 1024;
const SHRINK = 2;

let base: string;
let directory: RunDirectory;
let memory: RunSharedMemory;
let available: number;
const clients: Owner[] = [];

beforeEach(() => {
  base = mkdtempSync('/dev/shm/netmemd-test-');
  directory = RunDirectory.open({ path: join(base, 'run') });
  available = 1024 * MIB;
  memory = new RunSharedMemory(directory, { availableMemory: () => available });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  memory.close();
  directory.close();
  rmSync(base, { recursive: true, force: true });
});

/** Another process, which makes memfds and does to them what it is told. */
class Owner {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  private constructor() {
    const program = `
      import fs from 'node:fs'; import koffi from 'koffi'; import readline from 'node:readline';
      const library = koffi.load(null);
      const memfdCreate = library.func('int memfd_create(const char *, unsigned int)');
      const fcntl = library.func('int fcntl(int, int, ...)');
      const fallocate = library.func('int fallocate(int, int, int64_t, int64_t)');
      const seal = (fd, seals) => fcntl(fd, 1033, 'int', seals);
      const make = (name, size, seals, flags = 2) => {
        const fd = memfdCreate(name, flags);
        if (fd < 0) return fd;
        fs.ftruncateSync(fd, size);
        if (seals !== 0) seal(fd, seals);
        return fd;
      };
      const attempt = (fn) => { try { return fn() ?? 'done'; } catch (e) { return e.code; } };
      for await (const line of readline.createInterface({ input: process.stdin })) {
        console.log(JSON.stringify(eval(line) ?? null));
      }`;
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout });
    clients.push(this);
  }

  static start(): Owner {
    return new Owner();
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever the line gives
  async run(line: string): Promise<any> {
    const answer = once(this.#lines, 'line');
    this.#child.stdin.write(`${line}\n`);
    return JSON.parse(((await answer) as [string])[0]);
  }

  /** A memfd of the process; the path by which others open it. */
  async make(size: number, seals = SHRINK, name = BROUGHT_PREFIX, flags = 2): Promise<{ fd: number; path: string }> {
    const fd = await this.run(`make(${JSON.stringify(name)}, ${size}, ${seals}, ${flags})`);
    return { fd, path: `/proc/${this.#child.pid}/fd/${fd}` };
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

async function refusal(fn: () => unknown): Promise<string> {
  try {
    await fn();
  } catch (error) {
    if (error instanceof KernelError) return `${error.errno} ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const openFds = (): number => readdirSync('/proc/self/fd').length;

describe('a memfd that a client brings', () => {
  it('is one memory for both, from the offset on, and outlives fd and client', async () => {
    const client = Owner.start();
    const { fd, path } = await client.make(3 * MIB);
    const file = memory.openMemfd(path);
    expect([file.size(), file.seals() & SHRINK, file.path]).toEqual([3 * MIB, SHRINK, path]);
    const part = await file.map(MIB, 2 * MIB);
    expect([part.size, part.path, memory.count, memory.bytesInUse]).toEqual([2 * MIB, path, 1, 0]);
    part.bytes[5] = 42;
    expect(await client.run(`fs.readSync(${fd}, Buffer.alloc(1), 0, 1, ${MIB + 5})`)).toBe(1);
    expect(
      await client.run(
        `(() => { const b = Buffer.alloc(1); fs.readSync(${fd}, b, 0, 1, ${MIB + 5}); return b[0]; })()`,
      ),
    ).toBe(42);
    file.close();
    await client.end();
    part.bytes[2 * MIB - 1] = 1;
    expect([part.bytes[5], part.bytes[2 * MIB - 1]]).toEqual([42, 1]);
    part.release();
    part.release();
    expect(memory.count).toBe(0);
  });

  it('keeps what its owner wrote into it', async () => {
    const client = Owner.start();
    const { fd, path } = await client.make(MIB);
    await client.run(`fs.writeSync(${fd}, 'before', 4096)`);
    const part = await memory.openMemfd(path).map(4096, 8192);
    expect(Buffer.from(part.bytes.subarray(0, 6)).toString()).toBe('before');
  });

  it('has all of its pages before anybody writes to it', async () => {
    const client = Owner.start();
    const { fd, path } = await client.make(8 * MIB);
    await memory.openMemfd(path).map(4 * MIB, 4 * MIB);
    expect(await client.run(`fs.fstatSync(${fd}).blocks * 512`)).toBe(4 * MIB);
  });

  it('cannot be shrunk by its owner; holes hurt nobody', async () => {
    const client = Owner.start();
    const { fd, path } = await client.make(MIB);
    const part = await memory.openMemfd(path).map(0, MIB);
    part.bytes.fill(7);
    expect(await client.run(`attempt(() => fs.ftruncateSync(${fd}, 0))`)).toBe('EPERM');
    expect(await client.run(`fallocate(${fd}, 3, 0, ${MIB})`)).toBe(0);
    await client.run(`attempt(() => fs.closeSync(${fd}))`);
    expect(part.bytes[MIB - 1]).toBe(0);
    part.bytes.fill(8);
    expect(part.bytes[0]).toBe(8);
  });

  it('is not mapped while it could be shrunk, or not written, or is too short', async () => {
    const client = Owner.start();
    const bare = await client.make(MIB, 0);
    const file = memory.openMemfd(bare.path);
    expect(await refusal(() => file.map(0, MIB))).toBe('EINVAL the memfd is not sealed against shrinking');
    await client.run(`seal(${bare.fd}, ${SHRINK})`);
    await file.map(0, MIB);
    expect(await refusal(() => file.map(4096, MIB))).toContain('EINVAL offset and size reach beyond');
    await client.run(`fs.ftruncateSync(${bare.fd}, ${2 * MIB})`);
    await file.map(4096, MIB);
    const sealed = await client.make(MIB, SHRINK | 16);
    expect(await refusal(() => memory.openMemfd(sealed.path).map(0, MIB))).toBe(
      'EINVAL the memfd is sealed against writing',
    );
  });

  it('needs memory of the host only for what is not there', async () => {
    const client = Owner.start();
    const { fd, path } = await client.make(4 * MIB);
    available = MIB;
    const file = memory.openMemfd(path);
    expect(await refusal(() => file.map(0, 4 * MIB))).toContain('ENOMEM');
    await client.run(`fallocate(${fd}, 0, 0, ${4 * MIB})`);
    await file.map(0, 4 * MIB);
  });

  it('is counted by the budget like any other memory', async () => {
    const client = Owner.start();
    const budget = new MemoryBudget(memory, { largest: 2 * MIB, total: 3 * MIB, clientWritable: true });
    const file = budget.openMemfd((await client.make(4 * MIB)).path);
    expect(await refusal(() => file.map(0, 4 * MIB))).toContain('EINVAL larger than limits.dmabuf-bytes');
    const part = await file.map(0, 2 * MIB);
    expect(await refusal(() => file.map(0, 2 * MIB))).toContain('ENOMEM');
    part.release();
    expect(budget.used).toBe(0);
    await file.map(2 * MIB, 2 * MIB);
    expect([file.size(), budget.used]).toEqual([4 * MIB, 2 * MIB]);
  });

  it('costs no fd once it is closed, nor when it is refused', async () => {
    const client = Owner.start();
    const { path } = await client.make(MIB, 0);
    const before = openFds();
    const file = memory.openMemfd(path);
    const pending = refusal(() => file.map(0, MIB));
    file.close();
    file.close();
    await pending;
    await refusal(() => memory.openMemfd(`/proc/${client.pid}/fd/0`));
    expect(openFds()).toBe(before);
  });

  it('may be closed while it is being mapped', async () => {
    const client = Owner.start();
    const { path } = await client.make(32 * MIB);
    const before = openFds();
    const file = memory.openMemfd(path);
    const mapping = file.map(0, 32 * MIB);
    file.close();
    const part = await mapping;
    part.bytes[32 * MIB - 1] = 1;
    expect(openFds()).toBe(before);
  });

  it('is not mapped any more once the daemon stops', async () => {
    const client = Owner.start();
    const { path } = await client.make(32 * MIB);
    const file = memory.openMemfd(path);
    const mapping = file.map(0, 32 * MIB);
    memory.close();
    expect(await refusal(() => mapping)).toContain('EINTR');
    expect(await refusal(() => memory.openMemfd(path))).toContain('EINTR');
    file.close();
  });
});

describe('anything else', () => {
  const notPath = 'EINVAL path is not /proc/PID/fd/N of another process';

  it('by another path is not even looked at', async () => {
    const link = join(base, 'link');
    symlinkSync('/proc/1/fd/0', link);
    for (const path of [
      link,
      '/etc/passwd',
      '/proc/self/fd/3',
      '/proc/thread-self/fd/3',
      '/proc/1/fd/',
      '/proc/1/fd/-1',
      '/proc/1/fd/03',
      '/proc/01/fd/3',
      '/proc/1/fd/3/../../../../etc/passwd',
      '/proc/1/root/etc/passwd',
      '/proc/1/task/1/fd/3',
      ' /proc/1/fd/3',
      '/proc/1/fd/3\n',
      '//proc/1/fd/3',
    ]) {
      expect(await refusal(() => memory.openMemfd(path)), path).toBe(notPath);
    }
  });

  it("of the daemon's own is refused, by the id of a thread as well", async () => {
    const fd = libc().memfdCreate(BROUGHT_PREFIX);
    try {
      for (const id of readdirSync('/proc/self/task')) {
        expect(await refusal(() => memory.openMemfd(`/proc/${id}/fd/${fd}`)), id).toBe(notPath);
      }
    } finally {
      closeSync(fd);
    }
  });

  it('that is no memfd of that name is EACCES, and is not opened', async () => {
    const client = Owner.start();
    const plain = join(base, `memfd:${BROUGHT_PREFIX}`);
    writeFileSync(plain, 'x'.repeat(4096));
    const fifo = join(base, 'fifo');
    await client.run(
      `import('node:child_process').then((c) => c.execFileSync('mkfifo', [${JSON.stringify(fifo)}])), 0`,
    );
    const fds = [
      await client.run(`fs.openSync(${JSON.stringify(plain)}, 'r+')`),
      await client.run(`fs.openSync('/dev/null', 'r+')`),
      await client.run(`fs.openSync('/proc/self/mem', 'r')`),
      await client.run(`fs.openSync(${JSON.stringify(base)}, 'r')`),
      (await client.make(4096, SHRINK, 'netmemd:dmabuf')).fd,
      (await client.make(4096, SHRINK, 'foo')).fd,
      0,
      1,
    ];
    for (const fd of fds) {
      expect(await refusal(() => memory.openMemfd(`/proc/${client.pid}/fd/${fd}`)), `fd ${fd}`).toBe(
        `EACCES the file at path is no memfd named ${BROUGHT_PREFIX} of the same user`,
      );
    }
  });

  it('of huge pages is EOPNOTSUPP: holes in it can end in SIGBUS', async (context) => {
    const client = Owner.start();
    const HUGETLB = 4;
    const { fd, path } = await client.make(2 * MIB, 0, BROUGHT_PREFIX, 2 | HUGETLB);
    if (fd < 0) context.skip('the host has no hugetlbfs');
    expect(await refusal(() => memory.openMemfd(path))).toBe('EOPNOTSUPP a memfd of huge pages cannot be brought');
  });

  it('of another user is EACCES, for root too', async (context) => {
    if (process.geteuid?.() !== 0) context.skip('only root could open it at all');
    const client = Owner.start();
    await client.run('process.seteuid(65534), 0');
    const { path } = await client.make(4096);
    expect(await refusal(() => memory.openMemfd(path))).toContain('EACCES the file at path is no memfd');
  });

  it('that is not there is ENOENT', async () => {
    const client = Owner.start();
    await client.run('0');
    expect(await refusal(() => memory.openMemfd(`/proc/${client.pid}/fd/999`))).toContain('ENOENT the host refuses');
    await client.end();
    expect(await refusal(() => memory.openMemfd(`/proc/${client.pid}/fd/1`))).toContain('ENOENT');
  });

  it('is EOPNOTSUPP where memory is shared by files', async () => {
    const files = new RunSharedMemory(directory, { backing: 'file' });
    expect(await refusal(() => files.openMemfd('/proc/1/fd/3'))).toContain('EOPNOTSUPP memory can be brought');
    files.close();
  });
});

describe('private memory', () => {
  it.each(['memfd', 'file'] as const)('of backing %s has no path and is counted', async (backing) => {
    const shared = new RunSharedMemory(directory, { backing });
    const before = [openFds(), readdirSync(directory.path).length];
    const piece = await shared.create(MIB, { private: true, name: 'gpu' });
    piece.bytes[MIB - 1] = 3;
    expect([piece.path, piece.bytes[MIB - 1], shared.bytesInUse, shared.count]).toEqual(['', 3, MIB, 1]);
    expect([openFds(), readdirSync(directory.path).length]).toEqual(before);
    piece.release();
    expect([shared.bytesInUse, shared.count]).toEqual([0, 0]);
    shared.close();
  });

  it.each(['memfd', 'file'] as const)('of backing %s counts against the run directory', async (backing) => {
    const shared = new RunSharedMemory(directory, { backing });
    vi.spyOn(directory, 'freeSpace').mockReturnValue(2 * MIB);
    const piece = await shared.create(MIB, { private: true });
    await shared.create(MIB, { private: true });
    await expect(shared.create(4096, { private: true })).rejects.toMatchObject({ errno: 'ENOSPC' });
    piece.release();
    await shared.create(4096, { private: true });
    shared.close();
  });
});
