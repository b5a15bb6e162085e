/// <reference types="vite/client" />
/// <reference types="bitscript/client" />

declare module 'virtual:abi' {
  export const ABI: import('./editor/vocabulary.ts').Abi
}
