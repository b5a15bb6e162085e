/** An instruction of the text format. */
export interface Instruction {
  readonly name: string
  /** What follows its name: `$local`, `align= offset=`. Empty for most. */
  readonly operands: string
  /** The types that it takes and gives: `i32 i32 → i32`. `T` is any type, `…` any number of types. */
  readonly type: string
  readonly meaning: string
}

const INTEGERS = ['i32', 'i64'] as const
const FLOATS = ['f32', 'f64'] as const

/** The meaning of each operation on numbers. On vectors it applies to each lane. */
const MEANINGS: Readonly<Record<string, string>> = {
  add: 'the sum',
  sub: 'the first minus the second',
  mul: 'the product',
  div: 'the first divided by the second',
  div_s: 'the signed quotient, towards zero; traps if the second is 0, or the result too large',
  div_u: 'the unsigned quotient; traps if the second is 0',
  rem_s: 'the signed remainder; traps if the second is 0',
  rem_u: 'the unsigned remainder; traps if the second is 0',
  and: 'the bits that both have',
  or: 'the bits that one of both has',
  xor: 'the bits that differ',
  not: 'all bits inverted',
  andnot: 'the bits of the first that the second has not',
  bitselect: 'bits of the first where the third has ones, else of the second',
  shl: 'shifted left',
  shr_s: 'shifted right, with copies of the sign',
  shr_u: 'shifted right, with zeros',
  rotl: 'rotated left',
  rotr: 'rotated right',
  clz: 'the number of leading zero bits',
  ctz: 'the number of trailing zero bits',
  popcnt: 'the number of ones',
  eqz: '1 if it is zero, else 0',
  eq: '1 if both are equal, else 0',
  ne: '1 if they differ, else 0',
  lt: '1 if the first is less, else 0',
  gt: '1 if the first is greater, else 0',
  le: '1 if the first is less or equal, else 0',
  ge: '1 if the first is greater or equal, else 0',
  abs: 'without its sign',
  neg: 'with the other sign',
  ceil: 'rounded up',
  floor: 'rounded down',
  trunc: 'rounded towards zero',
  nearest: 'rounded to the nearest integer, halves to the even one',
  sqrt: 'the square root',
  min: 'the lesser; NaN if one is NaN',
  max: 'the greater; NaN if one is NaN',
  pmin: 'the second if it is less, else the first',
  pmax: 'the second if it is greater, else the first',
  copysign: 'the first with the sign of the second',
  extend8_s: 'the lowest 8 bits, with their sign',
  extend16_s: 'the lowest 16 bits, with their sign',
  extend32_s: 'the lowest 32 bits, with their sign',
  extend: 'with its sign (_s) or zeros (_u) in the new bits',
  wrap: 'the lowest 32 bits',
  trunc_sat: 'towards zero, and to the nearest value if it is out of range; NaN is 0',
  reinterpret: 'the same bits as another type',
  convert: 'as a float, rounded',
  demote: 'rounded to f32',
  promote: 'as f64',
  load: 'read from the memory; traps outside of it',
  store: 'write to the memory; traps outside of it',
  splat: 'the number in each lane',
  extract_lane: 'the number of one lane',
  replace_lane: 'with another number in one lane',
  avgr_u: 'the average, rounded up',
  add_sat: 'the sum, or the nearest value if it is out of range',
  sub_sat: 'the difference, or the nearest value if it is out of range',
  narrow: 'the lanes of both in half their bits, or the nearest values if they are out of range',
  extmul: 'the product, in twice as many bits',
  extadd_pairwise: 'the sum of two adjacent lanes, in twice as many bits',
  dot: 'the sum of the products of two adjacent lanes',
  q15mulr_sat_s: 'the product of numbers between -1 and 1, in steps of 1/32768',
  all_true: '1 if no lane is zero, else 0',
  any_true: '1 if any bit is set, else 0',
  bitmask: 'the sign of each lane as a bit',
  shuffle: 'bytes of both, chosen by 16 numbers',
  swizzle: 'bytes of the first, chosen by those of the second',
}

