import { expect, it } from 'vitest'
import { createGame, errorOf } from '../fixtures/game.ts'

const SHOP = new URL('../../scripts-wat/shop.wat', import.meta.url)

it('shop.wat replies with its prices, and takes no other config', async () => {
  const { runtime } = await createGame()
  await runtime.loadModule(SHOP, { config: { arrow: 5 } })
  const reply = runtime.request('shop', 'price')
  runtime.tick(1)
  expect(await reply).toEqual({ arrow: 5 })
  const { message } = await errorOf(runtime.loadModule(SHOP, { name: 'other', config: [5] }))
  expect(message).toContain('the config must be an object, such as { arrow: 5 }')
})
