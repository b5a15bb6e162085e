import type {
  DataSegment,
  ElementSegment,
  FunctionBody,
  FunctionType,
  GlobalDefinition,
  GlobalType,
  ModuleExport,
  ModuleImport,
  Section,
  SizeLimits,
  TableType,
} from '../format/module.ts'
import type { Reader } from '../format/reader.ts'
import { type ConstantExpression, constantExpression } from './constant-expression.ts'

/** A module of which some sections are read: each refers to those before it. */
export interface Draft {
  bytes: Uint8Array<ArrayBuffer>
  sections: Section[]
  types: (FunctionType | undefined)[]
  imports: ModuleImport[]
  functions: FunctionType[]
  tables: TableType[]
  memories: SizeLimits[]
  globals: (GlobalType | GlobalDefinition)[]
  tags: number
  exports: ModuleExport[]
  start?: number
  elements: ElementSegment[]
  data: DataSegment[]
  dataCount?: number
  bodies: FunctionBody[]
  defined: number
  /** Functions that are exported or referred to. */
  referredFunctions: Set<number>
  /** Globals that constant expressions read. */
  constantGlobals: Set<number>
  allocatesAt?: number
}

/** Returns the draft of a module of which nothing is read. */
export function createDraft(bytes: Uint8Array<ArrayBuffer>): Draft {
  return {
    bytes,
    sections: [],
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    tags: 0,
    exports: [],
    elements: [],
    data: [],
    bodies: [],
    defined: 0,
    referredFunctions: new Set(),
    constantGlobals: new Set(),
  }
}

/** Reads a constant expression, and notes what it refers to. */
export function constant(reader: Reader, draft: Draft): ConstantExpression {
  const expression = constantExpression(reader)
  if (expression.allocatesAt !== undefined) draft.allocatesAt ??= expression.allocatesAt
  for (const functionIndex of expression.functions) draft.referredFunctions.add(functionIndex)
  for (const global of expression.globals) draft.constantGlobals.add(global)
  return expression
}

/** Reads an index. Fails if there is nothing with it. */
export function index(reader: Reader, what: string, length: number): number {
  const at = reader.position
  const value = reader.u32(`the index of a ${what}`)
  if (value >= length) reader.fail(`there is no ${what} ${value}`, at)
  return value
}
