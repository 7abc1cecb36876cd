import { DaemonProcess } from './daemon-process.ts';
import { comparison, type Figure } from './figure.ts';
import { alternate } from './rounds.ts';
import { Worker } from './worker.ts';

/** The MSS is one page: every frag is 4 KiB. */
const MTU = 4148;
const BYTES = 1 << 30;
const VERIFIED_BYTES = 128 << 20;
const DMABUF_BYTES = 16 << 20;
const DRIVER = 'split-perfect';
const WARM_UP = 4;
const MB = 1e6;

/**
 * Payload that a client process gets to see: as tokens for 4 KiB frags in shared memory (generator, one copy into the
 * dmabuf, driver, GRO, TCP, binary recvmsg stream, tokens back) against as the body of an HTTP response. Both
 * clients read one byte of every cache line. A round of each whose every byte is checked comes first.
 */
export async function e2eHttp(): Promise<Figure[]> {
  const daemon = await DaemonProcess.start();
  const receiver = new Worker('receiver.js');
  const server = new Worker('payload-server.js');
  const client = new Worker('payload-client.js');
  try {
    await receiver.call('setUp', {
      socketPath: daemon.socketPath,
      mtu: MTU,
      driver: DRIVER,
      dmabufBytes: DMABUF_BYTES,
    });
    const url = await server.call<string>('listen');
    const ours = async (bytes: number, verify: boolean): Promise<number> => {
      const { seconds } = await receiver.call<{ seconds: number }>('generated', {
        bytes,
        use: verify ? 'check' : 'touch',
      });
      return bytes / seconds / MB;
    };
    const theirs = async (bytes: number, verify: boolean): Promise<number> => {
      const { seconds } = await client.call<{ seconds: number }>('get', { url, bytes, verify });
      return bytes / seconds / MB;
    };
    await ours(VERIFIED_BYTES, true);
    await theirs(VERIFIED_BYTES, true);
    // Until every process runs compiled code.
    for (let i = 0; i < WARM_UP; i++) {
      await ours(BYTES, false);
      await theirs(BYTES, false);
    }
    const measured = await alternate(
      () => ours(BYTES, false),
      () => theirs(BYTES, false),
    );
    await receiver.call('close');
    const what =
      'tokens of 4 KiB frags over HTTP against Fastify -> undici with 64 KiB writes, a byte per cache line read';
    return [
      comparison({ name: 'e2e_http_tokens_vs_http_payload_64k', what, mtu: MTU, unit: 'MB/s' }, measured, { min: 2.5 }),
    ];
  } finally {
    await Promise.all([receiver.stop(), server.stop(), client.stop()]);
    await daemon.stop();
  }
}
