import type { Attributes } from '@opentelemetry/api';
import type { EventCall, EventInstance } from '../events/discovery-events.js';
import { grpcStatusName } from './grpc-status.js';

/** What has no label of its own (gRFC A66). */
const other = 'other';

/** Attributes of metrics, of which there must not be many. */
export class Labels {
  readonly #maxInstances: number;
  readonly #isTargetNamed: (target: string) => boolean;
  readonly #instances = new Set<string>();
  /** By target, method and status: the same objects for all calls. */
  readonly #targets = new Map<string, TargetLabels>();

  /** `maxInstances`: 0 for no label of the instance. */
  constructor(maxInstances: number, isTargetNamed: (target: string) => boolean) {
    this.#maxInstances = maxInstances;
    this.#isTargetNamed = isTargetNamed;
  }

  ofCall({ target, method, isKnownMethod }: EventCall): MethodLabels {
    const name = isKnownMethod ? method.slice(1) : other;
    return this.#target(target).method(name);
  }

  ofTarget(target: string | undefined, instance: EventInstance): Attributes {
    return this.withInstance(this.#target(target ?? '').attributes, instance);
  }

  withInstance(attributes: Attributes, instance: EventInstance | undefined): Attributes {
    if (this.#maxInstances === 0 || !instance) return attributes;
    return Object.assign({}, attributes, { 'discovery.instance': this.#instance(instance) });
  }

  #target(target: string): TargetLabels {
    let labels = this.#targets.get(target);
    if (!labels) {
      const name = target !== '' && this.#isTargetNamed(target) ? target : other;
      labels = new TargetLabels(name);
      this.#targets.set(target, labels);
    }
    return labels;
  }

  #instance({ id, address }: EventInstance): string {
    const name = id || address;
    if (this.#instances.has(name)) return name;
    if (this.#instances.size >= this.#maxInstances) return other;
    this.#instances.add(name);
    return name;
  }
}

class TargetLabels {
  readonly attributes: Attributes;
  readonly #methods = new Map<string, MethodLabels>();

  constructor(target: string) {
    this.attributes = { 'grpc.target': target };
  }

  method(name: string): MethodLabels {
    let labels = this.#methods.get(name);
    if (!labels) this.#methods.set(name, (labels = new MethodLabels(this.attributes, name)));
    return labels;
  }
}

export class MethodLabels {
  readonly attributes: Attributes;
  readonly #byStatus = new Map<string, Attributes>();

  constructor(target: Attributes, method: string) {
    this.attributes = { 'grpc.method': method, ...target };
  }

  withStatus(code: number | string): Attributes {
    const status = grpcStatusName(code);
    let attributes = this.#byStatus.get(status);
    if (!attributes) {
      attributes = { ...this.attributes, 'grpc.status': status };
      this.#byStatus.set(status, attributes);
    }
    return attributes;
  }
}
