// What only a page that loads text needs, as one chunk.
export { assembleWat } from './assemble.ts'
export { codeFrame } from './code-frame.ts'
export { instructionFinder } from './instruction-places.ts'
export { placeOfName } from './name-places.ts'
