import * as http2 from 'node:http2';
import { status } from '@grpc/grpc-js';

const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants;

/** Forwards a call to an instance: headers, bytes in both directions, trailers. Only client and server know what they mean. */
export function forward(
  call: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  instance: http2.ClientHttp2Session | undefined,
): void {
  let trailers: http2.OutgoingHttpHeaders | undefined;
  call.on('error', () => {}).on('wantTrailers', () => call.sendTrailers(trailers!));
  const fail = (code: status, details: string) => {
    if (call.closed || call.writableEnded) return;
    trailers = { 'grpc-status': code, 'grpc-message': encodeURI(`proxy: ${details}`) };
    if (call.headersSent) call.end();
    else call.respond({ 'content-type': 'application/grpc', ...trailers }, { endStream: true });
    // What the client still sends is dropped.
    call.resume();
  };
  if (!instance) return fail(status.UNAVAILABLE, 'no instance is connected');

  const cancelled = new AbortController();
  const upstream = instance.request(asSent(headers), { signal: cancelled.signal });
  upstream.on('error', () => {});
  upstream.on('response', (response, flags) => {
    const endStream = (flags & NGHTTP2_FLAG_END_STREAM) > 0;
    if (!call.closed) call.respond(asSent(response), { endStream, waitForTrailers: !endStream });
  });
  upstream.on('trailers', (received) => (trailers = asSent(received)));
  // A slow reader slows the writer: a pipe stops reading, and HTTP/2 sending, while the other end takes no more.
  call.pipe(upstream).pipe(call, { end: false });
  upstream.on('end', () => trailers && call.end());

  const timer = setTimeout(() => {
    upstream.unpipe(call);
    fail(status.DEADLINE_EXCEEDED, 'the deadline has passed');
    cancelled.abort();
  }, timeoutMs(headers['grpc-timeout']));
  // Before the end of the stream, and not by `upstream.close()`: a server takes both for the end of the requests.
  call.on('aborted', () => cancelled.abort());
  call.on('close', () => {
    clearTimeout(timer);
    cancelled.abort();
  });
  upstream.on('close', () => {
    call.resume();
    if (call.closed || call.writableEnded) return;
    // A call that was refused has not been processed: clients of gRPC send it again by themselves.
    const wasReset = !instance.destroyed || upstream.rstCode === NGHTTP2_REFUSED_STREAM;
    if (wasReset && upstream.rstCode !== NGHTTP2_NO_ERROR) call.close(upstream.rstCode);
    else fail(status.UNAVAILABLE, 'the connection to the instance was lost');
  });
}

const unitsMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** The value of `grpc-timeout`, such as `250m`; without one, the longest that a timer can wait. */
function timeoutMs(header: string | string[] = ''): number {
  const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(String(header)) ?? [];
  return Math.min(unit ? Number(amount) * unitsMs[unit]! : Infinity, 2 ** 31 - 1);
}

/** With repeated binary headers apart again: Node joins them with commas, and not all servers split them. */
function asSent(headers: http2.IncomingHttpHeaders): http2.OutgoingHttpHeaders {
  // Node throws if it should send this one.
  const sent: http2.OutgoingHttpHeaders = { ...headers, 'http2-settings': undefined };
  for (const name of Object.keys(sent))
    if (name.endsWith('-bin')) sent[name] = String(sent[name]).split(', ');
  return sent;
}
