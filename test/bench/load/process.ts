import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from '../measure.ts'

/** Milliseconds of each step after the start of a process. */
export interface ProcessStart {
  readonly import: number
  readonly create: number
  readonly firstScript: number
  readonly secondScript: number
}

const PROGRAM = `
  const times = [performance.now()]
  const { WasmScriptRuntime } = await import('bitscript')
  const { createWorld } = await import('bitecs')
  times.push(performance.now())
  const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  times.push(performance.now())
  await runtime.loadModule('(module (func (export "update") (param i32 f32)))', { name: 'a' })
  times.push(performance.now())
  await runtime.loadModule('(module (func (export "update") (param i32 f32) (nop)))', { name: 'b' })
  times.push(performance.now())
  console.log(JSON.stringify(times))`

/** Measures each step in several new processes, since the first step in a process is slowest. */
export async function measureProcessStart(processes: number): Promise<ProcessStart> {
  const samples: number[][] = []
  for (let index = 0; index < processes; index++) {
    const cwd = fileURLToPath(new URL('../../../', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM], { cwd })
    const times = JSON.parse(stdout) as number[]
    samples.push(times.slice(1).map((time, step) => time - (times[step] ?? 0)))
  }
  const step = (index: number): number => median(samples.map((sample) => sample[index] ?? Number.NaN))
  return { import: step(0), create: step(1), firstScript: step(2), secondScript: step(3) }
}
