import { pathToFileURL } from 'node:url'
import type { ErrorCode, ScriptError, ScriptId } from 'bitscript'
import { ScriptReloader } from 'bitscript/node'
import { expect, vi } from 'vitest'
import {
  CODES,
  createRandom,
  KINDS_OF,
  type Kind,
  keepingOf,
  type Random,
  type Step,
  StormGame,
  stepsOf,
  textOf,
  WAYS,
  type Way,
} from '../fixtures/storms.ts'

/** A clock that tests advance. */
function createClock() {
  const events: { readonly time: number; readonly run: () => void }[] = []
  let now = 0
  const after = (delay: number, run: () => void): void => {
    const time = now + delay
    const index = events.findIndex((event) => event.time > time)
    events.splice(index < 0 ? events.length : index, 0, { time, run })
  }
  return {
    now: () => now,
    after,
    wait: (milliseconds: number) => new Promise<void>((resolve) => after(milliseconds, resolve)),
    /** Runs the next timer and all that follows at once. Returns `false` if there was none. */
    async next(): Promise<boolean> {
      const event = events.shift()
      now = event?.time ?? now
      event?.run()
      await new Promise((resolve) => setImmediate(resolve))
      return event !== undefined
    },
  }
}

type Clock = ReturnType<typeof createClock>

/** Files in memory, with a watcher that delays and drops events as chokidar does. */
function createMemoryFolder(clock: Clock, random: Random, changed: (file: string) => void, removed: (file: string) => void) {
  const files = new Map<string, Buffer>()
  const told = new Map<string, number>()
  const tell = (file: string): void => {
    if (clock.now() - (told.get(file) ?? -1000) < 50) return
    told.set(file, clock.now())
    changed(file)
  }
  const write = (file: string, content: Buffer): void => {
    files.set(file, content)
    clock.after(random.below(8), () => tell(file))
  }
  const remove = (file: string): void => {
    files.delete(file)
    clock.after(100, () => files.has(file) || removed(file))
  }
  const move = (from: string, to: string): void => {
    const content = files.get(from)
    if (content === undefined) return
    remove(from)
    write(to, content)
  }
  const act = ({ act, content = Buffer.alloc(0) }: Step, file: string): void => {
    if (act === 'write') write(file, content)
    else if (act === 'write beside') files.set(`${file}.tmp`, content)
    else if (act === 'rename over') move(`${file}.tmp`, file)
    else if (act === 'rename away') move(file, `${file}.bak`)
    else if (act === 'rename back') move(`${file}.bak`, file)
    else remove(file)
  }
  return { files, act }
}

/** A script that is reloaded without a file, so that a later reload overtakes earlier ones. */
const DIRECT = 'state-direct'
const NAMES = ['state', 'memory', DIRECT]
/** No script of a storm is as small as this. */
const OWN_MODULE_BYTES = 300
const MOSTLY_FILES = ['state', 'memory', 'state', 'memory', 'state', 'memory', DIRECT]

