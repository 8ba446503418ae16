import type { Attributes, BatchObservableResult, Observable } from '@opentelemetry/api';

interface Series {
  readonly observable: Observable;
  readonly attributes: Attributes;
  value: number;
}

/**
 * What a callback observes. An instrument is observed once for each set of attributes; and a set that was observed before and is
 * not any more becomes 0, because the SDK would go on with its last value.
 */
export class Observations {
  readonly #series = new Map<string, Series>();
  readonly #ids = new Map<Observable, number>();

  set(observable: Observable, attributes: Attributes, value: number): void {
    this.#seriesOf(observable, attributes).value = value;
  }

  increment(observable: Observable, attributes: Attributes): void {
    this.#seriesOf(observable, attributes).value += 1;
  }

  /** Reports what was observed since the last call. */
  report(result: BatchObservableResult): void {
    for (const series of this.#series.values()) {
      result.observe(series.observable, series.value, series.attributes);
      series.value = 0;
    }
  }

  #seriesOf(observable: Observable, attributes: Attributes): Series {
    let id = this.#ids.get(observable);
    if (id === undefined) this.#ids.set(observable, (id = this.#ids.size));
    const key = `${id} ${JSON.stringify(attributes)}`;
    let series = this.#series.get(key);
    if (!series) this.#series.set(key, (series = { observable, attributes, value: 0 }));
    return series;
  }
}
