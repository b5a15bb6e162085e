import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'
import { snippetsOf } from './packed-project.ts'

// `languages.soak.test.ts` compiles the programs of the pages on C, Rust and AssemblyScript.

describe('docs/wat.md', () => {
  it('has scripts that run', async () => {
    const number = { x: 'f32', y: 'f32' } as const
    const components = defineComponents({ Position: number, Velocity: number, Health: { points: 'i16' }, Dead: {} })
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
    const scripts = (await snippetsOf('docs/wat.md')).filter(({ language }) => language === 'wat')
    expect(scripts).toHaveLength(2)
    const entity = runtime.spawn({ Position: { x: 1, y: 2 }, Velocity: { x: 60, y: 0 }, Health: { points: 0 } })
    for (const [index, { code }] of scripts.entries()) runtime.attach(entity, await runtime.loadModule(code, { name: `script ${index}` }))
    for (let tick = 0; tick < 3; tick++) expect(runtime.tick(1 / 60).faults).toBe(0)
    expect(components.Position.x[entity]).toBeCloseTo(4)
    runtime.dispose()
  })
})

describe.each([
  ['docs/c.md', 'game.h'],
  ['docs/rust.md', 'game.rs'],
  ['docs/assemblyscript.md', 'game.ts'],
])('%s', (page, library) => {
  it('names what the library declares', async () => {
    const text = await readFile(join(REPOSITORY, page), 'utf8')
    const declared = await readFile(join(REPOSITORY, 'bindings', library), 'utf8')
    const names = new Set(text.match(/\bBS_[A-Z_]+|\b(?:json|text|storage|http)_[a-z]+|\b(?:storage|http)[A-Z][a-z]+|\b\w+!(?= \{)/g))
    expect(names.size).toBeGreaterThan(3)
    expect([...names].filter((name) => !new RegExp(`\\b${name.replace('!', '')}\\b`).test(declared))).toEqual([])
  })
})
