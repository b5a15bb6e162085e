// What only a page that loads text needs, as one chunk.
export { assembleWat } from './assemble.ts'
export { instructionFinder } from './instruction-places.ts'
