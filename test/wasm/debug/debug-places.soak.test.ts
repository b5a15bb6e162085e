import { it } from 'vitest'
import { checkForged } from './forged.ts'

it('the places of a module with forged debug information are found or missing: never an error, never endless', () => {
  checkForged(5000)
})
