/** What the worker is asked to compile: files by name. */
export interface CompileRequest {
  readonly id: number
  /** The file that is the script. */
  readonly entry: string
  readonly files: Readonly<Record<string, string>>
}

/** A mistake that the compiler found, at a position of a file. */
export interface CompileMistake {
  readonly message: string
  readonly file: string
  readonly offset: number
}

/** What came of a request; without an id, that the compiler is ready. */
export type CompileAnswer =
  | { readonly id?: undefined }
  | { readonly id: number; readonly module: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly mistakes: readonly CompileMistake[]; readonly failure: string }
