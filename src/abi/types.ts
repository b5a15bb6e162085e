/** The version of the script ABI that this package implements. */
export const ABI_VERSION = 1

/** The value types of WebAssembly that cross the boundary as JavaScript numbers, or as bigint for `i64`. */
export type NumberType = 'i32' | 'i64' | 'f32' | 'f64'

/** The types that a field of a component can have. An `eid` holds an entity. */
export type FieldType = 'f32' | 'f64' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'eid'

/** Bytes of a page of memory. */
export const PAGE_BYTES = 65_536
/** Pages that a memory addressed by i32 can have. */
export const MAX_PAGES = 65_536

/** How the names of an import module are formed, where they are not a fixed list. */
export type NamePattern = 'column' | 'component' | 'terms' | 'event'

/** `T` stands for the type of the column that the import names. */
export type SignatureType = NumberType | 'T'

/** The type of a function that crosses the boundary. */
export interface AbiSignature {
  /** Types of the parameters, in order. */
  readonly params: readonly SignatureType[]
  /** Types of the results, in order. */
  readonly results: readonly SignatureType[]
}

/** An import that the runtime provides to a script. */
export interface AbiImport extends AbiSignature {
  /** The import module. */
  readonly module: string
  /** The import's exact name, or how its name is formed. */
  readonly name: string | { readonly pattern: NamePattern; readonly example: string }
  /** Set where the import takes any numbers, beside `params`. */
  readonly variadic?: true
  /** Units of fuel of a call, in addition to the one of the `call` instruction. A variadic import costs more for each number. */
  readonly price: number
  /** What the import does. */
  readonly meaning: string
}

/** An export that the runtime calls or reads. */
export interface AbiExport {
  /** The export's exact name; `on_<event>` stands for every name that begins with `on_`. */
  readonly name: string
  /** The types it may have. Left out: any function without results. */
  readonly signatures?: readonly AbiSignature[]
  /** Whether it is a function or a memory. */
  readonly kind: 'func' | 'memory'
  /** When the runtime calls or reads it. */
  readonly when: string
}

/** The names of the levels that `host.log_level` takes as a number. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
/** The level of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number]
