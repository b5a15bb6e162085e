import fc from 'fast-check'
import { it } from 'vitest'
import { compareWithModel, step } from './model.ts'

it('mods that require each other agree with a model after any steps', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), compareWithModel), { numRuns: 15 })
})
