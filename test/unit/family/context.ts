import type { RequestContext } from '../../../src/family/context.ts';
import { handlers } from '../../../src/family/index.ts';
import type { MemfdFile } from '../../../src/kernel/dmabuf/memory.ts';
import { Lab } from '../../../src/lab/lab.ts';
import type { WireFactory } from '../../../src/lab/wire-factory.ts';
import { findFamily } from '../../../src/ynl/generated/index.ts';
import { parseAttributes } from '../../../src/ynl/policy.ts';
import { renderReply } from '../../../src/ynl/reply.ts';
import type { Attrs } from '../../../src/ynl/spec.ts';
import { Rig, type RigOptions } from '../kernel/rig.ts';

const noWires: WireFactory<never, never> = {
  publish: () => Promise.reject(new Error('no wires')),
  upstream: () => {
    throw new Error('no wires');
  },
  pktgen: () => {
    throw new Error('no wires');
  },
};

/** A kernel behind its families: JSON in, policy, handler, JSON out. */
export class FamilyRig extends Rig {
  readonly context: RequestContext;

  constructor(o: RigOptions = {}) {
    super(o);
    this.context = {
      kernel: this.kernel,
      lab: new Lab({ kernel: this.kernel, wires: noWires, topology: [] }),
      memory: {
        create: async (size, o) => ({
          bytes: new Uint8Array(size),
          size,
          path: o?.private === true ? '' : `mem-${size}`,
          release() {},
        }),
        openMemfd: (path) => this.brought(path),
      },
      session: this.session,
      netlink: this.session.netlink,
      admin: true,
    };
  }

  /** Opens what a client brings; tests that bring something put their own in its place. */
  brought: (path: string) => MemfdFile = () => {
    throw new Error('nobody brings memory');
  };

  #operation(family: string, op: string) {
    const spec = findFamily(family);
    const operation = spec?.operations.find((candidate) => candidate.name === op);
    if (spec === undefined || operation === undefined) throw new Error(`no ${family}/${op}`);
    return { spec, operation, handler: handlers[family][op] };
  }

  do(family: string, op: string, json: unknown = {}): Attrs {
    const { spec, operation, handler } = this.#operation(family, op);
    const reply = handler.do?.(
      this.context,
      parseAttributes(spec, operation, 'do', json, this.kernel.profile.release),
    ) as Attrs | null;
    return reply === null ? {} : (renderReply(spec, operation, 'do', reply) as Attrs);
  }

  /** As {@link do}, for operations that take their time. */
  async doLater(family: string, op: string, json: unknown = {}): Promise<Attrs> {
    const { spec, operation, handler } = this.#operation(family, op);
    const reply = await handler.do?.(
      this.context,
      parseAttributes(spec, operation, 'do', json, this.kernel.profile.release),
    );
    return renderReply(spec, operation, 'do', reply as Attrs) as Attrs;
  }

  dump(family: string, op: string, json: unknown = {}): Attrs[] {
    const { spec, operation, handler } = this.#operation(family, op);
    const attrs = parseAttributes(spec, operation, 'dump', json, this.kernel.profile.release);
    return [...(handler.dump?.(this.context, attrs) ?? [])].map(
      (m) => renderReply(spec, operation, 'dump', m) as Attrs,
    );
  }
}
