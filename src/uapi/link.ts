/** include/uapi/linux/if.h: flags of a device. */
export const IFF_UP = 1 << 0;
export const IFF_BROADCAST = 1 << 1;
export const IFF_DEBUG = 1 << 2;
export const IFF_LOOPBACK = 1 << 3;
export const IFF_NOTRAILERS = 1 << 5;
export const IFF_RUNNING = 1 << 6;
export const IFF_NOARP = 1 << 7;
export const IFF_PROMISC = 1 << 8;
export const IFF_ALLMULTI = 1 << 9;
export const IFF_MULTICAST = 1 << 12;
export const IFF_PORTSEL = 1 << 13;
export const IFF_AUTOMEDIA = 1 << 14;
export const IFF_DYNAMIC = 1 << 15;
export const IFF_LOWER_UP = 1 << 16;

/** IFNAMSIZ (include/uapi/linux/if.h): bytes of a device's name with its NUL. */
export const IFNAMSIZ = 16;

/** include/uapi/linux/if_arp.h */
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;

/** RFC 2863 states (IF_OPER_*, include/uapi/linux/if.h). */
export const IF_OPER = { UNKNOWN: 0, DOWN: 2, UP: 6 } as const;

/** include/uapi/linux/if_ether.h */
export const ETH_MIN_MTU = 68;
export const ETH_MAX_MTU = 65_535;

/** XDP_FLAGS_* (include/uapi/linux/if_link.h). */
export const XDP_FLAGS_UPDATE_IF_NOEXIST = 1 << 0;
export const XDP_FLAGS_SKB_MODE = 1 << 1;
export const XDP_FLAGS_DRV_MODE = 1 << 2;
export const XDP_FLAGS_HW_MODE = 1 << 3;
export const XDP_FLAGS_REPLACE = 1 << 4;
export const XDP_FLAGS_MODES = XDP_FLAGS_SKB_MODE | XDP_FLAGS_DRV_MODE | XDP_FLAGS_HW_MODE;
export const XDP_FLAGS_MASK = XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_MODES | XDP_FLAGS_REPLACE;

/** How a program is attached (XDP_ATTACHED_*, include/uapi/linux/if_link.h). */
export const XDP_ATTACHED = { NONE: 0, DRV: 1, SKB: 2 } as const;

/** XDP abilities of a device (NETDEV_XDP_ACT_*, include/uapi/linux/netdev.h). */
export const XDP_ACT_BASIC = 1 << 0;
export const XDP_ACT_REDIRECT = 1 << 1;
export const XDP_ACT_NDO_XMIT = 1 << 2;
export const XDP_ACT_XSK_ZEROCOPY = 1 << 3;
export const XDP_ACT_HW_OFFLOAD = 1 << 4;
export const XDP_ACT_RX_SG = 1 << 5;
export const XDP_ACT_NDO_XMIT_SG = 1 << 6;
