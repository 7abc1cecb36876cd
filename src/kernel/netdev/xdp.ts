import {
  XDP_ACT_NDO_XMIT,
  XDP_ACT_NDO_XMIT_SG,
  XDP_FLAGS_DRV_MODE,
  XDP_FLAGS_HW_MODE,
  XDP_FLAGS_REPLACE,
  XDP_FLAGS_SKB_MODE,
  XDP_FLAGS_UPDATE_IF_NOEXIST,
} from '../../uapi/link.ts';
import { fail, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Netdev } from './netdev.ts';
import type { XdpProgram } from './xdp-program.ts';

/** Where a program runs: before the stack in general, in the driver, on the device. */
export type XdpMode = 'skb' | 'drv' | 'hw';

/** NSIM_XDP_MAX_MTU (drivers/net/netdevsim/netdevsim.h). */
const NSIM_XDP_MAX_MTU = 4000;

/** The XDP programs of a device, and what stands against attaching one (net/core/dev.c, 6.18). */
export class Xdp {
  readonly #netdev: Netdev;
  /** At most one of the two is set: native and generic exclude each other. No device here takes offloaded programs. */
  #drv: XdpProgram | null = null;
  #skb: XdpProgram | null = null;
  #features: number;

  constructor(netdev: Netdev) {
    this.#netdev = netdev;
    this.#features = netdev.loopback ? 0 : netdev.driver.xdpFeatures;
  }

  /** Abilities as dev-get tells them (NETDEV_XDP_ACT_*). */
  get features(): number {
    return this.#features;
  }

  get drv(): XdpProgram | null {
    return this.#drv;
  }

  get skb(): XdpProgram | null {
    return this.#skb;
  }

  /** Programs attached, in whatever mode (dev_xdp_prog_count()). */
  get programs(): number {
    return Number(this.#drv !== null) + Number(this.#skb !== null);
  }

  /** Whether a program is attached that takes packets of one buffer only (dev_xdp_sb_prog_count()). */
  get singleBuffer(): boolean {
    return this.#drv?.frags === false || this.#skb?.frags === false;
  }

  /** dev_xdp_mode(): without a mode flag native where the driver can. */
  #mode(flags: number): XdpMode {
    if ((flags & XDP_FLAGS_HW_MODE) !== 0) return 'hw';
    if ((flags & XDP_FLAGS_DRV_MODE) !== 0) return 'drv';
    if ((flags & XDP_FLAGS_SKB_MODE) !== 0) return 'skb';
    return this.#netdev.loopback ? 'skb' : 'drv';
  }

  /**
   * dev_xdp_attach(): attaches a program in place of the one of the same mode, or detaches that.
   *
   * @param program null = detach
   * @param expected with XDP_FLAGS_REPLACE, what must be attached now; null = nothing
   * @throws KernelError EEXIST, EBUSY, EOPNOTSUPP, EINVAL with Linux's text
   */
  attach(program: XdpProgram | null, expected: XdpProgram | null, flags: number): void {
    const mode = this.#mode(flags);
    const current = mode === 'hw' ? null : mode === 'drv' ? this.#drv : this.#skb;
    if ((flags & XDP_FLAGS_REPLACE) !== 0 && current !== expected) refuse(ERRORS.xdpUnexpected);
    if (program !== null) {
      if ((flags & XDP_FLAGS_UPDATE_IF_NOEXIST) !== 0 && current !== null) refuse(ERRORS.xdpAttached);
      // What is no offloaded program is told apart from generic ones only.
      const other = mode === 'skb' ? this.#drv : this.#skb;
      if (mode !== 'hw' && other !== null) refuse(ERRORS.xdpOtherMode);
    }
    if (program === current) return;
    if (mode !== 'skb' && this.#netdev.loopback) refuse(ERRORS.xdpNotNative);
    this.#install(program, mode);
  }

  /** dev_xdp_install(), then the driver's own checks. */
  #install(program: XdpProgram | null, mode: XdpMode): void {
    const { kernel, rings, hasProvider, driver, mtu } = this.#netdev;
    const splits = kernel.profile.checksDataSplit && rings.config.tcpDataSplit === 'enabled';
    if (splits && program?.frags === false) refuse(ERRORS.xdpNeedsFrags);
    if (hasProvider) refuse(ERRORS.xdpWithProvider);
    if (mode === 'skb') {
      this.#skb = program;
      return;
    }
    const { netdevsim } = driver.params;
    if (mode === 'hw') {
      if (netdevsim) refuse(ERRORS.nsimOffload);
      fail('EINVAL');
    }
    if (netdevsim && program?.frags === false && mtu > NSIM_XDP_MAX_MTU) refuse(ERRORS.nsimXdpMtu);
    this.#drv = program;
    if (driver.params.xdpXmitWithProgram) this.#setFeature(XDP_ACT_NDO_XMIT | XDP_ACT_NDO_XMIT_SG, program !== null);
  }

  /** xdp_set_features_flag(): a change is told. */
  #setFeature(bits: number, on: boolean): void {
    const features = on ? this.#features | bits : this.#features & ~bits;
    if (features === this.#features) return;
    this.#features = features;
    this.#netdev.announce('dev-change-ntf');
  }

  /** The driver's word on a new MTU. @throws KernelError EBUSY */
  checkMtu(mtu: number): void {
    const single = this.#drv?.frags === false;
    if (this.#netdev.driver.params.netdevsim && single && mtu > NSIM_XDP_MAX_MTU) fail('EBUSY');
  }

  /** The device goes: programs are let go without a word. */
  uninstall(): void {
    this.#drv = null;
    this.#skb = null;
  }
}
