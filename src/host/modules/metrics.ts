import { PRICES } from '../../abi/prices.ts'
import type { MetricKind } from '../services/script-metrics.ts'
import type { PatternModule } from './import-module.ts'
import { servicesOf } from './services-of.ts'

export const metricsCounter: PatternModule = metric('counter', 'shots{weapon=laser}', 'add to a counter; less than 0 and NaN are not added')
export const metricsGauge: PatternModule = metric('gauge', 'enemies', 'set a gauge')
export const metricsHistogram: PatternModule = metric('histogram', 'damage{by=fire}', 'add a number to a histogram; NaN is not added')

function metric(kind: MetricKind, example: string, meaning: string): PatternModule {
  return {
    ...{ module: `metrics.${kind}`, pattern: 'series', example, params: ['f64'], results: [], meaning, price: PRICES.metric },
    resolve: (name, _, context) => ({
      permissions: [{ kind: 'host', module: 'metrics', name: kind }],
      type: { params: ['f64'], results: [] },
      function: servicesOf(context).metric(kind, name),
    }),
  }
}
