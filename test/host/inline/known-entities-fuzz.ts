import { addEntity, createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knownEntities } from '../../../src/host/inline/known-entities.ts'
import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import type { FunctionBody } from '../../../src/wasm/format/module.ts'
import { RESERVED } from '../../../src/wasm/format/reserved.ts'
import { findCharges } from '../../../src/wasm/rewrite/charges.ts'
import type { Accessor } from '../../../src/wasm/rewrite/inline-call.ts'
import { Insertions } from '../../../src/wasm/rewrite/insertions.ts'
import { rewriteModule } from '../../../src/wasm/rewrite/rewrite.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { inlinedCalls, planOf } from '../../fixtures/wasm/charge-plan.ts'
import { type ProgramOptions, updateProgram } from '../../fixtures/wasm/programs.ts'

const CAPACITY = 64
const ENTITIES = 8

interface Ending {
  readonly columns: readonly (readonly number[])[]
  readonly errors: readonly string[]
  readonly reports: readonly (readonly number[])[]
}

/** Columns of every size next to each other, with guard bytes between and behind them. */
const SCHEMA = { A: { word: 'i32', byte: 'u8' }, Between: { word: 'u32' }, B: { real: 'f32' }, Behind: { word: 'u32' } } as const
const SETS = {
  inline: defineComponents(SCHEMA, { capacity: CAPACITY, reserve: 0 }),
  host: defineComponents(SCHEMA, { capacity: CAPACITY, reserve: 0 }),
}

/** Runs a program on some entities for two ticks. */
async function run(bytes: Uint8Array<ArrayBuffer>, link: 'inline' | 'host'): Promise<Ending> {
  const world = createWorld()
  const components = SETS[link]
  const { A, Between, B, Behind } = components
  const columns = [A.word, A.byte, Between.word, B.real, Behind.word]
  for (const [index, column] of columns.entries()) for (let place = 0; place < CAPACITY; place++) column[place] = place * 7 + index
  const runtime = await WasmScriptRuntime.create({ world, components })
  const errors: string[] = []
  runtime.on('error', ({ code, entity, detail }) => errors.push(`${code} ${entity} ${detail}`))
  const id = await runtime.loadModule(bytes, { link, onFault: 'detach', limits: { fuel: 4000 } })
  for (let count = 0; count < ENTITIES; count++) runtime.attach(addEntity(world, components.A), id)
  const reports = [0.5, 0.25].map((dt) => {
    const { entities, fuel, faults } = runtime.tick(dt)
    return [entities, fuel, faults]
  })
  runtime.dispose()
  return { columns: columns.map((column) => [...column]), errors, reports }
}

const CHOICES = fc.array(fc.nat(255), { minLength: 20, maxLength: 120, size: 'max' })
const OPTIONS: fc.Arbitrary<ProgramOptions> = fc.record({
  capacity: fc.constant(CAPACITY),
  writesParameters: fc.integer({ min: 0, max: 4 }).map((value) => value === 4),
  isOdd: fc.integer({ min: 0, max: 4 }).map((value) => value === 4),
})

interface Sites {
  /** How often an access with a known entity ran. */
  readonly ran: number
  /** The accesses with a known entity whose operand was not the entity. */
  readonly wrong: readonly string[]
}

/** Runs a program with a separate import for each access, and checks the operands of accesses with a known entity. */
async function watch(program: string): Promise<Sites> {
  const types: string[] = []
  const body = program.replace(/call \$(get|set)_(word|byte|real)/g, (_, access, column) => {
    const type = column === 'real' ? 'f32' : 'i32'
    types.push(access === 'get' ? `(param i32) (result ${type})` : `(param i32 ${type})`)
    return `call $site_${types.length - 1}`
  })
  const sites = types.map((type, index) => `(import "site" "${index}" (func $site_${index} ${type}))`)
  const module = decodeModule(await assembleWat(body.replace('(module', `(module ${sites.join(' ')}`), 'program.wat'))
  const accessors = new Map(
    types.map((type, index): [number, Accessor] => [
      index,
      { access: type.includes('result') ? 'get' : 'set', type: type.includes('f32') ? 'f32' : 'i32', base: 0, capacity: 1 },
    ]),
  )
  const imported = module.functions.length - module.bodies.length
  const update = module.exports.find(({ name }) => name === 'update')?.index as number
  const { body: code } = module.bodies[update - imported] as FunctionBody
  const plan = planOf(accessors)
  const charges = findCharges(module, update, plan, new Insertions())
  const known = knownEntities(module, { bytes: module.bytes, end: code.end, charges, calls: plan.calls })
  const knownSites = new Set(inlinedCalls(charges).flatMap(({ at, index }) => (known.has(at) ? [index] : [])))

  let entity = 0
  let ran = 0
  const wrong: string[] = []
  const site = (index: number) => (operand: number) => {
    if (!knownSites.has(index)) return operand * 3
    ran++
    if (operand !== entity) wrong.push(`site ${index} is known, and was given ${operand} for ${entity}`)
    return operand * 3
  }
  const { bytes } = rewriteModule(module, { memoryPages: 1, tableElements: 10, jsonBytes: 0 })
  const named = { '*': (place: number) => place + 1 }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    site: Object.fromEntries(types.map((_, index) => [index, site(index)])),
    'ecs.get': { 'A.word': named['*'], 'A.byte': named['*'], 'B.real': named['*'] },
    'ecs.set': { 'A.word': named['*'], 'A.byte': named['*'], 'B.real': named['*'] },
    'ecs.query': { A: () => 8 },
    'ecs.entity': { A: named['*'] },
  } as WebAssembly.Imports)
  for (entity of [1, 2, 63]) {
    ;(exports[RESERVED.fuel] as WebAssembly.Global).value = 3000
    ;(exports[RESERVED.depth] as WebAssembly.Global).value = 0
    try {
      ;(exports.update as (entity: number, dt: number) => void)(entity, 0.5)
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error
    }
  }
  return { ran, wrong }
}

/** Tests a share of the generated programs; 1 tests all. */
export function testKnownEntities(share: number): void {
  describe('an access with a known entity', () => {
    it('receives the entity every time it runs', async () => {
      let all = 0
      const property = fc.asyncProperty(CHOICES, OPTIONS, async (choices, options) => {
        const { ran, wrong } = await watch(updateProgram(choices, options))
        expect(wrong).toEqual([])
        all += ran
      })
      await fc.assert(property, { seed: 6, numRuns: Math.ceil(2500 * share) })
      expect(all).toBeGreaterThan(20_000 * share)
    })
  })

  describe('a program that reads and writes arbitrary entities', () => {
    it('has the same result with inlined accessors as with host functions', async () => {
      const codes = new Map<string, number>()
      let updated = 0
      const property = fc.asyncProperty(CHOICES, OPTIONS, async (choices, options) => {
        const bytes = await assembleWat(updateProgram(choices, options), 'program.wat')
        const inline = await run(bytes, 'inline')
        expect(inline).toEqual(await run(bytes, 'host'))
        for (const error of inline.errors) {
          const code = error.split(' ')[0] as string
          codes.set(code, (codes.get(code) ?? 0) + 1)
        }
        updated += inline.reports[1]?.[0] ?? 0
      })
      await fc.assert(property, { seed: 5, numRuns: Math.ceil(400 * share) })
      // If every program ended at once, the test would prove nothing.
      expect(codes.get('EntityOutOfRange')).toBeGreaterThan(200 * share)
      expect(codes.get('Trap')).toBeGreaterThan(10 * share)
      expect(updated).toBeGreaterThan(500 * share)
    })
  })
}
