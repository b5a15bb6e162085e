import { registerScriptImports } from './script-imports.ts'

// `node --import bitscript/register game.js` runs a game that imports `./mover.wat?script`.
registerScriptImports()
