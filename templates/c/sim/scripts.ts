export { default as drift } from '../scripts/drift.wat?script'
export { default as fireflies } from '../scripts/fireflies.c?script'
export { default as lantern } from '../scripts/lantern.c?script'
