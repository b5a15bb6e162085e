// What only a page that loads text needs, as one chunk.
export { assembleWat } from './assemble.ts'
export { locateImports, locateName } from './locate.ts'
export { textPlaces } from './text-places.ts'
