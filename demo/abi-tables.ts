import type { Plugin } from 'vite'

const NAME = 'virtual:abi'

/**
 * Lets the page import the tables of the ABI from `virtual:abi`. Imported from bitscript itself, they would be in what the page loads at once,
 * and only the editor needs them.
 */
export function abiTables(): Plugin {
  return {
    name: 'abi-tables',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    async load(id) {
      if (id !== `\0${NAME}`) return undefined
      const { EXPORTS, IMPORTS, PRICES } = await import('bitscript')
      return `export const ABI = ${JSON.stringify({ exports: EXPORTS, imports: IMPORTS, prices: PRICES })}`
    },
  }
}