/** Runs a deterministic series of storms of saves. */
async function runSeries(series: number, count: number, tally: Map<string, number>): Promise<void> {
  const random = createRandom(series)
  const storm = await StormGame.create('/storms', NAMES, series)
  const clock = createClock()
  let working = 0
  const reloader = new ScriptReloader(storm.game.runtime, {
    onOutcome: (outcome) => storm.tell(outcome),
    wait: clock.wait,
    read: async (file) => {
      await clock.wait(random.below(6))
      const content = folder.files.get(file)
      if (content === undefined) throw new Error('ENOENT')
      return storm.read(file, content)
    },
  })
  const changed = (file: string): void => {
    working++
    void reloader.changed(file, pathToFileURL(file), false).finally(() => working--)
  }
  const reload = async (name: string, content: Buffer<ArrayBuffer> = Buffer.alloc(0)): Promise<void> => {
    const file = storm.file(name)
    folder.files.set(file, storm.read(file, content))
    working++
    try {
      await storm.game.runtime.reloadModule(storm.game.runtime.find(name)?.id ?? (0 as ScriptId), content)
    } catch (error) {
      storm.tell({ state: 'mistake', file, script: undefined, error: error as ScriptError })
    }
    working--
  }
  const folder = createMemoryFolder(clock, random, changed, (file) => reloader.removed(file))
  for (const name of NAMES) folder.files.set(storm.file(name), Buffer.from(storm.applied.get(name) as string, 'latin1'))
  // Some scripts compile at once, as small ones do, and others take a while. The runtime's own module is smaller than any script.
  const { Module } = WebAssembly
  vi.spyOn(WebAssembly, 'Module').mockImplementation(function compile(bytes) {
    if (bytes.byteLength > OWN_MODULE_BYTES && random.below(4) > 0) throw new RangeError('not on this thread')
    return new Module(bytes)
  })
  vi.spyOn(WebAssembly, 'compile').mockImplementation(async (bytes) => {
    await clock.wait(random.below(20))
    return new Module(bytes)
  })
  for (let number = 0; number < count; number++) {
    const left = NAMES.map((name): [string, Kind] => {
      const content = folder.files.get(storm.file(name))
      // Content that is not a whole save is a part of one, or two spliced together.
      return [name, content === undefined ? 'valid' : (storm.saveIn(content)?.kind ?? 'spliced')]
    })
    const plan = await createPlan(storm, left, random)
    for (const { name, start, steps } of plan.saves) {
      let time = start
      for (const step of steps) {
        time += step.pause
        clock.after(time, () => (step.act === 'reload' ? reload(name, step.content) : folder.act(step, storm.file(name))))
      }
    }
    while ((await clock.next()) || working > 0) if (random.below(3) === 0) storm.tick()
    while (storm.isDoomed) storm.tick()
    const told = `series ${series}, storm ${number}: ${plan.told}`
    storm.check(told, plan.mistakes)
    for (const name of NAMES) {
      const content = folder.files.get(storm.file(name))
      if (content === undefined || content.length === 0) continue
      if (storm.saveIn(content)?.version !== undefined) expect(textOf(content), told).toBe(storm.applied.get(name))
      else expect(storm.outcomes.get(storm.file(name)), told).toBe('mistake')
    }
    for (const what of plan.what) tally.set(what, (tally.get(what) ?? 0) + 1)
  }
  vi.restoreAllMocks()
  storm.game.runtime.dispose()
}

/** Saves some scripts, several of them at the same time. `left` is the content of the files. */
async function createPlan(storm: StormGame, left: readonly (readonly [string, Kind])[], random: Random) {
  const saves: { name: string; start: number; steps: readonly Step[] }[] = []
  const told: string[] = []
  const what = new Set<Kind | Way>()
  const mistakes = new Set<ErrorCode>(left.flatMap(([, kind]) => CODES[kind]))
  const span = random.pick([40, 300])
  for (let count = random.pick([1, 1, 2, 3]); count > 0; count--) {
    const name = random.pick(MOSTLY_FILES)
    const kind = random.pick(KINDS_OF[keepingOf(name)])
    const way = name === DIRECT ? 'directly' : random.pick(WAYS)
    const { content } = await storm.save(name, kind, random)
    const isSave = way !== 'deleted' && way !== 'away and back'
    for (const one of isSave ? [way, kind] : [way]) what.add(one)
    for (const code of isSave ? CODES[kind] : []) mistakes.add(code)
    if (way === 'directly') mistakes.add('LoadFailed')
    if (way === 'in pieces' || way === 'renamed over') mistakes.add('InvalidText')
    const start = random.below(span)
    told.push(`${name} ${isSave ? `${kind} ` : ''}${way} at ${start}`)
    const steps = [...stepsOf(way, content, random)]
    if (name === DIRECT) {
      // The later of two overlapping reloads must win, whichever is ready first.
      const overtaken = await storm.save(name, 'valid', random)
      steps.unshift(...stepsOf(way, overtaken.content, random))
      steps[1] = { ...(steps[1] as Step), pause: random.below(20) }
    }
    saves.push({ name, start, steps })
  }
  return { saves, mistakes, what, told: told.join(', ') }
}

/** Runs a number of series of storms of saves in a folder in memory with a simulated clock. Each kind and way of saving must occur. */
export async function runStorms(series: number, storms: number): Promise<void> {
  const tally = new Map<string, number>()
  for (let number = 1; number <= series; number++) await runSeries(number, storms, tally)
  for (const what of [...Object.keys(CODES), ...WAYS, 'directly']) expect(tally.get(what), what).toBeGreaterThan(series * storms * 0.02)
}
