import type { DaemonProcess } from './daemon.ts';

/** What a receiver sets up before traffic comes. */
export interface Wiring {
  ifindex?: number;
  /** RX queues to bind; none binds nothing. */
  queues?: number[];
  /** Size of the dmabuf. */
  size?: number;
  /** Port of the simulated listener, steered to the first of the queues. */
  port?: number;
  /** Session the calls are made in: the `netmemd-session` header. */
  headers?: Record<string, string>;
  backlog?: number;
}

export interface Wired {
  /** fd of the dmabuf, its path, and the binding's id. */
  dmabuf: { fd: number; size: number; path: string };
  binding: number;
  /** fd of the listener. */
  listener: number;
  /** Real port whose connections reach it. */
  hostPort: number;
  publish: number;
}

/** Port of `host:port`. */
export function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
}

/** Header split on, a dmabuf bound, a rule that steers the port, a listener and a published port of the host. */
export async function wire(daemon: DaemonProcess, o: Wiring = {}): Promise<Wired> {
  const { ifindex = 2, queues = [7], size = 4 << 20, port = 5201, headers = {}, backlog } = o;
  await daemon.ok(
    'ethtool',
    'rings-set',
    { header: { 'dev-index': ifindex }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 },
    headers,
  );
  const dmabuf = await daemon.ok('dmabuf', 'create', { size }, headers);
  const ids = queues.map((id) => ({ type: 'rx', id }));
  const { id: binding } = await daemon.ok('netdev', 'bind-rx', { ifindex, fd: dmabuf.fd, queues: ids }, headers);
  await daemon.ok(
    'rxnfc',
    'rule-insert',
    { ifindex, 'flow-type': 'tcp4', 'dst-port': port, queue: queues[0] },
    headers,
  );
  const { fd: listener } = await daemon.ok('socket', 'listen', { port, backlog }, headers);
  const published = await daemon.ok('lab', 'tcp-publish', { ifindex, listen: '127.0.0.1:0', port }, headers);
  return { dmabuf, binding, listener, hostPort: portOf(published.listen), publish: published.id };
}

/** Pools that give out device memory. */
export async function devmemPools(daemon: DaemonProcess): Promise<unknown[]> {
  return (await daemon.dump('netdev', 'page-pool-get')).filter((pool) => pool.dmabuf !== undefined);
}
