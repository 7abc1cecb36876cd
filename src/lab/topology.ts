import { DRIVER_PROFILES, type DriverOverrides, type DriverProfile } from '../kernel/driver/driver-params.ts';
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { InterfaceAddress, Netdev, NetdevParams } from '../kernel/netdev/netdev.ts';
import { validName } from '../kernel/netdev/netdev-name.ts';
import { parseInterfaceAddress } from './address.ts';

/** A netdev as configuration and `lab/netdev-add` describe it; what is absent takes its default. */
export interface NetdevConfig {
  /** Default: the next number. */
  ifindex?: number;
  /** Default: the first free of eth0, eth1, ... */
  name?: string;
  /** Default: ether. */
  type?: 'ether' | 'loopback';
  /** Default 8. */
  'rx-queues'?: number;
  /** Default 8. */
  'tx-queues'?: number;
  /** RX ring size; default 512. */
  rx?: number;
  /** Default 9000. */
  mtu?: number;
  /** `address/prefix`, at most one of each family. */
  addresses?: readonly string[];
  /** Default: up. */
  up?: boolean;
  /** Driver model (default split-perfect) and its parameters. */
  driver?: { profile?: string } & Record<string, unknown>;
}

/** The netdevs of a daemon that nothing else was asked of. */
export const DEFAULT_TOPOLOGY: readonly NetdevConfig[] = [
  {
    ifindex: 1,
    name: 'lo',
    type: 'loopback',
    'rx-queues': 1,
    'tx-queues': 1,
    mtu: 65_536,
    addresses: ['127.0.0.1/8', '::1/128'],
  },
  {
    ifindex: 2,
    name: 'eth0',
    addresses: ['192.0.2.1/24', '2001:db8::1/64'],
    driver: { profile: 'split-perfect' },
  },
];

/** Parameters of a driver model; numbers from 0, `gro` also as a boolean. */
const DRIVER_PARAMETERS: readonly string[] = ['mode', 'post', 'lin', 'lin-mod', 'gro', 'chunk', 'pool-ring'];

function integer(
  config: NetdevConfig,
  key: 'rx-queues' | 'tx-queues' | 'rx' | 'mtu',
  initial: number,
  least: number,
  most: number,
) {
  const n = config[key] ?? initial;
  if (!Number.isInteger(n) || n < least || n > most) {
    refuse(ERRORS.netdevNumber, { 'bad-attr': `.${key}` }, key, least, most);
  }
  return n;
}

function freeName(kernel: Kernel): string {
  for (let i = 0; ; i++) if (kernel.netdevs.byName(`eth${i}`) === undefined) return `eth${i}`;
}

/** Splits addresses by family. @throws KernelError EINVAL */
function interfaceAddresses(texts: readonly string[]): {
  ipv4: InterfaceAddress | null;
  ipv6: InterfaceAddress | null;
} {
  const out: { ipv4: InterfaceAddress | null; ipv6: InterfaceAddress | null } = { ipv4: null, ipv6: null };
  for (const text of texts) {
    const parsed = parseInterfaceAddress(text);
    if (parsed === null) refuse(ERRORS.notInterfaceAddress, { 'bad-attr': '.addresses' }, text);
    const family = parsed.family === 4 ? 'ipv4' : 'ipv6';
    if (out[family] !== null) refuse(ERRORS.secondAddress, { 'bad-attr': '.addresses' });
    out[family] = { address: parsed.bytes, prefix: parsed.prefix };
  }
  return out;
}

/** Adds a netdev to the kernel. @throws KernelError EINVAL, ERANGE; EEXIST for a name or ifindex that is taken */
export function addNetdev(kernel: Kernel, config: NetdevConfig, silent = false): Netdev {
  const name = config.name ?? freeName(kernel);
  if (!validName(name)) refuse(ERRORS.netdevName, { 'bad-attr': '.name' });
  if (config.ifindex !== undefined && kernel.netdevs.get(config.ifindex) !== undefined) {
    fail('EEXIST', { 'bad-attr': '.ifindex' });
  }
  const { profile, ...driverParams } = config.driver ?? {};
  if (profile !== undefined && !(DRIVER_PROFILES as readonly string[]).includes(profile)) {
    refuse(ERRORS.noSuchDriver, { 'bad-attr': '.driver.profile' }, DRIVER_PROFILES.join(', '));
  }
  for (const [key, value] of Object.entries(driverParams)) {
    const fits =
      (Number.isSafeInteger(value) && (value as number) >= 0) || (key === 'gro' && typeof value === 'boolean');
    if (!DRIVER_PARAMETERS.includes(key) || !fits) fail('EINVAL', { 'bad-attr': `.driver.${key}` });
  }
  const params: NetdevParams & { ifindex?: number } = {
    ifindex: config.ifindex,
    name,
    loopback: config.type === 'loopback',
    rxQueues: integer(config, 'rx-queues', 8, 1, 1024),
    txQueues: integer(config, 'tx-queues', 8, 1, 1024),
    rx: integer(config, 'rx', 512, 1, 32_768),
    mtu: integer(config, 'mtu', 9000, 68, 65_536),
    ...interfaceAddresses(config.addresses ?? []),
    driver: profile as DriverProfile | undefined,
    driverParams: driverParams as DriverOverrides,
    up: config.up ?? true,
    silent,
  };
  return kernel.addNetdev(params);
}
