import { PRICES } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { fuelOf, INSTRUCTIONS } from '../../../../demo/editor/wat/instructions.ts'
import { decodeModule } from '../../../../src/wasm/decode/decode.ts'
import { InstructionReader } from '../../../../src/wasm/decode/instructions.ts'
import { LAST_BULK, LAST_SIMD, PREFIX_SIMD } from '../../../../src/wasm/format/opcodes.ts'
import { Reader } from '../../../../src/wasm/format/reader.ts'
import { assembleWat } from '../../../../src/wasm/text/assemble.ts'

/** The operands of those that need another than their first word says. */
const OPERANDS: Readonly<Record<string, string>> = {
  number: '1',
  'i32x4 1 2 3 4': 'i32x4 1 2 3 4',
  '16 numbers': '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15',
  lane: '0',
  'offset= align=': '',
  'offset= align= lane': '0',
  $data: '0',
  $elem: '0',
  $table: '0',
  '$table $elem': '0 0',
  '$to $from': '0 0',
  func: 'func',
  $func: '0',
}
/** What `T` stands for. */
const TYPES: Readonly<Record<string, string>> = { table: 'funcref', ref: 'funcref' }

/** The numbers between those of vector instructions that the specification gives to none. */
const UNUSED = [154, 162, 165, 166, 175, 176, 178, 179, 180, 187, 194, 197, 198, 207, 208, 210, 211, 212, 226, 238]

/** The instructions whose types the table gives exactly: all but those that depend on a name or on blocks. */
const EXACT = [...INSTRUCTIONS.values()].filter(({ name, type }) => {
  return !type.includes('…') && !/^(?:local|global)\./.test(name) && !['unreachable', 'throw_ref', 'drop', 'select'].includes(name)
})

function functionOf({ name, operands, type }: (typeof EXACT)[number]): string {
  const any = TYPES[name.split('.')[0] as string] as string
  const [takes = '', gives = ''] = type.replaceAll('T', any).split('→')
  const list = (text: string): string[] =>
    text
      .trim()
      .split(/\s+/)
      .filter((each) => each !== '')
  const result = list(gives).length === 0 ? '' : `(result ${gives})`
  const pushed = list(takes).map((_, index) => `local.get ${index}`)
  return `(func (param ${takes}) ${result} ${pushed.join(' ')} ${name} ${OPERANDS[operands] ?? operands})`
}

describe('the table of instructions', () => {
  it('gives the type of each as the assembler checks it', async () => {
    const fields = '(memory 1) (table 1 funcref) (elem func 0) (data "a")'
    await expect(assembleWat(`(module ${fields} ${EXACT.map(functionOf).join('\n')})`, 'all')).resolves.toBeDefined()
    expect(EXACT.length).toBeGreaterThan(380)
  })

  it('has every number operation, vector operation and bulk operation that a script may use', async () => {
    const fields = '(memory 1) (table 1 funcref) (elem func 0) (data "a")'
    const module = decodeModule(await assembleWat(`(module ${fields} ${EXACT.map(functionOf).join('\n')})`, 'all'))
    const found = new Set<number>()
    for (const { body } of module.bodies) {
      const reader = new Reader(module.bytes, body)
      for (let left = reader.count('groups'); left > 0; left--) reader.skip(2, 'a group')
      const instruction = new InstructionReader(reader)
      while (!reader.done) {
        instruction.read()
        found.add(instruction.opcode < 0xfb ? instruction.opcode : instruction.opcode * 1000 + instruction.number)
      }
    }
    const wanted = [
      ...Array.from({ length: 0xc5 - 0x28 }, (_, index) => 0x28 + index),
      ...Array.from({ length: LAST_BULK + 1 }, (_, number) => 0xfc * 1000 + number),
      ...Array.from({ length: LAST_SIMD + 1 }, (_, number) => PREFIX_SIMD * 1000 + number),
    ]
    expect(wanted.filter((opcode) => !found.has(opcode))).toEqual(UNUSED.map((number) => PREFIX_SIMD * 1000 + number))
  })

  it('says what each does, and its fuel', () => {
    expect([...INSTRUCTIONS.values()].filter(({ meaning }) => meaning === '').map(({ name }) => name)).toEqual([])
    expect(INSTRUCTIONS.get('i32.trunc_f64_s')).toEqual({
      name: 'i32.trunc_f64_s',
      operands: '',
      type: 'f64 → i32',
      meaning: 'towards zero, as an integer; traps if it is NaN or out of range',
    })
    expect(INSTRUCTIONS.get('i32x4.extmul_low_i16x8_s')?.meaning).toBe('the product, in twice as many bits')
    expect([fuelOf('f32.add', PRICES), fuelOf('memory.grow', PRICES), fuelOf('throw', PRICES)]).toEqual([
      '1',
      '1 + 800, and 5,000 for each page',
      '1 + 400, and 32 for each unit of stack',
    ])
  })
})
