import { EXPORT, UPDATE_SIGNATURES } from '../../abi/exports.ts'
import { InstructionReader } from '../../wasm/decode/instructions.ts'
import { skipValueType } from '../../wasm/format/bounds.ts'
import { type DecodedModule, importedFunctions, sameFunctionType } from '../../wasm/format/module.ts'
import { EMPTY_BLOCK, OPCODE, VALUE_TYPE } from '../../wasm/format/opcodes.ts'
import { Reader } from '../../wasm/format/reader.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { Writer } from '../../wasm/format/writer.ts'
import { addLocals } from '../../wasm/rewrite/added-locals.ts'
import { type FloatEdit, writeFloatEdit } from '../../wasm/rewrite/float-edits.ts'
import { saveFuel } from '../../wasm/rewrite/fuel-code.ts'
import { frameOf } from '../../wasm/rewrite/function-plans.ts'
import { type InlineCalls, writeMemoryAccess } from '../../wasm/rewrite/inline-call.ts'
import type { CodeReader } from '../../wasm/rewrite/inlining.ts'
import { hoistAllConstants } from '../../wasm/rewrite/loop-constants.ts'
import { writeInstructions } from '../../wasm/rewrite/metered-body.ts'
import type { MeteredCode } from '../../wasm/rewrite/metered-code.ts'
import type { AppendedFunction } from '../../wasm/rewrite/sections.ts'
import { knownEntities } from './known-entities.ts'

/** What the driver of `update` is made from, beside the code of `update`. */
export interface DriverPlan {
  /** The function index of `update`. */
  readonly update: number
  /** The index of its type. */
  readonly type: number
  /** The type of `dt`. */
  readonly dt: 'f32' | 'f64'
  /** The address of three words of the ECS memory: see `Batch`. */
  readonly batch: number
  /** Whether `update` calls anything that could interrupt the loop. */
  readonly isInterruptible: boolean
  /** Writes what comes before each call of `update`, if anything does. `memory` is the index of the ECS memory. */
  readonly writeTurn?: ((out: Writer, memory: number) => void) | undefined
}

/** Returns the function that calls `update` for each entity of a list. */
export function updateDriver(module: DecodedModule, plan: DriverPlan, read: CodeReader): AppendedFunction {
  const write = (out: Writer): void => writeDriver(out, module, read(plan.update), plan)
  return { name: RESERVED.driver, type: plan.type, write }
}

/**
 * Returns what drivers of `update` are made from; `undefined` if the module defines no `update` of the right type. `batch` is
 * the address of the batch in the ECS memory.
 */
export function planDriver(module: DecodedModule, batch: number, calls: InlineCalls, catches: boolean): DriverPlan | undefined {
  const update = module.exports.find((entry) => entry.kind === 'func' && entry.name === EXPORT.update)?.index
  const type = update === undefined ? undefined : module.functions[update]
  const imported = importedFunctions(module)
  if (update === undefined || type === undefined || update < imported) return undefined
  const known = UPDATE_SIGNATURES.find((each) => sameFunctionType(each, type))
  const typeIndex = module.types.findIndex((each) => each !== undefined && sameFunctionType(each, type))
  if (known === undefined) return undefined
  const isInterruptible = catches || callsHost(module, imported, calls)
  return { update, type: typeIndex, dt: known.params[1] as 'f32' | 'f64', batch, isInterruptible }
}

/** Returns whether the module may call the host: through an import that is not inlined, or through a reference. */
function callsHost(module: DecodedModule, imported: number, calls: InlineCalls): boolean {
  if (module.referredImports.size > 0) return true
  return Array.from({ length: imported }, (_, index) => index).some((index) => !calls.has(index))
}

const WORD_SHIFT = 2
const WORD = 4
const ENTITY_PARAMETER = 0
const DT_PARAMETER = 1
const PARAMETERS = 2
/** A body larger than this, or with more locals, is called instead of inlined: a second copy costs more than the calls. */
const MAX_INLINED_BYTES = 4096
const MAX_INLINED_LOCALS = 64

/**
 * Writes the driver. It has the type of `update`, and its entity parameter is ignored. The list of entities lies in the ECS
 * memory, together with the address of the current entity, so that the host knows where a trap happened and where to go on.
 *
 * All entities of the list are below the capacity. The body of `update` is inlined into the loop if possible, since engines do
 * not inline the call.
 */
function writeDriver(out: Writer, module: DecodedModule, code: MeteredCode, plan: DriverPlan): void {
  if (canInline(code)) writeInlinedLoop(out, module, code, plan)
  else writeCallingLoop(out, code, plan)
}

function canInline({ end, charges }: MeteredCode): boolean {
  const { catches, tailCalls, locals, codeAt } = charges
  return !catches && !tailCalls && locals <= MAX_INLINED_LOCALS && end - codeAt <= MAX_INLINED_BYTES
}

