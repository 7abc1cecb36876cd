import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { DEFAULT_TOPOLOGY } from './lab/topology.ts';

/**
 * Every setting of the daemon, with its meaning, limits and default. The same schema validates the config file, the
 * environment and the flags; its descriptions are what `netmemd --help` prints.
 *
 * A setting at path `http.body-limit` is the flag `--http.body-limit=N`, the variable `NETMEMD_HTTP_BODY_LIMIT` and the
 * key `body-limit` under `http` in the file.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

function section<T extends Record<string, TSchema>>(description: string, properties: T) {
  return Type.Object(properties, { description, additionalProperties: false, default: {} });
}

function oneOf<const T extends readonly string[]>(values: T, options: { description: string; default: T[number] }) {
  return Type.Unsafe<T[number]>(
    Type.Union(
      values.map((value) => Type.Literal(value)),
      options,
    ),
  );
}

const http = section('The HTTP server.', {
  host: Type.String({ description: 'Address to listen on.', default: '127.0.0.1', minLength: 1, maxLength: 255 }),
  port: Type.Integer({ description: 'TCP port; 0 takes a free one.', default: 8420, minimum: 0, maximum: 65535 }),
  hosts: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
    description: 'Further names accepted in the Host header, without a port (localhost and loopback always are).',
    default: [],
    maxItems: 64,
  }),
  'body-limit': Type.Integer({
    description: 'Largest request body in bytes.',
    default: MIB,
    minimum: KIB,
    maximum: 64 * MIB,
  }),
  'request-timeout-ms': Type.Integer({
    description: 'Time a client has to send a whole request.',
    default: 30_000,
    minimum: 100,
    maximum: 600_000,
  }),
  'keep-alive-ms': Type.Integer({
    description: 'Idle time after which a kept-alive connection is closed.',
    default: 60_000,
    minimum: 100,
    maximum: 3_600_000,
  }),
  'max-connections': Type.Integer({
    description: 'Connections at once on the TCP port; further ones are closed.',
    default: 4096,
    minimum: 1,
    maximum: 65_536,
  }),
});

const log = section('The log, JSON lines on standard error.', {
  level: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    description: 'Least severe level written.',
    default: 'info',
  }),
  file: Type.String({ description: 'File to append to in place of standard error; empty for none.', default: '' }),
});

const auth = section('Who may do what.', {
  tokens: Type.Array(
    Type.Object(
      { token: Type.String({ minLength: 8, maxLength: 512 }), admin: Type.Boolean({ default: false }) },
      { additionalProperties: false },
    ),
    {
      description: 'Bearer tokens: [{token, admin}]. Without any, every client is an administrator.',
      default: [],
      maxItems: 256,
    },
  ),
});

const limits = section('What one daemon gives out.', {
  sessions: Type.Integer({ description: 'Sessions at once.', default: 1024, minimum: 1, maximum: 65_536 }),
  fds: Type.Integer({
    description: 'File descriptors a session (RLIMIT_NOFILE).',
    default: 1024,
    minimum: 16,
    maximum: 1_048_576,
  }),
  'dmabuf-bytes': Type.Integer({
    description: 'Largest dmabuf in bytes; at most 4 GiB.',
    default: 4 * GIB,
    minimum: 4 * KIB,
    maximum: 4 * GIB,
  }),
  'memory-bytes': Type.Integer({
    description:
      'Shared memory of all sessions together, in bytes; 0 leaves it to the file system of the run directory.',
    default: 0,
    minimum: 0,
    maximum: 1024 * GIB,
  }),
  'udmabuf-bytes': Type.Integer({
    description: "Largest udmabuf made of a memfd, in bytes (udmabuf's size_limit_mb on Linux).",
    default: 64 * MIB,
    minimum: 4 * KIB,
    maximum: 4 * GIB,
  }),
  'memlock-bytes': Type.Union([Type.Integer({ minimum: 0, maximum: 1024 * GIB }), Type.Null()], {
    description: 'Bytes a session may pin (RLIMIT_MEMLOCK) unless it is opened with another limit; null: no limit.',
    default: null,
  }),
  tokens: Type.Integer({
    description: 'Frag tokens that all sockets together may have outstanding; beyond it recvmsg gives ENOMEM.',
    default: 4_194_304,
    minimum: 1024,
    maximum: 1_073_741_824,
  }),
  netdevs: Type.Integer({ description: 'Netdevs at once.', default: 4096, minimum: 2, maximum: 65_536 }),
  'host-pages': Type.Integer({
    description: 'Host pages of 4 KiB that page pools may hold; memory stands behind those that carried traffic.',
    default: 1_048_576,
    minimum: 1024,
    maximum: 268_435_456,
  }),
  publishes: Type.Integer({ description: 'Published ports at once.', default: 256, minimum: 1, maximum: 65_536 }),
  flows: Type.Integer({
    description: 'Connections at once over all published ports and upstreams.',
    default: 4096,
    minimum: 1,
    maximum: 65_536,
  }),
  generators: Type.Integer({ description: 'Traffic generators at once.', default: 64, minimum: 1, maximum: 4096 }),
  streams: Type.Integer({ description: 'Open streams at once.', default: 1024, minimum: 1, maximum: 65_536 }),
  'subscriber-queue-bytes': Type.Integer({
    description: 'Bytes of events that wait for one subscriber; what does not fit is lost and counted.',
    default: MIB,
    minimum: 4 * KIB,
    maximum: 256 * MIB,
  }),
});

const shm = section('Shared memory.', {
  'client-writable': Type.Union([Type.Boolean(), Type.Null()], {
    description: 'Clients may write dmabufs. Null: true with memfd backing (false seals), false with file backing.',
    default: null,
  }),
  'file-mode': Type.String({
    description:
      'Permission bits of the files in file backing, octal; clients that are to map them must be able to read.',
    default: '0640',
    pattern: '^0?[0-7]{3}$',
  }),
});

const driver = Type.Object(
  {
    profile: oneOf(['split-perfect', 'bnxt-like', 'netdevsim', 'netdevsim-dma', 'veth', 'tap', 'tun'], {
      description: 'Driver model.',
      default: 'split-perfect',
    }),
    mode: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 })),
    post: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_536 })),
    lin: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    'lin-mod': Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffffffff })),
    gro: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })),
    chunk: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    'pool-ring': Type.Optional(Type.Integer({ minimum: 1, maximum: 32_768 })),
  },
  { description: 'Driver, and the parameters of netdevsim-dma.', additionalProperties: false },
);

/** One netdev of the start topology; see src/lab/topology.ts. */
export const netdevSchema = Type.Object(
  {
    ifindex: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 0x7fffffff, description: 'Default: the next free one.' }),
    ),
    name: Type.String({ minLength: 1, maxLength: 15, pattern: '^[^\\s/:\\u0000]+$' }),
    type: oneOf(['ether', 'loopback'], { description: 'Kind of device.', default: 'ether' }),
    'rx-queues': Type.Integer({ default: 8, minimum: 1, maximum: 1024 }),
    'tx-queues': Type.Integer({ default: 8, minimum: 1, maximum: 1024 }),
    rx: Type.Integer({ description: 'RX ring size in descriptors.', default: 512, minimum: 1, maximum: 32_768 }),
    mtu: Type.Integer({ default: 9000, minimum: 68, maximum: 65_536 }),
    addresses: Type.Array(Type.String({ minLength: 3, maxLength: 64 }), {
      description: 'Addresses with prefix length, at most one of each family.',
      default: [],
      maxItems: 2,
    }),
    up: Type.Boolean({ default: true }),
    driver: Type.Optional(driver),
  },
  { additionalProperties: false },
);
export type NetdevConfig = Static<typeof netdevSchema>;

