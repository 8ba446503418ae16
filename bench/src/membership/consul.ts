import { Agent, get, request } from 'node:http';
import { openRegistry } from '@rollcall/discovery';
import {
  hostOf,
  idOf,
  portOf,
  type Reader,
  type BenchInstance,
  type RecordWriter,
  template,
} from './bench-registry.js';
import { type Scope, service } from './messages.js';

const nodes = 100;
/** A transaction has at most 64 operations. */
const instancesATransaction = 32;

interface Response {
  readonly body: string;
  readonly index: string;
}

function fetchText(url: string, agent: Agent, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    get(url, { agent, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        if (response.statusCode !== 200) reject(new Error(`${response.statusCode} ${body.slice(0, 200)}`));
        else resolve({ body, index: String(response.headers['x-consul-index']) });
      });
    }).on('error', reject);
  });
}

/** The bare HTTP API: one request and `JSON.parse`, and the same as a blocking query. */
export async function openConsulControl(url: string, scope: Scope): Promise<Reader> {
  const agent = new Agent({ keepAlive: true });
  const origin = url.replace('consul://', 'http://');
  const path = scope === 'service' ? `/v1/health/service/${service}` : '/v1/internal/ui/nodes';
  let stop = new AbortController();
  const read = async (query: string) => {
    const { body, index } = await fetchText(`${origin}${path}?near=-${query}`, agent, stop.signal);
    return { instances: count(JSON.parse(body) as Entry[], scope), index };
  };
  return {
    list: async () => (await read('')).instances,
    async watch(onChange) {
      const { instances, index } = await read('');
      const { signal } = stop;
      const observe = async () => {
        for (let seen = index; ;) {
          const next = await read(`&index=${seen}&wait=15s`);
          if (next.index !== seen) onChange();
          seen = next.index;
        }
      };
      observe().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      return instances;
    },
    async close() {
      stop.abort();
      stop = new AbortController();
    },
  };
}

interface Entry {
  readonly Node: string | object;
  readonly Services?: readonly { readonly Service: string }[] | null;
}

function count(entries: readonly Entry[], scope: Scope): number {
  if (scope === 'service') return entries.length;
  const services = entries.flatMap(({ Services }) => Services ?? []);
  return services.filter((each) => each.Service !== 'consul').length;
}

export async function openConsulWriter(url: string): Promise<RecordWriter> {
  const origin = url.replace('consul://', 'http://');
  const agent = new Agent({ keepAlive: true });
  const put = (path: string, content: object) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(`${origin}${path}`, { method: 'PUT', agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`PUT ${path}: ${response.statusCode} ${body.slice(0, 200)}`));
        });
      });
      sent.on('error', reject).end(JSON.stringify(content));
    });
  const transact = (operations: object[]) => put('/v1/txn', operations);
  const record = await templateRecord(url, origin, agent);
  for (let number = 0; number < nodes; number++) {
    const node = nodeOf({ number });
    // As large as the check of an agent, but not `serfHealth`: a node with that one is removed when it is no member.
    const health = {
      Name: 'Serf Health Status',
      CheckID: 'nodeHealth',
      Status: 'passing',
      Output: 'Agent alive and reachable',
    };
    await put('/v1/catalog/register', {
      Node: node,
      Address: hostOf({ number }),
      Check: { Node: node, ...health },
    });
  }
  return {
    async write(instances) {
      for (let from = 0; from < instances.length; from += instancesATransaction) {
        await transact(
          instances
            .slice(from, from + instancesATransaction)
            .flatMap((instance) => [
              { Service: { Verb: 'set', Node: nodeOf(instance), Service: serviceOf(record, instance) } },
              { Check: { Verb: 'set', Check: checkOf(instance) } },
            ]),
        );
      }
    },
    delete: (instance) =>
      transact([
        { Service: { Verb: 'delete', Node: nodeOf(instance), Service: serviceOf(record, instance) } },
      ]),
    close: async () => agent.destroy(),
  };
}

const nodeOf = ({ number }: Pick<BenchInstance, 'number'>) => `node-${100 + (number % nodes)}`;

function serviceOf(record: object, instance: BenchInstance): object {
  return {
    ...record,
    ID: idOf(instance),
    Service: instance.service,
    Address: hostOf(instance),
    Port: portOf(instance),
    Weights: { Passing: instance.weight, Warning: 1 },
  };
}

function checkOf(instance: BenchInstance): object {
  return {
    Node: nodeOf(instance),
    CheckID: `service:${idOf(instance)}`,
    Name: `Service '${instance.service}' check`,
    Status: 'passing',
    Notes: 'announced at 2026-01-02T03:04:05.678Z',
    ServiceID: idOf(instance),
    ServiceName: instance.service,
  };
}

/** A record as the library itself writes it. */
async function templateRecord(url: string, origin: string, agent: Agent): Promise<object> {
  const registry = await openRegistry(url);
  await registry.register(template).registered();
  const { signal } = new AbortController();
  const { body } = await fetchText(`${origin}/v1/health/service/${template.service}`, agent, signal);
  await registry.close();
  const [entry] = JSON.parse(body) as [{ readonly Service: Record<string, unknown> }];
  const { Tags, Meta } = entry.Service;
  return { Tags, Meta };
}
