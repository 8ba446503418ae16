import type { Instance } from '@rollcall/discovery';
import { consulBackend } from '@rollcall/discovery/consul';
import { etcdBackend } from '@rollcall/discovery/etcd';
import type { ConformanceHarness, Outage } from '@rollcall/discovery/testing';
import type { RegistryServer } from '@rollcall/tools';

/** How each kind of server is used by the conformance suite, and broken behind the backend's back. */
export const harnesses = { consul, etcd } satisfies Record<
  string,
  (server: RegistryServer) => ConformanceHarness
>;

function consul(server: RegistryServer): ConformanceHarness {
  const agent = async (path: string, body?: object): Promise<void> => {
    await ask(server, 'PUT', `/v1/agent/service/${path}`, body);
  };
  const put = (service: string, id: string, more: object) =>
    agent('register', { Name: service, ID: id, Check: { TTL: '60s', Status: 'passing' }, ...more });
  return {
    open: () => consulBackend({ host: server.host, port: server.port }),
    writeUnreadable: (service) => put(service, `${service}-junk`, { Address: '127.0.0.1', Port: 0 }),
    deleteRecord: ({ id }) => agent(`deregister/${encodeURIComponent(id)}`),
    overwriteRecord: ({ service, id, host, port, registeredAt }) =>
      put(service, id, {
        Address: host,
        Port: port,
        Meta: { rollcall: 'rollcall', 'rollcall-registered-at': String(registeredAt) },
      }),
    outage: outageOf(server),
    resources: () => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length,
  };
}

function etcd(server: RegistryServer): ConformanceHarness {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const keyOf = ({ service, id }: Pick<Instance, 'service' | 'id'>) => base64(`${service}/${id}`);
  const call = (path: string, body: object) => ask(server, 'POST', `/v3/${path}`, body);
  return {
    open: () => etcdBackend({ hosts: [`${server.host}:${server.port}`] }),
    writeUnreadable: async (service) => {
      await call('kv/put', { key: keyOf({ service, id: 'junk' }), value: base64('{"Op":0,"Addr":') });
    },
    deleteRecord: async (instance) => {
      await call('kv/deleterange', { key: keyOf(instance) });
    },
    overwriteRecord: async (instance) => {
      const { ID: lease } = (await call('lease/grant', { TTL: 60 })) as { ID: string };
      const value = JSON.stringify({ Op: 0, Addr: `${instance.host}:${instance.port}`, Metadata: null });
      await call('kv/put', { key: keyOf(instance), value: base64(value), lease });
    },
    outage: outageOf(server),
    resources: () => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length,
  };
}

/** SIGKILL, and a start with the data or without. */
function outageOf(server: RegistryServer): Outage {
  let wipe = false;
  return {
    begin: () => server.kill(),
    wipe: () => {
      wipe = true;
    },
    end: async () => {
      await server.start({ wipe });
      wipe = false;
    },
  };
}

/** The server's HTTP API, as an operator uses it. */
async function ask(
  { host, port }: RegistryServer,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`http://${host}:${port}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
