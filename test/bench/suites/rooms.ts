import { measureCorrections, tableOfCorrections } from '../rooms/correction.ts'
import { measureSending, tableOfSending } from '../rooms/sending.ts'
import type { Suite } from '../suite.ts'

export const rooms: Suite = {
  name: 'rooms',
  about: 'rooms of many clients: what it takes to send them the game, and to correct what one predicted',
  async run(context) {
    const sending = await measureSending(context)
    const correction = await measureCorrections(context)
    return { tables: [tableOfSending(sending), tableOfCorrections(correction)], data: { sending, correction } }
  },
}
