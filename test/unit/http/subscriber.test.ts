import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Group, Subscriber } from '../../../src/http/subscriber.ts';
import { EventBus } from '../../../src/kernel/event-bus.ts';
import { FakeResponse } from './fake-response.ts';

function setup(limit = 1000) {
  const bus = new EventBus();
  let rendered = 0;
  const group = new Group(bus, 'netdev/mgmt', (name, msg) => {
    rendered++;
    return JSON.stringify({ name, msg });
  });
  const join = (type: 'application/x-ndjson' | 'text/event-stream' = 'application/x-ndjson') => {
    const response = new FakeResponse();
    const subscriber = new Subscriber(response.asResponse, type, limit);
    group.join(subscriber);
    return { response, subscriber };
  };
  const emit = (n: number) => bus.emit('netdev/mgmt', 'dev-add-ntf', () => ({ ifindex: n }));
  return { group, join, emit, rendered: () => rendered };
}

describe('a group', () => {
  it('renders an event once for all of its subscribers, and not at all for none', async () => {
    const { join, emit, rendered, group } = setup();
    emit(1);
    expect(rendered()).toBe(0);
    const a = join();
    const b = join('text/event-stream');
    emit(2);
    expect(rendered()).toBe(1);
    await nextTurn();
    expect(a.response.lines).toEqual(['{"name":"dev-add-ntf","msg":{"ifindex":2}}']);
    expect(b.response.bytes.toString()).toBe(
      'event: dev-add-ntf\ndata: {"name":"dev-add-ntf","msg":{"ifindex":2}}\n\n',
    );
    group.leave(a.subscriber);
    group.leave(b.subscriber);
    emit(3);
    expect(rendered()).toBe(1);
  });
});

describe('a subscriber', () => {
  it('writes nothing from inside the kernel, and one chunk for many events', async () => {
    const { join, emit } = setup();
    const { response } = join();
    emit(1);
    emit(2);
    expect(response.chunks).toHaveLength(0);
    await nextTurn();
    expect(response.chunks).toHaveLength(1);
    expect(response.lines).toHaveLength(2);
  });

  it('that is slow loses what does not fit, is told how much, and goes on', async () => {
    const { join, emit } = setup(200);
    const { response } = join();
    response.full = true;
    emit(0);
    await nextTurn();
    for (let n = 1; n <= 20; n++) emit(n);
    await nextTurn();
    expect(response.lines).toHaveLength(1);
    response.drain();
    emit(21);
    await nextTurn();
    const entries = response.lines.map((l) => JSON.parse(l));
    const overrun = entries.findIndex((e) => e.name === 'overrun');
    expect(entries[overrun]).toEqual({ name: 'overrun', errno: 'ENOBUFS', lost: 21 - overrun });
    expect(entries.slice(0, overrun).map((e) => e.msg.ifindex)).toEqual([...Array(overrun).keys()]);
    expect(entries.slice(overrun + 1).map((e) => e.msg.ifindex)).toEqual([21]);
  });

  it('that is slow holds up no other', async () => {
    const { join, emit } = setup(200);
    const slow = join();
    const quick = join();
    slow.response.full = true;
    for (let n = 0; n < 50; n++) {
      emit(n);
      await nextTurn();
    }
    expect(quick.response.lines).toHaveLength(50);
  });

  it('that is gone is written to no more', async () => {
    const { join, emit } = setup();
    const { response } = join();
    emit(1);
    response.end();
    await nextTurn();
    expect(response.chunks).toHaveLength(0);
  });
});
