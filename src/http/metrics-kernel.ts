import type { Kernel } from '../kernel/kernel.ts';
import { NETMEM_STATE_NAMES } from '../kernel/netmem/netmem.ts';
import { POOL_STAT_NAMES } from '../kernel/netmem/pool-statistics.ts';
import { TcpListener } from '../kernel/stack/tcp-listener.ts';
import { TcpSocket } from '../kernel/stack/tcp-socket.ts';
import type { MetricsText } from './metrics-text.ts';

/** Counters of the simulated kernel; queue counters are those of netdev qstats-get, pool counters those of page-pool-stats-get. */
export function addKernelMetrics(out: MetricsText, kernel: Kernel): void {
  addQueues(out, kernel);
  addPools(out, kernel);
  addSessions(out, kernel);
  out.add(
    'netmemd_conservation_faults_total',
    'counter',
    'Sums of netmems that did not add up: a bug of netmemd, in the log and in the group faults of family lab.',
    kernel.conservationFaults,
  );
}

function addQueues(out: MetricsText, kernel: Kernel): void {
  const add = (name: string, help: string, value: number, labels: Record<string, string | number>): void =>
    out.add(`netmemd_rx_${name}_total`, 'counter', help, value, labels);
  for (const netdev of kernel.netdevs.list()) {
    for (const queue of netdev.rxQueues) {
      const labels = { ifindex: netdev.ifindex, dev: netdev.name, queue: queue.index };
      add('packets', 'Packets received.', queue.packets, labels);
      add('bytes', 'Bytes received.', queue.bytes, labels);
      add('alloc_fail', 'Buffers that the pool could not give (rx-alloc-fail).', queue.allocFail, labels);
      add('hw_drop_overruns', 'Frames without a posted buffer (rx-hw-drop-overruns).', queue.dropOverruns, labels);
    }
  }
}

function addPools(out: MetricsText, kernel: Kernel): void {
  for (const pool of kernel.pools.all()) {
    const labels = {
      pool: pool.id,
      ifindex: pool.netdev?.ifindex ?? 0,
      queue: pool.params.queueIdx,
      state: pool.state,
    };
    out.add(
      'netmemd_page_pool_inflight',
      'gauge',
      'Netmems of the pool that are not with their owner.',
      pool.inflight,
      labels,
    );
    NETMEM_STATE_NAMES.forEach((where, state) => {
      const count = pool.countIn(state);
      if (count > 0)
        out.add('netmemd_page_pool_netmems', 'gauge', 'Netmems of the pool by where they are.', count, {
          ...labels,
          where,
        });
    });
    POOL_STAT_NAMES.forEach((name, i) => {
      out.add(
        `netmemd_page_pool_${name.replaceAll('-', '_')}_total`,
        'counter',
        `Page pool statistic ${name}.`,
        pool.stats[i],
        labels,
      );
    });
  }
}

function addSessions(out: MetricsText, kernel: Kernel): void {
  let sockets = 0;
  let listeners = 0;
  let tokens = 0;
  let drops = 0;
  let fds = 0;
  for (const session of kernel.sessions.values()) {
    for (const [, file] of session.fds.list()) {
      fds++;
      if (file instanceof TcpListener) listeners++;
      if (!(file instanceof TcpSocket)) continue;
      sockets++;
      tokens += file.tokens.count;
      drops += file.rcvqDrops;
    }
  }
  out.add('netmemd_sessions', 'gauge', "Sessions, the daemon's own included.", kernel.sessions.size);
  out.add('netmemd_fds', 'gauge', 'Open fds of all sessions.', fds);
  out.add('netmemd_sockets', 'gauge', 'Sockets by kind.', sockets, { kind: 'connection' });
  out.add('netmemd_sockets', 'gauge', 'Sockets by kind.', listeners, { kind: 'listener' });
  out.add('netmemd_tokens_outstanding', 'gauge', 'Frags handed out by open sockets and not given back.', tokens);
  out.add('netmemd_tcp_rcvq_drops', 'gauge', 'Segments that open sockets refused for want of receive memory.', drops);
}
