import { type TSchema, Type } from '@sinclair/typebox';
import { messageSchema, type NestSchema, replyAttributes, setSchema } from './schema.ts';
import {
  type Attribute,
  attributeSet,
  type FamilySpec,
  type Mode,
  messageOperation,
  type OperationSpec,
} from './spec.ts';

type Json = { [key: string]: unknown };

const PROBLEM = { $ref: '#/components/responses/problem' };
const CALLER = [{ $ref: '#/components/parameters/session' }, { $ref: '#/components/parameters/netlink' }];
const RECVMSG = 'application/vnd.netmemd.recvmsg';

/** The OpenAPI 3.1 document of all operations. Nests are named schemas, one for requests and one for replies. */
export function openapi(families: readonly FamilySpec[], version = '1'): Json {
  const schemas: Record<string, unknown> = { problem: problemSchema() };
  const paths: Record<string, Json> = { '/v1': { get: plainGet('families', 'Lists the families.', ['families']) } };
  for (const family of families) {
    for (const set of Object.keys(family.attributeSets)) {
      for (const direction of ['request', 'reply'] as const) {
        schemas[nestName(family, set, direction)] = setSchema(family, set, direction, reference);
      }
    }
    for (const op of family.operations) {
      const path = operationPath(family, op);
      if (Object.keys(path).length > 0) paths[`/v1/${family.name}/${op.name}`] = path;
    }
    paths[`/v1/${family.name}/spec`] = {
      get: plainGet(`${family.name}-spec`, `The YNL spec of ${family.name}.`, [family.name]),
    };
    if (family.mcastGroups.length > 0) paths[`/v1/${family.name}/events`] = { get: events(family) };
  }
  paths['/v1/openapi.json'] = { get: plainGet('openapi', 'This document.', ['families']) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'netmemd',
      version,
      description:
        'Control plane modelled on Linux netlink families. POST is an operation’s do, GET its dump; errors are problem+json with the errno and extack Linux gives.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: families.map(({ name, doc }) => ({ name, description: doc })),
    paths,
    components: {
      schemas: plain(schemas),
      responses: {
        problem: {
          description: 'The request was refused. The status follows from the errno.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
        },
      },
      parameters: {
        session: {
          name: 'netmemd-session',
          in: 'header',
          description: "Session the request runs in; the daemon's own if absent.",
          schema: { type: 'string' },
        },
        netlink: {
          name: 'netmemd-netlink',
          in: 'header',
          description: "fd of the netlink socket that carries the request; the session's implicit one if absent.",
          schema: { type: 'integer', minimum: 0 },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    // The first alternative is a daemon without tokens.
    security: [{}, { token: [] }],
  };
}

const reference: NestSchema = (family, set, direction) =>
  Type.Unsafe({ $ref: `#/components/schemas/${nestName(family, set, direction)}` });

function nestName(family: FamilySpec, set: string, direction: string): string {
  return `${family.name}.${set}.${direction}`;
}

/** TypeBox marks schemas with symbols; JSON has none. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function operationPath(family: FamilySpec, op: OperationSpec): Json {
  const path: Json = {};
  if (op.do !== undefined && op.stream !== 'hold') {
    path.post = {
      ...head(family, op, 'do'),
      parameters: CALLER,
      requestBody: {
        content: {
          'application/json': {
            schema: plain(messageSchema(family, op, op.do.request.attributes, [], 'request', reference)),
          },
        },
      },
      responses: {
        200: { description: 'Done.', content: json(replyOf(family, op, 'do') ?? { type: 'null' }) },
        default: PROBLEM,
      },
    };
  }
  if (op.dump !== undefined) {
    const entry = replyOf(family, op, 'dump') ?? {};
    path.get = {
      ...head(family, op, 'dump'),
      parameters: [...CALLER, ...query(family, op, op.dump.request.attributes)],
      responses: {
        200: {
          description: 'Everything that passes the filter.',
          content: { ...json({ type: 'array', items: entry }), 'application/x-ndjson': { schema: entry } },
        },
        default: PROBLEM,
      },
    };
  } else if (op.stream !== undefined && op.do !== undefined) {
    path.get = {
      ...head(family, op, 'stream'),
      parameters: [...CALLER, ...query(family, op, op.do.request.attributes)],
      responses: { 200: { description: streamDoc(op), content: streamContent(family, op) }, default: PROBLEM },
    };
  }
  return path;
}

function head(family: FamilySpec, op: OperationSpec, mode: string): Json {
  const notes = [
    op.doc,
    op.flags?.includes('admin-perm') ? 'Needs CAP_NET_ADMIN.' : '',
    op.blocking && mode === 'do' ? 'Waits up to timeout-ms.' : '',
    op.extension ? 'Not in Linux.' : '',
    op.since === undefined ? '' : `Since Linux ${op.since}.`,
    op.until === undefined ? '' : `Up to Linux ${op.until}.`,
  ];
  return {
    operationId: `${family.name}.${op.name}.${mode}`,
    tags: [family.name],
    summary: op.doc,
    description: notes.filter((note) => note !== '').join(' '),
  };
}

function replyOf(family: FamilySpec, op: OperationSpec, mode: Mode | 'event'): unknown {
  const reply = replyAttributes(family, op, mode);
  if (reply === undefined) return undefined;
  return plain(
    messageSchema(family, messageOperation(family, op), reply.attributes, reply.always ?? [], 'reply', reference),
  );
}

function json(schema: unknown): Json {
  return { 'application/json': { schema } };
}

function streamDoc(op: OperationSpec): string {
  return op.stream === 'hold'
    ? 'A stream that stays open as long as the client holds the session.'
    : 'One entry per message; one with len 0 is the end of the stream, one with errno its failure.';
}

function streamContent(family: FamilySpec, op: OperationSpec): Json {
  const entry = { schema: replyOf(family, op, 'do') ?? {} };
  const content: Json = { 'application/x-ndjson': entry, 'text/event-stream': { schema: { type: 'string' } } };
  if (op.stream === 'recvmsg') {
    content[RECVMSG] = {
      schema: {
        type: 'string',
        format: 'binary',
        description:
          'Per message u32 total length, u32 msg_flags, u32 msg_controllen, u32 data length (little endian), the control bytes as Linux x86-64 lays out cmsghdr, the data.',
      },
    };
  }
  return content;
}

/** Query parameters of a filter, dots reaching into nests. */
function query(family: FamilySpec, op: OperationSpec, names: readonly string[]): Json[] {
  const out: Json[] = [];
  const add = (path: string, attribute: Attribute, repeated: boolean): void => {
    if (attribute.nested !== undefined) {
      for (const [name, inner] of Object.entries(attributeSet(family, attribute.nested).attributes)) {
        add(`${path}.${name}`, inner, repeated || attribute.multiAttr === true);
      }
      return;
    }
    const single = { type: ['string', 'integer', 'boolean'] };
    const many = repeated || attribute.multiAttr === true || attribute.enum !== undefined;
    out.push({
      name: path,
      in: 'query',
      ...(attribute.doc === undefined ? {} : { description: attribute.doc }),
      schema: many ? { anyOf: [single, { type: 'array', items: single }] } : single,
    });
  };
  const { attributes } = attributeSet(family, op.attributeSet);
  for (const name of names) add(name, attributes[name], false);
  return out;
}

function events(family: FamilySpec): Json {
  const messages = family.operations
    .filter((op) => op.mcgrp !== undefined)
    .map((op) => ({
      type: 'object',
      description: op.doc,
      properties: { name: { const: op.name }, msg: replyOf(family, op, 'event') ?? {} },
      required: ['name', 'msg'],
    }));
  return {
    operationId: `${family.name}.events`,
    tags: [family.name],
    summary: `Notifications of ${family.name}.`,
    parameters: [
      ...CALLER,
      {
        name: 'group',
        in: 'query',
        description: 'Multicast group; all of the family if absent. May be repeated.',
        schema: { type: 'array', items: { type: 'string', enum: family.mcastGroups } },
      },
    ],
    responses: {
      200: {
        description: 'Notifications as they happen.',
        content: {
          'application/x-ndjson': { schema: { anyOf: messages } },
          'text/event-stream': { schema: { type: 'string' } },
        },
      },
      default: PROBLEM,
    },
  };
}

function plainGet(operationId: string, summary: string, tags: string[]): Json {
  return {
    operationId,
    tags,
    summary,
    responses: { 200: { description: summary, content: json({ type: 'object' }) }, default: PROBLEM },
  };
}

function problemSchema(): TSchema {
  const extack = Type.Object(
    {
      msg: Type.Optional(Type.String()),
      'bad-attr': Type.Optional(Type.String({ description: 'Path of the offending attribute.' })),
      'miss-type': Type.Optional(Type.String({ description: 'Name of a missing attribute.' })),
      'miss-nest': Type.Optional(Type.String({ description: 'Path of the nest it is missing in.' })),
      policy: Type.Optional(Type.Object({}, { description: 'What would have been accepted.' })),
    },
    { description: 'Extended acknowledgement, as Linux fills it.' },
  );
  return Type.Object(
    {
      type: Type.String(),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.Optional(Type.String()),
      errno: Type.Optional(Type.String({ description: 'Name of the error, such as EINVAL.' })),
      code: Type.Optional(Type.Integer({ description: 'The negative errno.' })),
      extack: Type.Optional(extack),
    },
    { description: 'RFC 9457 problem.' },
  );
}
