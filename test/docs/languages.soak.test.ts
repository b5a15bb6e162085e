import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRelation, createWorld } from 'bitecs'
import { defineComponents, describeGame, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { bindingsOf, PRINTERS } from '../../src/node/bindings/printers.ts'
import { bindingsLibrary } from '../../src/node/game-files.ts'
import { COMPILERS, compiled, createSourceFolder } from '../fixtures/compiled.ts'
import type { CompiledLanguage } from '../fixtures/find-compilers.ts'
import { snippetsOf } from './packed-project.ts'

/** The page of each language, and how it marks its programs. */
const PAGES: Readonly<Record<CompiledLanguage, { readonly page: string; readonly mark: string }>> = {
  as: { page: 'docs/assemblyscript.md', mark: 'ts' },
  c: { page: 'docs/c.md', mark: 'c' },
  rust: { page: 'docs/rust.md', mark: 'rust' },
}

/** Names of the game that the pages are about. */
const SCRIPT = `(module
  (import "audio" "play" (func (param i32)))
  (import "ecs.query" "Position Health !Dead" (func (result i32)))
  (func (export "on_hit") (param f32 f32)))`

function createRuntime(): Promise<WasmScriptRuntime> {
  const number = { x: 'f32', y: 'f32' } as const
  const components = defineComponents({ Position: number, Velocity: number, Health: { points: 'i16' }, Dead: {} })
  const options = { world: createWorld(), components, relations: { ChildOf: createRelation() }, host: { audio: { play: () => undefined } } }
  return WasmScriptRuntime.create(options) as Promise<unknown> as Promise<WasmScriptRuntime>
}

const LANGUAGES = inject('compilers')

describe.skipIf(LANGUAGES.length === 0)('the programs of the pages on languages', () => {
  let folder: string

  beforeAll(async () => {
    folder = await createSourceFolder()
    const runtime = await createRuntime()
    await runtime.loadModule(SCRIPT, { name: 'drift' })
    for (const language of LANGUAGES) {
      const text = bindingsOf(describeGame(runtime), language, await bindingsLibrary(language))
      await writeFile(join(folder, PRINTERS[language].file), text)
    }
    runtime.dispose()
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each(LANGUAGES)('compile, and run in the game: %s', async (language) => {
    const { page, mark } = PAGES[language]
    const programs = (await snippetsOf(page)).filter((snippet) => snippet.language === mark)
    expect(programs.length).toBeGreaterThanOrEqual(3)
    for (const [index, { code }] of programs.entries()) {
      const file = join(folder, `program${index}${COMPILERS[language].extension}`)
      await writeFile(file, code)
      const module = await compiled(file, language)
      const runtime = await createRuntime()
      const id = await runtime.loadModule(module, { name: 'program', config: { gun: { speed: 30 } } })
      runtime.attach(runtime.spawn({ Position: { x: 1, y: 2 }, Velocity: { x: 60, y: 0 }, Health: { points: 0 } }), id)
      for (let tick = 0; tick < 3; tick++) expect(runtime.tick(1 / 60).faults).toBe(0)
      const exports = (await runtime.checkModule(module, { config: {} })).exports.map(({ name }) => name)
      if (exports.includes('process')) expect(runtime.callJson(id, 'process', { factor: 3 })).toEqual({ speed: 90, name: 'gun' })
      runtime.dispose()
    }
  })
})
