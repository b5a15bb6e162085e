import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScriptError } from 'bitscript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BuildLoop, type BuildLoopOptions } from '../../src/node/build-loop.ts'
import { isSource } from '../../src/node/build-sources.ts'
import { type BuildStep, buildStepOf } from '../../src/node/build-step.ts'

let folder: string
let loop: BuildLoop
/** What happened: builds that started, and outcomes. */
let told: string[]
/** Ends the builds that run. */
let running: { readonly step: BuildStep; end(error?: ScriptError): Promise<void> }[]

const file = (name: string): string => join(folder, name)

function stepOf(watch: readonly string[]): BuildStep {
  const step = buildStepOf(file('mod.script.json'), { name: 'mod', build: { command: 'compile', watch, output: 'mod.wasm' } })
  if (step === undefined) throw new Error('it has no build')
  return step
}

/** Starts a loop whose builds run until they are ended by hand. */
function start(watch: readonly string[] = ['src'], options: Partial<BuildLoopOptions> = {}): void {
  loop = new BuildLoop(stepOf(watch), {
    onStart: () => told.push('starts'),
    onLine: (line) => told.push(line),
    onOutcome: ({ state }) => told.push(state),
    wait: () => Promise.resolve(),
    run: (step, { signal }) =>
      new Promise((resolve, reject) => {
        running.push({
          step,
          async end(error) {
            await writeFile(step.output, 'built')
            if (error === undefined) resolve()
            else reject(error)
          },
        })
        signal.addEventListener('abort', () => reject(new ScriptError('BuildFailed', 'it was stopped')))
      }),
    ...options,
  })
}

/** Resolves with the next build that runs. */
async function next(): Promise<(typeof running)[number]> {
  await expect.poll(() => running.length).toBeGreaterThan(0)
  return running.shift() as (typeof running)[number]
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-build-')))
  await mkdir(file('src/inner'), { recursive: true })
  await writeFile(file('src/main.ts'), '1')
  told = []
  running = []
})
afterEach(async () => {
  await loop.close()
  await rm(folder, { recursive: true })
})

describe('BuildLoop', () => {
  it.each([
    ['missing', undefined, ['starts', 'built']],
    ['older than a source', 1, ['starts', 'built']],
    ['newer than all sources', 4_000_000_000, []],
  ])('builds at the start if its output is %s', async (_, time, expected) => {
    if (time !== undefined) {
      await writeFile(file('mod.wasm'), '')
      await utimes(file('mod.wasm'), time, time)
    }
    start()
    const done = loop.buildStale()
    if (expected.length > 0) await (await next()).end()
    await done
    expect(told).toEqual(expected)
  })

  it('builds a mod once for several files that are saved one after another', async () => {
    let waits = 0
    start(undefined, {
      wait: async () => {
        if (++waits < 4) await writeFile(file(`src/part-${waits}.ts`), String(waits))
      },
    })
    await loop.ready
    const done = loop.changed(file('src/main.ts'))
    await (await next()).end()
    await done
    expect(told).toEqual(['starts', 'built'])
    // Further reports of the same save.
    await loop.changed(file('src/main.ts'))
    await loop.changed(file('src/part-1.ts'))
    expect(told).toHaveLength(2)
  })

  it('runs one build of a mod at a time, and reports the last of those that were overtaken', async () => {
    start()
    const done = loop.changed(file('src/main.ts'))
    const first = await next()
    await writeFile(file('src/main.ts'), '2')
    const again = loop.changed(file('src/main.ts'))
    await Promise.resolve()
    expect(running).toHaveLength(0)
    await first.end(new ScriptError('BuildFailed', 'a mistake of the text before'))
    await (await next()).end()
    await Promise.all([done, again])
    expect(told).toEqual(['starts', 'starts', 'built'])
  })

  it.each([
    [['src/*.ts'], ['src/main.ts'], ['src/inner/deep.ts', 'src/main.js', 'main.ts']],
    [
      ['src/**/*.as.ts', 'notes.md'],
      ['src/inner/deep.as.ts', 'src/one.as.ts', 'notes.md'],
      ['src/main.ts', 'src/notes.md'],
    ],
    [['src'], ['src/main.ts', 'src/inner/deep.ts'], ['srcs/main.ts', 'mod.wasm']],
    [['.'], ['src/main.ts', 'made/new.ts'], ['mod.wasm']],
  ])('watches %j', (watch, sources, others) => {
    start()
    for (const name of sources) expect([name, isSource(stepOf(watch), file(name))]).toEqual([name, true])
    for (const name of others) expect([name, isSource(stepOf(watch), file(name))]).toEqual([name, false])
  })

  it('notices saves in all folders of its sources, new ones, too, but not of what it writes and of packages', async () => {
    await mkdir(file('node_modules'))
    await writeFile(file('mod.wasm'), '')
    start(['.'])
    await loop.ready
    await loop.buildStale()
    await writeFile(file('mod.wasm'), 'other')
    await writeFile(file('node_modules/package.js'), '')
    for (const name of ['src/inner/deep.ts', 'made/new.ts']) {
      await mkdir(join(file(name), '..'), { recursive: true })
      await writeFile(file(name), '1')
      await (await next()).end()
      await expect.poll(() => told).toEqual(['starts', 'built'])
      told.length = 0
    }
  })

  it('goes on after a build that failed, and builds again when the same text is saved again', async () => {
    start()
    const failed = loop.changed(file('src/main.ts'))
    await (await next()).end(new ScriptError('BuildFailed', 'a mistake'))
    await failed
    await loop.changed(file('src/main.ts'))
    await utimes(file('src/main.ts'), 5, 5)
    const done = loop.changed(file('src/main.ts'))
    await (await next()).end()
    await done
    expect(told).toEqual(['starts', 'failed', 'starts', 'built'])
  })

  it('gives up on a command that changes its own sources each time', async () => {
    const outcomes: string[] = []
    let runs = 0
    start(undefined, {
      run: () => writeFile(file('src/generated.ts'), String(++runs)),
      onOutcome: (outcome) => outcomes.push(outcome.state === 'failed' ? outcome.error.message : outcome.state),
    })
    await loop.changed(file('src/main.ts'))
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]).toMatch(/the sources of 'compile' change each time it runs: leave the files that it writes out of build\.watch/)
    expect(runs).toBeLessThan(20)
  })

  it('ends what runs when it is closed, and reports nothing more', async () => {
    start()
    const done = loop.changed(file('src/main.ts'))
    await next()
    await loop.close()
    await done
    await loop.changed(file('src/main.ts'))
    expect(told).toEqual(['starts'])
  })
})
