import { stat } from 'node:fs/promises'
import { ScriptError } from '../index.ts'
import { allowBuilds, type ConsentOptions } from './build-consent.ts'
import { BuildLoop, type BuildOutcome } from './build-loop.ts'
import { type BuildStep, buildStepOf } from './build-step.ts'
import { formatBuildLine, formatBuilt, formatMistake, formatStarted } from './format-report.ts'
import { readManifest } from './mod-manifests.ts'

/** Options of {@link DevBuilds}. */
export interface DevBuildsOptions {
  /** Allow the commands of manifests without a question. */
  readonly yes: boolean
  /** Prints lines. */
  readonly print: (text: string) => void
}

/** The builds of the manifests that a running game uses: each runs when its sources change. */
export class DevBuilds {
  readonly #options: DevBuildsOptions
  /** The builds by manifest; those that were refused have no loop. */
  readonly #builds = new Map<string, { readonly step: BuildStep; readonly loop: BuildLoop | undefined }>()
  #closed = false

  constructor(options: DevBuildsOptions) {
    this.#options = options
  }

  /** Asks whether the builds of manifests may run, builds what is stale, and builds again at each change. Prints what goes wrong. */
  add(manifests: readonly string[]): Promise<void> {
    return this.#start(manifests, {})
  }

  /** Takes a manifest that was saved. A command that is new is asked for when the game is started again: a question would interrupt it. */
  async changed(manifest: string): Promise<void> {
    await this.#start([manifest], { ask: undefined, whyNotAsked: 'the game runs; start it again to be asked, or give --yes' })
  }

  /** Ends the builds that run. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#builds.values()].map(({ loop }) => loop?.close()))
  }

  async #start(manifests: readonly string[], consent: Pick<ConsentOptions, 'ask' | 'whyNotAsked'>): Promise<void> {
    const steps = new Map<string, BuildStep>()
    for (const manifest of manifests) {
      const step = await stepOf(manifest)
      if (isSame(step, this.#builds.get(manifest)?.step)) continue
      await this.#builds.get(manifest)?.loop?.close()
      this.#builds.delete(manifest)
      if (step !== undefined) steps.set(manifest, step)
    }
    const isAllowed = await this.#attempt(() => allowBuilds([...steps.values()], { yes: this.#options.yes, ...consent }))
    for (const [manifest, step] of steps) {
      if (this.#closed) return
      const loop = isAllowed ? this.#loopOf(step) : undefined
      this.#builds.set(manifest, { step, loop })
      if (loop === undefined) continue
      await this.#attempt(() => loop.ready)
      await loop.buildStale()
    }
  }

  #loopOf(step: BuildStep): BuildLoop {
    const { print } = this.#options
    return new BuildLoop(step, {
      onStart: () => print(formatStarted(step)),
      onLine: (line) => print(formatBuildLine(step, line)),
      onOutcome: (outcome) => void formatOutcomeOf(step, outcome).then(print),
    })
  }

  /** Resolves with whether it worked, and prints the error otherwise. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      this.#options.print(formatMistake(error))
      return false
    }
  }
}

/** Resolves with the build of a manifest; `undefined` if it has none, or a mistake, which is reported by whoever loads it. */
async function stepOf(manifest: string): Promise<BuildStep | undefined> {
  try {
    return buildStepOf(manifest, await readManifest(manifest))
  } catch {
    return undefined
  }
}

function isSame(one: BuildStep | undefined, other: BuildStep | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

async function formatOutcomeOf(step: BuildStep, outcome: BuildOutcome): Promise<string> {
  if (outcome.state === 'failed') return formatMistake(outcome.error)
  const found = await stat(step.output).catch(() => undefined)
  return formatBuilt(step, outcome.ms, found?.size ?? 0)
}
