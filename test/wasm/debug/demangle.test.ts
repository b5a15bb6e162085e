import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demangle } from '../../../src/wasm/debug/demangle.ts'

const NAMES: readonly (readonly [mangled: string, name: string | undefined])[] = [
  // Rust, before version 0, and what a linker left of it.
  ['_ZN4game6motion4pick17h0123456789abcdefE', 'game::motion::pick'],
  ['game::motion::pick::h0123456789abcdef', 'game::motion::pick'],
  ['core::ptr::drop_in_place$LT$alloc..vec..Vec$LT$i32$GT$$GT$::h0123456789abcdef', 'core::ptr::drop_in_place<alloc::vec::Vec<i32>>'],
  ['_$LT$game..Stall$u20$as$u20$core..fmt..Debug$GT$::fmt::h0123456789abcdef', '<game::Stall as core::fmt::Debug>::fmt'],
  ['game::run::_$u7b$$u7b$closure$u7d$$u7d$::h0123456789abcdef', 'game::run::{{closure}}'],
  ['a$ZZ$b$uffffff$::h0123456789abcdef', 'a$ZZ$b$uffffff$'],
  // Rust, version 0.
  ['_RNvNtCs7ew2PUw3OP4_4game6motion4pick', 'game::motion::pick'],
  ['_RNvMCs7ew2PUw3OP4_4gameNtB2_5Stall5price', '<game::Stall>::price'],
  ['_RNvXCs15kBYyAo9fc_7mycrateNtB2_7ExampleNtB2_5Trait3foo', '<mycrate::Example as mycrate::Trait>::foo'],
  ['_RINvNtCs7ew2PUw3OP4_4core3mem4swapNtCs7ew2PUw3OP4_4game5StallRShE', 'core::mem::swap::<game::Stall, &[u8]>'],
  ['_RINvCs7ew2PUw3OP4_4game3runTlAmj4_QeEE', 'game::run::<(i32, [u32; 4], &mut str)>'],
  ['_RNCNvCs7ew2PUw3OP4_4game3run0B3_', 'game::run::{closure#0}'],
  ['_RNvCs7ew2PUw3OP4_4gameu3abc', 'game::punycode{abc}'],
  ['_RNvYNtCs7ew2PUw3OP4_4game5StallNtB4_5Trait3foo', '<game::Stall as game::Trait>::foo'],
  ['_RINvCs7ew2PUw3OP4_4game3runFEuE', undefined],
  ['_RNvB_4game', undefined],
  // C++.
  ['_ZN4game5Mover6divideEi', 'game::Mover::divide'],
  ['_ZNK4game5Mover6divideEi', 'game::Mover::divide'],
  ['_ZN4game5MoverC2Ev', 'game::Mover::Mover'],
  ['_ZN4game5MoverD1Ev', 'game::Mover::~Mover'],
  ['_Z4movei', 'move'],
  ['_ZL4movei', 'move'],
  ['_ZN12_GLOBAL__N_14moveEi', '(anonymous namespace)::move'],
  ['_ZNSt6vector4pushEv', 'std::vector::push'],
  ['_ZN4game4halfIiEET_S1_', undefined],
  ['_Z4halfIiET_S0_', undefined],
  ['_ZN99999game', undefined],
  ['_ZNE', undefined],
  // No mangled names.
  ['update', undefined],
  ['assembly/index/Mover#move', undefined],
  ['_R', undefined],
  ['_Z', undefined],
]

describe('a name', () => {
  it.each(NAMES)('%s is demangled as %s', (mangled, name) => {
    expect(demangle(mangled)).toBe(name)
  })

  it('of any content is demangled or left as it is, soon', () => {
    const letters = fc.array(fc.constantFrom(...'RNIBXYMCTSAEvst_0123456789abcp'), { maxLength: 300 })
    fc.assert(
      fc.property(fc.constantFrom('_R', '_RI', '_RNvB', '_ZN', '_Z'), letters, (start, rest) => {
        const name = demangle(start + rest.join(''))
        return name === undefined || name.length < 5_000_000
      }),
      { numRuns: 500 },
    )
    // Each reference repeats the one before it twice.
    expect(demangle(`_RI${'T'.repeat(30)}${'B_'.repeat(400)}E`)).toBeUndefined()
  })
})
