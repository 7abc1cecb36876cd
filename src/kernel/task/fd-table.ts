import { Dmabuf } from '../dmabuf/dmabuf.ts';
import { fail, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import { XdpProgram } from '../netdev/xdp-program.ts';
import { TcpListener } from '../stack/tcp-listener.ts';
import { TcpSocket } from '../stack/tcp-socket.ts';
import { Memfd } from './memfd.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { Pipe } from './pipe.ts';

export type FdObject = Dmabuf | Memfd | TcpSocket | TcpListener | NetlinkSocket | Pipe | XdpProgram;

/** First number handed out: 0 to 2 are a process's standard streams. */
const FIRST_FD = 3;

/** The open files of a session: numbers from 3, the lowest free one first, as a process has them. */
export class FdTable {
  readonly #files = new Map<number, FdObject>();
  readonly #limit: number;

  /** @param limit RLIMIT_NOFILE */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#files.size;
  }

  /** Entries by ascending number. */
  list(): [number, FdObject][] {
    return [...this.#files].sort((a, b) => a[0] - b[0]);
  }

  /**
   * Fails if `install` of `wanted` would, so that an object need not be made in vain.
   *
   * @throws KernelError EMFILE; EBUSY when the wanted number is taken; EBADF when it is out of range
   */
  check(wanted?: number): number {
    if (wanted !== undefined) {
      if (wanted < 0 || wanted >= this.#limit) fail('EBADF', { 'bad-attr': '.fd' });
      if (this.#files.has(wanted)) refuse(ERRORS.fdInUse, { 'bad-attr': '.fd' });
      return wanted;
    }
    for (let fd = FIRST_FD; fd < this.#limit; fd++) if (!this.#files.has(fd)) return fd;
    return fail('EMFILE');
  }

  install(object: FdObject, wanted?: number): number {
    const fd = this.check(wanted);
    this.#files.set(fd, object);
    return fd;
  }

  get(fd: number): FdObject {
    return this.#files.get(fd) ?? fail('EBADF');
  }

  /** @throws KernelError EBADF; EINVAL when it is no dmabuf */
  dmabuf(fd: number): Dmabuf {
    const file = this.get(fd);
    return file instanceof Dmabuf ? file : fail('EINVAL');
  }

  /** @throws KernelError EBADFD when it is no memfd, or not open at all, as udmabuf has it */
  memfd(fd: number): Memfd {
    const file = this.#files.get(fd);
    return file instanceof Memfd ? file : refuse(ERRORS.notMemfd, { 'bad-attr': '.memfd' });
  }

  /** @throws KernelError EBADF, ENOTSOCK; ENOTCONN for a socket that listens */
  socket(fd: number): TcpSocket {
    const file = this.get(fd);
    if (file instanceof TcpSocket) return file;
    return file instanceof TcpListener ? fail('ENOTCONN') : fail('ENOTSOCK');
  }

  /** @throws KernelError EBADF, ENOTSOCK; EINVAL for a socket that does not listen */
  listener(fd: number): TcpListener {
    const file = this.get(fd);
    if (file instanceof TcpListener) return file;
    return file instanceof TcpSocket ? fail('EINVAL') : fail('ENOTSOCK');
  }

  /** @throws KernelError EBADF; ENOTSOCK when it is no netlink socket */
  netlink(fd: number): NetlinkSocket {
    const file = this.get(fd);
    return file instanceof NetlinkSocket ? file : fail('ENOTSOCK');
  }

  /** @throws KernelError EBADF; EINVAL when it is no pipe */
  pipe(fd: number): Pipe {
    const file = this.get(fd);
    return file instanceof Pipe ? file : fail('EINVAL');
  }

  /** @throws KernelError EBADF; EINVAL when it is no XDP program */
  xdpProgram(fd: number): XdpProgram {
    const file = this.get(fd);
    return file instanceof XdpProgram ? file : fail('EINVAL');
  }

  /** close(2). @throws KernelError EBADF */
  close(fd: number): void {
    const file = this.get(fd);
    this.#files.delete(fd);
    if (file instanceof Dmabuf) file.put();
    else file.close();
  }

  /** Closes everything in ascending order, as at process exit. */
  closeAll(): void {
    for (const [fd] of this.list()) this.close(fd);
  }
}
