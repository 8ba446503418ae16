import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Follows the connections over which nothing has been asked yet: a browser opens some ahead of time. For Node these
 * are busy until their headers are overdue (a minute), so closing a server waits for them.
 * @returns what ends them, to be called when the server closes.
 */
export function trackSilentConnections(server: Server): () => void {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return () => {
    for (const socket of silent) socket.destroy();
  };
}
