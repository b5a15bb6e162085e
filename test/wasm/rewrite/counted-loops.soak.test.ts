import { it } from 'vitest'
import { compareLoops } from './counted-loop-cases.ts'

it('loops whose rounds are counted cost what their instructions cost, or end where the fuel does', async () => {
  await compareLoops([0, 1, 2, 5, 40, -1, -2, -7, 2 ** 31 - 1, 2 ** 31 - 3, -(2 ** 31), -(2 ** 31) + 2])
})
