import { InstructionReader } from '../decode/instructions.ts'
import { valueType } from '../decode/value-types.ts'
import {
  calculatedShape,
  chosenScalar,
  chosenVector,
  type FloatShape,
  isCopySign,
  isFloatInstruction,
  isNeverNaN,
  isReinterpretation,
  isSignChange,
} from '../format/floats.ts'
import { type DecodedModule, type FunctionBody, type FunctionType, importedFunctions } from '../format/module.ts'
import { isLoad, isNumeric, isStore, OPCODE, PREFIX_SIMD, riseOf, riseOfVector } from '../format/opcodes.ts'
import { Reader } from '../format/reader.ts'
import type { CanonicalOperand } from './float-edits.ts'
import { FloatLocals } from './float-locals.ts'
import { type HostFloats, isFloat, NO_HOST } from './host-floats.ts'

/**
 * A place where a NaN of the last operand may have to be made canonical: after arithmetic, or after a local was read. It does
 * not if nothing but more arithmetic takes the operand.
 */
interface Candidate {
  readonly at: number
  /** The shape; `undefined` if it is that of the local. */
  readonly shape: FloatShape | undefined
  /** The local that was read. It is only needed if the local may hold a NaN whose bits the engine chose. */
  readonly source: number | undefined
  /** The local that is set to the operand. It is only needed if the local keeps the bits of other floats. */
  target: number | undefined
  /** The shape as which arithmetic took the operand. */
  calculated: FloatShape | undefined
  isDone: boolean
}

/** An operand that is never NaN, or has a candidate. All other operands have bits that are kept. */
interface Operand {
  readonly index: number
  readonly candidate: Candidate | undefined
  /** Whether its sign was changed since. The NaN that it may be has to be canonical before. */
  isSigned: boolean
}

function isConstantNaN(bytes: Uint8Array, at: number, isWide: boolean): boolean {
  // Few constants have the exponent of a NaN, and a view takes time to make.
  if (((bytes[at + (isWide ? 8 : 4)] as number) & 0x7f) !== 0x7f) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset + at + 1)
  return Number.isNaN(isWide ? view.getFloat64(0, true) : view.getFloat32(0, true))
}

/**
 * Returns the operands of a function whose NaN is made canonical, in order of offsets. Results of arithmetic and numbers from the
 * host get canonical bits before anything but arithmetic takes them, so that all other instructions see the same bits on every
 * engine, and pass on all bits as they are.
 */
export function makeCanonical(module: DecodedModule, index: number, host: HostFloats): readonly CanonicalOperand[] {
  const { scan, codeAt } = scanFunction(module, index, host, (called) => parametersShown(module, called))
  return scan.canonical(codeAt)
}

const shownByFunction = new WeakMap<DecodedModule, Map<number, ReadonlySet<number>>>()

/** Returns the float parameters whose bits a function may show. Arithmetic alone takes the others, so they need not be canonical. */
function parametersShown(module: DecodedModule, index: number): ReadonlySet<number> {
  const known = shownByFunction.get(module) ?? new Map<number, ReadonlySet<number>>()
  shownByFunction.set(module, known)
  const found = known.get(index) ?? scanFunction(module, index, NO_HOST).scan.shown(module.functions[index]?.params.length ?? 0)
  known.set(index, found)
  return found
}

function scanFunction(
  module: DecodedModule,
  index: number,
  host: HostFloats,
  shownBy?: (called: number) => ReadonlySet<number>,
): { readonly scan: FloatScan; readonly codeAt: number } {
  const { body } = module.bodies[index - importedFunctions(module)] as FunctionBody
  const reader = new Reader(module.bytes, body)
  const params = module.functions[index]?.params ?? []
  const locals = [...params]
  for (let groups = reader.count('groups of locals'); groups > 0; groups--) {
    const count = reader.u32('the number of locals')
    const type = valueType(reader)
    for (let left = count; left > 0; left--) locals.push(type)
  }
  const codeAt = reader.position
  const parameters = host.callable.has(index) ? [...params.keys()].filter((parameter) => isFloat(params[parameter])) : []
  const scan = new FloatScan(module, locals, parameters, host, shownBy)
  // What a function of the module passes keeps its bits.
  for (const parameter of params.keys()) if (!parameters.includes(parameter)) scan.keepBits(parameter)
  const instruction = new InstructionReader(reader)
  while (!reader.done) {
    instruction.read()
    scan.step(instruction)
  }
  return { scan, codeAt }
}

