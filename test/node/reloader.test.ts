import { pathToFileURL } from 'node:url'
import { type FileOutcome, ScriptReloader } from 'bitscript/node'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'
import { counterScript } from '../fixtures/scripts.ts'

const FILE = '/game/counter.wat'
const URL_OF_FILE = pathToFileURL(FILE)

/** Returns a reloader for a file with a list of contents, one for each read; the last one is repeated. */
async function createReloader(...contents: (string | undefined)[]) {
  const game = await createGame()
  const id = await game.runtime.loadModule({ url: URL_OF_FILE, content: counterScript() })
  game.runtime.tick(1)
  const outcomes: FileOutcome[] = []
  const waits: number[] = []
  const reads: (string | undefined)[] = [...contents]
  const reloader = new ScriptReloader(game.runtime, {
    onOutcome: (outcome) => outcomes.push(outcome),
    wait: async (milliseconds) => void waits.push(milliseconds),
    read: async () => {
      const content = reads.length > 1 ? reads.shift() : reads[0]
      if (content === undefined) throw new Error('ENOENT')
      return new TextEncoder().encode(content)
    },
  })
  const change = (mayLoad = false): Promise<void> => reloader.changed(FILE, URL_OF_FILE, mayLoad)
  return { ...game, id, reloader, outcomes, waits, reads, change }
}

