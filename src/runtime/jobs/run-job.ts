import { EXPORT } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { isGone } from '../../ecs/entities/world-life.ts'
import { ScriptError, withDetail } from '../../errors.ts'
import type { GuestInstance } from '../../guest/guest.ts'
import { memoryPressure } from '../../host/services/memory-pressure.ts'
import { inScript } from '../script/faults.ts'
import type { Running } from '../script/generation.ts'
import { allowance, invoke, makeInstance } from '../script/invoke.ts'
import { releasePages } from '../script/pages.ts'
import { afterStep, flushCommands, runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { isStalled, type JobInstance, type JobState, takeChunk } from './job-state.ts'

/** What ends a job: the result of `job_finish`, or an error. */
export type JobOutcome = { readonly value: unknown } | { readonly error: ScriptError }

/** Runs a job on its fuel of this tick. Returns what ended it; `undefined` if it goes on. */
export function runJob(store: Store, job: JobState): JobOutcome | undefined {
  // Fuel that a call borrowed from later ticks is subtracted first. Fuel that a tick leaves over is lost.
  job.fuel = Math.min(0, job.fuel) + job.options.fuelPerTick
  if (job.fuel <= 0) return undefined
  const start = store.options.clock()
  try {
    if (job.own === undefined) begin(store, job)
    return passChunks(store, job)
  } catch (error) {
    job.hasFaulted = true
    return { error: report(store, job, error) }
  } finally {
    flushCommands(store)
    job.script.stats.ms += store.options.clock() - start
  }
}

function begin(store: Store, job: JobState): void {
  const running = job.script.running as Running
  job.own = makeOwn(store, job, running)
  const { program } = running.generation
  const parameters = program.parametersOf(EXPORT.jobInit)
  if (parameters === undefined) return
  callExport(store, job, EXPORT.jobInit, (instance) => instance.callJson(EXPORT.jobInit, parameters === 0 ? undefined : job.options.config))
}

function passChunks(store: Store, job: JobState): JobOutcome | undefined {
  const { options, script } = job
  const { jsonBytes } = script.options.limits
  while (job.outcome === 'running' && job.fuel > 0) {
    if (job.waiting.length > 0 && isStalled(job)) {
      if (!job.outputs.isRead && !job.isStallLogged && !store.isReplayed) logStall(store, job)
      return undefined
    }
    const pressure = pressureOn(job)
    const chunk = takeChunk(job, Math.max(1, options.chunk >> pressure), Math.max(1, jsonBytes >> pressure))
    if (chunk === undefined) {
      if (job.error !== null) return { error: report(store, job, new ScriptError(...job.error, { cause: job.source.cause })) }
      return job.isOver ? finish(store, job) : undefined
    }
    charge(job, chunk.price)
    const output = pass(store, job, EXPORT.jobChunk, chunk.value)
    // A host function that it called may have ended the job.
    if (job.outcome !== 'running') return undefined
    job.chunks++
    job.items += chunk.items
    if (output === undefined) continue
    job.untaken.push(output instanceof Uint8Array ? output.length : 0)
    job.outputs.push(output)
  }
  return undefined
}

function finish(store: Store, job: JobState): JobOutcome {
  const isExported = job.own?.generation.program.parametersOf(EXPORT.jobFinish) !== undefined
  return { value: isExported ? pass(store, job, EXPORT.jobFinish, undefined) : undefined }
}

/** Calls an export with a value, and returns what it gave; `undefined` for nothing. */
function pass(store: Store, job: JobState, name: string, value: unknown): unknown {
  return callExport(store, job, name, (instance) => {
    if (job.kind !== 'bytes') return instance.callJson(name, value) ?? undefined
    const bytes = instance.callBytes(name, (value as Uint8Array | undefined) ?? new Uint8Array())
    return bytes === undefined || bytes.length === 0 ? undefined : bytes
  })
}

/** Calls an export of the job's instance, with at most the fuel of a whole tick, which is taken off that of later ticks if it has to be. */
function callExport<Result>(store: Store, job: JobState, name: string, call: (instance: GuestInstance) => Result): Result {
  const { script, options, random } = job
  const { instance } = job.own as JobInstance
  const left = { fuel: options.fuelPerTick }
  script.stats.calls++
  // Its numbers are its own, so that those of the script do not depend on it.
  const numbers = script.random.save()
  script.random.restore(random.save())
  try {
    return invoke(store, instance, left, () => call(instance))
  } catch (error) {
    const found = inScript(script, error, { export: name })
    if (found.code !== 'OutOfFuel') throw found
    throw withDetail(found, `it spent more than the fuel of a tick, ${options.fuelPerTick}: pass less in a chunk, or raise fuelPerTick`)
  } finally {
    random.restore(script.random.save())
    script.random.restore(numbers)
    charge(job, PRICES.entry + options.fuelPerTick - left.fuel)
  }
}

function charge(job: JobState, units: number): void {
  job.fuel -= units
  job.script.jobFuel += units
}

/** Makes the instance of a job, with the fuel that a script has for it at a load. */
function makeOwn(store: Store, job: JobState, running: Running): JobInstance {
  const { generation } = running
  const left = allowance(job.script)
  const before = left.fuel
  try {
    const instance = makeInstance(store, generation, left)
    running.jobInstances.add(instance)
    return { instance, generation, running }
  } finally {
    charge(job, generation.program.instancePrice + before - left.fuel)
  }
}

function release({ instance, generation, running }: JobInstance): void {
  running.jobInstances.delete(instance)
  releasePages(generation.program, instance)
}

/** Calls `job_cleanup` of a job that has ended, and drops its instance. After a fault a new instance takes its place. */
export function closeJob(store: Store, job: JobState): void {
  const { own } = job
  if (own === undefined) return
  const close = (): void => {
    // A world that is gone has nothing to clean up.
    if (isGone(store.ecs)) release(own)
    else runStep(store, () => cleanUp(store, job, own))
  }
  // A host function that a script called has ended it: the script may be in this instance, and gives cleanup no fuel of its own.
  if (Number.isFinite(store.invocations.fuelLeft())) afterStep(store, close)
  else close()
}

function cleanUp(store: Store, job: JobState, own: JobInstance): void {
  const isExported = own.generation.program.parametersOf(EXPORT.jobCleanup) !== undefined
  try {
    if (!isExported) return
    if (job.hasFaulted) {
      release(own)
      job.own = undefined
      job.own = makeOwn(store, job, own.running)
    }
    callExport(store, job, EXPORT.jobCleanup, (instance) => instance.callJson(EXPORT.jobCleanup, undefined))
  } catch (error) {
    report(store, job, error)
  } finally {
    if (job.own !== undefined) release(job.own)
    job.own = undefined
    flushCommands(store)
  }
}

/** Reports an error of a job. The script goes on: its own instance did nothing. */
function report(store: Store, job: JobState, cause: unknown): ScriptError {
  const error = inScript(job.script, cause)
  store.faults++
  store.emitter.queue('error', error)
  return error
}

function pressureOn({ own, script }: JobState): number {
  const { instance, generation } = own as JobInstance
  return memoryPressure(
    instance.pages,
    Math.min(script.options.limits.memoryPages, instance.pages + Math.max(0, generation.program.room.left)),
  )
}

function logStall({ emitter, clock }: Store, job: JobState): void {
  job.isStallLogged = true
  const message = 'its job waits, because nobody takes its outputs: iterate the job, or return nothing from job_chunk'
  emitter.queue('log', { script: job.script.name, level: 'warn', message, tick: clock.tick })
}
