import type { Page } from 'playwright-core'

/** Returns visible parts of the inspector with too little contrast, and targets that are too small. */
export function lookAt(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const MIN_CONTRAST = 4.5
    const isTouched = matchMedia('(pointer: coarse)').matches
    const root = document.querySelector('[data-bitscript-inspector]')?.shadowRoot
    const numbers = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number)
    const luminance = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = numbers(colour).map((part) => {
        const share = part / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const background = (start: Element): string => {
      for (let at: Element | null = start; at !== null; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at)
        if (numbers(backgroundColor)[3] !== 0) return backgroundColor
      }
      return 'rgb(255, 255, 255)'
    }
    const wrong: string[] = []
    for (const element of root?.querySelectorAll('*') ?? []) {
      if (!(element instanceof HTMLElement) || !element.checkVisibility()) continue
      const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '')
      if (text) {
        const [one, other] = [luminance(getComputedStyle(element).color), luminance(background(element))]
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
        if (contrast < MIN_CONTRAST) wrong.push(`contrast ${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 80)}`)
      }
      if (!element.matches('button, summary, label, input[type=search], input[type=range]')) continue
      const { width, height } = element.getBoundingClientRect()
      // A link to a source is a part of a sentence.
      const least = isTouched && !element.matches('.source') ? 40 : 24
      if (width < least || height < least) wrong.push(`${width}x${height}: ${element.outerHTML.slice(0, 80)}`)
    }
    return wrong
  })
}
