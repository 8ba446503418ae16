import { expect } from 'vitest';
import { ConsulAgent, fastPromotion } from '../../environments/consul-agent.js';
import { ConsulEnvironment } from '../../environments/consul-environment.js';
import { httpApi } from '../../environments/http-api.js';
import { RegistryRun } from './registry-run.js';
import {
  consulOf,
  consulOnly,
  notBehindClientAgent,
  oneSecond,
  type RegistryScenario,
} from './registry-scenario.js';

const clusterNeedsBinaries = 'two servers can join as binaries only';

export const leaders: readonly RegistryScenario[] = [
  {
    name: 'Consul loses its leader: stale reads go on, and instances register once there is a leader',
    recoveryMs: oneSecond,
    notFor: consulOnly,
    notIn(environment) {
      const binary = environment instanceof ConsulEnvironment && environment.location.how === 'binary';
      return notBehindClientAgent(environment) ?? (binary ? undefined : clusterNeedsBinaries);
    },
    async run(run) {
      const { location } = consulOf(run);
      if (location.how !== 'binary') throw new Error(clusterNeedsBinaries);
      const environment = await ConsulEnvironment.start(location, { args: fastPromotion });
      run.onCleanup(() => environment.close());
      const second = await ConsulAgent.joinAsServer(environment.server, location.path, 'second');
      run.onCleanup(() => second.stop());
      const inner = new RegistryRun(environment);
      run.onCleanup(() => inner.end());
      await inner.provider(2);
      const observer = await inner.observer();
      await second.kill();
      await inner.until(
        'the remaining server to lose its majority',
        async () => (await httpApi(environment.server, 'GET', '/v1/status/leader')) === '',
        30_000,
      );
      const late = await inner.startObserver();
      await late.watch.ready();
      expect(late.watch.current).toMatchObject({ source: 'live', instances: { length: 2 } });
      await inner.startProvider(1);
      await second.start();
      await environment.untilAgentAnswers();
      const tookMs = await inner.recovered();
      inner.expectNeverBelow(2, observer);
      return tookMs;
    },
  },
];
