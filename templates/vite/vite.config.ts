import { bitscript } from 'bitscript/vite'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [bitscript()] })
