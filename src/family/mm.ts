import { MadeMemfd } from '../kernel/dmabuf/made-memfd.ts';
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { Memfd } from '../kernel/task/memfd.ts';
import type { Session } from '../kernel/task/session.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE } from '../uapi/memfd.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

/** What the host's file has in any case. */
const DEFAULT_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
const NO_WRITES = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
/** Seals the API knows; later kernels have more. */
const KNOWN_SEALS = DEFAULT_SEALS | NO_WRITES;

function describe(fd: number, memfd: Memfd): Attrs {
  return { fd, path: memfd.path, size: memfd.size(), seals: memfd.seals() & KNOWN_SEALS };
}

function install(session: Session, memfd: Memfd, wanted: number | undefined): Attrs {
  try {
    // While memory was being allocated the session may have ended, and somebody may have taken the number.
    if (session.state === 'closed') refuse(ERRORS.sessionEnded);
    return describe(session.fds.install(memfd, wanted), memfd);
  } catch (error) {
    memfd.close();
    throw error;
  }
}

/** Family `mm`: memory of the simulated processes. */
export const mmHandlers: FamilyHandlers = {
  'shm-create': {
    async do({ memory, session }, attrs) {
      requireAttr(attrs, ['size']);
      session.fds.check(attrs.fd);
      const seals: number = attrs.seals ?? DEFAULT_SEALS;
      const shared = await memory.create(attrs.size, {
        name: attrs.name,
        clientWritable: (seals & NO_WRITES) === 0 ? undefined : false,
      });
      return install(session, new Memfd(new MadeMemfd(shared, seals)), attrs.fd);
    },
  },
  'shm-import': {
    do({ memory, session }, attrs) {
      requireAttr(attrs, ['path']);
      session.fds.check(attrs.fd);
      return install(session, new Memfd(memory.openMemfd(attrs.path)), attrs.fd);
    },
  },
  'shm-get': {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      const file = session.fds.get(attrs.fd);
      return file instanceof Memfd ? describe(attrs.fd, file) : fail('EINVAL', { 'bad-attr': '.fd' });
    },
    *dump({ session }) {
      for (const [fd, file] of session.fds.list()) if (file instanceof Memfd) yield describe(fd, file);
    },
  },
};
