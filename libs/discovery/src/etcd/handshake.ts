import { connect } from 'node:http2';
import { startTimer } from '../runtime/timers.js';
import type { EtcdSettings } from './options.js';

/** Whether somebody at `host` speaks HTTP/2 with us. Never throws; leaves no connection. */
export function speaksHttp2(
  host: string,
  tls: EtcdSettings['tls'],
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const { serverName: servername, ...pem } = typeof tls === 'object' ? tls : {};
    const scheme = tls === false ? 'http' : 'https';
    const session = connect(`${scheme}://${host}`, { ...pem, ...(servername && { servername }) });
    const done = (answer: boolean) => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      session.destroy();
      resolve(answer);
    };
    const giveUp = () => done(false);
    const cancel = startTimer(withinMs, giveUp);
    signal.addEventListener('abort', giveUp);
    session.once('remoteSettings', () => done(true));
    session.on('error', giveUp);
    session.unref();
  });
}
