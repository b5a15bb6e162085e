import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'
import fc from 'fast-check'
import { expect } from 'vitest'
import { assembleWat } from '../../../../src/wasm/text/assemble.ts'
import { createGame } from '../../../fixtures/game.ts'
import { probe, type Shape, shapes, valuesOf } from './generated.ts'

/** Runs the probes of a component. */
interface Probes {
  /** Passes a value to an export, which passes it to the host. Returns what the host gets. */
  run(index: number, value: unknown): unknown
  /** Calls an export that returns what the host gives it. */
  give(index: number, value: unknown): unknown
}

export interface Generated {
  readonly seed: number
  /** Types in one component. */
  readonly types: number
  /** Values of each type. */
  readonly values: number
}

export type Encoding = 'utf8' | 'utf16' | 'compact-utf16'

/** Compares the values that cross the boundary of a component with those that cross that of the same component in jco. */
export async function compareWithJco({ seed, types, values }: Generated, stringEncoding: Encoding): Promise<void> {
  const own = fc.sample(shapes, { seed, numRuns: types })
  const [wat, witSource] = probe(own)
  const binary = await assembleWat(wat, 'probe.wat')
  const bytes = new Uint8Array(await componentNew(await componentEmbed({ binary, witSource, world: 'script', stringEncoding })))
  const ours = await loadOurs(bytes)
  // jco has no strings of Latin-1.
  const theirs = stringEncoding === 'compact-utf16' ? undefined : await loadJco(bytes)
  for (const [index, shape] of own.entries()) {
    for (const value of fc.sample(valuesOf(shape), { seed: seed + index, numRuns: values })) {
      const about = `${seed} ${JSON.stringify(shape)}`
      const wanted = normal(value)
      // A call from the game passes text as JSON.
      expect(normal(ours.run(index, value)), about).toEqual(shape.kind === 'string' ? JSON.stringify(value) : wanted)
      if (theirs !== undefined) expect(normal(theirs.run(index, value)), `${about} in jco`).toEqual(wanted)
      if (isAnswer(shape, value)) continue
      expect(normal(ours.give(index, value)), about).toEqual(isAnswer(shape) ? normal((value as { val: unknown }).val) : wanted)
      if (theirs !== undefined && !isAnswer(shape)) expect(normal(theirs.give(index, value)), `${about} in jco`).toEqual(wanted)
    }
  }
}

/** Returns whether a result is thrown where it is the value of a function, or a text is read as JSON. */
function isAnswer(shape: Shape, value?: unknown): boolean {
  return shape.kind === 'string' || (shape.kind === 'result' && (value === undefined || (value as { tag: string }).tag === 'err'))
}

async function loadOurs(bytes: Uint8Array): Promise<Probes> {
  let given: unknown
  let got: unknown
  const functions: Record<string, (...values: unknown[]) => unknown> = {}
  for (let index = 0; index < 200; index++) {
    functions[`sinkX${index}`] = (_, value) => {
      got = value
    }
    functions[`sourceX${index}`] = () => given
  }
  const { runtime } = await createGame({ host: { probe: { ...functions } as never }, limits: { fuel: 1_000_000_000 } })
  const id = await runtime.loadModule(bytes)
  return {
    run(index, value) {
      got = undefined
      runtime.callJson(id, `run-x${index}`, value)
      return got
    },
    give(index, value) {
      given = value
      return runtime.callJson(id, `give-x${index}`)
    },
  }
}

async function loadJco(bytes: Uint8Array): Promise<Probes> {
  const { files } = await transpileBytes(bytes, {
    name: 'probe',
    instantiation: { tag: 'async' } as never,
    noTypescript: true,
    noNodejsCompat: true,
  } as never)
  const named = new Map(Object.entries(files as Record<string, Uint8Array>))
  const code = new TextDecoder().decode(named.get('probe.js'))
  const { instantiate } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as {
    instantiate: (
      getCore: (path: string) => Promise<WebAssembly.Module>,
      imports: object,
    ) => Promise<Record<string, (value?: unknown) => unknown>>
  }
  let given: unknown
  let got: unknown
  const functions: Record<string, (value: unknown) => unknown> = {}
  for (let index = 0; index < 200; index++) {
    functions[`sinkX${index}`] = (value) => {
      got = value
    }
    functions[`sourceX${index}`] = () => given
  }
  const exports = await instantiate((path) => WebAssembly.compile(named.get(path) as Uint8Array<ArrayBuffer>), {
    'test:abi/probe': functions,
  })
  return {
    run(index, value) {
      got = undefined
      exports[`runX${index}`]?.(value)
      return got
    },
    give(index, value) {
      given = value
      return exports[`giveX${index}`]?.()
    },
  }
}

const wellFormed = new TextDecoder('utf-8', { ignoreBOM: true })

/** Returns a value as both sides can be compared: arrays for lists, numbers for large integers, strings with the surrogates that remain. */
function normal(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  if (typeof value === 'string') return wellFormed.decode(new TextEncoder().encode(value))
  if (typeof value === 'number') return Number.isInteger(value) && !Object.is(value, -0) ? `${value}` : value
  if (Array.isArray(value)) return value.map(normal)
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, normal)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, normal(each)]))
}
