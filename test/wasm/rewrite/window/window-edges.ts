import { PAGE_BYTES } from '../../../../src/abi/types.ts'
import { RESERVED } from '../../../../src/wasm/format/reserved.ts'
import { windowModule } from '../../../../src/wasm/rewrite/window/window.ts'
import { assembleWat } from '../../../../src/wasm/text/assemble.ts'

/** Where the window lies: not on a page, and with columns on both sides of it. */
export const BASE: number = PAGE_BYTES + 48
export const MAX_PAGES = 4
const INITIAL_PAGES = 2
const HOST_PAGES = 8
/** What all bytes of the host's memory outside of the window hold. */
const GUARD = 0xab

const PLAIN_LOADS: readonly (readonly [name: string, type: string])[] = [
  ...['i32', 'i64', 'f32', 'f64'].map((type) => [`${type}.load`, type] as const),
  ...['8_s', '8_u', '16_s', '16_u'].map((kind) => [`i32.load${kind}`, 'i32'] as const),
  ...['8_s', '8_u', '16_s', '16_u', '32_s', '32_u'].map((kind) => [`i64.load${kind}`, 'i64'] as const),
]
const PLAIN_STORES: readonly (readonly [name: string, type: string])[] = [
  ...['i32', 'i64', 'f32', 'f64'].map((type) => [`${type}.store`, type] as const),
  ...['i32.store8', 'i32.store16'].map((name) => [name, 'i32'] as const),
  ...['i64.store8', 'i64.store16', 'i64.store32'].map((name) => [name, 'i64'] as const),
]
const VECTOR_LOADS = [
  ...['', '8x8_s', '8x8_u', '16x4_s', '16x4_u', '32x2_s', '32x2_u'],
  ...['8_splat', '16_splat', '32_splat', '64_splat', '32_zero', '64_zero'],
].map((kind) => `v128.load${kind}`)
const LANES = [8, 16, 32, 64]
/** Constants, of which some cannot be offsets in the host's memory once the base is added. */
export const OFFSETS: readonly number[] = [0, 1, 7, 65_520, 131_064, 131_071, 131_072, 262_143, 262_144, 2 ** 31 - 1, 2 ** 32 - 1]
export const ADDRESSES: readonly number[] = [
  ...[0, 1, 15, 16, 65_535, 65_536, 131_055, 131_056, 131_057, 131_063, 131_064, 131_065, 131_067, 131_068, 131_069, 131_070, 131_071],
  ...[131_072, 131_073, 196_600, 196_608, 262_127, 262_128, 262_136, 262_140, 262_143, 262_144, 262_145, 2 ** 31 - 1, -(2 ** 31)],
  ...[-BASE, -BASE - 4, -BASE + 1, -65_536, -16, -8, -4, -2, -1],
]

/** A function that takes an address and returns what it found there. */
interface Probe {
  readonly name: string
  readonly writes: boolean
  readonly code: string
}

const bits = (type: string, code: string): string =>
  ({
    i64: code,
    i32: `(i64.extend_i32_u ${code})`,
    f32: `(i64.extend_i32_u (i32.reinterpret_f32 ${code}))`,
    f64: `(i64.reinterpret_f64 ${code})`,
  })[type] as string
const low = (code: string): string => `(i64.add (i64x2.extract_lane 0 ${code}) (i64.mul (i64.const 3) (i64x2.extract_lane 1 ${code})))`
const number = (type: string): string => `(${type}.const ${type.startsWith('f') ? '1.5' : '-2'})`

function probesAt(offset: number): Probe[] {
  const at = `offset=${offset}`
  const probes: Probe[] = []
  const add = (name: string, writes: boolean, code: string): void => void probes.push({ name: `${name} ${at}`, writes, code })
  const done = '(i64.const 1)'
  for (const [name, type] of PLAIN_LOADS) {
    add(name, false, bits(type, `(${name} ${at} (local.get $a))`))
    add(`${name} computed`, false, bits(type, `(${name} ${at} (i32.add (local.get $a) (i32.const 1)))`))
    add(`${name} tee`, false, bits(type, `(${name} ${at} (local.tee $b (local.get $a)))`))
  }
  for (const [name, type] of PLAIN_STORES) {
    add(name, true, `(${name} ${at} (local.get $a) ${number(type)}) ${done}`)
    // The address is taken before the local changes.
    add(`${name} changed`, true, `(${name} ${at} (local.get $a) (local.set $a (i32.const 0)) ${number(type)}) ${done}`)
  }
  for (const name of VECTOR_LOADS) add(name, false, low(`(${name} ${at} (local.get $a))`))
  add('v128.store', true, `(v128.store ${at} (local.get $a) (v128.const i64x2 -1 -2)) ${done}`)
  for (const lane of LANES) {
    add(`load${lane}_lane`, false, low(`(v128.load${lane}_lane ${at} 1 (local.get $a) (v128.const i64x2 7 9))`))
    add(`store${lane}_lane`, true, `(v128.store${lane}_lane ${at} 1 (local.get $a) (v128.const i64x2 0x0102030405060708 -3)) ${done}`)
  }
  return probes
}

