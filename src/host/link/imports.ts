import { ecs } from '../modules/ecs.ts'
import { ecsAdd, ecsHas, ecsRemove } from '../modules/ecs-components.ts'
import { ecsGet, ecsSet } from '../modules/ecs-fields.ts'
import { ecsEntity, ecsQuery } from '../modules/ecs-queries.ts'
import { ecsAttach, ecsDetach } from '../modules/ecs-scripts.ts'
import { emit } from '../modules/emit.ts'
import { host } from '../modules/host.ts'
import type { ImportModule } from '../modules/import-module.ts'

/** The import modules that the runtime provides. */
export const IMPORT_MODULES: readonly ImportModule[] = [
  ecsGet,
  ecsSet,
  ecsHas,
  ecsAdd,
  ecsRemove,
  ecs,
  ecsQuery,
  ecsEntity,
  ecsAttach,
  ecsDetach,
  emit,
  host,
]

/** The import modules of services. */
export const SERVICE_NAMES: readonly string[] = [
  'metrics.counter',
  'metrics.gauge',
  'metrics.histogram',
  'config.number',
  'config.flag',
  'storage',
  'http',
]

/** The names of the import modules that are loaded when a module first imports one of them. */
export const LATER_NAMES: readonly string[] = ['ecs.target', 'ecs.relate', 'ecs.unrelate', 'math', ...SERVICE_NAMES]
/** Those of their functions that take pointers. */
const TEXT_LATER: readonly string[] = ['storage.get', 'storage.set', 'storage.delete', 'http.request']

/** The names of all import modules of the runtime. */
export const MODULE_NAMES: readonly string[] = [...IMPORT_MODULES.map(({ module }) => module), ...LATER_NAMES]

/** The names that `create({ host })` may not use. */
export const RESERVED_MODULES: ReadonlySet<string> = new Set(MODULE_NAMES)

/** Returns whether an import of the runtime takes a pointer into the script's memory. */
export function passesText(module: string, name: string): boolean {
  if (TEXT_LATER.includes(`${module}.${name}`)) return true
  const found = IMPORT_MODULES.find((each) => each.module === module)
  return found !== undefined && 'functions' in found && found.functions[name]?.passesText === true
}