/** Returns the meaning of `lt_s`, `trunc_f32_u` or `load8_s` by what begins the name. */
function meaningOf(operation: string): string {
  for (let name = operation; name !== ''; name = name.replace(/_?[^_]*$/, '')) {
    const found = MEANINGS[name] ?? MEANINGS[name.replace(/\d+(?:x\d+)?$/, '')]
    if (found !== undefined) return found
  }
  return ''
}

const words = (text: string): string[] => text.split(' ')

function make(prefix: string, names: string, type: string, operands = '', meaning?: string): Instruction[] {
  return words(names).map((name) => ({ name: `${prefix}.${name}`, operands, type, meaning: meaning ?? meaningOf(name) }))
}

const COMPARISONS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const FLOAT_COMPARISONS = 'eq ne lt gt le ge'
const ADDRESS = 'offset= align='

/** The conversions by type of the result. The names end with the type of the operand. */
const CONVERSIONS: Readonly<Record<string, string>> = {
  i32: 'wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u reinterpret_f32',
  i64: 'extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u reinterpret_f64',
  f32: 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64 reinterpret_i32',
  f64: 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32 reinterpret_i64',
}

function conversions(to: string): Instruction[] {
  return words(CONVERSIONS[to] as string).map((operation) => {
    const from = /[if]\d\d/.exec(operation)?.[0] as string
    // That of `trunc` alone is the rounding of floats.
    const traps = operation.startsWith('trunc_f') ? 'towards zero, as an integer; traps if it is NaN or out of range' : meaningOf(operation)
    return { name: `${to}.${operation}`, operands: '', type: `${from} → ${to}`, meaning: traps }
  })
}

