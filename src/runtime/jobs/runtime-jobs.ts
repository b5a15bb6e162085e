import { EXPORT } from '../../abi/exports.ts'
import { checkLife } from '../../ecs/entities/world-life.ts'
import { type ErrorCode, ScriptError } from '../../errors.ts'
import { recordInput } from '../api/input-log.ts'
import type { Job, JobDelivery, JobInput, JobOptions, JobProgress } from '../api/job.ts'
import { inScript } from '../script/faults.ts'
import { type JobEnd, type Jobs, NO_JOBS } from '../script/jobs.ts'
import type { Script } from '../script/script.ts'
import type { Store } from '../script/store.ts'
import { checkInput, type ResolvedJobOptions, resolveJobOptions } from './job-options.ts'
import { addDelivery, createJob, type JobState } from './job-state.ts'
import { closeJob, type JobOutcome, runJob } from './run-job.ts'

/** What ends a job that is not over. */
const ENDS: Readonly<Record<JobEnd, string>> = {
  unloaded: 'its script was unloaded',
  reloaded: 'its script was reloaded',
  faulted: 'its script has faulted',
  cancelled: 'it was cancelled',
  restored: 'the game was restored, and no snapshot holds a job',
  replayed: 'the replay ended',
  disposed: 'the runtime was disposed of',
}

/** The jobs of a runtime that have not ended, in the order in which they were started. */
export class RuntimeJobs implements Jobs {
  readonly #store: Store
  readonly #jobs = new Set<JobState>()
  /** The jobs that the current tick runs. */
  #turns: readonly JobState[] = []

  constructor(store: Store) {
    this.#store = store
  }

  get isBusy(): boolean {
    return this.#jobs.size > 0
  }

  start(script: Script, input: JobInput, options: JobOptions): Job {
    const store = this.#store
    checkTakesJobs(script)
    checkInput(input)
    const resolved = resolveJobOptions(options, script.options.limits.fuel)
    recordInput(store, () => ({ kind: 'job', script: script.name, options: recordedOptions(resolved) }))
    const others = [...this.#jobs].filter((job) => job.script === script).length
    const stream = `${script.name} job ${store.clock.tick} ${others}`
    const job = createJob({ number: store.nextCall++, script, options: resolved }, input, { seed: store.options.seed, stream })
    this.#jobs.add(job)
    if (!store.isReplayed) job.source.prefetch()
    return this.#handleOf(job)
  }

  receive(): void {
    const store = this.#store
    if (store.isReplayed) return
    for (const job of [...this.#jobs]) {
      const delivery = { ...job.source.take(), taken: job.outputs.countTaken() }
      const { items, isOver, error, taken } = delivery
      const isNew = (isOver && !job.isOver) || (error !== null && job.error === null)
      // An input may have ended jobs as it was read.
      if ((items.length === 0 && taken === 0 && !isNew) || !this.#jobs.has(job)) continue
      recordInput(store, () => ({ kind: 'jobInput', job: job.number, ...delivery }))
      addDelivery(job, delivery)
    }
  }

  deliver(number: number, delivery: JobDelivery): void {
    const job = this.#find(number)
    if (job === undefined) return
    addDelivery(job, delivery)
    job.outputs.forget(delivery.taken)
  }

  cancel(number: number): void {
    const job = this.#find(number)
    if (job === undefined) return
    recordInput(this.#store, () => ({ kind: 'cancelJob', job: number }))
    this.#drop(job, 'cancelled')
  }

  beginTick(): void {
    this.#endFaulted()
    this.#turns = [...this.#jobs]
  }

  run(): void {
    this.#endFaulted()
    for (const job of this.#turns) {
      checkLife(this.#store.ecs)
      if (job.outcome !== 'running' || job.script.status !== 'active' || job.script.isPaused) continue
      const outcome = runJob(this.#store, job)
      if (outcome !== undefined && job.outcome === 'running') this.#end(job, outcome)
    }
    this.#turns = []
    if (!this.#store.isReplayed) for (const { source } of this.#jobs) source.prefetch()
  }

  end(why: JobEnd, script?: Script): number {
    const jobs = [...this.#jobs].filter((job) => script === undefined || job.script === script)
    for (const job of jobs) this.#drop(job, why)
    return jobs.length
  }

  async settled(): Promise<void> {
    for (;;) {
      const pulling = [...this.#jobs].filter(({ source }) => source.isPulling)
      if (pulling.length === 0 || this.#store.isReplayed) return
      await Promise.all(pulling.map(({ source }) => source.pulled))
    }
  }

  #endFaulted(): void {
    for (const job of [...this.#jobs]) if (job.script.status === 'faulted') this.#drop(job, 'faulted', job.script.fault)
  }

  #find(number: number): JobState | undefined {
    return [...this.#jobs].find((job) => job.number === number)
  }

  #drop(job: JobState, why: JobEnd, cause?: unknown): void {
    const error = inScript(job.script, new ScriptError('Disposed', `the job was ended: ${ENDS[why]}`, { cause }))
    this.#end(job, { error })
  }

  #end(job: JobState, outcome: JobOutcome): void {
    job.outcome = 'error' in outcome ? 'failed' : 'succeeded'
    this.#jobs.delete(job)
    job.waiting.length = 0
    job.source.stop()
    closeJob(this.#store, job)
    job.outputs.end('error' in outcome ? outcome.error : undefined)
    if ('error' in outcome) job.settle.reject(outcome.error)
    else job.settle.resolve(outcome.value)
  }

  #handleOf(job: JobState): Job {
    const cancel = (): void => this.cancel(job.number)
    const iterate = (): AsyncIterator<unknown, undefined> => ({
      next: () => job.outputs.next(),
      // A loop that is left wants nothing more of it.
      return: async () => {
        if (!this.#store.isReplayed) cancel()
        return { done: true, value: undefined }
      },
    })
    return Object.freeze({
      script: job.script.name,
      result: job.result,
      get progress() {
        return progressOf(job)
      },
      get done() {
        return job.outcome !== 'running'
      },
      cancel,
      [Symbol.asyncIterator]: iterate,
    })
  }
}

function progressOf({ chunks, items, total, outcome }: JobState): JobProgress {
  const fraction = outcome === 'succeeded' ? 1 : total === undefined || total === 0 ? undefined : Math.min(1, items / total)
  return Object.freeze({ chunks, items, ...(fraction !== undefined && { fraction }) })
}

/** Returns the options without what was left out. */
function recordedOptions({ kind, ...options }: ResolvedJobOptions): JobOptions {
  return kind === undefined ? options : { ...options, kind }
}

/** Throws `InvalidOptions`, `ExportNotFound` for a script that takes no jobs. */
function checkTakesJobs({ name, id, running }: Script): void {
  const refuse = (code: ErrorCode, detail: string): never => {
    throw new ScriptError(code, detail, { script: name, scriptId: id })
  }
  if (running?.instance.late !== undefined)
    refuse('InvalidOptions', 'it runs in a worker, and a job runs within the tick: load it without worker: true')
  else if (running?.generation.program.parametersOf(EXPORT.jobChunk) === undefined) refuse('ExportNotFound', NO_JOBS)
}
