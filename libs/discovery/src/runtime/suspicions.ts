/**
 * Since when clients of this process suspect an instance to be frozen: by service and address, then by client. All copies of
 * this library in a process share it: one may have the registry that is asked why, and another one the client.
 */
const sharedKey = Symbol.for('@rollcall/discovery/suspicions/1');
const holder = globalThis as { [sharedKey]?: Map<string, Map<object, Date>> };
const suspicions = (holder[sharedKey] ??= new Map());

const keyOf = (service: string, address: string) => `${service} ${address}`;

/** Notes that a client suspects an instance; `client` is any object that stands for it. */
export function noteSuspicion(service: string, address: string, client: object): void {
  const key = keyOf(service, address);
  let clients = suspicions.get(key);
  if (!clients) suspicions.set(key, (clients = new Map()));
  clients.set(client, new Date());
}

export function forgetSuspicion(service: string, address: string, client: object): void {
  const key = keyOf(service, address);
  const clients = suspicions.get(key);
  clients?.delete(client);
  if (clients?.size === 0) suspicions.delete(key);
}

/** Since when a client has suspected it; undefined if none does. */
export function suspectedSince(service: string, address: string): Date | undefined {
  const [first] = suspicions.get(keyOf(service, address))?.values() ?? [];
  return first;
}
