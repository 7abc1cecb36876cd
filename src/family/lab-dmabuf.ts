import { readDevice } from '../kernel/dmabuf/device-memory.ts';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { ERRNO, type ErrnoName } from '../uapi/errno.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { FamilyHandlers } from './context.ts';

/** A positive errno number by its name; 0 for none. */
function errno(name: string | undefined, attr: string): number {
  if (name === undefined || name === '0') return 0;
  if (!Object.hasOwn(ERRNO, name)) refuse(ERRORS.noSuchErrno, { 'bad-attr': attr }, name);
  return ERRNO[name as ErrnoName];
}

/** Operations of family `lab` on dmabufs. */
export const labDmabufHandlers: FamilyHandlers = {
  'dmabuf-fault': {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      const { fault } = session.fds.dmabuf(attrs.fd);
      const attach = errno(attrs['attach-errno'], '.attach-errno');
      const map = errno(attrs['map-errno'], '.map-errno');
      fault.attach = attach;
      fault.map = map;
      return null;
    },
  },
  'device-read': {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd', 'addr', 'len']);
      return { data: readDevice(session.fds.dmabuf(attrs.fd), attrs.addr, attrs.len) };
    },
  },
  'experiment-set': {
    do({ kernel: { experiments } }, attrs) {
      const dynamic = attrs['dynamic-importer'];
      if (dynamic !== undefined) experiments.dynamicImporter = dynamic === 1;
      return { 'dynamic-importer': experiments.dynamicImporter ? 1 : 0 };
    },
  },
};
