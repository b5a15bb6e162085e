import { bitscript } from 'bitscript/vite'
import { defineConfig } from 'vite'

// When the components change, what `bitscript bindings` wrote for the scripts is written anew.
export default defineConfig({ plugins: [bitscript({ bindings: { sim: './sim' } })] })
