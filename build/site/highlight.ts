/** Highlights a block of code in a language. */
export type Highlight = (code: string, language: string, attributes: string) => string

/** Returns a function that highlights each block once: a page is rendered for the site, and for the index of the search. */
export function highlightOnce(highlight: Highlight): Highlight {
  const done = new Map<string, string>()
  return (code, language, attributes) => {
    const key = JSON.stringify([code, language, attributes])
    const html = done.get(key) ?? highlight(code, language, attributes)
    done.set(key, html)
    return html
  }
}
