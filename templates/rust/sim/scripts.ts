export { default as drift } from '../scripts/drift.wat?script'
export { default as fireflies } from '../scripts/fireflies.rs?script'
export { default as lantern } from '../scripts/lantern.rs?script'
