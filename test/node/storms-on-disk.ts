import { mkdtemp, readFile, realpath, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { ErrorCode, ScriptId } from 'bitscript'
import { watchScripts } from 'bitscript/node'
import { expect, onTestFailed, onTestFinished } from 'vitest'
import { createGame } from '../fixtures/game.ts'
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
  WAYS_TO_KEEP,
  type Way,
} from '../fixtures/storms.ts'

const SEED = 7

interface Wish {
  readonly what: string
  readonly isSo: () => boolean
  readonly resolve: () => void
}

/** A game in real time whose scripts are real files. `until` resolves at the first tick at which a condition is true. */
async function watchFiles(names: readonly string[]) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-storms-')))
  const storm = await StormGame.create(folder, names, SEED)
  for (const name of names) await writeFile(storm.file(name), storm.applied.get(name) as string, 'latin1')
  const watcher = watchScripts(storm.game.runtime, {
    folder: pathToFileURL(folder),
    onOutcome: (outcome) => storm.tell(outcome),
    read: async (file) => storm.read(file, await readFile(file)),
  })
  await watcher.ready
  const wishes = new Set<Wish>()
  const timer = setInterval(() => {
    storm.tick()
    for (const wish of wishes) {
      if (!wish.isSo()) continue
      wishes.delete(wish)
      wish.resolve()
    }
  }, 1)
  onTestFailed(() => {
    for (const { what } of wishes) console.log(`still waiting (seed ${SEED}): ${what}`)
  })
  onTestFinished(async () => {
    clearInterval(timer)
    await watcher.close()
    storm.game.runtime.dispose()
    await rm(folder, { recursive: true })
  })
  const until = (what: string, isSo: () => boolean): Promise<void> => new Promise((resolve) => wishes.add({ what, isSo, resolve }))
  const act = async (steps: readonly Step[], name: string): Promise<void> => {
    for (const step of steps) {
      const end = storm.ran + step.pause / 2
      await until('ticks', () => storm.ran >= end)
      await actOnDisk(step, storm.file(name))
    }
  }
  return { storm, until, act }
}

async function actOnDisk({ act, content = Buffer.alloc(0) }: Step, file: string): Promise<void> {
  const ifThere = (work: Promise<void>): Promise<void> => work.catch(() => undefined)
  if (act === 'write') await writeFile(file, content)
  else if (act === 'write beside') await writeFile(`${file}.tmp`, content)
  else if (act === 'rename over') await rename(`${file}.tmp`, file)
  else if (act === 'rename away') await ifThere(rename(file, `${file}.bak`))
  else if (act === 'rename back') await ifThere(rename(`${file}.bak`, file))
  else await ifThere(unlink(file))
}

/** Runs rounds of storms of saves of several files at once, on disk and in real time. */
export async function runStormsOnDisk(rounds: number, files: number): Promise<void> {
  const names = Array.from({ length: files }, (_, index) => `${index % 2 === 0 ? 'state' : 'memory'}-${index}`)
  const { storm, until, act } = await watchFiles(names)

  /** Saves a file several times, the last time with a valid script. Resolves when that one runs. */
  const rage = async (name: string, traps: boolean, random: Random, mistakes: Set<ErrorCode>, told: string[]): Promise<void> => {
    const own: string[] = []
    const save = async (kind: Kind, way: Way): Promise<() => boolean> => {
      const { content } = await storm.save(name, kind, random)
      own.push(`${kind} ${way}`)
      told.push(`${name} ${kind} ${way}`)
      for (const code of CODES[kind]) mistakes.add(code)
      await act(stepsOf(way, content, random), name)
      return () => storm.applied.get(name) === textOf(content)
    }
    const untilApplied = async (isApplied: () => boolean): Promise<void> => until(`${name} ${own.join(', ')}`, isApplied)
    if (traps) await untilApplied(await save('trapping', random.pick(WAYS_TO_KEEP)))
    for (let count = 1 + random.below(3); count > 0; count--) await save(random.pick(KINDS_OF[keepingOf(name)]), random.pick(WAYS))
    await untilApplied(await save('valid', random.pick(WAYS_TO_KEEP)))
  }

  const randoms = names.map((_, index) => createRandom(SEED + index))
  for (let round = 0; round < rounds; round++) {
    // Truncated, empty and partly written files are noticed in any file.
    const mistakes = new Set<ErrorCode>(['InvalidText'])
    const told = [`seed ${SEED}, round ${round}`]
    await Promise.all(names.map((name, index) => rage(name, index === round % files, randoms[index] as Random, mistakes, told)))
    storm.check(told.join(', '), mistakes)
  }
}

/** Deletes and writes files repeatedly. Each version must be noticed in every file. */
export async function runGoingAndComing(files: number, versions: number): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-storms-')))
  const text = (version: number): string => `(module (func (export "version") (result i32) (i32.const ${version})))`
  const { runtime } = await createGame({ probation: 0 })
  const scripts: { readonly id: ScriptId; readonly file: string }[] = []
  for (let index = 0; index < files; index++) {
    const file = join(folder, `${index}.wat`)
    await writeFile(file, text(0))
    scripts.push({ file, id: await runtime.loadModule(pathToFileURL(file)) })
  }
  const watcher = watchScripts(runtime)
  onTestFinished(async () => {
    await watcher.close()
    await rm(folder, { recursive: true })
  })
  await watcher.ready
  const random = createRandom(SEED)
  const goAndCome = async (file: string, content: string): Promise<void> => {
    for (let times = 0; times < 4; times++) {
      await unlink(file)
      await setTimeout(random.below(10))
      await writeFile(`${file}.tmp`, content)
      await rename(`${file}.tmp`, file)
      await setTimeout(random.below(10))
    }
  }
  const unseen = (version: number): string[] =>
    scripts.filter(({ id }) => runtime.call(id, 'version') !== version).map(({ file }) => basename(file))
  for (let version = 1; version <= versions; version++) {
    const content = text(version)
    await Promise.all(scripts.map(({ file }) => (version % 2 === 1 ? goAndCome(file, content) : writeFile(file, content))))
    // Longer than a reloader checks a file by itself.
    await expect.poll(() => unseen(version), { interval: 200 }).toEqual([])
  }
}