/** Writes the loop around the body of `update`. The driver has the same parameters, so every local keeps its index. */
function writeInlinedLoop(out: Writer, module: DecodedModule, update: MeteredCode, plan: DriverPlan): void {
  const { code, setters } = withHoistedConstants(update)
  const { bytes, charges, additions } = code
  const { localGroups, localsAt, codeAt, locals } = charges
  const added = addLocals(code, !code.plan.spends)
  const writesDt = writesLocal(code, DT_PARAMETER)
  const places = { at: locals + added.types.length, end: locals + added.types.length + 1 }
  const dt = writesDt ? places.end + 1 : DT_PARAMETER
  const types = [...added.types, VALUE_TYPE.i32, VALUE_TYPE.i32, ...(writesDt ? [VALUE_TYPE[plan.dt]] : [])]
  out.u32(localGroups + types.length).bytes(bytes.subarray(localsAt, codeAt))
  for (const type of types) out.u32(1).byte(type)
  if (added.caches) out.byte(OPCODE.globalGet).u32(additions.fuel).byte(OPCODE.localSet).u32(added.fuel)
  if (writesDt) out.byte(OPCODE.localGet).u32(DT_PARAMETER).byte(OPCODE.localSet).u32(dt)
  for (const setter of setters) writeFloatEdit(out, setter, added)
  writeLoop(out, code, plan, places, () => {
    out.byte(OPCODE.localSet).u32(ENTITY_PARAMETER)
    if (writesDt) out.byte(OPCODE.localGet).u32(dt).byte(OPCODE.localSet).u32(DT_PARAMETER)
    zeroLocals(out, code)
    if (code.plan.countsDepth) out.byte(OPCODE.i32Const).s32(frameOf(charges)).byte(OPCODE.localSet).u32(added.depth)
    out.byte(OPCODE.block).byte(EMPTY_BLOCK)
    writeInstructions(out, code, added, { checked: knownEntities(module, code), isLoopBody: true })
  })
  saveFuel(out, added, additions)
  out.byte(OPCODE.end)
}

/** Returns code whose constants are set before it, and what sets them. */
function withHoistedConstants(code: MeteredCode): { readonly code: MeteredCode; readonly setters: readonly FloatEdit[] } {
  const { bytes, end, charges } = code
  const { edits, types: constants } = hoistAllConstants(bytes, { start: charges.codeAt, end }, charges.edits)
  const isSetter = ({ kind }: FloatEdit): boolean => kind === 'setter'
  const others = edits.filter((edit) => !isSetter(edit))
  return { code: { ...code, charges: { ...charges, edits: others, constants } }, setters: edits.filter(isSetter) }
}

/** Writes the loop around a call of `update`. */
function writeCallingLoop(out: Writer, code: MeteredCode, plan: DriverPlan): void {
  const places = { at: PARAMETERS, end: PARAMETERS + 1 }
  out.u32(1).u32(2).byte(VALUE_TYPE.i32)
  writeLoop(out, code, plan, places, () => {
    if (code.plan.setsDepth(plan.update)) out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.globalSet).u32(code.additions.depth)
    out.byte(OPCODE.localGet).u32(DT_PARAMETER).byte(OPCODE.call).u32(plan.update)
  })
  out.byte(OPCODE.end)
}

interface ListLocals {
  readonly at: number
  readonly end: number
}

/** Writes a loop over a list that is not empty. `writeBody` writes code that takes the entity from the stack. */
function writeLoop(out: Writer, { additions }: MeteredCode, plan: DriverPlan, { at, end }: ListLocals, writeBody: () => void): void {
  const { memory } = additions
  const { batch } = plan
  const load = (address: number): void => {
    out.byte(OPCODE.i32Const).s32(0)
    writeMemoryAccess(out, OPCODE.i32Load, WORD_SHIFT, memory, address)
  }
  const storeAt = (): void => {
    out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.localGet).u32(at)
    writeMemoryAccess(out, OPCODE.i32Store, WORD_SHIFT, memory, batch)
  }
  load(batch)
  out.byte(OPCODE.localSet).u32(at)
  load(batch + WORD)
  out.byte(OPCODE.localSet).u32(end)
  out.byte(OPCODE.loop).byte(EMPTY_BLOCK)
  storeAt()
  plan.writeTurn?.(out, memory)
  out.byte(OPCODE.localGet).u32(at)
  writeMemoryAccess(out, OPCODE.i32Load, WORD_SHIFT, memory, 0)
  writeBody()
  out.byte(OPCODE.localGet).u32(at).byte(OPCODE.i32Const).s32(WORD).byte(OPCODE.i32Add).byte(OPCODE.localTee).u32(at)
  out.byte(OPCODE.localGet).u32(end).byte(OPCODE.i32LtU)
  if (plan.isInterruptible) {
    load(batch + 2 * WORD)
    out.byte(OPCODE.i32Eqz).byte(OPCODE.i32And)
  }
  out.byte(OPCODE.brIf).u32(0).byte(OPCODE.end)
  storeAt()
}

/** Sets the locals of `update` to zero, as at the start of a call. */
function zeroLocals(out: Writer, { bytes, charges }: MeteredCode): void {
  const reader = new Reader(bytes, { start: charges.localsAt, end: charges.codeAt })
  let local = PARAMETERS
  while (!reader.done) {
    const count = reader.u32('the number of locals')
    const start = reader.position
    const type = reader.peek()
    skipValueType(reader)
    const zero = ZEROS[type] ?? (type === 0x64 ? undefined : [0xd0, ...bytes.subarray(type === 0x63 ? start + 1 : start, reader.position)])
    // A local that cannot be null is set before it is read.
    for (let left = count; left > 0; left--, local++) if (zero !== undefined) out.bytes(zero).byte(OPCODE.localSet).u32(local)
  }
}

/** The instruction that pushes the zero of each number type. */
const ZEROS: Readonly<Record<number, readonly number[]>> = {
  127: [0x41, 0],
  126: [0x42, 0],
  125: [0x43, 0, 0, 0, 0],
  124: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  123: [0xfd, 12, ...new Array<number>(16).fill(0)],
}

function writesLocal({ bytes, end, charges }: MeteredCode, local: number): boolean {
  const reader = new Reader(bytes, { start: charges.codeAt, end })
  const instruction = new InstructionReader(reader)
  while (!reader.done) {
    instruction.read()
    const { opcode, index } = instruction
    if ((opcode === OPCODE.localSet || opcode === OPCODE.localTee) && index === local) return true
  }
  return false
}
