import { expect, it } from 'vitest'
import { LATER_NAMES } from '../../../src/host/link/imports.ts'
import { LATER_IMPORTS } from '../../../src/host/link/later-imports.ts'

it('the import modules that are loaded later are those that a page knows by name', () => {
  expect(LATER_IMPORTS.map(({ module }) => module)).toEqual(LATER_NAMES)
})
