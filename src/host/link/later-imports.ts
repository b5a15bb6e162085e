import { configFlag, configNumber } from '../modules/config.ts'
import { ecsRelate, ecsTarget, ecsUnrelate } from '../modules/ecs-relations.ts'
import { http } from '../modules/http.ts'
import type { ImportModule } from '../modules/import-module.ts'
import { math } from '../modules/math.ts'
import { metricsCounter, metricsGauge, metricsHistogram } from '../modules/metrics.ts'
import { storage } from '../modules/storage.ts'

/** The import modules that are loaded when a module first imports one of them: those of `LATER_NAMES`. */
export const LATER_IMPORTS: readonly ImportModule[] = [
  ecsTarget,
  ecsRelate,
  ecsUnrelate,
  math,
  metricsCounter,
  metricsGauge,
  metricsHistogram,
  configNumber,
  configFlag,
  storage,
  http,
]