function bulkProbes(): Probe[] {
  const probes: Probe[] = []
  const add = (name: string, code: string): void => void probes.push({ name, writes: true, code: `${code} (i64.const 1)` })
  const values = ['(local.get $a)', '(i32.const 0)', '(i32.const 16)', '(i32.const -1)', '(i32.const 131072)']
  for (const target of values) {
    for (const length of values) {
      add(`fill ${target} ${length}`, `(memory.fill ${target} (i32.const 255) ${length})`)
      add(`init ${target} ${length}`, `(memory.init $passive ${target} (i32.const 2) ${length})`)
      for (const source of values) add(`copy ${target} ${source} ${length}`, `(memory.copy ${target} ${source} ${length})`)
    }
    add(`init from ${target}`, `(memory.init $passive (i32.const 0) ${target} (i32.const 2))`)
    add(`init dropped ${target}`, `(data.drop $passive) (memory.init $passive ${target} (i32.const 0) (i32.const 0))`)
    add(`init active ${target}`, `(memory.init $active (i32.const 0) (i32.const 0) ${target})`)
  }
  return probes
}

const GROWTH: readonly Probe[] = [
  { name: 'size', writes: false, code: '(i64.extend_i32_u (memory.size))' },
  { name: 'grow', writes: true, code: '(i64.extend_i32_s (memory.grow (local.get $a)))' },
  {
    name: 'grow and touch',
    writes: true,
    code: '(drop (memory.grow (i32.const 1))) (i32.store (local.get $a) (i32.const 9)) (i64.extend_i32_u (i32.load (local.get $a)))',
  },
]

/** What was found to differ between a memory of the engine and a window. */
export interface EdgeReport {
  readonly accesses: number
  readonly traps: number
  readonly differences: readonly string[]
}

interface Side {
  readonly call: (name: string, address: number) => string
  readonly bytes: () => Uint8Array
  /** Writes what its memory began with again. */
  readonly restore: () => void
}

/**
 * Compares every access at every address on a memory of the engine and on a window, before the memory has grown and after. With `every`, compares
 * one access of so many.
 */
export async function compareEdges(offsets: readonly number[], addresses: readonly number[], every = 1): Promise<EdgeReport> {
  const probes = [...offsets.flatMap(probesAt), ...bulkProbes(), ...GROWTH].filter((_, index) => index % every === 0)
  const body = `
    (data $active (i32.const 16) "the quick brown fox jumps over the lazy dog")
    (data $passive "passive segment")
    (data (i32.const 131062) "end of all")
    ${probes.map(({ code }, index) => `(func (export "${index}") (param $a i32) (result i64) (local $b i32) ${code})`).join('\n')}
    (func (export "up") (param i32) (result i64) (i64.extend_i32_s (memory.grow (i32.const 1)))))`
  const own = `(memory ${INITIAL_PAGES} ${MAX_PAGES})`
  const original = new WebAssembly.Module(
    await assembleWat(`(module (memory (export "memory") ${INITIAL_PAGES} ${MAX_PAGES}) ${body}`, 'original.wat'),
  )
  const imported = `(import "bitscript" "bitscript:memory:0" ${own}) (import "bitscript" "memory" (memory 0))`
  const both = await assembleWat(`(module ${imported} ${body}`, 'both.wat')
  const windowed = new WebAssembly.Module(windowModule(both, INITIAL_PAGES, { base: BASE, pages: MAX_PAGES }).bytes)
  const host = new WebAssembly.Memory({ initial: HOST_PAGES, maximum: HOST_PAGES })
  const all = new Uint8Array(host.buffer)
  const end = BASE + MAX_PAGES * PAGE_BYTES
  const guard = Buffer.alloc(all.length, GUARD)

  const make = (isWindow: boolean): Side => {
    if (isWindow) all.fill(GUARD).fill(0, BASE, end)
    const { exports } = new WebAssembly.Instance(isWindow ? windowed : original, isWindow ? { bitscript: { memory: host } } : {})
    if (isWindow) (exports[RESERVED.windowData] as () => void)()
    const whole = (): Uint8Array => (isWindow ? all : new Uint8Array((exports.memory as WebAssembly.Memory).buffer))
    const first = whole().slice()
    return {
      call(name, address) {
        try {
          return String((exports[name] as (address: number) => bigint)(address))
        } catch (error) {
          return (error as Error).message
        }
      },
      bytes() {
        if (!isWindow) return new Uint8Array((exports.memory as WebAssembly.Memory).buffer)
        return all.subarray(BASE, BASE + Number((exports[RESERVED.windowSize] as WebAssembly.Global<'i64'>).value))
      },
      restore() {
        whole().fill(0, first.length).set(first)
      },
    }
  }
  let accesses = 0
  let traps = 0
  const differences: string[] = []
  for (const grown of [false, true]) {
    let sides: readonly [Side, Side] | undefined
    for (const [index, { name, code, writes }] of probes.entries()) {
      // What else it changes is in the instance.
      const needsFresh = /memory\.grow|data\.drop/.test(code)
      for (const address of addresses) {
        if (sides === undefined) {
          sides = [make(false), make(true)]
          if (grown) for (const side of sides) side.call('up', 0)
        }
        const [one, other] = sides.map((side) => side.call(String(index), address)) as [string, string]
        accesses++
        if (/bounds/.test(one)) traps++
        const where = `${name} at ${address}${grown ? ', grown' : ''}`
        if (one !== other) differences.push(`${where}: ${one}, in a window ${other}`)
        if (!writes) continue
        if (Buffer.compare(sides[0].bytes(), sides[1].bytes()) !== 0) differences.push(`${where}: the memories differ`)
        const outside =
          Buffer.compare(all.subarray(0, BASE), guard.subarray(0, BASE)) + Buffer.compare(all.subarray(end), guard.subarray(end))
        if (outside !== 0) differences.push(`${where}: it wrote outside of the window`)
        if (needsFresh) sides = undefined
        else if (!one.includes('bounds')) for (const side of sides) side.restore()
      }
    }
  }
  return { accesses, traps, differences }
}
