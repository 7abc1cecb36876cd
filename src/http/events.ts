import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { EventBus } from '../kernel/event-bus.ts';
import { renderReply } from '../ynl/reply.ts';
import { type Attrs, type FamilySpec, findOperation } from '../ynl/spec.ts';
import { negotiate } from './accept.ts';
import { makeContext } from './caller.ts';
import { queryOf } from './control.ts';
import type { Services } from './services.ts';
import { connect } from './streams.ts';
import { EVENT_TYPES, Group, Subscriber } from './subscriber.ts';

/** `GET /v1/{family}/events?group=...`: the family's notifications, all of its groups when none is named. */
export function addEventRoutes(app: FastifyInstance, services: Services): void {
  for (const family of services.families) {
    const groups = makeGroups(services.kernel.events, family);
    app.get(`/v1/${family.name}/events`, (request, reply) => subscribe(services, groups, request, reply));
  }
}

function makeGroups(bus: EventBus, family: FamilySpec): Map<string, Group> {
  const render = (name: string, msg: Attrs): string => {
    const op = findOperation(family, name);
    if (op === undefined) throw new Error(`${family.name}: event ${name} is not specified`);
    return JSON.stringify({ name, msg: renderReply(family, op, 'event', msg) });
  };
  return new Map(family.mcastGroups.map((name) => [name, new Group(bus, `${family.name}/${name}`, render)]));
}

function subscribe(
  services: Services,
  groups: ReadonlyMap<string, Group>,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const type = negotiate(request.headers.accept, EVENT_TYPES);
  const { session } = makeContext(services, request.headers, request.access);
  const query = queryOf(request);
  for (const key of query.keys()) {
    if (key !== 'group') refuse(ERRORS.unknownAttribute, { 'bad-attr': `.${key}` });
  }
  const wanted = new Set(query.getAll('group'));
  for (const name of wanted) {
    if (!groups.has(name)) refuse(ERRORS.noSuchGroup, { 'bad-attr': '.group' });
  }
  if (groups.size === 0) refuse(ERRORS.noGroups);
  const joined = [...groups].filter(([name]) => wanted.size === 0 || wanted.has(name)).map(([, group]) => group);
  services.streams.reserve();
  reply.hijack();
  const response = reply.raw;
  const subscriber = new Subscriber(response, type, services.config.limits['subscriber-queue-bytes']);
  const forgetSession = session.onClose(() => response.end());
  const disconnected = connect(session);
  // Joined before the headers go out: who has seen them misses nothing that happens from then on.
  for (const group of joined) group.join(subscriber);
  services.streams.start(request.raw, response, { 'content-type': type }, { end: () => response.end() }, () => {
    for (const group of joined) group.leave(subscriber);
    forgetSession();
    disconnected();
  });
}