const NUMBERS: readonly Instruction[] = [
  ...INTEGERS.flatMap((type) => [
    ...make(type, 'const', `→ ${type}`, 'number', 'a number'),
    ...make(type, 'clz ctz popcnt extend8_s extend16_s', `${type} → ${type}`),
    ...make(type, 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr', `${type} ${type} → ${type}`),
    ...make(type, 'eqz', `${type} → i32`),
    ...make(type, COMPARISONS, `${type} ${type} → i32`),
    ...make(type, 'load load8_s load8_u load16_s load16_u', `i32 → ${type}`, ADDRESS),
    ...make(type, 'store store8 store16', `i32 ${type} →`, ADDRESS),
  ]),
  ...make('i64', 'extend32_s', 'i64 → i64'),
  ...make('i64', 'load32_s load32_u', 'i32 → i64', ADDRESS),
  ...make('i64', 'store32', 'i32 i64 →', ADDRESS),
  ...FLOATS.flatMap((type) => [
    ...make(type, 'const', `→ ${type}`, 'number', 'a number'),
    ...make(type, 'abs neg ceil floor trunc nearest sqrt', `${type} → ${type}`),
    ...make(type, 'add sub mul div min max copysign', `${type} ${type} → ${type}`),
    ...make(type, FLOAT_COMPARISONS, `${type} ${type} → i32`),
    ...make(type, 'load', `i32 → ${type}`, ADDRESS),
    ...make(type, 'store', `i32 ${type} →`, ADDRESS),
  ]),
  ...[...INTEGERS, ...FLOATS].flatMap(conversions),
]

const UNARY = 'v128 → v128'
const BINARY = 'v128 v128 → v128'

/** The operations of each shape of vectors: with one operand, with two, shifts, tests. */
const VECTORS: readonly (readonly [shape: string, number: string, unary: string, binary: string, isInteger: boolean])[] = [
  [
    'i8x16',
    'i32',
    'abs neg popcnt',
    `${COMPARISONS} narrow_i16x8_s narrow_i16x8_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u min_s min_u max_s max_u avgr_u swizzle`,
    true,
  ],
  [
    'i16x8',
    'i32',
    'abs neg extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u',
    `${COMPARISONS} narrow_i32x4_s narrow_i32x4_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u mul min_s min_u max_s max_u avgr_u q15mulr_sat_s extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u`,
    true,
  ],
  [
    'i32x4',
    'i32',
    'abs neg extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u trunc_sat_f32x4_s trunc_sat_f32x4_u trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero',
    `${COMPARISONS} add sub mul min_s min_u max_s max_u dot_i16x8_s extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u`,
    true,
  ],
  [
    'i64x2',
    'i64',
    'abs neg extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u',
    'eq ne lt_s gt_s le_s ge_s add sub mul extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u',
    true,
  ],
  [
    'f32x4',
    'f32',
    'abs neg ceil floor trunc nearest sqrt demote_f64x2_zero convert_i32x4_s convert_i32x4_u',
    `${FLOAT_COMPARISONS} add sub mul div min max pmin pmax`,
    false,
  ],
  [
    'f64x2',
    'f64',
    'abs neg ceil floor trunc nearest sqrt promote_low_f32x4 convert_low_i32x4_s convert_low_i32x4_u',
    `${FLOAT_COMPARISONS} add sub mul div min max pmin pmax`,
    false,
  ],
]

const LANES: readonly Instruction[] = [
  ...make('v128', 'const', '→ v128', 'i32x4 1 2 3 4', 'a vector'),
  ...make(
    'v128',
    'load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u load8_splat load16_splat load32_splat load64_splat load32_zero load64_zero',
    'i32 → v128',
    ADDRESS,
  ),
  ...make('v128', 'store', 'i32 v128 →', ADDRESS),
  ...make('v128', 'load8_lane load16_lane load32_lane load64_lane', 'i32 v128 → v128', 'offset= align= lane'),
  ...make('v128', 'store8_lane store16_lane store32_lane store64_lane', 'i32 v128 →', 'offset= align= lane'),
  ...make('v128', 'not', UNARY),
  ...make('v128', 'and andnot or xor', BINARY),
  ...make('v128', 'bitselect', 'v128 v128 v128 → v128'),
  ...make('v128', 'any_true', 'v128 → i32'),
  ...make('i8x16', 'shuffle', BINARY, '16 numbers'),
  ...VECTORS.flatMap(([shape, number, unary, binary, isInteger]) => [
    ...make(shape, 'splat', `${number} → v128`),
    ...make(shape, shape === 'i8x16' || shape === 'i16x8' ? 'extract_lane_s extract_lane_u' : 'extract_lane', `v128 → ${number}`, 'lane'),
    ...make(shape, 'replace_lane', `v128 ${number} → v128`, 'lane'),
    ...make(shape, unary, UNARY),
    ...make(shape, binary, BINARY),
    ...(isInteger ? make(shape, 'shl shr_s shr_u', 'v128 i32 → v128') : []),
    ...(isInteger ? make(shape, 'all_true bitmask', 'v128 → i32') : []),
  ]),
]

const instruction = (name: string, operands: string, type: string, meaning: string): Instruction => ({ name, operands, type, meaning })

/** The instructions that do not calculate. */
const OTHERS: readonly Instruction[] = [
  instruction('local.get', '$local', '→ T', 'the value of a parameter or local'),
  instruction('local.set', '$local', 'T →', 'set a parameter or local'),
  instruction('local.tee', '$local', 'T → T', 'set a parameter or local, and keep the value'),
  instruction('global.get', '$global', '→ T', 'the value of a global'),
  instruction('global.set', '$global', 'T →', 'set a global, which must be mutable'),
  instruction('call', '$func', '… → …', 'call a function'),
  instruction(
    'call_indirect',
    '$table (type $type)',
    '… i32 → …',
    'call the function at an index of a table; traps if it has another type',
  ),
  instruction('return_call', '$func', '… →', 'return what a function returns, without room for the call'),
  instruction('return_call_indirect', '$table (type $type)', '… i32 →', 'the same for the function at an index of a table'),
  instruction('block', '$label', '… → …', 'a block; br to its label goes to its end'),
  instruction('loop', '$label', '… → …', 'a block; br to its label begins it again'),
  instruction('if', '$label', '… i32 → …', '(then …) if the number is not 0, else (else …)'),
  instruction('br', '$label', '… →', 'leave blocks up to that of the label'),
  instruction('br_if', '$label', '… i32 → …', 'the same if the number is not 0'),
  instruction('br_table', '$labels…', '… i32 →', 'the same to the label with that index; the last if there is none'),
  instruction('return', '', '… →', 'leave the function with its results'),
  instruction('unreachable', '', '… →', 'trap'),
  instruction('nop', '', '→', 'do nothing'),
  instruction('drop', '', 'T →', 'drop a value'),
  instruction('select', '', 'T T i32 → T', 'the first if the number is not 0, else the second'),
  instruction('try_table', '(catch $tag $label)', '… → …', 'a block whose exceptions go to labels'),
  instruction('throw', '$tag', '… →', 'throw an exception'),
  instruction('throw_ref', '', 'exnref →', 'throw an exception that was caught'),
  instruction('memory.size', '', '→ i32', 'the pages of the memory, of 65,536 bytes each'),
  instruction('memory.grow', '', 'i32 → i32', 'add so many pages; the number before, or -1 past the limit'),
  instruction('memory.fill', '', 'i32 i32 i32 →', 'address, byte, length: fill bytes'),
  instruction('memory.copy', '', 'i32 i32 i32 →', 'destination, source, length: copy bytes'),
  instruction('memory.init', '$data', 'i32 i32 i32 →', 'destination, offset, length: copy bytes of a data segment'),
  instruction('data.drop', '$data', '→', 'the data segment is no longer needed'),
  instruction('table.get', '$table', 'i32 → T', 'the element at an index'),
  instruction('table.set', '$table', 'i32 T →', 'set the element at an index'),
  instruction('table.size', '$table', '→ i32', 'the number of elements'),
  instruction('table.grow', '$table', 'T i32 → i32', 'add so many elements; the number before, or -1 past the limit'),
  instruction('table.fill', '$table', 'i32 T i32 →', 'index, element, length: fill elements'),
  instruction('table.copy', '$to $from', 'i32 i32 i32 →', 'destination, source, length: copy elements'),
  instruction('table.init', '$table $elem', 'i32 i32 i32 →', 'destination, offset, length: copy elements of a segment'),
  instruction('elem.drop', '$elem', '→', 'the element segment is no longer needed'),
  instruction('ref.null', 'func', '→ T', 'a reference to nothing'),
  instruction('ref.func', '$func', '→ funcref', 'a reference to a function'),
  instruction('ref.is_null', '', 'T → i32', '1 if it refers to nothing, else 0'),
]

/** The instructions that the assembler knows and a script may use, by name. */
export const INSTRUCTIONS: ReadonlyMap<string, Instruction> = new Map([...OTHERS, ...NUMBERS, ...LANES].map((each) => [each.name, each]))

/** The fuel of an instruction beside the one unit of each, by the names of prices. */
const FUEL: Readonly<Record<string, (price: (name: string) => string) => string>> = {
  'memory.grow': (price) => `${price('grow')}, and ${price('growPage')} for each page`,
  'table.grow': (price) => `${price('grow')}, and 4 for each element that the table has`,
  'memory.fill': (price) => `${price('fill')}, and 1 for 4 bytes`,
  'memory.copy': () => '1 for 4 bytes',
  'memory.init': () => '1 for 4 bytes',
  'table.set': (price) => price('table'),
  'table.fill': (price) => `${price('table')}, and 64 for each element`,
  'table.copy': (price) => `${price('table')}, and 64 for each element`,
  'table.init': (price) => `${price('table')}, and 64 for each element`,
  throw: (price) => `${price('throw')}, and 32 for each unit of stack`,
  throw_ref: (price) => `${price('throw')}, and 32 for each unit of stack`,
  try_table: (price) => `${price('catchClause')} for each clause`,
  call: () => '1 for 4 parameters and results, and what the function costs',
  call_indirect: () => '1 for 4 parameters and results, and what the function costs',
}

/** Returns what an instruction costs, such as `1` or `1 + 800, and 5,000 for each page`. */
export function fuelOf(name: string, prices: Readonly<Record<string, number>>): string {
  const more = FUEL[name]?.((price) => (prices[price] ?? 0).toLocaleString('en'))
  return more === undefined ? '1' : `1 + ${more}`
}
