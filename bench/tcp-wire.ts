import { DaemonProcess } from './daemon-process.ts';
import { comparison, type Figure } from './figure.ts';
import { alternate } from './rounds.ts';
import { Worker } from './worker.ts';

const MTU = 9000;
const BYTES = 1 << 30;
const VERIFIED_BYTES = 128 << 20;
const DMABUF_BYTES = 64 << 20;
const DRIVER = 'bnxt-like';
const WARM_UP = 4;
const MB = 1e6;

/**
 * What a TCP sender gets rid of: through a published port into the dmabuf, a client process giving the tokens back unread,
 * against a Node server that drops the bytes of 'data' events. A round whose every byte is checked comes first.
 */
export async function tcpWire(): Promise<Figure[]> {
  const daemon = await DaemonProcess.start();
  const receiver = new Worker('receiver.js');
  const sender = new Worker('sender.js');
  const sink = new Worker('sink.js');
  try {
    await receiver.call('setUp', {
      socketPath: daemon.socketPath,
      mtu: MTU,
      driver: DRIVER,
      dmabufBytes: DMABUF_BYTES,
    });
    const published = new URL(`tcp://${await receiver.call<string>('publish')}`);
    const sinkPort = await sink.call<number>('listen');
    const send = async (port: number, bytes: number): Promise<number> => {
      const { seconds } = await sender.call<{ seconds: number }>('send', { host: '127.0.0.1', port, bytes });
      return bytes / seconds / MB;
    };
    const ours = async (bytes: number, use: 'check' | 'ignore'): Promise<number> => {
      const [rate, received] = await Promise.all([
        send(Number(published.port), bytes),
        receiver.call<{ touched: number }>('wire', { use }),
      ]);
      if (received.touched !== bytes) throw new Error(`${received.touched} of ${bytes} bytes arrived`);
      return rate;
    };
    const theirs = (): Promise<number> => send(sinkPort, BYTES);
    await ours(VERIFIED_BYTES, 'check');
    // Until every process runs compiled code.
    for (let i = 0; i < WARM_UP; i++) {
      await ours(BYTES, 'ignore');
      await theirs();
    }
    const measured = await alternate(() => ours(BYTES, 'ignore'), theirs);
    await receiver.call('close');
    const what = "a TCP sender into the dmabuf (driver bnxt-like), tokens back, against a server that drops 'data'";
    return [comparison({ name: 'tcp_wire_vs_sink', what, mtu: MTU, unit: 'MB/s' }, measured, { min: 0.6 })];
  } finally {
    await Promise.all([receiver.stop(), sender.stop(), sink.stop()]);
    await daemon.stop();
  }
}