describe('ScriptReloader', () => {
  it('reloads the script of a file that changed, with its state', async () => {
    const { runtime, id, outcomes, change } = await createReloader(counterScript(5))
    await change()
    expect(outcomes).toMatchObject([{ state: 'reloaded', file: FILE, report: { generation: 2, state: 'restored' } }])
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(6)
  })

  it('carries over the globals and the memory of a script without get_state', async () => {
    const plain = (step: number): string => `(module (global $count (mut i32) (i32.const 0))
      (func (export "tick") (param f32) (global.set $count (i32.add (global.get $count) (i32.const ${step}))))
      (func (export "count") (result i32) (global.get $count)))`
    const { runtime, id, outcomes, reads, change } = await createReloader(plain(1))
    await change()
    runtime.tick(1)
    runtime.tick(1)
    reads[0] = plain(10)
    await change()
    expect(outcomes.at(-1)).toMatchObject({ report: { state: 'preserved', carried: ['global count'] } })
    runtime.tick(1)
    // One tick of the first script, two of the second, and one of the script that counts by ten.
    expect(runtime.call(id, 'count')).toBe(13)
  })

  it('reports a mistake once, with its location, and keeps the previous generation running', async () => {
    const { runtime, id, outcomes, change } = await createReloader('(module\n  (oops)\n  (func))')
    await change()
    expect(outcomes).toMatchObject([{ state: 'mistake', error: { code: 'InvalidText', location: { file: FILE, line: 2 } } }])
    await change()
    expect(outcomes).toHaveLength(1)
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
  })

  it('waits for a file that is empty, missing for a moment, or half written', async () => {
    const whole = counterScript(5)
    const { outcomes, waits, change } = await createReloader('', undefined, whole.slice(0, 100), whole.slice(0, 200), whole)
    await change()
    expect(outcomes).toMatchObject([{ state: 'reloaded', report: { generation: 2 } }])
    expect(waits).toEqual([15, 30, 60, 120, 75])
  })

  it('reports a file that stays empty, and keeps its script running', async () => {
    const { outcomes, change, runtime, id } = await createReloader('')
    await change()
    expect(outcomes).toMatchObject([{ state: 'mistake', error: { code: 'InvalidText' } }])
    expect(runtime.script(id)).toMatchObject({ generation: 1, status: 'active' })
  })

  it('does nothing if the content of the file is the same', async () => {
    const { runtime, id, change, outcomes } = await createReloader(counterScript(5))
    await change()
    await change()
    expect(outcomes).toHaveLength(1)
    expect(runtime.script(id).generation).toBe(2)
  })

  it('processes only the last of several saves at once', async () => {
    const { runtime, id, reads, change } = await createReloader(counterScript(5))
    const first = change()
    reads[0] = counterScript(7)
    const second = change()
    reads[0] = counterScript(9)
    const third = change()
    await Promise.all([first, second, third])
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(10)
  })

  it('checks the file again after a while, since a watcher may not report a second change', async () => {
    const { runtime, id, outcomes, change } = await createReloader(counterScript(5), counterScript(7))
    await change()
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['reloaded', 'reloaded'])
    runtime.tick(1)
    expect(runtime.call(id, 'count')).toBe(8)
  })

  it('reports a file that was removed, and reloads it when it is created again', async () => {
    const { outcomes, reloader, change, runtime, id } = await createReloader(counterScript(5))
    await change()
    reloader.removed(FILE)
    expect(outcomes.at(-1)).toMatchObject({ state: 'removed', file: FILE })
    expect(runtime.script(id).status).toBe('active')
    await change()
    expect(outcomes.at(-1)).toMatchObject({ state: 'reloaded', report: { generation: 3 } })
  })

  it('loads a new file if it may, once it has no mistake', async () => {
    const { runtime, reads, reloader, outcomes } = await createReloader('(module (fnc))')
    const url = pathToFileURL('/game/new.wat')
    await reloader.changed('/game/new.wat', url, false)
    expect(outcomes).toEqual([])
    await reloader.changed('/game/new.wat', url, true)
    expect(outcomes).toMatchObject([{ state: 'mistake', script: undefined }])
    reads[0] = counterScript()
    await reloader.changed('/game/new.wat', url, true)
    expect(outcomes.at(-1)).toMatchObject({ state: 'loaded', script: { name: 'new' } })
    expect(runtime.find('new')?.url).toEqual(url)
  })

  it('applies a save after the script has loaded', async () => {
    const { runtime, outcomes } = await createGame().then((game) => ({ ...game, outcomes: [] as FileOutcome[] }))
    const loading = runtime.loadModule({ url: URL_OF_FILE, content: counterScript(1) })
    const reloader = new ScriptReloader(runtime, {
      onOutcome: (outcome) => outcomes.push(outcome),
      wait: async () => undefined,
      read: async () => new TextEncoder().encode(counterScript(5)),
    })
    await reloader.changed(FILE, URL_OF_FILE, false)
    expect(outcomes).toMatchObject([{ state: 'reloaded', report: { generation: 2 } }])
    runtime.tick(1)
    expect(runtime.call(await loading, 'count')).toBe(5)
  })

  it('reports the previous content again after the file was empty', async () => {
    const { outcomes, reads, change } = await createReloader(counterScript(5))
    await change()
    reads[0] = ''
    await change()
    reads[0] = counterScript(5)
    await change()
    expect(outcomes.map(({ state }) => state)).toEqual(['reloaded', 'mistake', 'reloaded'])
  })

  it('rejects with what its listener throws, and processes the next change of the file', async () => {
    const { runtime, id } = await createReloader(counterScript(5))
    let content = counterScript(5)
    const states: string[] = []
    const reloader = new ScriptReloader(runtime, {
      onOutcome({ state }) {
        states.push(state)
        if (states.length === 1) throw new Error('the terminal is gone')
      },
      wait: async () => undefined,
      read: async () => new TextEncoder().encode(content),
    })
    await expect(reloader.changed(FILE, URL_OF_FILE, false)).rejects.toThrow('the terminal is gone')
    content = counterScript(7)
    await reloader.changed(FILE, URL_OF_FILE, false)
    expect([states, runtime.script(id).generation]).toEqual([['reloaded', 'reloaded'], 3])
  })

  it('does nothing after close', async () => {
    const { outcomes, reloader, change } = await createReloader(counterScript(5))
    reloader.close()
    await change()
    expect(outcomes).toEqual([])
  })

  it('does nothing after its runtime was disposed of, even if the watcher goes on', async () => {
    const { runtime, outcomes, reloader, change } = await createReloader(counterScript(5))
    runtime.dispose()
    await change()
    await change(true)
    reloader.removed(FILE)
    expect(reloader.scriptOf(FILE)).toBeUndefined()
    expect(outcomes).toEqual([])
  })
})
