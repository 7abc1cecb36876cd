// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const rxnfcSpec = {
  name: 'rxnfc',
  version: 1,
  doc: 'Flow rules that steer packets to an RX queue before RSS sees them.',
  definitions: {
    'flow-type': {
      type: 'enum',
      doc: 'What a rule matches.',
      entries: { tcp4: 1, udp4: 2, tcp6: 5, udp6: 6, ip4: 13, ip6: 14 },
      docs: {
        tcp4: 'TCP over IPv4.',
        udp4: 'UDP over IPv4.',
        tcp6: 'TCP over IPv6.',
        udp6: 'UDP over IPv6.',
        ip4: 'IPv4.',
        ip6: 'IPv6.',
      },
    },
    location: {
      type: 'enum',
      doc: 'Places in the rule table the driver chooses itself.',
      entries: { last: 4294967293, first: 4294967294, any: 4294967295 },
      docs: { last: 'Lowest priority that is free.', first: 'Highest priority that is free.', any: 'Any free place.' },
    },
  },
  attributeSets: {
    rule: {
      doc: 'A flow rule. A field that is absent matches everything; a mask that is absent matches the whole field.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Device of the rule.', checks: { min: 1 } },
        location: {
          value: 2,
          type: 'u32',
          doc: 'Place in the table; the lowest that matches wins.',
          enum: 'location',
          checks: { max: 4294967295 },
        },
        'flow-type': { value: 3, type: 'u32', doc: 'What is matched.', enum: 'flow-type' },
        queue: { value: 4, type: 'u32', doc: 'RX queue the packets go to.' },
        'src-ip': { value: 5, type: 'binary', doc: 'Source address.', displayHint: 'ipv4-or-v6' },
        'src-ip-mask': { value: 6, type: 'binary', doc: 'Bits of the source address that count.', displayHint: 'ipv4-or-v6' },
        'dst-ip': { value: 7, type: 'binary', doc: 'Destination address.', displayHint: 'ipv4-or-v6' },
        'dst-ip-mask': { value: 8, type: 'binary', doc: 'Bits of the destination address that count.', displayHint: 'ipv4-or-v6' },
        'src-port': { value: 9, type: 'u16', doc: 'Source port.' },
        'src-port-mask': { value: 10, type: 'u16', doc: 'Bits of the source port that count.' },
        'dst-port': { value: 11, type: 'u16', doc: 'Destination port.' },
        'dst-port-mask': { value: 12, type: 'u16', doc: 'Bits of the destination port that count.' },
      },
    },
  },
  operations: [
    {
      name: 'rule-insert',
      value: 1,
      doc: 'Adds a rule, or replaces the one at its location.',
      attributeSet: 'rule',
      flags: ['admin-perm'],
      do: {
        request: {
          attributes: [
            'ifindex',
            'location',
            'flow-type',
            'queue',
            'src-ip',
            'src-ip-mask',
            'dst-ip',
            'dst-ip-mask',
            'src-port',
            'src-port-mask',
            'dst-port',
            'dst-port-mask',
          ],
        },
        reply: { attributes: ['location'], always: ['location'] },
      },
    },
    {
      name: 'rule-delete',
      value: 2,
      doc: 'Removes a rule.',
      attributeSet: 'rule',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'location'] } },
    },
    {
      name: 'rule-get',
      value: 3,
      doc: 'Tells a rule.',
      attributeSet: 'rule',
      do: {
        request: { attributes: ['ifindex', 'location'] },
        reply: {
          attributes: [
            'ifindex',
            'location',
            'flow-type',
            'queue',
            'src-ip',
            'src-ip-mask',
            'dst-ip',
            'dst-ip-mask',
            'src-port',
            'src-port-mask',
            'dst-port',
            'dst-port-mask',
          ],
          always: ['ifindex', 'location', 'flow-type'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: [
            'ifindex',
            'location',
            'flow-type',
            'queue',
            'src-ip',
            'src-ip-mask',
            'dst-ip',
            'dst-ip-mask',
            'src-port',
            'src-port-mask',
            'dst-port',
            'dst-port-mask',
          ],
          always: ['ifindex', 'location', 'flow-type'],
        },
      },
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** What a rule matches. */
export const RXNFC_FLOW_TYPE = { tcp4: 1, udp4: 2, tcp6: 5, udp6: 6, ip4: 13, ip6: 14 } as const;
export type RxnfcFlowType = 'tcp4' | 'udp4' | 'tcp6' | 'udp6' | 'ip4' | 'ip6';

/** Places in the rule table the driver chooses itself. */
export const RXNFC_LOCATION = { last: 4294967293, first: 4294967294, any: 4294967295 } as const;
export type RxnfcLocation = 'last' | 'first' | 'any';

/** A flow rule. A field that is absent matches everything; a mask that is absent matches the whole field. As JSON. */
export interface RxnfcRuleSet {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: RxnfcLocation | number;
  /** What is matched. */
  'flow-type'?: RxnfcFlowType | number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: string;
  /** Bits of the source address that count. */
  'src-ip-mask'?: string;
  /** Destination address. */
  'dst-ip'?: string;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: string;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}
/** The same, decoded. */
export interface RxnfcRuleAttrs {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: number;
  /** What is matched. */
  'flow-type'?: number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: Uint8Array;
  /** Bits of the source address that count. */
  'src-ip-mask'?: Uint8Array;
  /** Destination address. */
  'dst-ip'?: Uint8Array;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: Uint8Array;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}

/** Request of rule-insert (do) as JSON. Adds a rule, or replaces the one at its location. */
export interface RxnfcRuleInsertDoRequest {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: RxnfcLocation | number;
  /** What is matched. */
  'flow-type'?: RxnfcFlowType | number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: string;
  /** Bits of the source address that count. */
  'src-ip-mask'?: string;
  /** Destination address. */
  'dst-ip'?: string;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: string;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}
/** The same, decoded. */
export interface RxnfcRuleInsertDoAttrs {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: number;
  /** What is matched. */
  'flow-type'?: number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: Uint8Array;
  /** Bits of the source address that count. */
  'src-ip-mask'?: Uint8Array;
  /** Destination address. */
  'dst-ip'?: Uint8Array;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: Uint8Array;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}
export interface RxnfcRuleInsertDoReply {
  /** Place in the table; the lowest that matches wins. */
  location: RxnfcLocation | number;
}
/** What the operation hands to the renderer. */
export interface RxnfcRuleInsertDoReplyAttrs {
  /** Place in the table; the lowest that matches wins. */
  location: number;
}

/** Request of rule-delete (do) as JSON. Removes a rule. */
export interface RxnfcRuleDeleteDoRequest {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: RxnfcLocation | number;
}
/** The same, decoded. */
export interface RxnfcRuleDeleteDoAttrs {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: number;
}
export type RxnfcRuleDeleteDoReply = null;

/** Request of rule-get (do) as JSON. Tells a rule. */
export interface RxnfcRuleGetDoRequest {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: RxnfcLocation | number;
}
/** The same, decoded. */
export interface RxnfcRuleGetDoAttrs {
  /** Device of the rule. */
  ifindex?: number;
  /** Place in the table; the lowest that matches wins. */
  location?: number;
}
export interface RxnfcRuleGetDoReply {
  /** Device of the rule. */
  ifindex: number;
  /** Place in the table; the lowest that matches wins. */
  location: RxnfcLocation | number;
  /** What is matched. */
  'flow-type': RxnfcFlowType | number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: string;
  /** Bits of the source address that count. */
  'src-ip-mask'?: string;
  /** Destination address. */
  'dst-ip'?: string;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: string;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}
/** What the operation hands to the renderer. */
export interface RxnfcRuleGetDoReplyAttrs {
  /** Device of the rule. */
  ifindex: number;
  /** Place in the table; the lowest that matches wins. */
  location: number;
  /** What is matched. */
  'flow-type': number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: Uint8Array;
  /** Bits of the source address that count. */
  'src-ip-mask'?: Uint8Array;
  /** Destination address. */
  'dst-ip'?: Uint8Array;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: Uint8Array;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}

/** Request of rule-get (dump) as JSON. Tells a rule. */
export interface RxnfcRuleGetDumpRequest {
  /** Device of the rule. */
  ifindex?: number;
}
/** The same, decoded. */
export interface RxnfcRuleGetDumpAttrs {
  /** Device of the rule. */
  ifindex?: number;
}
export interface RxnfcRuleGetDumpReply {
  /** Device of the rule. */
  ifindex: number;
  /** Place in the table; the lowest that matches wins. */
  location: RxnfcLocation | number;
  /** What is matched. */
  'flow-type': RxnfcFlowType | number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: string;
  /** Bits of the source address that count. */
  'src-ip-mask'?: string;
  /** Destination address. */
  'dst-ip'?: string;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: string;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}
/** What the operation hands to the renderer. */
export interface RxnfcRuleGetDumpReplyAttrs {
  /** Device of the rule. */
  ifindex: number;
  /** Place in the table; the lowest that matches wins. */
  location: number;
  /** What is matched. */
  'flow-type': number;
  /** RX queue the packets go to. */
  queue?: number;
  /** Source address. */
  'src-ip'?: Uint8Array;
  /** Bits of the source address that count. */
  'src-ip-mask'?: Uint8Array;
  /** Destination address. */
  'dst-ip'?: Uint8Array;
  /** Bits of the destination address that count. */
  'dst-ip-mask'?: Uint8Array;
  /** Source port. */
  'src-port'?: number;
  /** Bits of the source port that count. */
  'src-port-mask'?: number;
  /** Destination port. */
  'dst-port'?: number;
  /** Bits of the destination port that count. */
  'dst-port-mask'?: number;
}
