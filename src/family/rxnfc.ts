import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { FLOW_TYPES, type FlowRule, type FlowType } from '../kernel/netdev/flow-rules.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import { RX_CLS_LOC_ANY } from '../uapi/limits.ts';
import { RXNFC_FLOW_TYPE, type RxnfcRuleInsertDoAttrs } from '../ynl/generated/rxnfc.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

function device(kernel: Kernel, attrs: Attrs): Netdev {
  requireAttr(attrs, ['ifindex']);
  const netdev = kernel.netdevs.get(attrs.ifindex) ?? fail('ENODEV', { 'bad-attr': '.ifindex' });
  if (netdev.loopback) fail('EOPNOTSUPP', { 'bad-attr': '.ifindex' });
  return netdev;
}

function flowType(value: number): FlowType {
  return FLOW_TYPES.find((name) => RXNFC_FLOW_TYPE[name] === value) ?? fail('EOPNOTSUPP', { 'bad-attr': '.flow-type' });
}

/** An address field of the rule: as long as the flow type's addresses. */
function address(attrs: Attrs, name: string, type: FlowType): Uint8Array | null {
  const bytes = attrs[name] as Uint8Array | undefined;
  if (bytes === undefined) return null;
  if (bytes.length !== (type.endsWith('4') ? 4 : 16)) {
    refuse(ERRORS.ruleAddressFamily, { 'bad-attr': `.${name}` });
  }
  return bytes;
}

function ruleOf(netdev: Netdev, attrs: Attrs): FlowRule {
  requireAttr(attrs, ['flow-type', 'queue']);
  const request = attrs as RxnfcRuleInsertDoAttrs;
  const type = flowType(request['flow-type'] as number);
  const queue = request.queue as number;
  if (queue >= netdev.rxQueues.length) refuse(ERRORS.ruleQueue, { 'bad-attr': '.queue' });
  if (type.startsWith('ip') && (request['src-port'] !== undefined || request['dst-port'] !== undefined)) {
    refuse(ERRORS.ipRulePorts, { 'bad-attr': request['src-port'] === undefined ? '.dst-port' : '.src-port' });
  }
  return {
    location: request.location ?? RX_CLS_LOC_ANY,
    flowType: type,
    srcIp: address(attrs, 'src-ip', type),
    srcIpMask: address(attrs, 'src-ip-mask', type),
    dstIp: address(attrs, 'dst-ip', type),
    dstIpMask: address(attrs, 'dst-ip-mask', type),
    srcPort: request['src-port'] ?? null,
    srcPortMask: request['src-port-mask'] ?? 0xffff,
    dstPort: request['dst-port'] ?? null,
    dstPortMask: request['dst-port-mask'] ?? 0xffff,
    queue,
  };
}

function describe(netdev: Netdev, rule: FlowRule): Attrs {
  const reply: Attrs = {
    ifindex: netdev.ifindex,
    location: rule.location,
    'flow-type': RXNFC_FLOW_TYPE[rule.flowType],
    queue: rule.queue,
  };
  if (rule.srcIp !== null) reply['src-ip'] = rule.srcIp;
  if (rule.srcIpMask !== null) reply['src-ip-mask'] = rule.srcIpMask;
  if (rule.dstIp !== null) reply['dst-ip'] = rule.dstIp;
  if (rule.dstIpMask !== null) reply['dst-ip-mask'] = rule.dstIpMask;
  if (rule.srcPort !== null) {
    reply['src-port'] = rule.srcPort;
    if (rule.srcPortMask !== 0xffff) reply['src-port-mask'] = rule.srcPortMask;
  }
  if (rule.dstPort !== null) {
    reply['dst-port'] = rule.dstPort;
    if (rule.dstPortMask !== 0xffff) reply['dst-port-mask'] = rule.dstPortMask;
  }
  return reply;
}

/** Family `rxnfc`: ethtool's flow rules, an ioctl on Linux (ETHTOOL_SRXCLSRLINS and its kin). */
export const rxnfcHandlers: FamilyHandlers = {
  'rule-insert': {
    do({ kernel }, attrs) {
      const netdev = device(kernel, attrs);
      if (!netdev.features.has('rx-ntuple-filter')) refuse(ERRORS.ntupleOff);
      const location = netdev.rules.insert(ruleOf(netdev, attrs));
      netdev.steeringChanged();
      return { location };
    },
  },
  'rule-delete': {
    do({ kernel }, attrs) {
      const netdev = device(kernel, attrs);
      requireAttr(attrs, ['location']);
      netdev.rules.remove(attrs.location);
      netdev.steeringChanged();
      return null;
    },
  },
  'rule-get': {
    do({ kernel }, attrs) {
      const netdev = device(kernel, attrs);
      requireAttr(attrs, ['location']);
      return describe(netdev, netdev.rules.get(attrs.location));
    },
    *dump({ kernel }, attrs) {
      for (const netdev of attrs.ifindex === undefined ? kernel.netdevs.list() : [device(kernel, attrs)]) {
        for (const rule of netdev.rules.list()) yield describe(netdev, rule);
      }
    },
  },
};
