import { skipLocals } from '../../decode/instruction-offsets.ts'
import { InstructionReader } from '../../decode/instructions.ts'
import { skipValueType } from '../../format/bounds.ts'
import { type DecodedModule, importedFunctions } from '../../format/module.ts'
import { OPCODE } from '../../format/opcodes.ts'
import { Reader } from '../../format/reader.ts'
import type { Charges } from '../charges.ts'
import type { ColumnAccessor, InlineCall, InlineCalls } from '../inline-call.ts'
import { ProbeWriter, type TraceAddress, writeTurn } from './probe-code.ts'
import { type Probe, withProbes } from './probed-charges.ts'
import type { PointKind, PointLocal, TracePoint } from './trace-memory.ts'
import type { TracePlan } from './trace-plan.ts'

/** What is recorded of a module. */
export interface ModuleTraceOptions {
  /** Where in the host's memory the trace begins. */
  readonly address: number
  /** The number of the first point. */
  readonly firstPoint: number
  /** Returns the offsets of a function, by index, at which a statement begins. */
  readonly statementsOf: (functionIndex: number) => ReadonlySet<number>
  /** Returns whether a statement of a function, which begins at an offset, is recorded. */
  readonly lines: (functionIndex: number, at: number) => boolean
  readonly locals: boolean
  readonly calls: boolean
  readonly reads: boolean
  /** Returns whether writes by an import are recorded. */
  readonly writes: (importIndex: number) => boolean
  /** The functions whose first parameter is the entity that they run on. */
  readonly entityFunctions: ReadonlySet<number>
}

/** A plan, and the points that it has when the module is rewritten. */
export interface ModuleTrace {
  readonly plan: TracePlan
  readonly points: readonly TracePoint[]
}

/** Locals that a record holds at most. */
const MAX_RECORDED = 48
const WORD = 4

/** Plans what a module records while it runs. */
export function traceModule(module: DecodedModule, options: ModuleTraceOptions): ModuleTrace {
  const points: TracePoint[] = []
  const probes = new Map<number, readonly Probe[]>()
  const trace: TraceAddress = { memory: module.memories.length, address: options.address }
  const plan: TracePlan = {
    instrument(functionIndex, charges, calls) {
      let own = probes.get(functionIndex)
      if (own === undefined) {
        own = new ProbeFinder(module, functionIndex, charges, calls, trace, options, points).find()
        probes.set(functionIndex, own)
      }
      return withProbes(charges, own)
    },
    writeTurn: (out) => writeTurn(out, trace),
  }
  return { plan, points }
}

/** Finds the places of a function at which probes stand. */
class ProbeFinder {
  readonly #module: DecodedModule
  readonly #functionIndex: number
  readonly #charges: Charges
  readonly #inlined: InlineCalls
  readonly #trace: TraceAddress
  readonly #options: ModuleTraceOptions
  readonly #points: TracePoint[]
  readonly #probes: Probe[] = []
  readonly #locals: readonly (PointLocal['type'] | undefined)[]

  constructor(
    module: DecodedModule,
    functionIndex: number,
    charges: Charges,
    inlined: InlineCalls,
    trace: TraceAddress,
    options: ModuleTraceOptions,
    points: TracePoint[],
  ) {
    this.#module = module
    this.#functionIndex = functionIndex
    this.#charges = charges
    this.#inlined = inlined
    this.#trace = trace
    this.#options = options
    this.#points = points
    this.#locals = localsOf(module, functionIndex)
  }

