import { type ClientHttp2Session, connect } from 'node:http2';
import { addressOf, type Watch } from '@rollcall/discovery';

/** How long after the end of a connection the next one is opened, in ms. */
const reconnectMs = 200;

/** Keeps a connection to each instance in the list. The function returns the next one in turn, if any is connected. */
export function connectAll(watch: Watch): () => ClientHttp2Session | undefined {
  const sessions = new Map<string, ClientHttp2Session>();
  const open = (address: string) => {
    const replace = () => sessions.get(address) === session && sessions.delete(address) && update();
    const replaceLater = () => void setTimeout(replace, reconnectMs);
    const session = connect(`http://${address}`, { maxSessionMemory: 1_000 });
    session
      .on('error', () => {})
      .on('goaway', replaceLater)
      .on('close', replaceLater);
    sessions.set(address, session);
  };
  const update = () => {
    const listed = new Set(watch.current.instances.map(addressOf));
    for (const address of listed) if (!sessions.has(address)) open(address);
    // Calls in flight complete.
    for (const [address, session] of sessions) if (!listed.has(address)) session.close();
  };
  watch.onChange(update);
  update();
  const isReady = ({ connecting, closed, destroyed }: ClientHttp2Session) =>
    !connecting && !closed && !destroyed;
  let turn = 0;
  return () => {
    const ready = [...sessions.values()].filter(isReady);
    return ready[turn++ % ready.length];
  };
}
