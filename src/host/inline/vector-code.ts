export { appendVectors } from './append-vectors.ts'
export { placeAsked } from './asked-components.ts'
