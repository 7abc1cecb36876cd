/** Linux's limits under the kernel's names, each with its source; the daemon's own limits are config fields. */

/** Page size modelled: x86-64. */
export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;

/** net/core/page_pool.c, include/net/page_pool/types.h (6.18). */
export const PP_ALLOC_CACHE_SIZE = 128;
export const PP_ALLOC_CACHE_REFILL = 64;
export const PP_RING_DEFAULT = 1024;
export const PP_RING_MAX = 16384;
/** Retry period of a detached pool and period of its warning, milliseconds. */
export const PP_RELEASE_RETRY_MS = 1000;
export const PP_WARN_PERIOD_MS = 60_000;
/** ptr_ring clears consumed slots in batches of two cache lines of pointers (include/linux/ptr_ring.h). */
export const PTR_RING_BATCH = 16;

/** include/linux/skbuff.h: CONFIG_MAX_SKB_FRAGS default. */
export const MAX_SKB_FRAGS = 17;
/** include/linux/pipe_fs_i.h: buffers of a fresh pipe. */
export const PIPE_DEF_BUFFERS = 16;
/** drivers/dma-buf/udmabuf.c (6.18): default of the module parameter size_limit_mb, in bytes. */
export const UDMABUF_SIZE_LIMIT = 64 * 1024 * 1024;
/** include/linux/netdevice.h: gro_max_size default, and the number of flows a NAPI merges at once (net/core/gro.c). */
export const GRO_MAX_SIZE = 65_536;
export const MAX_GRO_SKBS = 8;
/** include/linux/netdevice.h. */
export const NAPI_POLL_WEIGHT = 64;
/** First NAPI id: NR_CPUS + 1 of the distribution kernels recorded. */
export const MIN_NAPI_ID = 8193;

/** net/core/sock.c (6.18): tokens ranges per call, ids per call. */
export const MAX_DONTNEED_TOKENS = 128;
export const MAX_DONTNEED_FRAGS = 1024;
/** Highest token: net/ipv4/tcp.c allocates within xa_limit_31b. */
export const MAX_TOKEN = 2 ** 31 - 1;

/** Header bytes before the payload of a TCP packet: Ethernet is no part of the MTU; IPv4 20, IPv6 40, TCP 20 + timestamps 12. */
export const IPV4_TCP_HEADER = 52;
export const IPV6_TCP_HEADER = 72;

/** net.ipv4.tcp_rmem[2] and net.core.{r,w}mem_max defaults. */
export const TCP_RMEM_MAX = 6_291_456;
export const TCP_RMEM_DEFAULT = 131_072;
export const WMEM_MAX = 212_992;
export const SOCK_MIN_SNDBUF = 4608;
/** include/net/tcp.h: TCP_RTO_MIN and, as a bound for the simulated sender, where its back-off ends. */
export const TCP_RTO_MIN_MS = 200;
export const TCP_RTO_MAX_MS = 3_200;
/** net.ipv4.tcp_fin_timeout. */
export const TCP_FIN_TIMEOUT_MS = 60_000;
/** net.ipv4.ip_local_port_range. */
export const EPHEMERAL_PORT_FIRST = 32_768;
export const EPHEMERAL_PORT_LAST = 60_999;
export const TCP_WMEM_DEFAULT = 4_194_304;
export const RMEM_MAX = 212_992;
export const SOCK_MIN_RCVBUF = 2304;
/** net.core.somaxconn. */
export const SOMAXCONN = 4096;

/** Channel bindings: XA_LIMIT(1, U32_MAX). */
export const U32_MAX = 0xffff_ffff;
/** Toeplitz key and indirection table of the simulated NIC. */
export const RSS_KEY_SIZE = 40;
export const RSS_INDIR_SIZE = 128;
/** ethtool ntuple locations of the simulated NIC. */
export const MAX_FLOW_RULES = 1024;
export const RX_CLS_LOC_ANY = 0xffff_ffff;
export const RX_CLS_LOC_FIRST = 0xffff_fffe;
export const RX_CLS_LOC_LAST = 0xffff_fffd;
