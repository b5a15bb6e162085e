import { decodeModule } from '../../../src/wasm/decode/decode.ts'
import { InstructionReader } from '../../../src/wasm/decode/instructions.ts'
import type { DecodedModule, FunctionBody } from '../../../src/wasm/format/module.ts'
import { Reader } from '../../../src/wasm/format/reader.ts'
import * as SECTION from '../../../src/wasm/format/section.ts'
import { Writer } from '../../../src/wasm/format/writer.ts'
import { assemble } from './reference-meter.ts'

type Shape = 'f32' | 'f64' | 'f32x4' | 'f64x2'

/** The bits of a NaN of each size. */
interface Replacement {
  readonly f32: number
  readonly f64: bigint
}

const between = (number: number, first: number, last: number): boolean => number >= first && number <= last

/** Returns the shape of a result of which an engine chooses the bits of NaN. */
function arithmetic(opcode: number, number: number): Shape | undefined {
  if (opcode === 0xfd) {
    if (number === 94 || between(number, 103, 106) || between(number, 227, 233)) return 'f32x4'
    return number === 95 || [116, 117, 122, 148].includes(number) || between(number, 239, 245) ? 'f64x2' : undefined
  }
  if (between(opcode, 0x8d, 0x97) || opcode === 0xb6) return 'f32'
  return between(opcode, 0x9b, 0xa5) || opcode === 0xbb ? 'f64' : undefined
}

/** Returns a module in which arithmetic and the host give no NaN but the canonical one: what a rewritten module must behave like. */
export function withCanonicalNaN(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return replaceNaN(bytes, { f32: 0x7fc0_0000, f64: 0x7ff8_0000_0000_0000n })
}

/** Returns a module that behaves as on another engine: arithmetic and the host give NaN other bits. */
export function withOtherNaN(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return replaceNaN(bytes, { f32: 0xffc1_2345, f64: 0xfff8_1234_5678_9abcn })
}

function replaceNaN(bytes: Uint8Array<ArrayBuffer>, replacement: Replacement): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes)
  if (module.bodies.length === 0) return bytes
  const imported = module.functions.length - module.bodies.length
  const code = new Writer().u32(module.bodies.length)
  for (const [index, body] of module.bodies.entries()) {
    code.sized(() => writeBody(code, module, body, imported + index, replacement))
  }
  return assemble(module, new Map([[SECTION.code as number, code.finish()]]))
}

function writeBody(out: Writer, module: DecodedModule, { body }: FunctionBody, index: number, replacement: Replacement): void {
  const { bytes } = module
  const reader = new Reader(bytes, body)
  const groups = reader.count('groups of locals')
  const localsAt = reader.position
  const params = module.functions[index]?.params ?? []
  let size = params.length
  for (let left = groups; left > 0; left--) {
    size += reader.u32('the number of locals')
    const type = reader.byte('a value type')
    if (type === 0x63 || type === 0x64) reader.s33('a heap type')
  }
  out.u32(groups + 3).bytes(bytes.subarray(localsAt, reader.position))
  for (const type of [0x7d, 0x7c, 0x7b]) out.u32(1).byte(type)
  if (module.exports.some((entry) => entry.kind === 'func' && entry.index === index)) {
    for (const [parameter, type] of params.entries()) {
      if (type !== 'f32' && type !== 'f64') continue
      out.byte(0x20).u32(parameter)
      writeReplacement(out, type, size, replacement)
      out.byte(0x21).u32(parameter)
    }
  }
  const instruction = new InstructionReader(reader)
  while (!reader.done) {
    instruction.read()
    const { at, next, opcode, number } = instruction
    out.range(bytes, at, next)
    const shape = givenByHost(module, instruction) ?? arithmetic(opcode, number)
    if (shape !== undefined) writeReplacement(out, shape, size, replacement)
  }
}

/** Returns the type of a float that a call of an import or a global gives. */
function givenByHost(module: DecodedModule, { opcode, index }: InstructionReader): Shape | undefined {
  const imported = module.functions.length - module.bodies.length
  const results = opcode === 0x10 && index < imported ? (module.functions[index]?.results ?? []) : []
  const type = opcode === 0x23 ? module.globals[index]?.value : results.length === 1 ? results[0] : undefined
  return type === 'f32' || type === 'f64' ? type : undefined
}

function writeReplacement(out: Writer, shape: Shape, firstLocal: number, { f32, f64 }: Replacement): void {
  const local = firstLocal + (shape === 'f32' ? 0 : shape === 'f64' ? 1 : 2)
  const get = (): Writer => out.byte(0x20).u32(local)
  const narrow = (times: number): void => {
    for (let left = times; left > 0; left--) out.bytes(new Uint8Array(Uint32Array.of(f32).buffer))
  }
  const wide = (times: number): void => {
    for (let left = times; left > 0; left--) out.bytes(new Uint8Array(BigUint64Array.of(f64).buffer))
  }
  out.byte(0x22).u32(local)
  if (shape === 'f32') {
    out.byte(0x43)
    narrow(1)
    get()
    get().byte(0x5b).byte(0x1b)
  } else if (shape === 'f64') {
    out.byte(0x44)
    wide(1)
    get()
    get().byte(0x61).byte(0x1b)
  } else {
    out.byte(0xfd).u32(12)
    if (shape === 'f32x4') narrow(4)
    else wide(2)
    get()
    get()
      .byte(0xfd)
      .u32(shape === 'f32x4' ? 65 : 71)
      .byte(0xfd)
      .u32(82)
  }
}
