import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { addComponent, addEntity } from 'bitecs'
import type { LoadOptions, ScriptError, ScriptSource } from 'bitscript'
import { afterEach, describe, expect, it } from 'vitest'
import { createGame } from '../../fixtures/game.ts'
import { lineSection, mapSection, placed, withSections } from '../../fixtures/wasm/debug-sections.ts'

const COMPILED = new URL('../../fixtures/wasm/compiled/', import.meta.url)
const compiled = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(new URL(name, COMPILED)))

let folder: string | undefined
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true })
  folder = undefined
})

/** Makes a folder with files, some of which are copies of those that were compiled. */
function folderOf(files: Readonly<Record<string, string | Uint8Array | URL>>): string {
  folder = mkdtempSync(join(tmpdir(), 'bitscript-traps-'))
  for (const [name, content] of Object.entries(files)) {
    if (content instanceof URL) cpSync(content, join(folder, name))
    else writeFileSync(join(folder, name), content)
  }
  return folder
}

/** Returns the fault of a script that is updated for an entity at `x`. */
async function faultOf(source: ScriptSource, x: number, options: LoadOptions = {}): Promise<ScriptError> {
  const { world, components, runtime, errors } = await createGame()
  const id = await runtime.loadModule(source, { name: 'traps', ...options })
  const entity = addEntity(world)
  addComponent(world, entity, components.Position)
  components.Position.x[entity] = x
  runtime.attach(entity, id)
  runtime.tick(1)
  expect(errors).toHaveLength(1)
  return errors[0] as ScriptError
}

const frames = ({ trace = [] }: ScriptError): string[] =>
  trace.map(({ function: name, location }) => (location ? `${name} ${location.file}:${location.line}:${location.column}` : name))

describe('a trap of a compiled script has the line of', () => {
  it.each([
    ['C, with DWARF 4', 'traps-c.wasm'],
    ['C, with DWARF 5', 'traps-dwarf5.wasm'],
  ])('%s, in functions that were called and in those that were inlined', async (_, file) => {
    const called = await faultOf(compiled(file), 1)
    expect(called).toMatchObject({ code: 'Trap', export: 'update', location: { file: '/game/traps.c', line: 8, column: 17 } })
    expect(called.message).toContain('traps.update on entity 2 at /game/traps.c:8:17: divide by zero')
    expect(frames(called)).toEqual(['share /game/traps.c:8:17', 'update /game/traps.c:18:12'])
    expect(called.stack).toContain('    at update (/game/traps.c:18:12)')
    expect(frames(await faultOf(compiled(file), 9))).toEqual(['price /game/traps.c:12:18', 'update /game/traps.c:20:7'])
  })

  it('Rust, without the functions by which it panics', async () => {
    const called = await faultOf(compiled('traps-rust.wasm'), 1)
    expect(called.location).toEqual({ file: '/game/traps.rs', line: 31, column: 9 })
    expect(frames(called)).toEqual([
      expect.stringMatching(/^core::panicking::panic \/.+\/panicking.rs:48:5$/),
      'traps::market::share /game/traps.rs:31:9',
      'update /game/traps.rs:40:18',
    ])
    expect(frames(await faultOf(compiled('traps-rust.wasm'), 9))).toEqual([
      expect.stringMatching(/^core::panicking::panic_bounds_check /),
      'traps::market::Stall::price /game/traps.rs:25:13',
      'update /game/traps.rs:39:21',
    ])
  })

  it('AssemblyScript, from the source map beside the module, with its text', async () => {
    const fault = await faultOf(new URL('traps-as.wasm', COMPILED), 1)
    expect(fault.location).toEqual({ file: 'traps.ts', line: 9, column: 12 })
    expect(frames(fault)).toEqual(['traps/Market.share traps.ts:9:12', 'traps/update traps.ts:20:12'])
    expect(fault.frame).toContain('>  9 |     return amount / cost\n     |            ^')
    expect(frames(await faultOf(new URL('traps-as.wasm', COMPILED), 9))).toEqual([
      'traps/price traps.ts:14:18',
      'traps/update traps.ts:20:30',
    ])
  })

  it('a source that is beside the module, with its text', async () => {
    const c = readFileSync(new URL('traps.c', COMPILED), 'utf8')
    const path = folderOf({ 'traps.wasm': Buffer.from(compiled('traps-c.wasm')), 'traps.c': c })
    // The compiler ran elsewhere, in a folder of the same length.
    const bytes = Buffer.from(compiled('traps-c.wasm')).toString('latin1').replaceAll('/game\0', '.\0\0\0\0\0')
    writeFileSync(join(path, 'traps.wasm'), bytes, 'latin1')
    const fault = await faultOf(pathToFileURL(join(path, 'traps.wasm')), 1)
    expect(fault.location?.file).toBe(join(path, 'traps.c'))
    expect(fault.frame).toContain('>  8 |   return amount / cost;')
  })

  it('each instance, where each entity has its own', async () => {
    const fault = await faultOf(compiled('traps-c.wasm'), 1, { instances: 'entity' })
    expect(frames(fault)).toEqual(['share /game/traps.c:8:17', 'update /game/traps.c:18:12'])
  })

  it('the code that a reload brought', async () => {
    const { world, components, runtime, errors } = await createGame()
    const id = await runtime.loadModule('(module (func (export "update") (param i32 f32)))', { name: 'traps' })
    const entity = addEntity(world)
    addComponent(world, entity, components.Position)
    components.Position.x[entity] = 1
    runtime.attach(entity, id)
    await runtime.reloadModule(id, compiled('traps-c.wasm'))
    runtime.tick(1)
    expect(errors[0]?.location).toMatchObject({ file: '/game/traps.c', line: 8 })
  })
})

