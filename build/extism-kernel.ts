import { readFile, writeFile } from 'node:fs/promises'
import wabt from 'wabt'

const FOLDER = new URL('../src/guest/extism/', import.meta.url)

/** Assembles the kernel of Extism plugins into a module that holds its bytes, or into the file that is given. Run it with `npm run kernel`. */
const { parseWat } = await wabt()
const text = await readFile(new URL('kernel.wat', FOLDER), 'utf8')
const module = parseWat('kernel.wat', text)
const bytes = Buffer.from(module.toBinary({ write_debug_names: true }).buffer).toString('base64')
module.destroy()
const source = `/** The bytes of \`kernel.wat\` in base64. \`npm run kernel\` writes this file. */\nexport const KERNEL =\n  '${bytes}'\n`
await writeFile(process.argv[2] ?? new URL('kernel-binary.ts', FOLDER), source)
