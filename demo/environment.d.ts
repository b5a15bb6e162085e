/// <reference types="vite/client" />
/// <reference types="bitscript/client" />

/** The part of the compiler that the worker of the editor uses. */
declare module 'assemblyscript/asc' {
  interface Diagnostic {
    readonly code: number
    readonly category: number
    readonly message: string
    readonly range: { readonly start: number; readonly source: { readonly normalizedPath: string } } | null
  }
  interface Host {
    readonly stdout: { write(text: string): void }
    readonly stderr: { write(text: string): void }
    readFile(name: string): string | null
    writeFile(name: string, content: Uint8Array<ArrayBuffer> | string): void
    listFiles(): readonly string[]
    reportDiagnostic(diagnostic: Diagnostic): void
  }
  export function main(args: readonly string[], host: Host): Promise<{ readonly error: Error | null }>
}

declare module 'virtual:abi' {
  export const ABI: import('./editor/vocabulary.ts').Abi
}
