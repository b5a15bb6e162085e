import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

// Assembles the modules that run beside Extism plugins into modules that hold their bytes, or into the folder that is given. Run it with
// `npm run kernel`.

const FOLDER = fileURLToPath(new URL('../src/guest/extism/', import.meta.url))
const { parseWat } = await wabt()

for (const [name, constant] of [
  ['kernel', 'KERNEL'],
  ['worker', 'WORKER'],
] as const) {
  const file = `${name}.wat`
  const module = parseWat(file, await readFile(join(FOLDER, file), 'utf8'))
  const bytes = Buffer.from(module.toBinary({ write_debug_names: true }).buffer).toString('base64')
  module.destroy()
  const source = `/** The bytes of \`${file}\` in base64. \`npm run kernel\` writes this file. */\nexport const ${constant} =\n  '${bytes}'\n`
  await writeFile(join(process.argv[2] ?? FOLDER, `${name}-binary.ts`), source)
}
