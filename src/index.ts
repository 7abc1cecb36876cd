import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigInput, makeConfig } from './config.ts';
import { Daemon } from './daemon.ts';

export type { ConfigInput } from './config.ts';

/** A daemon inside of this process. */
export interface Netmemd {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly socketPath: string;
  readonly runDirectory: string;
  /** Back to the start: sessions end, wires close, the devices are as configured. */
  reset(): Promise<void>;
  /** Stops it; nothing of it stays behind. */
  close(): Promise<void>;
}

/**
 * Starts a daemon for a test: settings as in a config file, but with a free port, a run directory of its own and no log
 * unless they say otherwise.
 *
 * @throws ConfigError for settings that cannot be used
 */
export async function createNetmemd(options: ConfigInput = {}): Promise<Netmemd> {
  const own = options['run-dir'] === undefined ? mkdtempSync('/dev/shm/netmemd-test-') : null;
  const removeOwn = (): void => {
    if (own !== null) rmSync(own, { recursive: true, force: true });
  };
  try {
    const defaults: ConfigInput = { http: { port: 0 }, log: { level: 'silent' } };
    const directory: ConfigInput = own === null ? {} : { 'run-dir': join(own, 'run') };
    const config = makeConfig([
      { name: 'defaults of createNetmemd', values: { ...defaults, ...directory } },
      { name: 'options', values: options },
    ]);
    const daemon = await Daemon.start(config);
    let closing: Promise<void> | null = null;
    return {
      url: daemon.url,
      socketPath: daemon.socketPath,
      runDirectory: daemon.runDirectory,
      reset: () => daemon.reset(),
      close: () => (closing ??= daemon.stop().finally(removeOwn)),
    };
  } catch (error) {
    removeOwn();
    throw error;
  }
}
