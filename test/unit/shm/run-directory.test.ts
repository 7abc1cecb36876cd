import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/kernel/error.ts';
import { RunDirectory, RunDirectoryError, type RunDirectoryOptions } from '../../../src/shm/run-directory.ts';

let base: string;
let path: string;

beforeEach(() => {
  base = mkdtempSync('/dev/shm/netmemd-test-');
  path = join(base, 'run');
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function refusal(options: RunDirectoryOptions = {}): RunDirectoryError {
  try {
    RunDirectory.open({ path, ...options }).close();
  } catch (error) {
    if (error instanceof RunDirectoryError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('creation', () => {
  it('makes the directory with its mode whatever the umask, and leaves nothing', () => {
    const umask = process.umask(0o077);
    try {
      const directory = RunDirectory.open({ path, mode: 0o755 });
      expect(statSync(path).mode & 0o777).toBe(0o755);
      expect(readFileSync(join(path, 'netmemd.lock'), 'latin1')).toBe(`${process.pid}\n`);
      expect(directory.socketPath).toBe(join(path, 'netmemd.sock'));
      expect(directory.mountPoint).toBe('/dev/shm');
      directory.close();
      directory.close();
      expect(existsSync(path)).toBe(false);
    } finally {
      process.umask(umask);
    }
    RunDirectory.open({ path }).close();
  });

  it('is private by default', () => {
    const directory = RunDirectory.open({ path });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    directory.close();
  });

  it('keeps a directory it did not make, and what is not its own', () => {
    mkdirSync(path, { mode: 0o700 });
    for (const name of ['precious', 'mem-x', 'memory-1', 'mem-1-a b', 'netmemd.sock.bak'])
      writeFileSync(join(path, name), '');
    for (const name of ['mem-1', 'mem-22-rx', 'netmemd.sock']) writeFileSync(join(path, name), '');
    const directory = RunDirectory.open({ path });
    const kept = ['mem-1-a b', 'mem-x', 'memory-1', 'netmemd.sock.bak', 'precious'];
    expect(readdirSync(path).sort()).toEqual([...kept, 'netmemd.lock'].sort());
    directory.close();
    expect(readdirSync(path).sort()).toEqual(kept);
  });
});

describe('what is refused', () => {
  it('a symbolic link', () => {
    mkdirSync(join(base, 'target'), { mode: 0o700 });
    symlinkSync(join(base, 'target'), path);
    expect(refusal().reason).toBe('symlink');
    expect(readdirSync(join(base, 'target'))).toEqual([]);
  });

  it('a file', () => {
    writeFileSync(path, '');
    expect(refusal().reason).toBe('not-a-directory');
  });

  it('a directory that others can write', () => {
    mkdirSync(path);
    chmodSync(path, 0o777);
    expect(refusal().reason).toBe('mode');
    chmodSync(path, 0o770);
    RunDirectory.open({ path, mode: 0o770 }).close();
  });

  // Only root can give a directory away.
  it.skipIf(process.geteuid?.() !== 0)('a directory of somebody else', () => {
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, 12345, 12345);
    const error = refusal();
    expect(error.reason).toBe('owner');
    expect(error.message).toContain('12345');
  });

  it('a directory whose parent is missing', () => {
    path = join(base, 'a', 'b');
    expect(refusal().reason).toBe('missing');
  });

  it('too little space, with a message that says what to do', () => {
    const directory = RunDirectory.open({ path });
    const free = directory.freeSpace();
    expect(free).toBeGreaterThan(0);
    let error: unknown;
    try {
      directory.requireSpace(free * 4);
    } catch (e) {
      error = e;
    }
    directory.close();
    expect(error).toBeInstanceOf(KernelError);
    expect((error as KernelError).errno).toBe('ENOSPC');
    const { message } = error as KernelError;
    for (const part of [`${free * 4} bytes wanted`, path, 'mounted on /dev/shm', '--run-dir'])
      expect(message).toContain(part);
  });
});

describe('lock', () => {
  it('refuses a second daemon and names the first', () => {
    const first = RunDirectory.open({ path });
    const error = refusal();
    expect(error.reason).toBe('locked');
    expect(error.message).toBe(`run directory ${path} is in use by pid ${process.pid}`);
    expect(existsSync(join(path, 'netmemd.lock'))).toBe(true);
    first.close();
    RunDirectory.open({ path }).close();
  });

  it('is held by another process until that is killed; its files are then cleaned up', async () => {
    const program = `
      import fs from 'node:fs'; import koffi from 'koffi';
      const libc = koffi.load(null);
      fs.mkdirSync(${JSON.stringify(path)}, { mode: 0o700 });
      const fd = fs.openSync(${JSON.stringify(join(path, 'netmemd.lock'))}, 'w+');
      if (libc.func('int flock(int, int)')(fd, 2 | 4) !== 0) process.exit(1);
      fs.writeSync(fd, process.pid + '\\n');
      const memfd = libc.func('int memfd_create(const char *, unsigned int)')('netmemd:x', 3);
      fs.symlinkSync('/proc/' + process.pid + '/fd/' + memfd, ${JSON.stringify(join(path, 'mem-1-x'))});
      fs.writeFileSync(${JSON.stringify(join(path, 'netmemd.sock'))}, '');
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      expect(refusal().message).toBe(`run directory ${path} is in use by pid ${child.pid}`);
      expect(readdirSync(path).sort()).toEqual(['mem-1-x', 'netmemd.lock', 'netmemd.sock']);
    } finally {
      child.kill('SIGKILL');
    }
    await once(child, 'exit');
    const directory = RunDirectory.open({ path });
    expect(readdirSync(path)).toEqual(['netmemd.lock']);
    expect(readFileSync(join(path, 'netmemd.lock'), 'latin1')).toBe(`${process.pid}\n`);
    directory.close();
  });

  it('does not trust a lock file that somebody turned into a link', () => {
    mkdirSync(path, { mode: 0o700 });
    writeFileSync(join(base, 'victim'), 'untouched');
    symlinkSync(join(base, 'victim'), join(path, 'netmemd.lock'));
    expect(() => RunDirectory.open({ path })).toThrow('ELOOP');
    expect(readFileSync(join(base, 'victim'), 'latin1')).toBe('untouched');
  });
});

it('names memory so that nothing is used twice and no label escapes', () => {
  const directory = RunDirectory.open({ path });
  expect(directory.nextPath()).toBe(join(path, 'mem-1'));
  expect(directory.nextPath('../../etc/pass\0wd')).toBe(join(path, 'mem-2-.._.._etc_pass_wd'));
  expect(directory.nextPath('x'.repeat(500)).length).toBe(join(path, 'mem-3-').length + 64);
  directory.close();
});