class FloatScan {
  readonly #module: DecodedModule
  readonly #host: HostFloats
  readonly #imported: number
  /** The types of parameters and locals. */
  readonly #locals: readonly string[]
  readonly #variables = new FloatLocals()
  /** The parameters that may be floats of the host. */
  readonly #parameters: readonly number[]
  readonly #candidates: Candidate[] = []
  readonly #shownBy: ((called: number) => ReadonlySet<number>) | undefined
  /** The known operands that the code since the last branch or label pushed. */
  readonly #operands: Operand[] = []
  /** The number of operands, counted from anywhere. */
  #height = 0

  /** `shownBy` returns the parameters whose bits a function may show; without it, all are. */
  constructor(
    module: DecodedModule,
    locals: readonly string[],
    parameters: readonly number[],
    host: HostFloats,
    shownBy: ((called: number) => ReadonlySet<number>) | undefined,
  ) {
    this.#shownBy = shownBy
    this.#module = module
    this.#host = host
    this.#imported = importedFunctions(module)
    this.#locals = locals
    this.#parameters = parameters
    for (const parameter of parameters) this.#variables.set(parameter, this.#shapeOf(parameter))
  }

  /** Notes that a local holds a float whose bits are kept. */
  keepBits(local: number): void {
    this.#variables.set(local)
  }

  step(instruction: InstructionReader): void {
    const { opcode, at, next, index, number } = instruction
    if (isNumeric(opcode)) this.#numeric(opcode, next)
    else if (isLoad(opcode)) this.#take(1, 1)
    else if (isStore(opcode)) this.#take(2, 0)
    else if (opcode === PREFIX_SIMD) this.#vector(number, next)
    else
      switch (opcode) {
        case OPCODE.nop:
          return
        case OPCODE.drop:
          this.#take(1, 0, 'any')
          return
        case OPCODE.select:
          this.#take(3, 1)
          return
        case OPCODE.localGet:
          this.#height++
          this.#read(index, next)
          return
        case OPCODE.localSet:
          this.#write(index)
          this.#take(1, 0)
          return
        case OPCODE.localTee:
          this.#tee(index, next)
          return
        case OPCODE.globalGet: {
          this.#take(0, 1)
          const type = this.#module.globals[index]?.value
          if (isFloat(type)) this.#add(next, type)
          return
        }
        case OPCODE.globalSet:
          this.#take(1, 0, isFloat(this.#module.globals[index]?.value) ? 'any' : undefined)
          return
        case OPCODE.i32Const:
        case OPCODE.i64Const:
          this.#take(0, 1)
          return
        case OPCODE.f32Const:
        case OPCODE.f64Const:
          this.#take(0, 1)
          if (!isConstantNaN(this.#module.bytes, at, opcode === OPCODE.f64Const)) this.#push(undefined)
          return
        case OPCODE.call:
          this.#call(index, next)
          return
        default:
          // Whatever branches, or takes and gives an unknown number of operands.
          if (this.#operands.length > 0) this.#operands.length = 0
      }
  }

  /** Returns the operands that turned out to need it. */
  canonical(codeAt: number): readonly CanonicalOperand[] {
    const variables = this.#variables
    const found: CanonicalOperand[] = []
    this.#noteShown()
    for (const local of this.#parameters) {
      const shape = this.#shapeOf(local)
      if (shape !== undefined && variables.chosen(local) === undefined && variables.isShown(local)) {
        found.push({ kind: 'canonical', at: codeAt, shape, local, nan: undefined })
      }
    }
    for (const { at, shape: own, source, target, calculated, isDone } of this.#candidates) {
      const shape = source === undefined ? own : variables.chosen(source)
      if (isDone || shape === undefined || shape === calculated) continue
      if (target !== undefined && (variables.chosen(target) !== undefined || !variables.isShown(target))) continue
      found.push({ kind: 'canonical', at, shape, local: undefined, nan: undefined })
    }
    return found
  }

  /** Returns the parameters whose bits are read. */
  shown(parameters: number): ReadonlySet<number> {
    this.#noteShown()
    return new Set(Array.from({ length: parameters }, (_, parameter) => parameter).filter((each) => this.#variables.isShown(each)))
  }

  #noteShown(): void {
    for (const { source, isDone, calculated } of this.#candidates) {
      if (source === undefined || isDone) continue
      if (calculated === undefined || this.#variables.chosen(source) !== calculated) this.#variables.show(source)
    }
  }

  #numeric(opcode: number, next: number): void {
    const operands = 1 - riseOf(opcode)
    if (!isFloatInstruction(opcode)) {
      this.#take(operands, 1, 'any')
      return
    }
    if (isSignChange(opcode)) {
      this.#changeSign()
      return
    }
    if (isCopySign(opcode)) {
      this.#take(1, 0)
      this.#changeSign()
      return
    }
    this.#take(operands, 1, isReinterpretation(opcode) ? undefined : 'any')
    const chosen = chosenScalar(opcode)
    if (chosen !== undefined) this.#add(next, chosen)
    else if (isNeverNaN(opcode)) this.#push(undefined)
  }

  #vector(number: number, next: number): void {
    const rise = riseOfVector(number)
    const results = hasNoResult(number) ? 0 : 1
    this.#take(results - rise, results, calculatedShape(number))
    const chosen = chosenVector(number)
    if (chosen !== undefined) this.#add(next, chosen)
  }

  #call(index: number, next: number): void {
    const { isLinked, fromCalls } = this.#host
    const { params, results } = this.#module.functions[index] as FunctionType
    const isHost = index < this.#imported
    if (!isHost) this.#pass(index, params)
    // JavaScript sees numbers, not bits.
    this.#take(params.length, results.length, isHost && !isLinked ? 'any' : undefined)
    const [result] = results
    if ((isHost || fromCalls) && results.length === 1 && isFloat(result)) this.#add(next, result)
  }

  /** Passes the last operands to a function. Those that it only calculates with need not be canonical. */
  #pass(called: number, params: readonly string[]): void {
    const first = this.#height - params.length
    for (let place = this.#operands.length - 1; place >= 0; place--) {
      const { index, candidate } = this.#operands[place] as Operand
      if (index < first) return
      if (candidate === undefined || !isFloat(params[index - first])) continue
      if (this.#shownBy?.(called).has(index - first) === false) candidate.isDone = true
    }
  }

  #read(local: number, next: number): void {
    const type = this.#locals[local]
    if (isFloat(type) || type === 'v128') this.#add(next, this.#shapeOf(local), local)
  }

  /** Notes that a local is set to the last operand, which stays. Returns the operand. */
  #write(local: number): Operand | undefined {
    const top = this.#operands.at(-1)
    const operand = top?.index === this.#height - 1 ? top : undefined
    const type = this.#locals[local]
    if (!isFloat(type) && type !== 'v128') return operand
    const candidate = operand?.candidate
    if (candidate?.source !== undefined) {
      this.#variables.copy(candidate.source, local)
      candidate.isDone = true
    } else if (candidate !== undefined) candidate.target = local
    if (operand === undefined || operand.isSigned) this.#variables.set(local)
    else if (candidate !== undefined && candidate.source === undefined) this.#variables.set(local, candidate.shape)
    return operand
  }

