import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { DiscoveryError, type ErrorCode } from '../model/errors.js';
import { addressOf } from '../model/instance.js';
import {
  type DnsCodec,
  isAnswerTo,
  newQuery,
  type Query,
  type Question,
  rcodes,
  readReply,
  type Reply,
} from './message.js';
import type { DnsServer } from './options.js';

type Address = Required<DnsServer>;

/**
 * Asks one server: over UDP, and over TCP for an answer that may have been cut. A name that does not exist is an answer, too.
 * @param server by its IP address.
 * @throws {DiscoveryError} REGISTRY_UNAVAILABLE, REGISTRY_REFUSED; what `signal` was aborted with.
 */
export async function exchange(
  codec: DnsCodec,
  server: Address,
  question: Question,
  signal: AbortSignal,
): Promise<Reply> {
  const what = `DNS server ${addressOf(server)}, ${question.type} ${question.name}`;
  try {
    const query = newQuery(codec, question);
    let reply = readReply(codec, query, await overUdp(server, query, signal));
    if (reply.mayBeCut) reply = await completeReply(codec, server, question, signal);
    const { rcode } = reply;
    if (rcode === rcodes.noError || rcode === rcodes.nameError) return reply;
    throw new DiscoveryError(codeOf(rcode), `${what}: ${nameOf(rcode)}`);
  } catch (error) {
    throw DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', what);
  }
}

async function completeReply(
  codec: DnsCodec,
  server: Address,
  question: Question,
  signal: AbortSignal,
): Promise<Reply> {
  const query = newQuery(codec, question);
  const message = await overTcp(server, query, signal);
  if ((message[2]! & 0x02) !== 0) throw new Error('the answer does not fit into a DNS message (64 kB)');
  return readReply(codec, query, message);
}

/** A new socket for each query, so that its port is unpredictable, too. */
function overUdp({ host, port }: Address, query: Query, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    const settle = (settlePromise: () => void) => {
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      settlePromise();
    };
    const fail = (error: Error) => settle(() => reject(error));
    const abort = () => fail(signal.reason as Error);
    signal.addEventListener('abort', abort);
    socket.once('error', fail);
    socket.on('message', (message) => {
      if (isAnswerTo(query, message)) settle(() => resolve(message));
    });
    // Connected: the system drops datagrams from elsewhere, and reports a port that nobody listens on.
    socket.connect(port, host);
    socket.once('connect', () => socket.send(query.bytes, (error) => error && fail(error)));
  });
}

/** A message is preceded by its length (RFC 1035, 4.2.2). */
function overTcp({ host, port }: Address, query: Query, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const socket = connect({ host, port });
    const abort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.bytes.length);
    socket.write(Buffer.concat([length, query.bytes]));
    let received = Buffer.alloc(0);
    socket.on('data', (piece) => {
      received = Buffer.concat([received, piece]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      if (isAnswerTo(query, message)) resolve(message);
      socket.destroy();
    });
    socket.on('error', (error) => reject(new Error(`over TCP: ${error.message}`, { cause: error })));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      reject(new Error('over TCP: the connection was closed without an answer'));
    });
  });
}

function codeOf(rcode: number): ErrorCode {
  const refused: readonly number[] = [rcodes.formatError, rcodes.notImplemented, rcodes.refused];
  return refused.includes(rcode) ? 'REGISTRY_REFUSED' : 'REGISTRY_UNAVAILABLE';
}

function nameOf(rcode: number): string {
  const names = ['', 'FORMERR', 'SERVFAIL', '', 'NOTIMP', 'REFUSED'];
  return names[rcode] || `RCODE ${rcode}`;
}
