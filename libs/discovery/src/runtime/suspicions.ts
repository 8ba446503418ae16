/** Since when clients of this process suspect an instance to be frozen: by service and address, then by client. */
const suspicions = new Map<string, Map<object, Date>>();

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
