import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/guests.md', import.meta.url), 'utf8')

/** Returns the block of code in a language in a section of docs/guests.md. There must be one. */
export function snippetOf(heading: string, language: string): string {
  const section = page.split(/^### /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const blocks = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter(([, each]) => each === language)
  if (blocks.length !== 1) throw new Error(`'${heading}' has ${blocks.length} blocks of ${language}`)
  return blocks[0]?.[2] as string
}

/** Returns the languages of the blocks of code in each section that has some. */
export function languagesBySection(): Record<string, string[]> {
  const sections = page
    .split(/^### /m)
    .map((part): [string, string[]] => [
      part.split('\n')[0] as string,
      [...part.matchAll(/^```(\w+)\n[\s\S]*?^```/gm)].map(([, language]) => language as string),
    ])
  return Object.fromEntries(sections.filter(([, languages]) => languages.length > 0))
}

/** Returns what the comments behind `console.log` say that it prints. */
export function printsOf(code: string): string {
  return [...code.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => `${text}\n`).join('')
}
