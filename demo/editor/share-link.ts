import { detailOf } from './sentences.ts'
import { encodeShare, type Shared } from './share.ts'
import type { Message } from './status.ts'

/** Copies a link with texts to the clipboard. Resolves with what to say: the link itself if the browser does not let it be copied. */
export async function copyLink(texts: readonly Shared[]): Promise<Message> {
  const names = texts.map(({ script }) => script).join(', ')
  let link: string
  try {
    const fragment = await encodeShare(texts)
    if (fragment === undefined) {
      const length = `${texts.length === 1 ? 'is' : 'are'} too long for a link`
      return { text: `${names} ${length}: packed, its texts may have about 6 kB`, kind: 'bad' }
    }
    link = new URL(fragment, location.href).href
  } catch (error) {
    return { text: `No link could be made: ${detailOf(error)}`, kind: 'bad' }
  }
  try {
    await navigator.clipboard.writeText(link)
    return { text: `A link to your text of ${names} is in the clipboard`, kind: 'good' }
  } catch {
    return { text: 'Copy the link from here; the browser did not', copy: link }
  }
}
