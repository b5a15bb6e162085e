import fc from 'fast-check'
import { it } from 'vitest'
import { compareWithModel, step } from './model.ts'

it('mods that require each other agree with a model after 10,000 steps', async () => {
  for (const steps of fc.sample(fc.array(step, { minLength: 10_000, maxLength: 10_000, size: 'max' }), 1)) await compareWithModel(steps)
})
