import { mkdir, mkdtemp, open, realpath, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ScriptId, ScriptInfo } from 'bitscript'
import { type FileOutcome, type ScriptWatcher, watchScripts } from 'bitscript/node'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createGame, type Game } from '../fixtures/game.ts'
import { steppingPlugin } from '../fixtures/plugin.ts'
import { counterScript } from '../fixtures/scripts.ts'

let folder: string
let game: Game
let id: ScriptId
let watcher: ScriptWatcher
let outcomes: FileOutcome[]
let arrived: () => void

/** Resolves with the next outcome. */
async function next(): Promise<FileOutcome> {
  while (outcomes.length === 0) {
    await new Promise<void>((resolve) => {
      arrived = resolve
    })
  }
  return outcomes.shift() as FileOutcome
}

const file = (name = 'counter.wat'): string => join(folder, name)

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-watch-')))
  outcomes = []
  arrived = () => undefined
  await writeFile(file(), counterScript(1))
  game = await createGame()
  id = await game.runtime.loadModule(pathToFileURL(file()))
  watcher = watchScripts(game.runtime, {
    folder: pathToFileURL(`${folder}/`),
    onOutcome: (outcome) => {
      outcomes.push(outcome)
      arrived()
    },
  })
  await watcher.ready
})

afterEach(async () => {
  await watcher.close()
  await watcher.close()
  game.runtime.dispose()
  await rm(folder, { recursive: true })
})

/** Makes a file of 8 GiB, which takes no place on most disks. */
async function writeHuge(path: string): Promise<void> {
  const huge = await open(path, 'w')
  await huge.truncate(8 * 2 ** 30)
  await huge.close()
}

