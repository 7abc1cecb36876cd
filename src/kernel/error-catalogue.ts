import type { ErrnoName } from '../uapi/errno.ts';

/** One refusal that has a text: what it is called on the wire and who is the cause. */
export interface CatalogueEntry<Text extends string = string> {
  readonly errno: ErrnoName;
  /** Text of the extended acknowledgement; each `%s` stands for a value, filled in order. */
  readonly msg: Text;
  /**
   * - `linux`: a mistake of the request, refused with Linux's own text
   * - `netmemd`: a mistake of the request, or a limit or state of the daemon, that Linux does not know or has no text for
   * - `host`: the machine lacks something or refuses it; the request was in order
   * - `bug`: a fault of netmemd
   */
  readonly origin: 'linux' | 'netmemd' | 'host' | 'bug';
}

/** Values of the placeholders of a text: as many as there are. */
export type Values<Text extends string> = Text extends `${string}%s${infer Rest}`
  ? [string | number, ...Values<Rest>]
  : [];

/** Text of an entry with its placeholders filled; what looks like one in a value stays as it is. */
export function errorText<Text extends string>(error: CatalogueEntry<Text>, ...values: Values<Text>): string {
  let next = 0;
  return error.msg.replaceAll('%s', () => String(values[next++]));
}

/** Linux gives one text for two errnos: a string too long and one too short. */
const FAILED_POLICY = 'Attribute failed policy validation';

