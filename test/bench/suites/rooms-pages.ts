import { measurePages, tableOfPages } from '../rooms/pages.ts'
import type { Suite } from '../suite.ts'

export const roomsPages: Suite = {
  name: 'rooms-pages',
  about: 'two pages of Chromium that play in the arena over a bad network: frames that corrected what they predicted',
  async run(context) {
    const pages = await measurePages(context)
    return { tables: [tableOfPages(pages)], data: pages }
  },
}