const CODE = `(module
  (func $inner (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func $_ZN4game6motion4pick17h0123456789abcdefE (call $inner (i32.const 0)) drop)
  (func (export "update") (param i32 f32) (call $_ZN4game6motion4pick17h0123456789abcdefE)))`

describe('a trap has the place that', () => {
  it('a source map in the module gives, that of a library aside', async () => {
    const { bytes, body, offsets } = await placed(CODE)
    const map = mapSection({
      sources: ['~lib/math.ts', 'assembly/index.ts'],
      sourceRoot: './traps',
      sourcesContent: [null, 'export function update(): void {\n  pick(1)\n}'],
      segments: [
        [body(0).start, 0, 40, 6],
        [offsets(1)[0] as number, 1, 1, 2],
        [(offsets(1)[0] as number) + 1],
        [offsets(2)[0] as number, 1, 7, 0],
      ],
    })
    const fault = await faultOf(withSections(bytes, map), 0)
    expect(frames(fault)).toEqual(['inner ~lib/math.ts:41:7', 'game::motion::pick assembly/index.ts:2:3', 'update assembly/index.ts:8:1'])
    expect(fault.location).toEqual({ file: 'assembly/index.ts', line: 2, column: 3 })
    expect(fault.frame).toContain('> 2 |   pick(1)')
  })

  it.each([
    ['one line around what was inlined from a library gives', 8, ['inner ~lib/math.ts:41:7', 'inner assembly/index.ts:8:3']],
    ['no two lines around it give: either may be wrong', 9, ['inner ~lib/math.ts:41:7']],
  ])('%s', async (_, after, found) => {
    const { bytes, body, offsets } = await placed(CODE)
    const division = offsets(0).at(-1) as number
    const segments: [number, number, number, number][] = [
      [body(0).start, 1, 7, 2],
      [division, 0, 40, 6],
      [division + 1, 1, after - 1, 4],
    ]
    const map = mapSection({ sources: ['~lib/math.ts', 'assembly/index.ts'], sourceRoot: './traps', segments })
    const fault = await faultOf(withSections(bytes, map), 0)
    expect(frames(fault).slice(0, found.length + 1)).toEqual([...found, 'game::motion::pick'])
    expect(fault.location?.file).toBe(found.length === 1 ? '~lib/math.ts' : 'assembly/index.ts')
  })

  it('a source map beats a line table with', async () => {
    const { bytes, body, codeStart } = await placed(CODE)
    const address = body(0).start - codeStart
    const lines = lineSection({ sequences: [{ rows: [{ address, line: 3 }], end: body(0).end - codeStart }] })
    const map = mapSection({ sources: ['index.ts'], segments: [[body(0).start, 0, 1, 1]] })
    expect((await faultOf(withSections(bytes, lines, map), 0)).location).toEqual({ file: 'index.ts', line: 2, column: 2 })
    expect((await faultOf(withSections(bytes, lines), 0)).location).toEqual({ file: 'main.c', line: 3, column: 1 })
  })
})

describe('a trap has names alone', () => {
  it.each([
    ['without debug information', []],
    ['with a source map that is elsewhere', mapSection('https://elsewhere.example/a.map')],
    ['with one in a hidden file', mapSection('.secret.map')],
    ['with one outside of the folder of the module', mapSection('../outside.map')],
    ['with one that is no map', mapSection('data:application/json;base64,bm90IGpzb24=')],
    ['with one whose parts have other types', mapSection('data:application/json,{"version":3,"mappings":7,"sources":{}}')],
  ])('%s', async (_, section) => {
    const { bytes, body } = await placed(CODE)
    const map = JSON.stringify({ version: 3, mappings: '', sources: ['a.ts'], names: [], at: body(0) })
    const path = folderOf({ 'traps.wasm': withSections(bytes, section), '.secret.map': map })
    const fault = await faultOf(pathToFileURL(join(path, 'traps.wasm')), 0)
    expect(frames(fault)).toEqual(['inner', 'game::motion::pick', 'update'])
    expect(fault.location).toBeUndefined()
    expect(fault.message).toContain('traps.update on entity 2: divide by zero')
  })
})