const topology = section('The netdevs that exist at start and after a reset.', {
  netdevs: Type.Array(netdevSchema, {
    description: 'Netdevs in order of creation.',
    default: DEFAULT_TOPOLOGY,
    maxItems: 256,
  }),
});

const loop = section('How the thread is shared between traffic and control requests.', {
  'read-budget': Type.Integer({
    description: 'Bytes that all TCP wires together read in one turn.',
    default: 2 * MIB,
    minimum: 64 * KIB,
    maximum: 64 * MIB,
  }),
});

export const configSchema = Type.Object(
  {
    http,
    'run-dir': Type.String({
      description: 'Directory of the Unix socket and the shared files; empty: /dev/shm/netmemd-<uid>.',
      default: '',
      maxLength: 4000,
    }),
    'run-dir-mode': Type.String({
      description:
        'Permission bits of a run directory that is created, octal. Who may enter it may use the Unix socket.',
      default: '0700',
      pattern: '^0?7[0-7]{2}$',
    }),
    backing: oneOf(['memfd', 'file'], {
      description: 'memfd: sealed memory for clients of the same user and PID namespace; file: plain files.',
      default: 'memfd',
    }),
    kernel: oneOf(['6.12', '6.18', '7.3'], {
      description: 'Linux release whose behaviour is simulated.',
      default: '6.18',
    }),
    'page-pool-stats': Type.Boolean({
      description:
        'The simulated kernel is built with CONFIG_PAGE_POOL_STATS; without it, as in many distributions, page-pool-stats-get does not exist.',
      default: true,
    }),
    seed: Type.Union([Type.Integer({ minimum: 0, maximum: 0xffffffff }), Type.Null()], {
      description: 'Seed of everything random in the model; null draws one and logs it.',
      default: null,
    }),
    log,
    auth,
    limits,
    shm,
    topology,
    loop,
  },
  { additionalProperties: false, default: {} },
);

/** A complete configuration: every default filled in. */
export type Config = Static<typeof configSchema>;
