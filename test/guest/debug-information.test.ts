import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'
import type { ScriptError, ScriptId, ScriptSource, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'
import { plugin } from '../fixtures/plugin.ts'
import { lineSection, mapSection, placed, withSections } from '../fixtures/wasm/debug-sections.ts'

/** Returns the module of a text with the lines of its functions: that of index 0 is at line 10, the next at line 20, and so on. */
async function withLines(wat: string, kind: 'lines' | 'map'): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes, body, codeStart } = await placed(wat)
  const bodies = Array.from({ length: 20 }, (_, index) => body(index)).filter(({ end }) => end > 0)
  const lines = bodies.map(({ start, end }, index) => ({
    rows: [{ address: start - codeStart, line: 10 * (index + 1), column: 3 }],
    end: end - codeStart,
  }))
  const segments = bodies.map(({ start }, index): [number, number, number, number] => [start, 0, 10 * (index + 1) - 1, 2])
  const section = kind === 'lines' ? lineSection({ sequences: lines }) : mapSection({ sources: ['main.c'], segments })
  return withSections(bytes, section)
}

const frames = ({ trace = [] }: ScriptError): string[] => trace.map(({ function: name, location }) => `${name} ${location?.line}`)

async function faultOf(source: ScriptSource, call: (runtime: WasmScriptRuntime, id: ScriptId) => unknown): Promise<ScriptError> {
  const { runtime, errors } = await createGame()
  const id = await runtime.loadModule(source, { name: 'game' })
  try {
    await call(runtime, id)
  } catch (error) {
    expect(error).toBe(errors[0])
  }
  expect(errors).toHaveLength(1)
  return errors[0] as ScriptError
}

const TRAP =
  '(func $deep (param i32) (drop (i32.div_s (i32.const 1) (local.get 0)))) (func (export "tick") (param f64) (call $deep (i32.const 0)))'
const WIT = 'package a:b; world script { export tick: func(dt: f64); }'

describe.each(['lines', 'map'] as const)('with debug information (%s), a trap has its line in', (kind) => {
  it('a script', async () => {
    const fault = await faultOf(await withLines(`(module ${TRAP})`, kind), (runtime) => runtime.tick(1))
    expect(frames(fault)).toEqual(['deep 10', 'tick 20'])
    expect(fault.location).toEqual({ file: 'main.c', line: 10, column: 3 })
  })

  it('an Extism plugin, and a module that its manifest names', async () => {
    const helper = await withLines(
      '(module (func $noise) (func $divide (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0))))',
      kind,
    )
    const main = await withLines(
      plugin(
        '(func $boom (export "boom") (result i32) (drop (call $divide (i32.const 0))) (call $output (i32.const 0) (i32.const 0)) (i32.const 0))',
        '(import "helper" "divide" (func $divide (param i32) (result i32)))',
      ),
      kind,
    )
    const data = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
    const manifest = { wasm: [{ name: 'helper', data: data(helper) }, { data: data(main) }] }
    const fault = await faultOf(manifest, (runtime, id) => runtime.callJson(id, 'boom'))
    expect(frames(fault)).toEqual(['divide 20', 'boom 40'])
  })

  it('a component', async () => {
    const binary = await withLines(`(module (func $other) ${TRAP})`, kind)
    const component = await componentNew(await componentEmbed({ binary, witSource: WIT, world: 'script' }))
    const fault = await faultOf(new Uint8Array(component), (runtime) => runtime.tick(1))
    expect(frames(fault)).toEqual(['deep 20', 'tick 30'])
  })
})
