import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type FuzzResult, fuzz, generateModule, type Verdict } from './fuzz.ts'
import { KEPT_COUNT, writeKeptModules } from './generated.ts'
import { ModuleGenerator } from './generator.ts'

const USAGE = 'npm run fuzz -- [--from 0] [--count 1000] [--jobs 2] [--save folder], or npm run fuzz -- --keep'
/** Modules for each process. Engines free the memories of instances late. */
const CHUNK = 400
/** A module that takes longer counts as endless. */
const MAX_MILLISECONDS = 60_000
const PROGRESS_MILLISECONDS = 10_000

type Report = { readonly number: number } & (FuzzResult | { readonly failure: string })

const { values: options } = parseArgs({
  options: {
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: '2' },
    save: { type: 'string' },
    keep: { type: 'boolean', default: false },
    worker: { type: 'boolean', default: false },
  },
})
const from = Number(options.from)
const count = Number(options.count)
if (!Number.isInteger(from) || !Number.isInteger(count)) throw new Error(USAGE)

if (options.worker) await work()
else if (options.keep) await keep()
else process.exitCode = await direct()

/** Compares a share of the modules and reports each. */
async function work(): Promise<void> {
  const generator = new ModuleGenerator()
  for (let number = from; number < from + count; number++) {
    let report: Report
    try {
      report = { number, ...(await fuzz(generator, number)) }
    } catch (error) {
      report = { number, failure: (error as Error).stack ?? String(error) }
    }
    process.send?.(report)
  }
  generator.dispose()
  process.disconnect()
}

/** Generates the modules that the tests compare. */
async function keep(): Promise<void> {
  const generator = new ModuleGenerator()
  const modules: Uint8Array[] = []
  for (let number = 0; number < KEPT_COUNT; number++) modules.push(await generateModule(generator, number))
  generator.dispose()
  await writeKeptModules(modules)
}

/** Distributes the modules, sums up the reports and returns the exit code. */
async function direct(): Promise<number> {
  const verdicts: Record<Verdict, number> = { same: 0, invalid: 0, refused: 0, inconclusive: 0, mismatch: 0 }
  const found: number[] = []
  let [done, calls, failures, hostCalls, exact] = [0, 0, 0, 0, 0]
  const began = Date.now()
  const summary = (): string =>
    `${done} modules in ${Math.round((Date.now() - began) / 1000)} s: ${JSON.stringify(verdicts)}, ` +
    `${calls} calls compared, ${failures} of them trapped or threw, fuel exact in ${exact}, ${hostCalls} calls of the host`
  const take = (report: Report): void => {
    done++
    if ('failure' in report) {
      found.push(report.number)
      console.log(`module ${report.number}: ${report.failure}`)
      return
    }
    verdicts[report.verdict]++
    calls += report.calls
    failures += report.failures
    hostCalls += report.hostCalls
    exact += report.exact
    if (report.verdict !== 'mismatch') return
    found.push(report.number)
    console.log(`module ${report.number}: ${report.detail}`)
  }
  const progress = setInterval(() => console.log(summary()), PROGRESS_MILLISECONDS)
  let next = from
  const worker = async (): Promise<void> => {
    while (next < from + count) {
      let position = next
      const end = Math.min(position + CHUNK, from + count)
      next = end
      while (position < end) position = await runChunk(position, end - position, take)
    }
  }
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker))
  clearInterval(progress)
  console.log(summary())
  if (options.save !== undefined) await save(found, options.save)
  return found.length === 0 ? 0 : 1
}

/** Runs a process for some modules. Returns the number after the last module that was reported or that ended the process. */
function runChunk(start: number, length: number, take: (report: Report) => void): Promise<number> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['--worker', '--from', String(start), '--count', String(length)])
    let position = start
    const watch = (): NodeJS.Timeout => setTimeout(() => child.kill('SIGKILL'), MAX_MILLISECONDS)
    let watchdog = watch()
    child.on('message', (report: Report) => {
      clearTimeout(watchdog)
      watchdog = watch()
      position = report.number + 1
      take(report)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(watchdog)
      if (position < start + length) take({ number: position++, failure: `its process ended with ${signal ?? code}` })
      resolve(position)
    })
  })
}

async function save(numbers: readonly number[], folder: string): Promise<void> {
  const generator = new ModuleGenerator()
  mkdirSync(folder, { recursive: true })
  for (const number of numbers) writeFileSync(join(folder, `${number}.wasm`), await generateModule(generator, number))
  generator.dispose()
}
