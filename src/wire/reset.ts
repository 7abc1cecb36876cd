import type net from 'node:net';

/**
 * Resets a connection (RST instead of FIN). Node cannot while a shutdown is under way: uv_tcp_close_reset gives EINVAL
 * and the socket is left open for good (seen with Node 20 and 24), so the reset waits for the shutdown's end, which is
 * near: nothing is left to write.
 */
export function resetConnection(socket: net.Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0) {
    socket.once('finish', () => socket.resetAndDestroy());
  } else {
    socket.resetAndDestroy();
  }
}
