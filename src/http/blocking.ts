import type { ServerResponse } from 'node:http';
import { KernelError, refusal } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { WaitQueue } from '../kernel/wait-queue.ts';

/** What ends a wait besides success. */
export interface WaitLimits {
  /** Milliseconds to wait; undefined: for ever. */
  readonly timeoutMs: number | undefined;
  /** The answer's connection; a client that is gone ends the wait. */
  readonly response: Pick<ServerResponse, 'once' | 'off' | 'writableFinished'>;
  /** Calls `fn` when the calling session ends; gives back how to forget it. */
  onSessionEnd(fn: () => void): () => void;
  /** Aborted when the daemon stops. */
  readonly stopping: AbortSignal;
}

/** Thrown when nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

function isAgain(error: unknown): boolean {
  return error instanceof KernelError && error.errno === 'EAGAIN';
}

/**
 * Runs an operation that refuses with EAGAIN while it would block, again each time its wait queue is woken, until it does
 * something else, the time is up (EAGAIN), the session ends (ESRCH), the daemon stops (EINTR) or the client is gone.
 * Retries run from setImmediate: a wake comes from inside the kernel model and must not re-enter it.
 */
export function untilReady<T>(
  operation: () => T | Promise<T>,
  queue: () => WaitQueue | undefined,
  limits: WaitLimits,
): Promise<T> {
  let first: T | Promise<T>;
  try {
    first = operation();
  } catch (error) {
    if (!isAgain(error) || limits.timeoutMs === 0) throw error;
    const on = queue();
    if (on === undefined) throw error;
    return wait(operation, on, limits, error as KernelError);
  }
  if (!(first instanceof Promise)) return Promise.resolve(first);
  return first.catch((error: unknown) => {
    const on = isAgain(error) && limits.timeoutMs !== 0 ? queue() : undefined;
    if (on === undefined) throw error;
    return wait(operation, on, limits, error as KernelError, true);
  });
}

/** @param missed  Something may have happened between the refusal and now. */
function wait<T>(
  operation: () => T | Promise<T>,
  queue: WaitQueue,
  limits: WaitLimits,
  again: KernelError,
  missed = false,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let immediate: NodeJS.Immediate | undefined;
    let timer: NodeJS.Timeout | undefined;
    let running = false;
    let settled = false;
    let woken = missed;
    const schedule = (): void => {
      immediate ??= setImmediate(retry);
    };
    const waiter = {
      wake: () => {
        woken = true;
        if (!running) schedule();
      },
    };
    const settle = (done: () => void): void => {
      if (settled) return;
      settled = true;
      queue.remove(waiter);
      forgetSession();
      limits.stopping.removeEventListener('abort', onStop);
      limits.response.off('close', onGone);
      clearTimeout(timer);
      clearImmediate(immediate);
      done();
    };
    const onStop = (): void => settle(() => reject(refusal(ERRORS.stopping)));
    const onGone = (): void => settle(() => reject(new ClientGone()));
    const retry = async (): Promise<void> => {
      immediate = undefined;
      woken = false;
      running = true;
      try {
        const result = operation();
        const value = result instanceof Promise ? await result : result;
        settle(() => resolve(value));
      } catch (error) {
        if (!isAgain(error)) settle(() => reject(error));
        else if (woken && !settled) schedule();
      } finally {
        running = false;
      }
    };
    queue.add(waiter);
    const forgetSession = limits.onSessionEnd(() => settle(() => reject(refusal(ERRORS.sessionEnded))));
    limits.stopping.addEventListener('abort', onStop, { once: true });
    limits.response.once('close', onGone);
    // Node runs timers above 2^31 - 1 ms at once.
    if (limits.timeoutMs !== undefined) {
      timer = setTimeout(() => settle(() => reject(again)), Math.min(limits.timeoutMs, 0x7fffffff));
    }
    if (limits.stopping.aborted) onStop();
    else if (woken) schedule();
  });
}
