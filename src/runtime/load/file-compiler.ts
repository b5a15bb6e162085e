/** The extensions of sources in other languages than WAT, in lower case: C, Rust and AssemblyScript. */
export const SOURCE_EXTENSIONS = ['.c', '.rs', '.ts'] as const

/** Compiles files in other languages than WAT. */
export interface FileCompiler {
  /** Returns whether a file has the extension of a source. */
  handles(file: string): boolean
  /** Resolves with the module of the file at a `file:` URL. Rejects with its mistakes. */
  compileUrl(url: URL): Promise<Uint8Array>
}

/** A process may have several copies of this package: that of a tool, and that of a game. */
const KEY = Symbol.for('bitscript:file-compiler')
const shared = globalThis as { [KEY]?: FileCompiler | undefined }

/** Returns what compiles the files that are loaded; `undefined` unless a development tool has set it. */
export function fileCompiler(): FileCompiler | undefined {
  return shared[KEY]
}

/** Sets what compiles the files that are loaded. */
export function setFileCompiler(compiler: FileCompiler): void {
  shared[KEY] = compiler
}