  find(): readonly Probe[] {
    const { lines, calls, statementsOf, entityFunctions } = this.#options
    const { catches, codeAt } = this.#charges
    const statements = statementsOf(this.#functionIndex)
    const imported = importedFunctions(this.#module)
    const entered = calls ? this.#point('enter', codeAt, { isFrame: true, locals: true }) : undefined
    const isOfEntity = entityFunctions.has(this.#functionIndex)
    this.#add(codeAt, (probe) => probe.enter(entered, isOfEntity), true)
    const { body } = this.#module.bodies[this.#functionIndex - imported] as { body: { start: number; end: number } }
    const reader = new Reader(this.#module.bytes, body)
    skipLocals(reader)
    const instruction = new InstructionReader(reader)
    while (!reader.done) {
      instruction.read()
      const { opcode, at, index, next } = instruction
      if (statements.has(at)) {
        const point = lines(this.#functionIndex, at) ? this.#point('line', at, { locals: true, isBack: catches }) : undefined
        // A caught exception leaves the functions that it was thrown in.
        if (point !== undefined || catches) this.#add(at, (probe) => probe.step(point, catches))
      }
      const isImport = opcode === OPCODE.call && index < imported
      const call = isImport ? this.#inlined.get(index) : undefined
      if (call !== undefined) this.#access(at, index, call)
      else if (isImport) this.#site(at, index)
      else if (opcode === OPCODE.callIndirect || opcode === OPCODE.callRef) this.#site(at, -1)
      if ((opcode === OPCODE.call && !isImport) || opcode === OPCODE.callIndirect || opcode === OPCODE.callRef) {
        const point = calls ? this.#point('returned', at, { isFrame: true }) : undefined
        this.#add(next, (probe) => probe.step(point, true))
      }
      if (opcode === OPCODE.returnCall || opcode === OPCODE.returnCallIndirect || opcode === OPCODE.returnCallRef)
        this.#add(at, (probe) => probe.tail())
    }
    // What follows a call and what stands at the next instruction are in order, except where several are at one place.
    return this.#probes.sort((one, other) => one.at - other.at)
  }

  #access(at: number, index: number, { accessor }: InlineCall): void {
    if (accessor.access === 'get' && this.#options.reads) this.#read(at, index, accessor)
    else if (accessor.access === 'set' && this.#options.writes(index)) this.#write(at, index, accessor)
  }

  #read(at: number, index: number, accessor: ColumnAccessor): void {
    const point = this.#point('read', at, { importIndex: index, size: accessor.type === 'f64' ? 4 * WORD : 3 * WORD })
    this.#add(at, (probe) => probe.read(point, accessor))
  }

  #write(at: number, index: number, accessor: ColumnAccessor): void {
    const size = accessor.type === 'f64' ? 6 * WORD : 4 * WORD
    const point = this.#point('write', at, { importIndex: index, size })
    this.#add(at, (probe) => probe.write(point, accessor))
  }

  #site(at: number, importIndex: number): void {
    const point = this.#point('call', at, { importIndex, size: 2 * WORD })
    this.#add(at, (probe) => probe.site(point))
  }

  #add(at: number, write: (probe: ProbeWriter) => void, isFirst = false): void {
    this.#probes.push({ at, write: (out, places) => write(new ProbeWriter(out, this.#trace, places)), isFirst })
  }

  #point(
    kind: PointKind,
    at: number,
    {
      locals = false,
      isFrame = false,
      isBack = false,
      size,
      importIndex = -1,
    }: {
      readonly locals?: boolean
      readonly isFrame?: boolean
      readonly isBack?: boolean
      readonly size?: number
      readonly importIndex?: number
    },
  ): TracePoint {
    let end = WORD
    const depthAt = isFrame || isBack ? end : -1
    if (depthAt >= 0) end += WORD
    const fuelAt = isFrame ? end : -1
    if (fuelAt >= 0) end += WORD
    const recorded: PointLocal[] = []
    if (locals && this.#options.locals) {
      const count = kind === 'enter' ? (this.#module.functions[this.#functionIndex]?.params.length ?? 0) : this.#locals.length
      for (const [index, type] of this.#locals.slice(0, count).entries()) {
        if (type === undefined || recorded.length === MAX_RECORDED) continue
        recorded.push({ index, type, offset: end })
        end += type === 'i64' || type === 'f64' ? 2 * WORD : WORD
      }
    }
    const id = this.#options.firstPoint + this.#points.length
    const functionIndex = this.#functionIndex
    const point: TracePoint = { id, kind, functionIndex, at, locals: recorded, depthAt, fuelAt, size: size ?? end, importIndex }
    this.#points.push(point)
    return point
  }
}

const NUMBERS: Readonly<Record<number, PointLocal['type']>> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64' }

/** Returns the types of the locals of a function, parameters first; `undefined` for those that are no numbers. */
function localsOf(module: DecodedModule, functionIndex: number): readonly (PointLocal['type'] | undefined)[] {
  const { bytes, bodies, functions } = module
  const isNumber = (type: string): type is PointLocal['type'] => Object.values(NUMBERS).includes(type as PointLocal['type'])
  const types: (PointLocal['type'] | undefined)[] = (functions[functionIndex]?.params ?? []).map((type) =>
    isNumber(type) ? type : undefined,
  )
  const reader = new Reader(bytes, bodies[functionIndex - importedFunctions(module)]?.body)
  for (let groups = reader.count('groups of locals'); groups > 0; groups--) {
    const count = reader.u32('the number of locals')
    const type = NUMBERS[reader.peek()]
    skipValueType(reader)
    for (let left = count; left > 0; left--) types.push(type)
  }
  return types
}
