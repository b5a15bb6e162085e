import { createWorld } from 'bitecs'
import { defineComponents, Mods, type ScriptError, WasmScriptRuntime } from 'bitscript'
import fc from 'fast-check'
import { expect } from 'vitest'

/** Counts its ticks, until it is told to break. */
const SOURCE = `(module
  (global $ticks (mut i32) (i32.const 0)) (global $broken (mut i32) (i32.const 0))
  (func (export "tick") (param f32)
    (if (global.get $broken) (then unreachable))
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1))))
  (func (export "break") (global.set $broken (i32.const 1)))
  (func (export "count") (result i32) (global.get $ticks)))`

/** What each mod requires: all of them in version 1. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  keys: ['base'],
  doors: ['keys', 'base'],
  lamps: [],
  alarm: ['lamps', 'doors'],
}
const NAMES = Object.keys(NEEDS)

/** A step, for a mod or for all. */
export type Step =
  | { readonly do: 'load'; readonly name: string; readonly version: string }
  | { readonly do: 'unload' | 'enable' | 'disable' | 'reload' | 'break'; readonly name: string }
  | { readonly do: 'reloadAll' }
  | { readonly do: 'tick' }

const name = fc.constantFrom(...NAMES)
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('load' as const), name, version: fc.constantFrom('1.0.0', '1.5.0', '2.0.0') }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('unload', 'enable', 'enable', 'disable', 'reload', 'break'), name }) },
  { weight: 2, arbitrary: fc.constant({ do: 'tick' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reloadAll' as const }) },
)

/** A mod as the model sees it. */
interface ModelMod {
  readonly version: string
  isEnabled: boolean
  isFaulted: boolean
  isBroken: boolean
  count: number
  generation: number
}

/** What the registry has to be like. */
class Model {
  readonly mods = new Map<string, ModelMod>()

  /** Does a step. Returns the code of the error that it ends with. */
  take(next: Step): ScriptError['code'] | undefined {
    if (next.do === 'tick') return this.#tick()
    if (next.do === 'reloadAll') {
      for (const each of this.mods.keys()) this.#reload(each)
      return undefined
    }
    const { name } = next
    if (next.do === 'load') {
      if (this.mods.has(name)) return 'DuplicateName'
      if (!this.#isMet(name)) return 'DependencyUnmet'
      this.mods.set(name, { version: next.version, isEnabled: true, isFaulted: false, isBroken: false, count: 0, generation: 1 })
      return undefined
    }
    const mod = this.mods.get(name)
    if (mod === undefined) return 'ScriptNotFound'
    const isNeeded = [...this.mods].some(([other, { isEnabled }]) => isEnabled && NEEDS[other]?.includes(name))
    switch (next.do) {
      case 'unload':
        if (isNeeded) return 'DependencyUnmet'
        this.mods.delete(name)
        return undefined
      case 'disable':
        if (mod.isEnabled && isNeeded) return 'DependencyUnmet'
        mod.isEnabled = false
        return undefined
      case 'enable':
        if (!mod.isEnabled && !this.#isMet(name)) return 'DependencyUnmet'
        mod.isEnabled = true
        return undefined
      case 'break':
        mod.isBroken = true
        return undefined
      case 'reload':
        return this.#reload(name)
    }
  }

  #isMet(name: string): boolean {
    return (NEEDS[name] ?? []).every((each) => {
      const found = this.mods.get(each)
      return found?.isEnabled === true && found.version.startsWith('1.')
    })
  }

  #reload(name: string): undefined {
    const mod = this.mods.get(name) as ModelMod
    mod.isFaulted = mod.isBroken = false
    mod.count = 0
    mod.generation++
  }

  #tick(): undefined {
    for (const mod of this.mods.values()) {
      if (!mod.isEnabled || mod.isFaulted) continue
      if (mod.isBroken) mod.isFaulted = true
      else mod.count++
    }
  }
}

/** Does the same steps to a registry and to a model, and compares them after each. */
export async function compareWithModel(steps: readonly Step[]): Promise<void> {
  const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 100 })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, probation: 0, onLog: () => undefined })
  runtime.on('error', () => undefined)
  const mods = new Mods(runtime)
  const model = new Model()
  let ticks = 0

  async function take(next: Step): Promise<void> {
    if (next.do === 'tick') {
      expect(runtime.tick(1 / 60).tick).toBe(++ticks)
      return
    }
    if (next.do === 'load') {
      const requires = { mods: Object.fromEntries((NEEDS[next.name] ?? []).map((each) => [each, '^1.0.0'])) }
      await mods.load([{ manifest: { name: next.name, version: next.version, requires }, source: SOURCE }])
    } else if (next.do === 'reloadAll') await mods.reload()
    else if (next.do === 'break') {
      const id = mods.get(next.name)?.script
      if (id === undefined) throw Object.assign(new Error('there is no such mod'), { code: 'ScriptNotFound' })
      runtime.call(id, 'break')
    } else await mods[next.do](next.name)
  }

  for (const next of steps) {
    const wanted = model.take(next)
    const code = await take(next).then(
      () => undefined,
      (error: ScriptError) => {
        if (error.code === undefined) throw error
        return error.code
      },
    )
    expect(code, JSON.stringify(next)).toBe(wanted)
    const found = mods.list().map(({ name, version, status, script }) => {
      const { generation } = runtime.script(script)
      return { name, version, status, generation, count: runtime.call(script, 'count') }
    })
    const expected = [...model.mods].map(([name, { version, isEnabled, isFaulted, generation, count }]) => {
      return { name, version, status: isEnabled ? (isFaulted ? 'faulted' : 'enabled') : 'disabled', generation, count }
    })
    expect(found, JSON.stringify(next)).toEqual(expected)
  }
  runtime.dispose()
}
