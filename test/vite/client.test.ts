import type { ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { liveScript, liveUrl } from '../../src/vite/client.ts'
import { codeOf, createGame } from '../fixtures/game.ts'

const steps = (step: number): string => `(module
  (func (export "step") (result i32) (i32.const ${step}))
  (func (export "tick") (param f32) (if (i32.eq (i32.const ${step}) (i32.const 13)) (then (unreachable)))))`
const content = (text: string, version: number) => ({ id: '/mover.wat?script', file: 'mover.wat', version, bytes: btoa(text) })

/** The script's asset, with what it sends to the server. */
function createAsset(text = steps(1)) {
  const sent: unknown[] = []
  const listeners = new Map<string, (payload: never) => void>()
  const asset = liveScript({ ...content(text, 1), name: 'mover' }, 'http://game/mover.wat?script', {
    on: (event, listener) => void listeners.set(event, listener),
    send: (event, payload) => void sent.push([event, payload]),
  })
  const save = (saved: string, version: number): void => listeners.get('bitscript:changed')?.(content(saved, version) as never)
  return { asset, sent, save }
}

const step = (runtime: WasmScriptRuntime, id: ScriptId): unknown => runtime.call(id, 'step')

describe('a script in development', () => {
  it('tells the server which version it has, from when on it listens', () => {
    expect(createAsset().sent).toEqual([['bitscript:opened', { id: '/mover.wat?script', version: 1 }]])
  })

  it('is reloaded by a save while it loads, and by each one after it', async () => {
    const { runtime } = await createGame()
    const { asset, save } = createAsset()
    const loading = runtime.loadModule(asset)
    save(steps(2), 2)
    const id = await loading
    await expect.poll(() => step(runtime, id)).toBe(2)
    save(steps(3), 3)
    await expect.poll(() => step(runtime, id)).toBe(3)
    expect(runtime.script(id).generation).toBe(3)
  })

  it('is loaded with what was saved before, and ignores a version that it has', async () => {
    const { runtime } = await createGame()
    const { asset, save } = createAsset()
    save(steps(2), 2)
    const id = await runtime.loadModule(asset)
    save(steps(2), 2)
    save(steps(3), 3)
    await expect.poll(() => step(runtime, id)).toBe(3)
    expect(runtime.script(id).generation).toBe(2)
  })

  it('reports each distinct fault once, whenever it comes, and again after the next save', async () => {
    const { runtime } = await createGame()
    const { asset, sent, save } = createAsset(steps(13))
    const trap = ['bitscript:mistake', expect.objectContaining({ code: 'Trap', script: 'mover' })]
    for (const name of ['mover', 'twin']) await runtime.loadModule(asset, { name })
    runtime.tick(1)
    expect(runtime.scripts().map(({ status }) => status)).toEqual(['faulted', 'faulted'])
    expect(sent.slice(1)).toEqual([trap])
    save(`${steps(13)} ;; again`, 2)
    await expect.poll(() => runtime.scripts().map(({ generation }) => generation)).toEqual([2, 2])
    runtime.tick(1)
    expect(sent.slice(1)).toEqual([trap, trap])
  })

  it('that could not be loaded is reported, and starts the page again when it is saved', async () => {
    const { runtime } = await createGame()
    const { asset, sent, save } = createAsset('(module (func (export "tick")))')
    const mistake = ['bitscript:mistake', expect.objectContaining({ code: 'SignatureMismatch' })]
    const restart = ['bitscript:restart', { id: '/mover.wat?script' }]
    expect(await codeOf(runtime.loadModule(asset))).toBe('SignatureMismatch')
    expect(sent.slice(1)).toEqual([mistake])
    save(steps(1), 2)
    expect(sent.slice(1)).toEqual([mistake, restart])
  })

  it('that could not be loaded starts the page again at once if it was saved in the meantime', async () => {
    const { runtime } = await createGame()
    const { asset, sent, save } = createAsset('(module (func (export "tick")))')
    const loading = codeOf(runtime.loadModule(asset))
    save(steps(1), 2)
    expect(await loading).toBe('SignatureMismatch')
    expect(sent.slice(1)).toEqual([['bitscript:restart', { id: '/mover.wat?script' }]])
  })

  it('that the game unloaded while it was loading is no mistake', async () => {
    const { runtime } = await createGame()
    const { asset, sent } = createAsset()
    const loading = codeOf(runtime.loadModule(asset))
    runtime.unloadModule(runtime.find('mover')?.id as ScriptId)
    expect(await loading).toBe('ScriptNotFound')
    expect(sent).toHaveLength(1)
  })
})

describe('a script that is loaded by its URL in development', () => {
  const FILE = { id: '/mover.mine', name: 'mover', file: 'mover.mine' }
  const dataUrl = (text: string): URL => new URL(`data:application/wasm;name=mover.wasm;base64,${btoa(text)}`)
  const createHot = () => {
    const sent: unknown[] = []
    const listeners: ((payload: never) => void)[] = []
    const hot = {
      on: (_: string, listener: (payload: never) => void) => void listeners.push(listener),
      send: (event: string, payload: unknown) => void sent.push([event, payload]),
    }
    const save = (text: string, version: number): void => {
      for (const listener of listeners) listener({ ...content(text, version), ...FILE } as never)
    }
    return { hot, sent, listeners, save }
  }

  it('adds no listeners for each URL that the game makes of its file', () => {
    const { hot, sent, listeners } = createHot()
    const makeUrl = () => liveUrl(dataUrl(steps(1)), { ...FILE, version: 1 }, hot)
    makeUrl()
    const { length } = listeners
    for (let count = 0; count < 10; count++) makeUrl()
    expect(listeners).toHaveLength(length)
    expect(sent).toEqual([['bitscript:opened', { id: FILE.id, version: 1 }]])
  })

  it('is reloaded with what was saved after the module in its URL was served', async () => {
    const { runtime } = await createGame()
    const { hot, save } = createHot()
    const url = liveUrl(dataUrl(steps(1)), { ...FILE, version: 1 }, hot)
    save(steps(2), 2)
    const id = await runtime.loadModule(url)
    await expect.poll(() => step(runtime, id)).toBe(2)
    save(steps(3), 3)
    await expect.poll(() => step(runtime, id)).toBe(3)
    expect(runtime.script(id).generation).toBe(3)
  })
})
