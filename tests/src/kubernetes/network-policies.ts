import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1.js';
import { type Labels, selects } from './manifests.js';

/** One end of a connection. A namespace has labels, too; the pods of our own have none here. */
export interface Peer {
  readonly pod: Labels;
  readonly namespace?: Labels;
}

export interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** Whether network policies allow a connection: both the egress of one end and the ingress of the other. */
export function allows(policies: readonly NetworkPolicy[], from: Peer, to: Peer, port: Port): boolean {
  return allowsWay('Egress', policies, from, to, port) && allowsWay('Ingress', policies, to, from, port);
}

/**
 * A pod that no policy selects may do anything; otherwise one of the policies must allow it.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
function allowsWay(
  way: 'Ingress' | 'Egress',
  policies: readonly NetworkPolicy[],
  pod: Peer,
  other: Peer,
  port: Port,
): boolean {
  // Policies apply to pods of their own namespace.
  if (pod.namespace) return true;
  const selecting = policies
    .map(({ spec }) => spec!)
    .filter(({ podSelector, policyTypes }) => policyTypes?.includes(way) && selects(podSelector, pod.pod));
  if (selecting.length === 0) return true;
  const rules = selecting.flatMap(({ ingress = [], egress = [] }) =>
    way === 'Ingress'
      ? ingress.map(({ from, ports }) => ({ peers: from, ports }))
      : egress.map(({ to, ports }) => ({ peers: to, ports })),
  );
  return rules.some(({ peers, ports }) => matchesPeer(peers, other) && matchesPort(ports, port));
}

function matchesPeer(peers: readonly NetworkPolicyPeer[] | undefined, { pod, namespace }: Peer): boolean {
  if (peers === undefined) return true;
  return peers.some(({ podSelector = {}, namespaceSelector }) =>
    namespaceSelector
      ? selects(namespaceSelector, namespace ?? {}) && selects(podSelector, pod)
      : !namespace && selects(podSelector, pod),
  );
}

function matchesPort(ports: readonly NetworkPolicyPort[] | undefined, { number, protocol }: Port): boolean {
  return ports?.some(({ port, protocol: its = 'TCP' }) => port === number && its === protocol) ?? true;
}