/** Every text with which a request is refused, and the errno that goes with it. Errnos without a text are the callers'. */
export const ERRORS = {
  // ---- Linux's handlers, 6.18 ----

  // net/core/netdev_rx_queue.c
  queueOutOfRange: { errno: 'ERANGE', msg: 'rx queue index out of range', origin: 'linux' },
  dataSplitDisabled: { errno: 'EINVAL', msg: 'tcp-data-split is disabled', origin: 'linux' },
  hdsThreshNotZero: { errno: 'EINVAL', msg: 'hds-thresh is not zero', origin: 'linux' },
  providerWithXdp: {
    errno: 'EEXIST',
    msg: 'unable to custom memory provider to device with XDP program attached',
    origin: 'linux',
  },
  noRxPageSize: { errno: 'EOPNOTSUPP', msg: 'device does not support: rx_page_size', origin: 'linux' },
  queueAlreadyBound: { errno: 'EEXIST', msg: 'designated queue already memory provider bound', origin: 'linux' },
  queueHasXsk: { errno: 'EBUSY', msg: 'designated queue already in use by AF_XDP', origin: 'linux' },
  // net/core/devmem.c; the errno is the exporter's
  attachFailed: { errno: 'EOPNOTSUPP', msg: 'Failed to bind dmabuf to device', origin: 'linux' },
  mapFailed: { errno: 'ENOMEM', msg: 'Failed to map dmabuf attachment', origin: 'linux' },
  misalignedSize: { errno: 'EINVAL', msg: 'dmabuf size %s not aligned to niov size %s', origin: 'linux' },
  // net/core/netdev-genl.c; bindWithXdp in 6.12 only
  bindWithXdp: {
    errno: 'EEXIST',
    msg: 'unable to bind dmabuf to device with XDP program attached',
    origin: 'linux',
  },
  noDma: { errno: 'EOPNOTSUPP', msg: "Device doesn't support DMA", origin: 'linux' },
  noNetmemTx: { errno: 'EOPNOTSUPP', msg: 'Driver does not support netmem TX', origin: 'linux' },
  pageSizeNotPowerOf2: { errno: 'EINVAL', msg: 'rx-page-size must be a power of 2', origin: 'linux' },
  notVirtual: { errno: 'EINVAL', msg: 'Device is not a virtual device', origin: 'linux' },
  noQueueCreation: { errno: 'EINVAL', msg: 'Device does not support queue creation', origin: 'linux' },
  // net/core/page_pool_user.c
  selectByIfindex: { errno: 'EINVAL', msg: 'selecting by ifindex not supported', origin: 'linux' },
  // net/ethtool/netlink.c
  noHeader: { errno: 'EINVAL', msg: 'request header missing', origin: 'linux' },
  noDeviceNamed: { errno: 'EINVAL', msg: 'neither ifindex nor name specified', origin: 'linux' },
  noDeviceOfIndex: { errno: 'ENODEV', msg: 'no device matches ifindex', origin: 'linux' },
  indexAndNameDiffer: { errno: 'ENODEV', msg: 'ifindex and name do not match', origin: 'linux' },
  noDeviceOfName: { errno: 'ENODEV', msg: 'no device matches name', origin: 'linux' },
  // net/ethtool/bitset.c
  noSuchBit: { errno: 'EOPNOTSUPP', msg: 'bit name not found', origin: 'linux' },
  // net/ethtool/rings.c
  noRxBufLen: { errno: 'EOPNOTSUPP', msg: 'setting rx buf len not supported', origin: 'linux' },
  noCqeSize: { errno: 'EOPNOTSUPP', msg: 'setting cqe size not supported', origin: 'linux' },
  noTxPush: { errno: 'EOPNOTSUPP', msg: 'setting tx push not supported', origin: 'linux' },
  noRxPush: { errno: 'EOPNOTSUPP', msg: 'setting rx push not supported', origin: 'linux' },
  noTxPushBufLen: { errno: 'EOPNOTSUPP', msg: 'setting tx push buf len is not supported', origin: 'linux' },
  providerNeedsSplit: {
    errno: 'EINVAL',
    msg: "can't disable tcp-data-split while device has memory provider enabled",
    origin: 'linux',
  },
  providerNeedsZeroThresh: {
    errno: 'EINVAL',
    msg: "can't set non-zero hds_thresh while device is memory provider enabled",
    origin: 'linux',
  },
  ringTooLarge: { errno: 'EINVAL', msg: 'requested ring size exceeds maximum', origin: 'linux' },
  splitWithXdp: {
    errno: 'EINVAL',
    msg: 'tcp-data-split can not be enabled with single buffer XDP',
    origin: 'linux',
  },
  // net/ethtool/channels.c, net/ethtool/common.c
  tooManyChannels: { errno: 'EINVAL', msg: 'requested channel count exceeds maximum', origin: 'linux' },
  noChannelLeft: {
    errno: 'EINVAL',
    msg: 'requested channel counts would result in no RX or TX channel being configured',
    origin: 'linux',
  },
  channelsRss: {
    errno: 'EINVAL',
    msg: 'requested channel counts are too low for existing indirection table (%s)',
    origin: 'linux',
  },
  channelsRules: {
    errno: 'EINVAL',
    msg: 'requested channel counts are too low for existing ntuple filter settings',
    origin: 'linux',
  },
  channelsProvider: {
    errno: 'EINVAL',
    msg: 'requested channel counts are too low for existing memory provider setting (%s)',
    origin: 'linux',
  },
  channelsXsk: {
    errno: 'EINVAL',
    msg: 'requested channel counts are too low for existing zerocopy AF_XDP sockets',
    origin: 'linux',
  },
  // net/core/dev.c
  mtuTooSmall: { errno: 'EINVAL', msg: 'mtu less than device minimum', origin: 'linux' },
  mtuTooLarge: { errno: 'EINVAL', msg: 'mtu greater than device maximum', origin: 'linux' },
  xdpUnexpected: { errno: 'EEXIST', msg: 'Active program does not match expected', origin: 'linux' },
  xdpAttached: { errno: 'EBUSY', msg: 'XDP program already attached', origin: 'linux' },
  xdpOtherMode: { errno: 'EEXIST', msg: "Native and generic XDP can't be active at the same time", origin: 'linux' },
  xdpNotNative: { errno: 'EOPNOTSUPP', msg: 'Underlying driver does not support XDP in native mode', origin: 'linux' },
  xdpNeedsFrags: { errno: 'EBUSY', msg: 'unable to install XDP to device using tcp-data-split', origin: 'linux' },
  xdpWithProvider: { errno: 'EBUSY', msg: 'unable to install XDP to device using memory provider', origin: 'linux' },
  // drivers/net/netdevsim
  nsimOffload: { errno: 'EINVAL', msg: 'netdevsim: xdpoffload of non-bound program', origin: 'linux' },
  nsimXdpMtu: { errno: 'EINVAL', msg: 'netdevsim: MTU too large w/ XDP enabled', origin: 'linux' },
  nsimNewlink: {
    errno: 'EOPNOTSUPP',
    msg: 'netdevsim: Please use: echo "[ID] [PORT_COUNT] [NUM_QUEUES]" > /sys/bus/netdevsim/new_device',
    origin: 'linux',
  },
  // net/core/rtnetlink.c
  negativeIfindex: { errno: 'EINVAL', msg: "ifindex can't be negative", origin: 'linux' },
  getlinkHeader: { errno: 'EINVAL', msg: 'Invalid values in header for get link request', origin: 'linux' },
  linkDumpHeader: { errno: 'EINVAL', msg: 'Invalid values in header for link dump request', origin: 'linux' },
  linkDumpByIndex: { errno: 'EINVAL', msg: 'Filter by device index not supported for link dumps', origin: 'linux' },
  unknownLinkKind: { errno: 'EOPNOTSUPP', msg: 'Unknown device type', origin: 'linux' },
  txQueueCount: { errno: 'EINVAL', msg: 'Invalid number of transmit queues', origin: 'linux' },
  rxQueueCount: { errno: 'EINVAL', msg: 'Invalid number of receive queues', origin: 'linux' },

  // ---- Linux's policy check (lib/nlattr.c, 6.18) ----

  unknownAttribute: { errno: 'EINVAL', msg: 'Unknown attribute type', origin: 'linux' },
  unsupportedAttribute: { errno: 'EINVAL', msg: 'Unsupported attribute', origin: 'linux' },
  integerOutOfRange: { errno: 'ERANGE', msg: 'integer out of range', origin: 'linux' },
  reservedBit: { errno: 'EINVAL', msg: 'reserved bit set', origin: 'linux' },
  stringTooLong: { errno: 'EINVAL', msg: FAILED_POLICY, origin: 'linux' },
  stringOutOfRange: { errno: 'ERANGE', msg: FAILED_POLICY, origin: 'linux' },
  binaryLength: { errno: 'ERANGE', msg: 'binary attribute size out of range', origin: 'linux' },
  nestedTooDeep: { errno: 'EINVAL', msg: 'allowed policy recursion depth exceeded', origin: 'linux' },

  // ---- What only JSON and query strings can get wrong ----

  notAttributes: { errno: 'EINVAL', msg: 'request attributes must be a JSON object', origin: 'netmemd' },
  notNest: { errno: 'EINVAL', msg: 'attribute must be an object', origin: 'netmemd' },
  notInteger: { errno: 'EINVAL', msg: 'attribute must be an integer', origin: 'netmemd' },
  unsafeInteger: { errno: 'EINVAL', msg: 'integer is beyond 2^53 - 1', origin: 'netmemd' },
  notString: { errno: 'EINVAL', msg: 'attribute must be a string', origin: 'netmemd' },
  nulInString: { errno: 'EINVAL', msg: 'string contains a NUL', origin: 'netmemd' },
  loneSurrogate: { errno: 'EINVAL', msg: 'string contains a lone surrogate', origin: 'netmemd' },
  notFlag: { errno: 'EINVAL', msg: 'attribute must be true or false', origin: 'netmemd' },
  noValueOfName: { errno: 'EINVAL', msg: 'attribute has no value of that name', origin: 'netmemd' },
  noValueOfNumber: { errno: 'EINVAL', msg: 'attribute has no value of that number', origin: 'netmemd' },
  notTextForm: { errno: 'EINVAL', msg: 'attribute is not in its text form', origin: 'netmemd' },
  tooManyElements: { errno: 'EINVAL', msg: 'attribute is repeated too often', origin: 'netmemd' },
  attributeAndNest: { errno: 'EINVAL', msg: 'query parameter is both an attribute and a nest', origin: 'netmemd' },

  // ---- Sessions and fds ----

  noSuchSession: { errno: 'ESRCH', msg: 'no such session', origin: 'netmemd' },
  sessionEnded: { errno: 'ESRCH', msg: 'the session has ended', origin: 'netmemd' },
  tooManySessions: { errno: 'ENFILE', msg: 'too many sessions (limits.sessions)', origin: 'netmemd' },
  closeOwnSession: { errno: 'EINVAL', msg: "the daemon's own session ends with the daemon", origin: 'netmemd' },
  holdOwnSession: { errno: 'EINVAL', msg: "the daemon's own session cannot be held", origin: 'netmemd' },
  noSuchBinding: { errno: 'ENOENT', msg: 'the session has no such binding', origin: 'netmemd' },
  fdInUse: { errno: 'EBUSY', msg: 'fd is in use', origin: 'netmemd' },

  // ---- Sockets ----

  noAddressOfFamily: { errno: 'EADDRNOTAVAIL', msg: 'the device has no address of that family', origin: 'netmemd' },
  listenOnPortZero: { errno: 'EINVAL', msg: 'port 0 is not a port to listen on', origin: 'netmemd' },
  dataAndText: { errno: 'EINVAL', msg: 'data or text, not both', origin: 'netmemd' },
  controllenTooLarge: { errno: 'EINVAL', msg: 'controllen must be at most %s', origin: 'netmemd' },
  optvalNotNumber: { errno: 'EINVAL', msg: 'a number is needed', origin: 'netmemd' },
  optvalNotTokens: { errno: 'EINVAL', msg: 'a list of {token-start, token-count} is needed', origin: 'netmemd' },
  tokenRanges: { errno: 'EINVAL', msg: '1 to %s ranges', origin: 'netmemd' },
  streamTimeout: { errno: 'EINVAL', msg: 'a stream has no timeout', origin: 'netmemd' },
  streamLen: { errno: 'EINVAL', msg: 'len must be at least 1', origin: 'netmemd' },
  streamPeek: { errno: 'EINVAL', msg: 'MSG_PEEK in a stream would never move on', origin: 'netmemd' },

  // ---- Flow rules ----

  ruleAddressFamily: { errno: 'EINVAL', msg: 'address family does not fit flow-type', origin: 'netmemd' },
  ruleQueue: { errno: 'EINVAL', msg: 'no such queue', origin: 'netmemd' },
  ipRulePorts: { errno: 'EINVAL', msg: 'an ip rule has no ports', origin: 'netmemd' },
  ntupleOff: { errno: 'EOPNOTSUPP', msg: 'rx-ntuple-filter is off', origin: 'netmemd' },

  // ---- Memory providers ----

  noHugePage: { errno: 'ENOMEM', msg: '%s blocks wanted, %s are left (limits.host-pages)', origin: 'netmemd' },
  otherProvider: { errno: 'EBUSY', msg: 'queue %s has a provider that was not set here', origin: 'netmemd' },
  noPageReferences: { errno: 'EOPNOTSUPP', msg: 'net_iovs have no page references', origin: 'netmemd' },
  dmaMapping: { errno: 'ENOMEM', msg: 'the device could not map the memory', origin: 'netmemd' },

  // ---- Netdevs ----

  tooManyNetdevs: { errno: 'ENFILE', msg: 'too many netdevs (limits.netdevs)', origin: 'netmemd' },
  netdevName: { errno: 'EINVAL', msg: 'invalid device name', origin: 'netmemd' },
  netdevNumber: { errno: 'ERANGE', msg: '%s must be %s to %s', origin: 'netmemd' },
  notInterfaceAddress: { errno: 'EINVAL', msg: '"%s" is no address with a prefix length', origin: 'netmemd' },
  secondAddress: { errno: 'EINVAL', msg: 'one address of each family', origin: 'netmemd' },
  noSuchDriver: { errno: 'EINVAL', msg: 'driver is one of %s', origin: 'netmemd' },
  driverTakesNone: { errno: 'EINVAL', msg: 'only netdevsim-dma takes parameters', origin: 'netmemd' },
  driverChunk: { errno: 'EINVAL', msg: 'chunk: 1 to 4096, and at most 17 chunks a packet', origin: 'netmemd' },

  // ---- Wires of the lab ----

  notEndpoint: { errno: 'EINVAL', msg: '"%s" is no host:port', origin: 'netmemd' },
  openEndpoint: { errno: 'EINVAL', msg: 'host and port are needed', origin: 'netmemd' },
  portNumber: { errno: 'ERANGE', msg: 'a port is 1 to 65535', origin: 'netmemd' },
  secondUpstream: { errno: 'EEXIST', msg: 'the netdev has an upstream for that port', origin: 'netmemd' },
  netdevWithoutAddress: { errno: 'EADDRNOTAVAIL', msg: 'the netdev has no address', origin: 'netmemd' },
  segmentSize: { errno: 'EINVAL', msg: 'a segment carries 1 to %s bytes with this MTU', origin: 'netmemd' },
  noSourceAddress: { errno: 'EADDRNOTAVAIL', msg: 'no source address with a free port is left', origin: 'netmemd' },
  tooManyPublishes: { errno: 'ENOSPC', msg: 'too many published ports (limit %s)', origin: 'netmemd' },
  tooManyGenerators: { errno: 'ENOSPC', msg: 'too many generators (limit %s)', origin: 'netmemd' },
  tooManyConnections: { errno: 'ENOSPC', msg: 'too many connections (limit %s)', origin: 'netmemd' },
  // The errno is that of the host's bind where that says more.
  hostListen: { errno: 'EADDRNOTAVAIL', msg: 'the host refuses to listen: %s', origin: 'host' },

  // ---- Shared memory ----

  notWholePages: { errno: 'EINVAL', msg: 'size is not a multiple of 4096', origin: 'netmemd' },
  memorySize: { errno: 'EINVAL', msg: 'size of shared memory is 1 to %s bytes', origin: 'netmemd' },
  memoryTooLarge: { errno: 'EINVAL', msg: 'larger than limits.dmabuf-bytes (%s)', origin: 'netmemd' },
  memoryBudget: { errno: 'ENOMEM', msg: '%s of limits.memory-bytes (%s) are in use', origin: 'netmemd' },
  clientMayNotWrite: {
    errno: 'EPERM',
    msg: 'clients may not write memory of backing "file"; set shm.client-writable',
    origin: 'netmemd',
  },
  hostMemory: { errno: 'ENOMEM', msg: '%s bytes wanted, the host has %s available', origin: 'host' },
  hostRefusedMemory: { errno: 'ENOMEM', msg: 'the host refused %s bytes of memory', origin: 'host' },
  runDirectorySpace: {
    errno: 'ENOSPC',
    msg: '%s bytes wanted, %s free for run directory %s (file system mounted on %s); choose a larger one with --run-dir',
    origin: 'host',
  },
  runDirectoryFull: {
    errno: 'ENOSPC',
    msg: '%s bytes wanted, run directory %s (file system mounted on %s) is full; choose a larger one with --run-dir',
    origin: 'host',
  },
  noProcessFdLeft: {
    errno: 'EMFILE',
    msg: 'the daemon has no file descriptor left; raise its limit (ulimit -n)',
    origin: 'host',
  },
  noHostFdLeft: {
    errno: 'ENFILE',
    msg: 'the host has no file descriptor left; raise its limit (sysctl fs.file-max)',
    origin: 'host',
  },

  // ---- Dmabufs and memfds ----

  offsetNotWholePages: { errno: 'EINVAL', msg: 'offset is not a multiple of 4096', origin: 'netmemd' },
  udmabufTooLarge: { errno: 'EINVAL', msg: 'larger than limits.udmabuf-bytes (%s)', origin: 'netmemd' },
  emptyUdmabuf: { errno: 'EINVAL', msg: 'size is 0', origin: 'netmemd' },
  notMemfd: { errno: 'EBADFD', msg: 'no memfd of this session', origin: 'netmemd' },
  memfdCanShrink: { errno: 'EINVAL', msg: 'the memfd is not sealed against shrinking', origin: 'netmemd' },
  memfdNotWritable: { errno: 'EINVAL', msg: 'the memfd is sealed against writing', origin: 'netmemd' },
  memfdTooShort: { errno: 'EINVAL', msg: 'offset and size reach beyond the %s bytes of the memfd', origin: 'netmemd' },
  memlockLimit: { errno: 'ENOMEM', msg: '%s bytes to pin, %s of %s are pinned', origin: 'netmemd' },
  notMemfdPath: { errno: 'EINVAL', msg: 'path is not /proc/PID/fd/N of another process', origin: 'netmemd' },
  foreignMemfd: { errno: 'EACCES', msg: 'the file at path is no memfd named %s of the same user', origin: 'netmemd' },
  hugeMemfd: { errno: 'EOPNOTSUPP', msg: 'a memfd of huge pages cannot be brought', origin: 'netmemd' },
  bringNeedsMemfds: {
    errno: 'EOPNOTSUPP',
    msg: 'memory can be brought to a daemon of backing "memfd" only',
    origin: 'netmemd',
  },
  // The errno is that of the host's open.
  memfdOpen: { errno: 'ENOENT', msg: 'the host refuses to open path', origin: 'host' },
  notForProvider: { errno: 'EINVAL', msg: 'the provider takes no such attribute', origin: 'netmemd' },
  notForExporter: { errno: 'EINVAL', msg: 'the exporter takes no such attribute', origin: 'netmemd' },
  addressNotWholePages: { errno: 'EINVAL', msg: 'va-base is not a multiple of 4096', origin: 'netmemd' },
  addressTooHigh: { errno: 'EINVAL', msg: 'the buffer would end beyond 2^53 - 1', origin: 'netmemd' },
  notDeviceMemory: { errno: 'EINVAL', msg: 'not memory of a device', origin: 'netmemd' },
  outsideDeviceMemory: { errno: 'EFAULT', msg: 'the buffer lies from %s to %s', origin: 'netmemd' },
  noSuchErrno: { errno: 'EINVAL', msg: '"%s" is no errno', origin: 'netmemd' },
  dmabufPinned: { errno: 'EBUSY', msg: 'an importer has the memory mapped and cannot let it move', origin: 'netmemd' },
  dmabufMoving: { errno: 'EBUSY', msg: 'the memory is on the move', origin: 'netmemd' },
  notMovable: { errno: 'EOPNOTSUPP', msg: 'only memory of a device can be moved or revoked', origin: 'netmemd' },
  memoryRevoked: { errno: 'ENODEV', msg: 'the memory was revoked', origin: 'netmemd' },

  // ---- HTTP ----

  unexpectedHost: { errno: 'EACCES', msg: 'unexpected Host; http.hosts adds names', origin: 'netmemd' },
  foreignOrigin: { errno: 'EACCES', msg: 'requests of other origins are refused', origin: 'netmemd' },
  noToken: { errno: 'EPERM', msg: 'a bearer token is missing', origin: 'netmemd' },
  unknownToken: { errno: 'EPERM', msg: 'unknown bearer token', origin: 'netmemd' },
  noSuchResource: { errno: 'ENOENT', msg: 'no such resource', origin: 'netmemd' },
  noSuchFamily: { errno: 'ENOENT', msg: 'no such family', origin: 'netmemd' },
  noSuchOperation: { errno: 'EOPNOTSUPP', msg: 'no such operation', origin: 'netmemd' },
  wrongMethod: { errno: 'EOPNOTSUPP', msg: '%s takes %s', origin: 'netmemd' },
  notAcceptable: { errno: 'EPROTONOSUPPORT', msg: 'available as %s', origin: 'netmemd' },
  netlinkHeader: { errno: 'EBADF', msg: '%s is no fd', origin: 'netmemd' },
  noSuchGroup: { errno: 'EINVAL', msg: 'no such multicast group', origin: 'netmemd' },
  noGroups: { errno: 'EINVAL', msg: 'the family has no multicast groups', origin: 'netmemd' },
  tooManyStreams: {
    errno: 'EMFILE',
    msg: 'too many open streams; limits.streams sets how many',
    origin: 'netmemd',
  },
  bodyNotUtf8: { errno: 'EINVAL', msg: 'the body is not UTF-8', origin: 'netmemd' },
  bodyNotJson: { errno: 'EINVAL', msg: 'the body is not JSON', origin: 'netmemd' },
  bodyNotJsonAt: { errno: 'EINVAL', msg: 'the body is not JSON, see position %s', origin: 'netmemd' },
  bodyNotObject: { errno: 'EINVAL', msg: 'the body must be an object of attributes', origin: 'netmemd' },
  roundedNumber: { errno: 'EINVAL', msg: '%s is no integer', origin: 'netmemd' },
  bodyType: { errno: 'EPROTONOSUPPORT', msg: 'the body must be application/json', origin: 'netmemd' },
  bodyTooLarge: { errno: 'EMSGSIZE', msg: 'the body is larger than http.body-limit', origin: 'netmemd' },
  bodyLength: { errno: 'EINVAL', msg: 'the body is not as long as Content-Length says', origin: 'netmemd' },
  malformedUrl: { errno: 'EINVAL', msg: 'the URL is malformed', origin: 'netmemd' },
  longUrlPart: { errno: 'ENAMETOOLONG', msg: 'a part of the URL is too long', origin: 'netmemd' },
  headersTooLarge: { errno: 'EMSGSIZE', msg: 'the header fields are too large', origin: 'netmemd' },
  chunkExtensions: { errno: 'EMSGSIZE', msg: 'the chunk extensions are too large', origin: 'netmemd' },
  requestTimeout: { errno: 'ETIMEDOUT', msg: 'the request did not arrive in time', origin: 'netmemd' },
  notHttp: { errno: 'EPROTO', msg: 'the request is not HTTP', origin: 'netmemd' },
  // Any other 4xx that the HTTP library answers with, by its reason phrase.
  otherStatus: { errno: 'EINVAL', msg: '%s', origin: 'netmemd' },
  badRequest: { errno: 'EINVAL', msg: 'bad request', origin: 'netmemd' },
  stopping: { errno: 'EINTR', msg: 'the daemon is stopping', origin: 'netmemd' },
  notReady: { errno: 'EAGAIN', msg: 'not ready', origin: 'netmemd' },
  internal: { errno: 'EIO', msg: 'internal error, see the log', origin: 'bug' },
} as const satisfies Record<string, CatalogueEntry>;
