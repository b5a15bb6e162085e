import { bitscript } from 'bitscript/vite'
import { defineConfig } from 'vitest/config'

// The plugin lets tests import scripts.
export default defineConfig({ plugins: [bitscript()] })