describe('watchScripts', () => {
  it('reads no more of a file than its script may have, and says that it is too large', async () => {
    await writeHuge(file())
    expect(await next()).toMatchObject({ state: 'mistake', file: file(), error: { code: 'TooLarge' }, script: { name: 'counter' } })
    await writeHuge(file('new.wasm'))
    expect(await next()).toMatchObject({ state: 'mistake', file: file('new.wasm'), error: { code: 'TooLarge' }, script: undefined })
    await writeFile(file(), counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 2, state: 'restored' } })
  })

  it('takes the limit of the script', async () => {
    const { runtime } = game
    const small = await runtime.loadModule(
      { url: pathToFileURL(file('small.wat')), content: counterScript(1) },
      { limits: { moduleBytes: 2000 } },
    )
    expect([runtime.script(small).limits.moduleBytes, runtime.limits.moduleBytes]).toEqual([2000, 4_194_304])
    await writeFile(file('small.wat'), `${counterScript(2)}${' '.repeat(2000)}`)
    expect(await next()).toMatchObject({ state: 'mistake', error: { code: 'TooLarge', detail: expect.stringContaining('2000 bytes') } })
  })

  it('reloads a script whose file is written', async () => {
    await writeFile(file(), counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', file: file(), report: { generation: 2, state: 'restored' } })
    await writeFile(file(), counterScript(3))
    expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 3 } })
  })

  it('reloads a script whose file is replaced by renaming another', async () => {
    for (const step of [2, 3, 4]) {
      await writeFile(file('counter.tmp'), counterScript(step))
      await rename(file('counter.tmp'), file())
      expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: step } })
    }
  })

  it('lets a script follow its file to another name, with its state, and loads no second one', async () => {
    game.runtime.tick(1)
    await rename(file(), file('tally.wat'))
    expect(await next()).toMatchObject({ state: 'renamed', from: file(), file: file('tally.wat'), script: { id, name: 'counter' } })
    expect(game.runtime.scripts()).toHaveLength(1)
    await writeFile(file('tally.wat'), counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', file: file('tally.wat'), report: { generation: 2, state: 'restored' } })
    expect(game.runtime.call(id, 'count')).toBe(1)
  })

  it('loads a file with the same text as a second script while the first one is there', async () => {
    await writeFile(file('copy.wat'), counterScript(1))
    expect(await next()).toMatchObject({ state: 'loaded', script: { name: 'copy' } })
  })

  it('waits for a file that is written in parts', async () => {
    const whole = counterScript(2)
    const handle = await open(file(), 'w')
    for (let at = 0; at < whole.length; at += 200) {
      await handle.write(whole.slice(at, at + 200))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await handle.close()
    expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 2 } })
  })

  it('reports a mistake with its line, and its correction', async () => {
    await writeFile(file(), counterScript(1).replace('(export "count")', '(exprt "count")'))
    expect(await next()).toMatchObject({ state: 'mistake', error: { code: 'InvalidText', location: { file: file(), line: 5 } } })
    expect(game.runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
    await writeFile(file(), counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 2 } })
  })

  it('keeps the script of a deleted file running, and reloads it when the file is created again', async () => {
    await unlink(file())
    expect(await next()).toMatchObject({ state: 'removed' })
    game.runtime.tick(1)
    expect(game.runtime.call(id, 'count')).toBe(1)
    await writeFile(file(), counterScript(5))
    expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 2, state: 'restored' } })
  })

  it('loads new scripts in the folder, and ignores other files', async () => {
    await writeFile(file('notes.txt'), 'not a script')
    await writeFile(file('second.wat'), counterScript(2))
    expect(await next()).toMatchObject({ state: 'loaded', script: { name: 'second' } })
    await writeFile(file('second.wat'), counterScript(3))
    expect(await next()).toMatchObject({ state: 'reloaded', script: { name: 'second' } })
    expect(outcomes).toEqual([])
  })

  it('watches scripts that are loaded later from other folders', async () => {
    const elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-other-')))
    const other = join(elsewhere, 'other.wat')
    await writeFile(other, counterScript(1))
    await game.runtime.loadModule(pathToFileURL(other))
    await writeFile(other, counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', file: other })
    await rm(elsewhere, { recursive: true })
  })

  it('reloads every script of a file, also one that was loaded by another path to its folder', async () => {
    const alias = join(folder, 'alias')
    await symlink(folder, alias)
    const twin = await game.runtime.loadModule(pathToFileURL(join(alias, 'counter.wat')), { name: 'twin' })
    await writeFile(file(), counterScript(2))
    const reloaded = [await next(), await next()]
    expect(new Set(reloaded.map(({ state, script }) => `${state} ${script?.name}`))).toEqual(new Set(['reloaded counter', 'reloaded twin']))
    game.runtime.tick(1)
    expect([game.runtime.call(id, 'count'), game.runtime.call(twin, 'count')]).toEqual([2, 2])
    expect(outcomes).toEqual([])
  })

  it('reloads a script that was imported, as bitscript/register imports it', async () => {
    game.runtime.unloadModule(id)
    const imported = await game.runtime.loadModule({ name: 'counter', url: pathToFileURL(file()).href })
    await writeFile(file(), counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', script: { name: 'counter' } })
    game.runtime.tick(1)
    expect(game.runtime.call(imported, 'count')).toBe(2)
  })

  it('loads files whose extension is in capitals', async () => {
    await writeFile(file('LOUD.WAT'), counterScript(2))
    expect(await next()).toMatchObject({ state: 'loaded', script: { name: 'LOUD' } })
  })

  it('says that the folder is gone and when it is back, and goes on', async () => {
    await rm(folder, { recursive: true })
    expect(await next()).toMatchObject({ state: 'unwatched', file: folder, error: { code: 'LoadFailed' } })
    await mkdir(folder)
    expect(await next()).toMatchObject({ state: 'watched', file: folder })
    await writeFile(file(), counterScript(2))
    expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 2 } })
  })

  it('says that the folder of a script that is loaded later cannot be watched', async () => {
    const url = pathToFileURL(join(folder, 'gone/other.wat'))
    await game.runtime.loadModule({ url, content: counterScript(1) })
    expect(await next()).toMatchObject({ state: 'unwatched', file: join(folder, 'gone') })
  })

  describe('with a manifest of an Extism plugin', () => {
    const saves = async (files: Readonly<Record<string, Uint8Array>>): Promise<void> => {
      for (const [name, content] of Object.entries(files)) await writeFile(file(name), content)
    }
    /** Adds the plugin to the folder, and waits until it is loaded. */
    async function add(): Promise<Awaited<ReturnType<typeof steppingPlugin>>> {
      const files = await steppingPlugin(2)
      await saves(files)
      // Its modules come after the manifest, perhaps too late for the first attempt.
      while ((await next()).state !== 'loaded');
      return files
    }
    const total = (plugin: ScriptId): number | undefined => game.runtime.readVariables(plugin).get('v')?.[0]

    it('loads it when it is added to the folder, and not its modules', async () => {
      await saves({ 'settings.json': new TextEncoder().encode('{ "volume": 3 }') })
      const { 'plugin.json': manifest, 'main.wasm': main, 'steps.wasm': steps } = await steppingPlugin(2)
      await saves({ 'plugin.json': manifest, 'main.wasm': main })
      expect(await next()).toMatchObject({ state: 'mistake', file: file('plugin.json'), error: { code: 'LoadFailed' } })
      await saves({ 'steps.wasm': steps })
      expect(await next()).toMatchObject({ state: 'loaded', file: file('plugin.json'), script: { name: 'plugin', guest: 'extism' } })
      expect(game.runtime.scripts().map(({ name }) => name)).toEqual(['counter', 'plugin'])
      expect(outcomes).toEqual([])
    })

    it('reloads it with its variables when it, or a file that it names, is saved', async () => {
      await add()
      const { id: plugin } = game.runtime.find('plugin') as ScriptInfo
      game.runtime.tick(1)
      const { 'steps.wasm': steps } = await steppingPlugin(10)
      await saves({ 'steps.wasm': steps })
      const report = { generation: 2, carried: expect.arrayContaining(['variable v']) }
      expect(await next()).toMatchObject({ state: 'reloaded', file: file('steps.wasm'), script: { name: 'plugin' }, report })
      game.runtime.tick(1)
      expect(total(plugin)).toBe(12)
      const elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-other-')))
      await writeFile(join(elsewhere, 'other.wasm'), (await steppingPlugin(100))['steps.wasm'])
      const moved = { wasm: [{ name: 'steps', path: join(elsewhere, 'other.wasm') }, { path: 'main.wasm' }], config: { level: 'two' } }
      await saves({ 'plugin.json': new TextEncoder().encode(JSON.stringify(moved)) })
      expect(await next()).toMatchObject({ state: 'reloaded', file: file('plugin.json'), report: { generation: 3 } })
      expect(game.runtime.readConfig(plugin)).toEqual({ level: 'two' })
      await writeFile(join(elsewhere, 'other.wasm'), (await steppingPlugin(50))['steps.wasm'])
      expect(await next()).toMatchObject({ state: 'reloaded', file: join(elsewhere, 'other.wasm'), report: { generation: 4 } })
      game.runtime.tick(1)
      expect(total(plugin)).toBe(62)
      await rm(elsewhere, { recursive: true })
    })

    it('reports a mistake in it or in a file that it names, and its correction', async () => {
      const files = await add()
      await saves({ 'steps.wasm': new TextEncoder().encode('oops') })
      expect(await next()).toMatchObject({ state: 'mistake', file: file('steps.wasm'), error: { code: 'InvalidBinary' } })
      await saves({ 'plugin.json': new TextEncoder().encode('{ "wasm": [ ') })
      expect(await next()).toMatchObject({ state: 'mistake', file: file('plugin.json'), error: { code: 'InvalidManifest' } })
      await saves({ 'plugin.json': files['plugin.json'] })
      expect(await next()).toMatchObject({ state: 'mistake', file: file('plugin.json'), error: { code: 'InvalidBinary' } })
      await saves({ 'steps.wasm': (await steppingPlugin(3))['steps.wasm'] })
      expect(await next()).toMatchObject({ state: 'reloaded', report: { generation: 2 } })
    })

    it('reloads it in turn for files that a build writes at the same time', async () => {
      await add()
      await Promise.all(Object.entries(await steppingPlugin(5)).map(([name, content]) => writeFile(file(name), content)))
      let outcome = await next()
      while (outcome.file !== file('steps.wasm')) outcome = await next()
      expect(outcome.state).toBe('reloaded')
      game.runtime.tick(1)
      expect(total((game.runtime.find('plugin') as ScriptInfo).id)).toBe(5)
    })
  })

  it('reports mistakes, warnings and what is gone to the console by default', async () => {
    await watcher.close()
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const infos = vi.spyOn(console, 'info').mockImplementation(() => undefined)
    onTestFinished(() => {
      for (const each of [errors, warnings, infos]) each.mockRestore()
    })
    watcher = watchScripts(game.runtime, { folder: pathToFileURL(`${folder}/`) })
    await watcher.ready
    await writeFile(file(), '(module\n  (oops))')
    await expect.poll(() => errors.mock.calls).toEqual([[expect.stringMatching(/counter\.wat:2:4.*InvalidText[\s\S]*\(oops\)/)]])
    await writeFile(file('new.wat'), '(module (func (export "tick")))')
    await expect.poll(() => errors.mock.calls[1]).toEqual([expect.stringMatching(/new\.wat.*SignatureMismatch/)])
    await writeFile(file(), counterScript(2))
    await expect.poll(() => game.runtime.script(id).generation).toBe(2)
    expect(warnings).not.toHaveBeenCalled()
    await writeFile(file(), counterScript(2).replace('"tick"', '"tik"'))
    await expect.poll(() => warnings.mock.calls).toEqual([[expect.stringMatching(/no longer exports 'tick'[\s\S]*did you mean 'tick'/)]])
    await unlink(file())
    await expect.poll(() => warnings.mock.calls.slice(1)).toEqual([[expect.stringContaining('counter.wat is gone; generation 3 runs on')]])
    await rm(folder, { recursive: true })
    await expect.poll(() => warnings.mock.calls.at(-1)).toEqual([expect.stringContaining(`the folder ${folder} is gone`)])
    await mkdir(folder)
    await expect.poll(() => infos.mock.calls).toEqual([[`the folder ${folder} is back, and watched again`]])
  })

  it('reloads several files that are saved at once', async () => {
    for (const name of ['a', 'b', 'c']) await writeFile(file(`${name}.wat`), counterScript(1))
    const first = [await next(), await next(), await next()]
    expect(first.map((outcome) => outcome.state)).toEqual(['loaded', 'loaded', 'loaded'])
    await Promise.all(['a', 'b', 'c'].map((name) => writeFile(file(`${name}.wat`), counterScript(2))))
    const second = [await next(), await next(), await next()]
    expect(new Set(second.map((outcome) => `${outcome.state} ${outcome.script?.name}`))).toEqual(
      new Set(['reloaded a', 'reloaded b', 'reloaded c']),
    )
  })
})
