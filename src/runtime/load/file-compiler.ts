/** Compiles files in other languages than WAT. */
export interface FileCompiler {
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
