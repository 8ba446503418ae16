import type { Instance, MembershipState } from '@rollcall/discovery';
import { infoOf } from './service-info.js';

const keyOf = ({ service, id }: Instance) => `services/${service}/${id}`;

/** Prints all nodes: on a terminal a table, elsewhere a line of JSON for each change. */
export const nodePrinter = () => (process.stdout.isTTY ? printTable : changePrinter());

function printTable({ source, instances }: MembershipState): void {
  console.table(Object.fromEntries(instances.map((node) => [keyOf(node), infoOf(node)])));
  console.log(`etcd: ${source}`);
}

function changePrinter(): (state: MembershipState) => void {
  let known = { source: 'none', nodes: new Map<string, string>() };
  return ({ source, instances }) => {
    if (source !== known.source) console.log(`{"event":"${source}"}`);
    const print = (event: string, key: string, info: string) =>
      console.log(`{"event":"${event}","key":${JSON.stringify(key)},"info":${info}}`);
    const nodes = new Map(instances.map((node) => [keyOf(node), JSON.stringify(infoOf(node))]));
    for (const [key, info] of nodes) if (known.nodes.get(key) !== info) print('up', key, info);
    for (const [key, info] of known.nodes) if (!nodes.has(key)) print('gone', key, info);
    known = { source, nodes };
  };
}
