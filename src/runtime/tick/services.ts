import { LinkedServices } from '../../host/services/linked-services.ts'
import { formatPrometheus } from '../../host/services/prometheus.ts'
import type { Metric, MetricSeries } from '../../host/services/script-metrics.ts'
import { ScriptServices } from '../../host/services/script-services.ts'
import { resolveHttp } from '../api/http-options.ts'
import type { Script } from '../script/script.ts'
import type { ServicesCode, Store } from '../script/store.ts'
import { deliverResponses, receiveResponses } from './responses.ts'

/** What a game without services does not download. */
export const servicesCode: ServicesCode = {
  link: linkServices,
  metrics: metricsOf,
  format: formatPrometheus,
  resolveHttp,
  receive: receiveResponses,
  deliver: deliverResponses,
}

/** Returns the services of a new generation, on what they hold of the script. */
function linkServices(store: Store, script: Script): LinkedServices {
  const { invocations, scripts } = store
  script.services ??= new ScriptServices(script.options.limits.storageBytes)
  return new LinkedServices({
    held: script.services,
    config: () => script.config,
    hosts: store.http === undefined ? undefined : (script.options.grant?.hosts ?? []),
    *others() {
      for (const other of scripts) if (other !== script) for (const series of seriesOf(other)) yield [other.name, series] as const
    },
    charge: invocations.charge,
    requested: () => store.waiting.push(() => sendRequests(store, script)),
  })
}

/** Sends the requests of a script that its run made, unless it was taken back. A replay has the answers from the recording. */
function sendRequests({ http, isReplayed }: Store, { services, options: { limits } }: Script): void {
  if (http !== undefined && !isReplayed) services?.http.send({ ...http, maxBytes: limits.jsonBytes })
}

function metricsOf({ scripts }: Store): readonly Metric[] {
  return scripts.flatMap((script) => {
    const { services, name } = script
    return services === undefined ? [] : [...seriesOf(script)].map((series) => services.metrics.read(series, name))
  })
}

function seriesOf({ running }: Script): Iterable<MetricSeries> {
  return running?.generation.services?.series.values() ?? []
}