  #tee(local: number, next: number): void {
    const operand = this.#write(local)
    if (operand?.candidate === undefined) return
    this.#operands.pop()
    this.#read(local, next)
  }

  /** Keeps the candidate of the operand for the result, which is not canonical if its sign was changed. */
  #changeSign(): void {
    const top = this.#operands.at(-1)
    if (top?.index === this.#height - 1 && top.candidate !== undefined) top.isSigned = true
  }

  /** Takes operands and pushes results. With `calculated`, the bits of operands of that shape do not matter. */
  #take(operands: number, results: number, calculated?: FloatShape | 'any'): void {
    this.#height -= operands
    for (let place = this.#operands.length - 1; place >= 0; place--) {
      const { index, candidate } = this.#operands[place] as Operand
      if (index < this.#height) break
      if (candidate !== undefined && calculated !== undefined) {
        if (calculated === 'any') candidate.isDone = true
        else candidate.calculated = calculated
      }
      this.#operands.pop()
    }
    this.#height += results
  }

  #add(at: number, shape: FloatShape | undefined, source?: number): void {
    const candidate: Candidate = { at, shape, source, target: undefined, calculated: undefined, isDone: false }
    this.#candidates.push(candidate)
    this.#push(candidate)
  }

  #push(candidate: Candidate | undefined): void {
    this.#operands.push({ index: this.#height - 1, candidate, isSigned: false })
  }

  /** Returns the shape of a local; `undefined` for vectors, which may be of either. */
  #shapeOf(local: number): FloatShape | undefined {
    const type = this.#locals[local]
    return isFloat(type) ? type : undefined
  }
}

function hasNoResult(number: number): boolean {
  return number === 11 || (number >= 88 && number <= 91)
}
