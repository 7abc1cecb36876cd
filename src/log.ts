import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/** A logger and what makes sure that its last lines are written. */
export interface Log {
  readonly logger: Logger;
  /** Writes what is buffered, before returning. */
  flush(): void;
}

/**
 * Opens the log: JSON lines, written asynchronously, so that a slow disk or terminal never holds up the packet path.
 * Bearer tokens never reach it.
 */
export function openLog(config: Config['log']): Log {
  if (config.level === 'silent') return { logger: pino({ level: 'silent' }), flush: () => {} };
  const stream = destination({ dest: config.file === '' ? 2 : config.file, sync: false });
  stream.on('error', () => {}); // A full disk or a closed pipe loses log lines, not traffic.
  const logger = pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['headers.authorization', 'req.headers.authorization'], remove: true },
    },
    stream as DestinationStream,
  );
  return {
    logger,
    flush: () => {
      try {
        stream.flushSync();
      } catch {
        // Nowhere is left to say so.
      }
    },
  };
}
