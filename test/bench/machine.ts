import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, platform, totalmem } from 'node:os'

/** Describes the machine and the engine of the measurements. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly platform: string
  readonly node: string
  readonly v8: string
  readonly bitscript: string
}

export function describeMachine(): Machine {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    bitscript: (manifest as { version: string }).version,
  }
}

export function headline({ processor, cores, memoryGigabytes, platform: system, node, v8, bitscript }: Machine): string {
  const software = `bitscript ${bitscript} · Node ${node} · V8 ${v8} · ${system}`
  return `${software}\n${processor}, ${cores} cores, ${memoryGigabytes} GiB`
}
